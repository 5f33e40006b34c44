"""Which models the layers and weights of an expression are in, and how code refers to them there."""

from __future__ import annotations

import gc
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from k2compat.adapters.registry import adapter
from k2compat.codegen.syntax import identifier
from k2compat.graph.symbols import variable_of

AUTOMATIC = re.compile(r"(functional|model|sequential)(_\d+)?$")


class Owner:
    """A model, as a parameter of the written code.

    Attributes:
        model: the model.
        name: of the parameter.
        layers: identity of a layer (the model itself, too) -> expression.
        tensors: identity of a symbolic tensor -> expression.
        variables: identity of a TensorFlow variable -> (layer's name, expression).
        operations: identities of what is called in the model.
    """

    def __init__(self, model: Any, name: str = "model"):
        self.model = model
        self.name = name
        self.layers: dict[int, str] = {id(model): name}
        self.tensors: dict[int, str] = {}
        self.variables: dict[int, tuple[str, str]] = {}
        self.operations = {id(operation) for operation in operations_of(model)} | {id(model)}
        inside = [(model, name)]
        while inside:
            container, text = inside.pop()
            self._add_ends(container, text)
            for layer in container.layers:
                found = f'{text}.get_layer("{layer.name}")'
                self.layers.setdefault(id(layer), found)
                if isinstance(layer, adapter().package.Model):
                    inside.append((layer, found))
                else:
                    self._add_layer(layer, found)

    def _add_ends(self, model: Any, text: str) -> None:
        for which in ("inputs", "outputs"):
            for number, tensor in enumerate(getattr(model, which, None) or ()):
                self.tensors.setdefault(id(tensor), f"{text}.{which}[{number}]")

    def _add_layer(self, layer: Any, text: str) -> None:
        try:
            outputs = layer.output
        except (AttributeError, ValueError, RuntimeError):  # never called
            outputs = ()
        if isinstance(outputs, (list, tuple)):
            for number, tensor in enumerate(outputs):
                self.tensors.setdefault(id(tensor), f"{text}.output[{number}]")
        else:
            self.tensors.setdefault(id(outputs), f"{text}.output")
        for number, weight in enumerate(layer.weights):
            leaf = weight.name.rpartition("/")[2].partition(":")[0]
            attribute = leaf if getattr(layer, leaf, None) is weight else f"weights[{number}]"
            self.variables.setdefault(id(variable_of(weight)), (layer.name, f"{text}.{attribute}"))


def operations_of(model: Any) -> Iterable[Any]:
    """Return what is called in a model: its layers, and Keras 3's operators."""
    return getattr(model, "operations", None) or model.layers


def contents(model: Any) -> set[int]:
    """Identities of what a model may be needed for: itself, its layers and operators, its weights."""
    found = {id(model), *map(id, operations_of(model))}
    stack = [model]
    while stack:
        for layer in stack.pop().layers:
            found.add(id(layer))
            if isinstance(layer, adapter().package.Model):
                stack.append(layer)
    return found | {id(variable_of(weight)) for weight in model.weights}


def alive() -> list[Any]:
    """Return the built models of the program; nothing points from a layer to the models that it is in."""
    gc.collect()  # a model that nothing refers to any more would come and go
    kind = adapter().package.Model
    return [thing for thing in gc.get_objects() if issubclass(type(thing), kind) and is_built(thing)]


def is_built(model: Any) -> bool:
    try:
        return bool(model.layers) and model.weights is not None
    except (AttributeError, ValueError, RuntimeError):
        return False


def owners_of(needed: Iterable[int], given: Mapping[str, Any]) -> list[Owner]:
    """Return the fewest models that hold what is needed, named.

    Args:
        needed: identities of layers, operators and variables.
        given: models the caller named; they come before others that hold as much.
    """
    missing = set(needed)
    named = {id(model): name for name, model in given.items() if isinstance(model, adapter().package.Model)}
    candidates = {id(model): model for model in [*given.values(), *alive()] if hasattr(model, "layers")}
    holds = {key: contents(model) & missing for key, model in candidates.items()}
    chosen: list[Any] = []
    while missing and holds:
        best = max(holds, key=lambda key: (len(holds[key] & missing), key in named, -len(candidates[key].layers)))
        gained = holds.pop(best) & missing
        if not gained:
            break
        missing -= gained
        chosen.append(candidates[best])
    names = iter(names_of([model for model in chosen if id(model) not in named], taken=set(given)))
    return [Owner(model, named.get(id(model)) or next(names)) for model in chosen]


def names_of(models: list[Any], taken: set[str]) -> Iterator[str]:
    """Parameter names: "model" for one, their own names for several."""
    for model in models:
        plain = len(models) == 1 or AUTOMATIC.match(model.name)
        wanted = "model" if plain else identifier(model.name, "model")
        name = next(name for name in numbered(wanted) if name not in taken)
        taken.add(name)
        yield name


def numbered(name: str) -> Iterator[str]:
    """Yield a name, and the same with a number from 2 on."""
    yield name
    yield from (f"{name}_{number}" for number in itertools.count(2))
