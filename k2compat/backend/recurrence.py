"""Recurrence over the steps of a sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat.backend.registry import plain
from k2compat.errors import K2ValueError, three_parts
from k2compat.graph.dispatch import apply

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
            come behind the states. It may use symbolic tensors from outside.
        inputs: (batch, steps, ...).
        initial_states: list of tensors (batch, ...).
        go_backwards: from the last step to the first; outputs in that order.
        mask: (batch, steps), or (batch, steps, 1); where it is False, output and states stay as they were, zeros before
            the first step.
        constants: passed to each step.
        unroll: as that many copies of the step, instead of a loop; needs a known number of steps.
        input_length: the most steps that are run by a loop; the outputs of the others are zeros.

    Returns:
        The last output (batch, ...), all outputs (batch, steps, ...) and the last states.

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
    states: list[Any],
    go_backwards: bool,
    mask: Any,
    constants: list[Any],
    unroll: bool,
    most: Any,
) -> tuple[Any, Any, list[Any]]:
    sequence = steps_first(inputs)
    kept = None if mask is None else tf.cast(steps_first(tf.reshape(mask, tf.shape(mask)[:2])), tf.bool)
    if go_backwards:
        sequence = tf.reverse(sequence, [0])
        kept = None if kept is None else tf.reverse(kept, [0])

    def step(index: Any, output: Any, states: Sequence[Any]) -> tuple[Any, list[Any]]:
        new_output, new_states = step_function(sequence[index], (*states, *constants))
        new_output, new_states = tf.convert_to_tensor(new_output), [tf.convert_to_tensor(state) for state in new_states]
        if kept is None:
            return new_output, new_states
        before = tf.zeros_like(new_output) if output is None else output
        chosen = [
            where(kept[index], new, old) for new, old in zip([new_output, *new_states], [before, *states], strict=True)
        ]
        return chosen[0], chosen[1:]

    states = [tf.convert_to_tensor(state) for state in states]
    outputs, states = unrolled(step, sequence, states) if unroll else looped(step, sequence, states, most)
    outputs.set_shape([sequence.shape[0], *outputs.shape[1:]])
    return outputs[-1], steps_first(outputs), states


def unrolled(step: Any, sequence: Any, states: list[Any]) -> tuple[Any, list[Any]]:
    """All outputs, steps first, and the last states, by one copy of the step for each."""
    if sequence.shape[0] is None:
        raise K2ValueError(
            three_parts(
                "K.rnn with unroll=True and an unknown number of steps",
                "a known one.",
                "give the inputs a static shape.",
            )
        )
    outputs: list[Any] = []
    for index in range(sequence.shape[0]):
        output, states = step(index, outputs[-1] if outputs else None, states)
        outputs.append(output)
    return tf.stack(outputs), states


def looped(step: Any, sequence: Any, states: list[Any], most: Any) -> tuple[Any, list[Any]]:
    """All outputs, steps first, and the last states, by a loop."""
    count = tf.shape(sequence)[0]
    first, _ = step(0, None, states)  # for its shape; computed again in the loop, and cut away where nothing uses it
    array = tf.TensorArray(first.dtype, size=count, element_shape=first.shape)

    def body(index: Any, array: Any, output: Any, *states: Any) -> tuple[Any, ...]:
        output, states = step(index, output, list(states))
        return (index + 1, array.write(index, output), output, *states)

    shapes = (tf.TensorShape([]), tf.TensorShape(None), first.shape, *(state.shape for state in states))
    start = (tf.constant(0), array, tf.zeros_like(first), *states)
    _, array, _, *states = tf.while_loop(lambda index, *_: index < count, body, start, shapes, maximum_iterations=most)
    return array.stack(), list(states)


def steps_first(tensor: Any) -> Any:
    """The first two axes swapped."""
    tensor = tf.convert_to_tensor(tensor)
    return tf.transpose(tensor, [1, 0, *range(2, tensor.shape.rank)])


def where(condition: Any, then: Any, other: Any) -> Any:
    """``then`` or ``other`` for each element of a batch."""
    return tf.where(tf.reshape(condition, [-1] + [1] * (then.shape.rank - 1)), then, other)
