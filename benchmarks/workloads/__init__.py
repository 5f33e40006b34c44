"""The workloads, one file each; a new file is found by itself.

A workload file has a docstring, whose first line is the table's title, and

- ``make(keras)``: the arrays of the workload (weights, inputs), computed once by Keras 3 and given to every contender;
- ``build(keras, arrays)``: the model, with those weights;
- ``SCRIPTS``: for each script name of ``benchmarks.contenders`` a function of a ``Kit``. It returns
  ``expression(index)``, which sets up the work for one index (a class, say) and returns a function of an input that
  does it and returns named arrays;
- ``BURST``: how many calls are timed together. The shorter a call, the more.

Also runs under Python 3.7, for the real Keras 2.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any


class Kit:
    """What a script works with.

    Attributes:
        keras: the contender's Keras.
        K: its backend, None where it has none.
        model: the workload's model.
    """

    def __init__(self, keras: Any, K: Any, model: Any):
        self.keras = keras
        self.K = K
        self.model = model


def names() -> list[str]:
    """The names of all workloads."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load(name: str) -> Any:
    """A workload's module."""
    return importlib.import_module(f"{__name__}.{name}")


def weights_of(model: Any) -> dict[str, Any]:
    """A model's weights by layer name and position, to be carried to another Keras."""
    return dict(zip(weight_names(model), model.get_weights()))


def set_weights(model: Any, arrays: dict[str, Any]) -> None:
    """Gives a model the weights ``weights_of`` took.

    Raises:
        KeyError: if a layer's name is not among them, that is, if the architectures differ.
    """
    model.set_weights([arrays[name] for name in weight_names(model)])


def weight_names(model: Any) -> list[str]:
    """Names for a model's weights, in the order of ``get_weights``."""
    # The last layer of the same architecture is called "probs" by one Keras and "predictions" by the next.
    names_of_layers = [*(layer.name for layer in model.layers[:-1]), "last"]
    return [
        f"{name}/{position}"
        for name, layer in zip(names_of_layers, model.layers)
        for position in range(len(layer.weights))
    ]
