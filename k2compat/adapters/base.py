"""What the adapters of all Keras versions have in common: defaults for an adapter and for a call."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.added_updates import caught
from k2compat.adapters.inner_layers import Listener, listening, told
from k2compat.adapters.protocol import CallNode, Replay, Scope


class BaseCall:
    """A call with nothing special about it; see ``k2compat.adapters.protocol.CallNode`` for the attributes."""

    inputs: list[Any]
    outputs: list[Any]
    name: Any = ""
    variables: Any = ()
    trusted: Any = False
    seeded: Any = False
    structure: Any = None
    settings: Any = {}
    indexing: Any = False
    elementwise: Any = False
    memory: Any = None
    passing: list[Any] | None = None
    links: list[set[int]] | None = None
    inner: Mapping[int, Any] = {}
    added: Any = None
    looped: bool = False
    gradient_map: Any = {}
    scope: str = ""
    operation_name: str | None = None

    @property
    def inside(self) -> list[Any]:
        """The symbolic tensors of layers that run inside of it."""
        return [symbol for call in self.inner.values() for symbol in call.outputs]

    def needs(self, phase: int) -> Sequence[Any]:
        """Return what has to be computed before this call in a learning phase."""
        return self.inputs


class SourceCall(BaseCall):
    """An input layer that has its value from an expression (``Input(tensor=...)``) instead of a feed."""

    name = "source"
    trusted = True

    def __init__(self, source: Any, output: Any):
        self.inputs = [source]
        self.outputs = [output]

    def run(self, evaluation: Any) -> list[Any]:
        """Return the value of the expression."""
        return [evaluation.value(self.inputs[0])]


class KerasCall(BaseCall):
    """A call that a Keras recorded itself, of a layer, a model or an operator.

    Attributes:
        operation: what is called.
        takes_training: whether it is told the learning phase.
        chosen_phase: the phase it was built to run in, None for that of the evaluation.
    """

    operation: Any
    takes_training: Any
    chosen_phase: Any
    flatten: Callable[[Any], list[Any]] = staticmethod(tf.nest.flatten)

    def run(self, evaluation: Any, listener: Any = None, without_phase: bool = False) -> list[Any]:
        """Call the layer with the values of its arguments.

        Args:
            evaluation: gives them.
            listener: is told of the layers that run inside; by default those whose outputs are wanted are.
            without_phase: whether it is told no learning phase, unless it was built to run in one.
        """
        args, kwargs = evaluation.arguments(self)
        if self.takes_training:
            phase = evaluation.phase if self.chosen_phase is None else self.chosen_phase
            untold = without_phase and self.chosen_phase is None
            kwargs = {**kwargs, "training": None if untold else bool(phase)}
        if listener is None and self.inner:
            listener = self._caught_in(evaluation)
        with told(listening.listener if listener is None else listener):
            if self.added is None:
                results = self.operation(*args, **kwargs)
            else:
                with caught(without_phase) as found:
                    results = self.operation(*args, **kwargs)
                self.added.keep(evaluation, found)
        # A Lambda may hand back a tensor from outside.
        return [evaluation.resolve(leaf) for leaf in self.flatten(results)]

    def _caught_in(self, evaluation: Any) -> Listener:
        """Return what keeps the outputs of layers inside in an evaluation."""

        def keep(layer: Any, _: Any, result: Any) -> Any:
            call = self.inner.get(id(layer))
            return result if call is None else call.kept(evaluation, result)

        return keep


class BaseAdapter(ABC):
    """The answers that are the same for every Keras; see ``k2compat.adapters.protocol.Adapter`` for the questions.

    Attributes:
        own_types: the classes of its symbolic tensors, weights and layers.
        settings: the module with ``floatx()`` and so on.
    """

    own_types: tuple[Any, ...]
    settings: Any
    package: Any

    @abstractmethod
    def spec(self, tensor: Any) -> tf.TypeSpec: ...

    @abstractmethod
    def variable(self, variable: Any) -> tf.Variable: ...

    @abstractmethod
    def new_variable(self, value: Any, dtype: str, name: str | None) -> Any: ...

    @abstractmethod
    def placeholder(self, spec: tf.TypeSpec, name: str | None) -> Any: ...

    @abstractmethod
    def record(
        self, call: CallNode, specs: Sequence[tf.TypeSpec], inputs: Sequence[Any], replay: Replay
    ) -> list[Any]: ...

    @abstractmethod
    def call_of(self, tensor: Any) -> CallNode | None: ...

    @abstractmethod
    def as_tensor(self, thing: Any) -> Any: ...

    @abstractmethod
    def is_layer_output(self, tensor: Any) -> bool: ...

    @abstractmethod
    def set_floatx(self, floatx: str) -> None: ...

    @abstractmethod
    def phase(self) -> int | None: ...

    def owns(self, thing: Any) -> bool:
        return isinstance(thing, self.own_types)

    def source(self, symbol: Any, name: str | None = None) -> Any:
        tensor = self.placeholder(tf.TensorSpec(symbol.shape, symbol.dtype), name)
        setattr(tensor, attributes.SOURCE, SourceCall(symbol, tensor))
        return tensor

    def config(self) -> Any:
        return self.settings

    @abstractmethod
    def clear_session(self) -> None: ...

    @abstractmethod
    def get_uid(self, prefix: str) -> int: ...

    @abstractmethod
    def reset_uids(self) -> None: ...

    def scope(self) -> AbstractContextManager[Scope]:
        return contextlib.nullcontext(NoScope())

    def weight_of(self, variable: Any) -> Any:
        return variable

    def computing(self) -> bool:
        return self.phase() is not None

    def inferring_shapes(self) -> bool:
        return "scratch_graph" in getattr(tf.compat.v1.get_default_graph(), "name", "")

    def forward_values(self) -> Mapping[int, Any]:
        return ChainMap(*(values for values, _ in reversed(forward_passes())))


class NoScope:
    """The scope of a Keras whose layers keep their state by themselves."""

    @tf.autograph.experimental.do_not_convert  # it cannot convert an empty body
    def keep_random_state(self) -> None:
        """Do nothing: random generators move on by themselves."""


def closed_over(operation: Any, kind: Any) -> list[Any]:
    """Return what the function of a layer of a kind, ``Lambda``, uses from outside."""
    function = getattr(operation, "function", None) if isinstance(operation, kind) else None
    cells = []
    for cell in getattr(function, "__closure__", None) or ():
        with contextlib.suppress(ValueError):  # a cell not filled yet
            cells.append(cell.cell_contents)
    return tf.nest.flatten((cells, getattr(function, "__defaults__", None)))


def forward_passes() -> list[tuple[dict[int, Any], list[Any]]]:
    """Return the calls of functional models in the graph being traced: values by the identity of their symbols, and
    what keeps the symbols alive.
    """
    graph = tf.compat.v1.get_default_graph()
    if not hasattr(graph, attributes.FORWARD_PASSES):
        setattr(graph, attributes.FORWARD_PASSES, [])
    return getattr(graph, attributes.FORWARD_PASSES)
