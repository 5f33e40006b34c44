"""What functions have in common, so that one of them runs what was compiled for another.

Scripts build the same expression again for each picture, with another class in it. Such expressions are alike: the same
functions on the same layers and variables. What may differ is lifted out of the key and handed over at the call:
integers of an index, and arrays of floats beside an operator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.adapters.registry import adapter
from k2compat.graph.argument_key import Unknown, outline
from k2compat.graph.evaluation import Plan
from k2compat.graph.gradient_node import GradientCall
from k2compat.graph.nested import leaves, rebuild_numbered
from k2compat.graph.symbols import Phase, is_variable, spec_of, variable_of
from k2compat.graph.trace_cache import spec_key


class StructuralKey:
    """What a plan does, as a key, and what is lifted out of it.

    Attributes:
        key: equal for plans that do the same.
        values: the lifted integers and arrays, in order.
        places: identity of a call -> position of a leaf of its arguments -> number of the lifted value.
        named: what the key names by identity; whoever keeps the key has to keep it.
    """

    def __init__(self, plan: Plan, fed: Sequence[Any]):
        self.values: list[Any] = []
        self.places: dict[int, dict[int, int]] = {}
        self.named: list[Any] = []
        self._names: dict[int, Any] = {id(symbol): ("fed", number) for number, symbol in enumerate(fed)}
        config = adapter().config()
        state = (adapter().kind, plan.phase, config.floatx(), config.epsilon(), config.image_data_format())
        tokens = []
        for number, call in enumerate(plan.order):
            tokens.append(self._token(call))
            for index, output in enumerate(call.outputs):
                self._names.setdefault(id(output), (number, index))
        self.key: tuple[Any, ...] = (state, *(spec_key(spec_of(symbol)) for symbol in fed), *tokens)

    def name(self, thing: Any) -> Any:
        """Return what the key says of a symbolic tensor, a variable or anything else."""
        if isinstance(thing, Phase):
            return Phase
        known = self._names.get(id(thing))
        return self.identity(variable_of(thing) if is_variable(thing) else thing) if known is None else known

    def identity(self, thing: Any) -> tuple[type, int]:
        """Return the name of what is like itself alone."""
        self.named.append(thing)
        return type(thing), id(thing)

    def placed(self, values: Sequence[Any]) -> dict[int, dict[int, Any]]:
        """Other values at the places of the lifted ones, as an evaluation takes them."""
        return {
            call: {place: values[number] for place, number in numbers.items()} for call, numbers in self.places.items()
        }

    def fingerprint(self) -> tuple[Any, ...]:
        """Equal for equal values."""
        return tuple(value if isinstance(value, int) else np.asarray(value).tobytes() for value in self.values)

    def _token(self, call: Any) -> Any:
        """Return what the key says of a call."""
        names = tuple(map(self.name, call.inputs))
        if isinstance(call, GradientCall):
            losses, sources = (tuple(map(self.name, things)) for things in (call.losses, call.sources))
            return GradientCall, losses, sources, call.looped, *sorted(call.gradient_map.items())
        if call.structure is None:
            return self.identity(call), names
        lifted = self._liftable(call)
        stand_ins = {place: object() for place in lifted}
        known = dict(zip(map(id, call.inputs), names, strict=True))
        known.update({id(stand_ins[place]): value_key(value) for place, value in lifted.items()})
        try:
            arguments = rebuild_numbered((call.args, call.kwargs), stand_ins.get)
            token = call.structure, outline((call.settings, dict(call.gradient_map), arguments), known), names
        except Unknown:
            return self.identity(call), names
        if lifted:
            self.places[id(call)] = {place: len(self.values) + n for n, place in enumerate(lifted)}
            self.values.extend(lifted.values())
        return token

    def _liftable(self, call: Any) -> dict[int, Any]:
        """Return what may differ between calls that are alike: position among the leaves of the arguments -> value."""
        if call.indexing:
            return dict(whole_indices(call.args[1]))
        if not call.elementwise:
            return {}
        beside = {spec_of(leaf).dtype for leaf in call.inputs}
        found = enumerate(leaves(call.args, call.kwargs))
        return {place: leaf for place, leaf in found if is_floats(leaf) and {tf.as_dtype(leaf.dtype)} == beside}


def whole_indices(key: Any) -> Iterator[tuple[int, int]]:
    """Yield the integers of an index that each take one element, with their positions among the leaves of (tensor,
    key).
    """
    place = 1
    for part in key if isinstance(key, tuple) else (key,):
        if type(part) is int:
            yield place, part
        place += len(leaves(part))


def is_floats(leaf: Any) -> bool:
    """Return whether an argument is an array of floats, or a tensor of them that has a value."""
    if isinstance(leaf, np.ndarray):
        return leaf.dtype.kind == "f"
    return isinstance(leaf, tf.Tensor) and leaf.dtype.is_floating


def value_key(value: Any) -> Any:
    """Return what the key says of a lifted value: its shape and dtype."""
    return ("lifted", int) if isinstance(value, int) else ("lifted", tuple(value.shape), tf.as_dtype(value.dtype))


def lifted_spec(value: Any) -> tf.TensorSpec:
    """Return the shape and dtype in which a lifted value is handed over."""
    if isinstance(value, int):
        return tf.TensorSpec([], tf.int32)
    return tf.TensorSpec(value.shape, tf.as_dtype(value.dtype))
