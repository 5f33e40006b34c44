"""Everything that differs between Keras 2 and Keras 3, behind one protocol.

The engine asks these questions and nothing else of a Keras; each adapter file is the only place that imports its Keras.
"""

from __future__ import annotations
