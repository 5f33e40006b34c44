"""Sizes of static shapes as TensorFlow 1 gave them, for either Keras."""

from __future__ import annotations


class Size(int):
    """A size of a static shape; ``.value`` is how TensorFlow 1 code reads it."""

    name = "int32"  # as what dtype some versions of Keras count a number of this class

    @property
    def value(self) -> int:
        return int(self)
