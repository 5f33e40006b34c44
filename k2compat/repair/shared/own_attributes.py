"""The attributes that a layer of a script's own may set, though Keras has made properties of their names since."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from k2compat import attributes
from k2compat.naming.callers import LIBRARIES, package_of
from k2compat.repair.table import Repair

# Properties of a layer today that can only be read; Keras 2 had nothing of these names.
NEW = (
    "compute_dtype",
    "dtype_policy",
    "dynamic",
    "input_dtype",
    "metrics_variables",
    "name_scope",
    "non_trainable_variables",
    "path",
    "quantization_mode",
    "submodules",
    "trainable_variables",
    "variable_dtype",
    "variables",
)


def attribute_repair(layer: Any, setters: dict[str, Callable[[Any, Any], None]]) -> Repair:
    """Make the repair of a Keras.

    Args:
        layer: its class of layers.
        setters: what sets an attribute of Keras 2, by its name.
    """
    found = {name: prop for name in NEW if isinstance(prop := inherited(layer, name), property) and prop.fset is None}
    return Repair(
        "own_attributes",
        "A layer may set self.name and self.dtype, and keep self.path, self.variables, self.dynamic and others for "
        "itself; these are properties of Keras now that cannot be set. Keras goes on with its own.",
        [
            *((layer, name, kept(name, prop)) for name, prop in found.items()),
            *((layer, name, property(inherited(layer, name).fget, setter)) for name, setter in setters.items()),
        ],
    )


def inherited(kind: Any, name: str) -> Any:
    """Return what a class has under a name, itself or from its bases."""
    return next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)


def kept(name: str, found: property) -> property:
    """A property that gives programs what they have set, and Keras what is its own."""
    key = attributes.OWN + name
    read: Any = found.fget

    def get(self: Any) -> Any:
        own = vars(self)
        if key in own and package_of(sys._getframe(1)) not in LIBRARIES:
            return own[key]
        return read(self)

    def assign(self: Any, value: Any) -> None:
        vars(self)[key] = value

    return property(get, assign)
