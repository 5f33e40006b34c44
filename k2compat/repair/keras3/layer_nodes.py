"""The repairs of what programs read off, and change in, Keras 3's graphs of layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from k2compat.graph.symbols import Lazy
from k2compat.repair.shared import layer_nodes
from k2compat.repair.table import Around, Repair

AFTER = ("layers",)  # which tracks K.variables first

Node = keras.src.ops.node.Node
WEIGHTS = (keras.Variable, keras.KerasTensor, Lazy)
LISTS = ("_trainable_variables", "_non_trainable_variables")


def repairs() -> list[Repair]:
    """Return the repairs."""
    layer = keras.Layer
    patches = [
        (Node, "outbound_layer", property(lambda self: self.operation)),
        (keras.Sequential, "_nodes_by_depth", property(lambda self: self._functional._nodes_by_depth)),
    ]
    return [
        layer_nodes.repair(Node, patches),
        Repair(
            "replaced_weights",
            "A layer that shares the weights of another one is made by setting them: layer.kernel = other.kernel of a "
            "built layer, and its place in layer._trainable_weights. Keras 3 refuses to set a weight of a built layer.",
            [(layer, "__setattr__", Around(replacing))],
        ),
    ]


def replacing(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer.__setattr__`` that takes a weight of another layer, or an expression, in the place of an own weight."""

    def __setattr__(self: Any, name: str, value: Any) -> None:
        present = getattr(self, name, None) if isinstance(value, WEIGHTS) and is_locked(self) else None
        if not isinstance(present, WEIGHTS) or present is value:
            original(self, name, value)
            return
        for own in LISTS:
            variables = getattr(self, own)
            for place, variable in enumerate(variables):
                if variable is present:
                    variables[place] = value
        # Dense and convolutions compute `kernel` from `_kernel`. Past Keras's tracking, which locks built layers.
        vars(self)[name if name in vars(self) else f"_{name}"] = value

    return __setattr__


def is_locked(layer: Any) -> bool:
    """Return whether a layer is built, so that Keras refuses further weights."""
    return "_tracker" in vars(layer) and layer._tracker.locked
