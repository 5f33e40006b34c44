"""What is where in which Keras, as plain tables: the shim, the documents and ``migrate`` read the same ones.

Nothing here imports TensorFlow or a Keras.
"""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, as a table of them."""
    return tuple(text.split())
