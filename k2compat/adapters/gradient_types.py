"""Which types of operations a ``gradient_override_map`` named, and which were made under it: a name that no operation
has, because TensorFlow 2 or today's Keras makes others than Keras 2.3.1 did, is told.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

# Type of an operation today -> what it was called in TensorFlow 1.15; inputs and outputs are the same.
WAS = {"AddV2": "Add", "SelectV2": "Select"}
# Names of one thing: a map that names several of them means what is there.
KIN = [
    {"PyFunc", "PyFuncStateless", "EagerPyFunc"},
    {"BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"},
    {"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"},
    {"MaxPool", "MaxPoolV2"},
    {"Div", "RealDiv"},
    {"Add", "AddV2"},
    {"Select", "SelectV2"},
]
# Type of an operation that Keras makes today -> those Keras 2.3.1 made in its place.
STOOD_FOR = {
    "Selu": {"Elu", "Mul", "Greater", "Select"},
    "Softmax": {"Exp", "Max", "Sub", "Sum", "RealDiv"},  # of three axes or more
}

SHOWN = 12  # types of operations in a message


class Block:
    """A ``with`` block of ``gradient_override_map``.

    Attributes:
        named: the types of operations it names.
        made: the types of the operations that were made under it.
        lost: pairs (named type, type of an operation that today stands for it and others).
        late: how much of what was called under it makes its operations later, as losses given to ``compile`` do.
    """

    def __init__(self, named: Iterable[str]):
        self.named = tuple(named)
        self.made: set[str] = set()
        self.lost: set[tuple[str, str]] = set()
        self.late = 0

    def see(self, operation: Any) -> None:
        """Note an operation that was made under it."""
        self.made.add(operation.type)
        stood_for = STOOD_FOR.get(operation.type)
        if stood_for and (operation.type != "Softmax" or (operation.inputs[0].shape.rank or 0) > 2):
            self.lost.update((name, operation.type) for name in self.named if name in stood_for)

    def tell(self, stacklevel: int) -> None:
        """Warn of names that no operation has, and of those that operations had in Keras 2.3.1."""
        if not self.made:
            return
        for name in self.named:
            if not any(name in kin for kin in KIN if kin & self.made) and name not in self.made:
                warnings.warn(self.unused(name), stacklevel=stacklevel + 1)
        for name, instead in sorted(self.lost):
            warnings.warn(
                f"gradient_override_map names {name}: an operation under it is one {instead} today, which Keras 2.3.1 "
                f"computed with {', '.join(sorted(STOOD_FOR[instead]))}, and keeps its own gradient. If a Keras layer "
                f"made it, name {instead} with a gradient of the whole, or write the function with tf.custom_gradient.",
                stacklevel=stacklevel + 1,
            )
        if "Add" in self.named and "AddV2" not in self.named and "AddV2" in self.made:
            warnings.warn(
                "gradient_override_map names Add: TensorFlow 2 has AddV2 for tf.add(x, y) and for x + y, which was "
                "AddV2 before, too; all of them get the registered gradient. Open the map around those alone that are "
                "to have it.",
                stacklevel=stacklevel + 1,
            )

    def unused(self, name: str) -> str:
        """Return what to say of a name that no operation has."""
        made = sorted(self.made)
        more = f" and {len(made) - SHOWN} more" if len(made) > SHOWN else ""
        return (
            f"gradient_override_map names {name}, and no operation made under it is one: they are "
            f"{', '.join(made[:SHOWN])}{more}. It does not reach what was made before. Name a type that is among them, "
            "open the map around the code that makes the operation, or write the function with tf.custom_gradient."
        )


class Named(dict[str, str]):
    """A map: type of an operation -> name of its gradient in TensorFlow's registry.

    Attributes:
        blocks: those that are open, the outermost first.
    """

    blocks: tuple[Block, ...] = ()


def gradient_of(mapping: Any, operation: Any) -> str | None:
    """Return the name of the gradient that an operation made under a map has; None for its own one."""
    found = mapping.get(operation.type)
    return mapping.get(WAS.get(operation.type)) if found is None else found


def see(mapping: Any, operation: Any) -> None:
    """Note an operation that was made under a map."""
    for block in getattr(mapping, "blocks", ()):
        block.see(operation)
