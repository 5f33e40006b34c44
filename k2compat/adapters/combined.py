"""One adapter for a program that uses two Keras versions: each tensor is answered for by the one it belongs to."""

from __future__ import annotations

import contextlib
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

from k2compat.adapters.protocol import Adapter, Replay, Scope
from k2compat.errors import K2TypeError, three_parts


class Several:
    """The adapter; what belongs to no Keras yet, such as a new placeholder, goes to the first of them.

    Args:
        adapters: those of the Keras versions in use, the default first.
    """

    def __init__(self, adapters: Sequence[Adapter]):
        self.adapters = adapters
        self.default = adapters[0]
        self.kind, self.package = self.default.kind, self.default.package
        self.symbolic_type = tuple(adapter.symbolic_type for adapter in adapters)
        self.variable_type = tuple(adapter.variable_type for adapter in adapters)

    def of(self, thing: Any) -> Adapter:
        """Return the adapter of the Keras a thing belongs to."""
        return next((adapter for adapter in self.adapters if adapter.owns(thing)), self.default)

    def owns(self, thing: Any) -> bool:
        return any(adapter.owns(thing) for adapter in self.adapters)

    def spec(self, tensor: Any) -> tf.TypeSpec:
        return self.of(tensor).spec(tensor)

    def variable(self, variable: Any) -> tf.Variable:
        return self.of(variable).variable(variable)

    def call_of(self, tensor: Any) -> Any:
        return self.of(tensor).call_of(tensor)

    def as_tensor(self, thing: Any) -> Any:
        return self.of(thing).as_tensor(thing)

    def is_layer_output(self, tensor: Any) -> bool:
        return self.of(tensor).is_layer_output(tensor)

    def record(self, call: Any, specs: Sequence[tf.TypeSpec], inputs: Sequence[Any], replay: Replay) -> list[Any]:
        owners = {self.of(tensor).kind for tensor in inputs}
        if len(owners) > 1:
            raise K2TypeError(
                three_parts(
                    f"{call.name} of symbolic tensors of two Keras versions ({', '.join(sorted(owners))})",
                    "tensors of one.",
                    "build the models with the same Keras; k2compat.use('keras2') or use('keras3') chooses the one of "
                    "new placeholders.",
                )
            )
        return self.of(inputs[0]).record(call, specs, inputs, replay)

    def new_variable(self, value: Any, dtype: str, name: str | None) -> Any:
        return self.default.new_variable(value, dtype, name)

    def placeholder(self, spec: tf.TypeSpec, name: str | None) -> Any:
        return self.default.placeholder(spec, name)

    def source(self, symbol: Any, name: str | None = None) -> Any:
        return self.default.source(symbol, name)

    def config(self) -> Any:
        return self.default.config()

    def set_floatx(self, floatx: str) -> None:
        for adapter in self.adapters:
            adapter.set_floatx(floatx)

    def get_uid(self, prefix: str) -> int:
        return self.default.get_uid(prefix)

    def reset_uids(self) -> None:
        for adapter in self.adapters:
            adapter.reset_uids()

    def clear_session(self) -> None:
        for adapter in self.adapters:
            adapter.clear_session()

    @contextlib.contextmanager
    def scope(self) -> Iterator[Scope]:
        with contextlib.ExitStack() as stack:
            yield Scopes([stack.enter_context(adapter.scope()) for adapter in self.adapters])

    def inferring_shapes(self) -> bool:
        return any(adapter.inferring_shapes() for adapter in self.adapters)

    def forward_values(self) -> Mapping[int, Any]:
        return ChainMap(*(dict(adapter.forward_values()) for adapter in self.adapters))

    def weight_of(self, variable: Any) -> Any:
        return self.default.weight_of(variable)

    def computing(self) -> bool:
        return any(adapter.computing() for adapter in self.adapters)

    def phase(self) -> int | None:
        return next((phase for adapter in self.adapters if (phase := adapter.phase()) is not None), None)


class Scopes:
    """The scopes of one evaluation."""

    def __init__(self, scopes: Sequence[Scope]):
        self.scopes = scopes

    def keep_random_state(self) -> None:
        for scope in self.scopes:
            scope.keep_random_state()
