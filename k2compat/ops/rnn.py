"""Recurrence over the steps of a sequence."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat.errors import K2ValueError, three_parts
from k2compat.graph.dispatch import apply
from k2compat.ops.registry import plain

Step = Callable[[Any, tuple[Any, ...]], tuple[Any, Sequence[Any]]]


@plain
def rnn(
    step_function: Step,
    inputs: Any,
    initial_states: Sequence[Any],
    go_backwards: bool = False,
    mask: Any = None,
    constants: Sequence[Any] | None = None,
    unroll: bool = False,
    input_length: Any = None,
) -> tuple[Any, Any, list[Any]]:
    """Runs a step over the second axis of its inputs.

    Args:
        step_function: ``(inputs, states) -> (output, new states)``, inputs (batch, ...), states a tuple; the constants
            come behind the states. It may use symbolic tensors from outside. Its output may be a nested structure.
        inputs: (batch, steps, ...), or nested lists, tuples and dicts of such tensors.
        initial_states: list of tensors (batch, ...), or of nested structures of them.
        go_backwards: from the last step to the first; outputs in that order.
        mask: (batch, steps), or (batch, steps, 1); where it is False, output and states stay as they were, zeros before
            the first step.
        constants: passed to each step.
        unroll: as that many copies of the step, instead of a loop; needs a known number of steps.
        input_length: the most steps that are run by a loop; the outputs of the others are zeros.

    Returns:
        The last output (batch, ...), all outputs (batch, steps, ...) and the last states, structured as the step does.

    Raises:
        ValueError: a mask without states, or unrolling without a known number of steps.
    """
    if mask is not None and not initial_states and not unroll:
        raise K2ValueError(
            three_parts(
                "K.rnn with a mask and no states", "states for the masked steps to keep.", "give initial_states."
            )
        )
    arguments = (step_function, inputs, list(initial_states), go_backwards, mask, list(constants or []))
    last, outputs, states = apply(recurrence, arguments, {"unroll": unroll, "most": input_length})
    return last, outputs, list(states)


def recurrence(
    step_function: Step,
    inputs: Any,
    states: Any,
    go_backwards: bool,
    mask: Any,
    constants: list[Any],
    unroll: bool,
    most: Any,
) -> tuple[Any, Any, Any]:
    sequence = tf.nest.map_structure(steps_first, inputs)
    kept = None if mask is None else tf.cast(steps_first(tf.reshape(mask, tf.shape(mask)[:2])), tf.bool)
    if go_backwards:
        sequence, kept = tf.nest.map_structure(backwards, (sequence, kept))

    def step(index: Any, output: Any, states: Any) -> tuple[Any, Any]:
        now = tf.nest.map_structure(lambda tensor: tensor[index], sequence)
        found = step_function(now, (*states, *constants))
        output, states, before = (tensors(thing) for thing in (found[0], list(found[1]), (output, states)))
        if kept is None:
            return output, states
        old = before[0] if before[0] is not None else tf.nest.map_structure(tf.zeros_like, output)
        return tf.nest.map_structure(
            functools.partial(where, kept[index]), (output, states), (old, alike(states, before[1]))
        )

    states = tensors(states)
    outputs, states = (unrolled if unroll else looped)(step, sequence, states, most)
    for tensor in tf.nest.flatten(outputs):
        tensor.set_shape([length(sequence), *tensor.shape[1:]])
    last = tf.nest.map_structure(lambda tensor: tensor[-1], outputs)
    return last, tf.nest.map_structure(steps_first, outputs), states


def unrolled(step: Any, sequence: Any, states: Any, most: Any) -> tuple[Any, Any]:
    """Return all outputs, steps first, and the last states, by one copy of the step for each."""
    count = length(sequence)
    if count is None:
        raise K2ValueError(
            three_parts(
                "K.rnn with unroll=True and an unknown number of steps",
                "a known one.",
                "give the inputs a static shape.",
            )
        )
    outputs: list[Any] = []
    for index in range(count):
        output, states = step(index, outputs[-1] if outputs else None, states)
        outputs.append(output)
    return tf.nest.map_structure(lambda *steps: tf.stack(steps), *outputs), states


def looped(step: Any, sequence: Any, states: Any, most: Any) -> tuple[Any, Any]:
    """Return all outputs, steps first, and the last states, by a loop."""
    count = tf.shape(tf.nest.flatten(sequence)[0])[0]
    first, _ = step(0, None, states)  # for its shape; computed again in the loop, and cut away where nothing uses it
    arrays = [tf.TensorArray(part.dtype, size=count, element_shape=part.shape) for part in tf.nest.flatten(first)]

    def body(index: Any, arrays: Any, output: Any, states: Any) -> tuple[Any, ...]:
        output, new_states = step(index, output, states)
        parts = zip(arrays, tf.nest.flatten(output), strict=True)
        return index + 1, [array.write(index, part) for array, part in parts], output, alike(states, new_states)

    start = (tf.constant(0), arrays, tf.nest.map_structure(tf.zeros_like, first), states)
    shapes = tf.nest.map_structure(lambda part: getattr(part, "shape", tf.TensorShape(None)), start)
    _, arrays, _, states = tf.while_loop(lambda index, *_: index < count, body, start, shapes, maximum_iterations=most)
    return tf.nest.pack_sequence_as(first, [array.stack() for array in arrays]), states


def length(sequence: Any) -> int | None:
    """Return the number of steps, None where it is not known."""
    return tf.nest.flatten(sequence)[0].shape[0]


def tensors(tree: Any) -> Any:
    """Return the same structure, of tensors."""
    return tf.nest.map_structure(lambda leaf: None if leaf is None else tf.convert_to_tensor(leaf), tree)


def alike(pattern: Any, tree: Any) -> Any:
    """Return the tensors of a tree in the structure of another one: a step may give a tuple back for a list."""
    return tf.nest.pack_sequence_as(pattern, tf.nest.flatten(tree))


def backwards(tensor: Any) -> Any:
    return None if tensor is None else tf.reverse(tensor, [0])


def steps_first(tensor: Any) -> Any:
    """Return the first two axes swapped."""
    tensor = tf.convert_to_tensor(tensor)
    return tf.transpose(tensor, [1, 0, *range(2, tensor.shape.rank)])


def where(condition: Any, then: Any, other: Any) -> Any:
    """``then`` or ``other`` for each element of a batch."""
    return tf.where(tf.reshape(condition, [-1] + [1] * (then.shape.rank - 1)), then, other)
