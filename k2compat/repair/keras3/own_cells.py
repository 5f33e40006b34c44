"""The repair of recurrent cells of a program's own, and of constants, in ``RNN`` of Keras 3."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from k2compat.adapters.keras3.internals import is_plain
from k2compat.errors import K2ValueError
from k2compat.ops.rnn import rnn
from k2compat.repair.shared.own_cells import REASON, SEQUENCES, as_list, build_cell, has_argument, sizes
from k2compat.repair.table import Around, Repair

AFTER = ("layers", "states")
RNN = keras.layers.RNN
RECURRENT = (RNN, keras.layers.Bidirectional)
OWN_CALL = RNN.call


def repairs() -> list[Repair]:
    """Return the repair of cells."""
    patches = {
        "__init__": patched_init,
        "build": patched_build,
        "call": patched_call,
        "compute_output_shape": patched_shape,
        "get_initial_state": patched_initial_state,
        "get_config": patched_config,
    }
    return [
        Repair(
            "own_cells",
            REASON
            + "A call takes sequence, states and constants in one list, and gives output and states in one. Keras "
            "3 has no constants, wants cells that are layers, and gives tuples.",
            [
                (keras.Layer, "__call__", Around(patched_layer_call)),
                *((RNN, name, Around(patch)) for name, patch in patches.items()),
                (RNN, "from_config", Around(patched_from_config)),
            ],
        )
    ]


def is_own(cell: Any) -> bool:
    """Return whether a cell is a program's own, or a stack of cells with such a one among them."""
    if isinstance(cell, keras.layers.StackedRNNCells):
        return any(is_own(one) for one in cell.cells)
    return not (isinstance(cell, keras.Layer) and is_plain(cell))


def patched_init(original: Callable[..., Any]) -> Callable[..., Any]:
    """``RNN.__init__`` that knows of constants, in an RNN that is made of its configuration, too."""

    @functools.wraps(original)
    def __init__(self: Any, cell: Any, *args: Any, num_constants: int | None = None, **kwargs: Any) -> None:
        original(self, cell, *args, **kwargs)
        self._num_constants = num_constants
        self.constants_spec = None

    return __init__


def patched_layer_call(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer.__call__`` of which recurrent layers take states and constants as in Keras 2, and give lists."""

    @functools.wraps(original)
    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(self, RECURRENT):
            return original(self, *args, **kwargs)
        given, options = taken(self, list(args), kwargs)
        found = original(self, *given, **options)
        return list(found) if type(found) is tuple else found

    return __call__


def taken(layer: Any, args: list[Any], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a call, with states and constants under their names where ``call`` has them."""
    sequence = args[0] if args else None
    given = dict(zip(("initial_state", "constants"), args[1:], strict=False))
    kwargs = {**given, **{name: value for name, value in kwargs.items() if value is not None or name == "training"}}
    args = args[:1]
    states, constants = kwargs.pop("initial_state", None), kwargs.pop("constants", None)
    if isinstance(sequence, SEQUENCES):
        sequence, *rest = sequence
        count = getattr(layer, "_num_constants", None)
        if count and constants is None:
            rest, constants = rest[:-count], rest[-count:]
        states = rest or states
    constants = None if constants is None else list(constants) if isinstance(constants, SEQUENCES) else [constants]
    if constants is not None:
        specs = [keras.layers.InputSpec(shape=tuple(constant.shape)) for constant in constants]
        vars(layer).update(_num_constants=len(constants), constants_spec=specs)
    named = {"initial_state": states, "constants": constants}
    named = {name: value for name, value in named.items() if value is not None}
    if named and not all(has_argument(layer.call, name) for name in named):
        states = states if isinstance(states, SEQUENCES) or states is None else [states]
        return [[sequence, *(states or []), *(constants or [])]], kwargs
    return [sequence, *args[1:]] if args else [], {**named, **kwargs}


def patched_build(original: Callable[..., Any]) -> Callable[..., Any]:
    """``RNN.build`` that builds a cell with the shapes of constants.

    It has one argument, so that Keras does not look for arguments of such names in the ``call`` of subclasses.
    """

    def build(self: Any, sequences_shape: Any) -> None:
        shape = first_shape(sequences_shape)
        if is_own(self.cell):
            constants = [spec.shape for spec in self.constants_spec or ()]
            build_cell(self.cell, (shape[0], *shape[2:]), constants, keras.Layer)
        original(self, shape)

    return build


def patched_shape(original: Callable[..., Any]) -> Callable[..., Any]:
    """``RNN.compute_output_shape`` of the shape of the sequence, or of a list of it and others."""

    def compute_output_shape(self: Any, sequences_shape: Any) -> Any:
        return original(self, first_shape(sequences_shape))

    return compute_output_shape


def first_shape(shape: Any) -> tuple[Any, ...]:
    """Return a shape, or the first of several."""
    return tuple(shape[0] if isinstance(shape[0], SEQUENCES) else shape)


def patched_initial_state(original: Callable[..., Any]) -> Callable[..., Any]:
    """``RNN.get_initial_state`` of the inputs, as in Keras 2, or of a batch size."""

    @functools.wraps(original)
    def get_initial_state(self: Any, inputs: Any = None, batch_size: Any = None) -> list[Any]:
        if inputs is not None:
            batch_size = tf.shape(inputs)[0] if getattr(inputs, "shape", ()) else inputs
        if not is_own(self.cell):
            return original(self, batch_size=batch_size)
        return [tf.zeros((batch_size, size), self.compute_dtype) for size in sizes(self.cell)]

    return get_initial_state


def patched_call(original: Callable[..., Any]) -> Callable[..., Any]:
    """``RNN.call`` that runs a program's own cells as Keras 2 did."""

    @functools.wraps(original)
    def call(
        self: Any,
        sequences: Any,
        mask: Any = None,
        training: Any = None,
        initial_state: Any = None,
        constants: Any = None,
    ) -> Any:
        if isinstance(sequences, SEQUENCES):
            count = self._num_constants or 0
            sequences, *rest = sequences
            constants = rest[len(rest) - count :] if count and constants is None else constants
            initial_state = rest[: len(rest) - count] or initial_state
        if is_own(self.cell) or constants:
            return run_cell(self, sequences, mask, training, initial_state, constants)
        if initial_state is None and not self.stateful and gives_own_states(self):
            initial_state = self.get_initial_state(sequences)
        return original(self, sequences, initial_state=initial_state, mask=mask, training=bool(training))

    vars(call).pop("__wrapped__")  # Keras reads the names of the arguments
    return call


def gives_own_states(layer: Any) -> bool:
    """Return whether a class of a program's own makes the states before the first step, by the inputs."""
    method = type(layer).get_initial_state
    return method is not RNN.get_initial_state and not has_argument(method, "batch_size")


def run_cell(
    layer: Any, inputs: Any, mask: Any, training: Any, initial_state: Any, constants: Sequence[Any] | None
) -> Any:
    """Return what an RNN gives whose cell is a program's own.

    Raises:
        ValueError: there are other states than the cell has, or it takes no constants.
    """
    cell, count = layer.cell, len(sizes(layer.cell))
    if initial_state is None:
        initial_state = tf.nest.flatten(layer.states) if layer.stateful else layer.get_initial_state(inputs)
    states = list(initial_state) if isinstance(initial_state, SEQUENCES) else [initial_state]
    if len(states) != count:
        raise K2ValueError(f"Layer has {count} states but was passed {len(states)} initial states.")
    if constants and not takes_constants(cell):
        raise K2ValueError("RNN cell does not support constants")
    options = {"training": training, "constants": list(constants or ()) or None}

    def step(step_inputs: Any, given: Any) -> Any:
        fixed = list(given[count:])
        return call_cell(cell, step_inputs, list(given[:count]), {**options, "constants": fixed or None})

    last, outputs, states = rnn(
        step,
        inputs,
        [tf.convert_to_tensor(state) for state in states],
        constants=options["constants"],
        go_backwards=layer.go_backwards,
        mask=mask[0] if isinstance(mask, SEQUENCES) else mask,
        unroll=layer.unroll,
        input_length=inputs.shape[1],
    )
    layer._maybe_reset_dropout_masks(cell)
    if layer.stateful:
        for variable, state in zip(tf.nest.flatten(layer.states), states, strict=True):
            variable.assign(state)
    output = outputs if layer.return_sequences else last
    return (output, *states) if layer.return_state else output


def takes_constants(cell: Any) -> bool:
    return isinstance(cell, keras.layers.StackedRNNCells) or has_argument(cell.call, "constants")


def call_cell(cell: Any, inputs: Any, states: list[Any], options: dict[str, Any]) -> tuple[Any, list[Any]]:
    """Return the output of a cell, or of a stack, and its new states in a flat list."""
    if not isinstance(cell, keras.layers.StackedRNNCells):
        known = {name: value for name, value in options.items() if has_argument(cell.call, name)}
        if known.get("constants", ()) is None:
            del known["constants"]
        output, new = cell.call(inputs, states, **known)
        return output, list(new) if isinstance(new, SEQUENCES) else [new]
    found: list[Any] = []
    for one in cell.cells:
        count = len(as_list(one.state_size))
        inputs, new = call_cell(one, inputs, states[:count], options)
        states = states[count:]
        found += new
    return inputs, found


def patched_config(original: Callable[..., Any]) -> Callable[..., Any]:
    """``RNN.get_config`` with the number of constants, where there are any."""

    @functools.wraps(original)
    def get_config(self: Any) -> dict[str, Any]:
        count = getattr(self, "_num_constants", None)
        return {**original(self), **({} if count is None else {"num_constants": count})}

    return get_config


def patched_from_config(original: Any) -> Any:
    """``RNN.from_config`` of a configuration with the number of constants."""

    @classmethod  # type: ignore[misc]
    def from_config(cls: Any, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        count = config.pop("num_constants", None)
        layer = original.__func__(cls, config, custom_objects=custom_objects)
        layer._num_constants = count
        return layer

    return from_config
