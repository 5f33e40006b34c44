"""The order of computing and updating in graph mode, which TensorFlow 1 leaves to chance."""

from __future__ import annotations

import functools
from typing import Any

READS = ("ReadVariableOp", "VariableV2", "Identity")


def compute_before_updating(function: Any, tf: Any) -> None:
    """Make functions compute all new values before their first update runs, and run the updates in order.

    Keras asks for that of the first output only; of the rest TensorFlow 1 decides again in every process (the step
    counter of an optimizer is read before or after it moves, a weight before or after it is trained), and results
    differ. A variable given as it is for a new value is left alone: it is read when the update runs.

    Args:
        function: the class of what ``K.function`` gives.
        tf: TensorFlow.
    """
    build = function.__init__

    @functools.wraps(build)
    def build_in_order(self: Any, inputs: Any, outputs: Any, updates: Any = None, *args: Any, **kwargs: Any) -> None:
        computed = [output for output in tf.nest.flatten(outputs) if isinstance(output, tf.Tensor)]
        # Metrics count while they are computed; these updates have their place.
        placed = behind([tensor.op for tensor in computed])
        pairs = [update for update in updates or [] if isinstance(update, tuple)]
        made = [update for update in updates or [] if not isinstance(update, tuple)]
        found = [assignment(update) for update in made]
        # Once each: nested models name the updates of their layers several times.
        late = list(dict.fromkeys(op for op in found if op is not None and op not in placed))
        rest = [update for update, op in zip(made, found) if op is None or op in placed]
        computed += [*(op.inputs[1] for op in late), *(value for _, value in pairs)]
        first = [tensor for tensor in computed if not is_read(tensor, tf)]
        ordered: list[Any] = []
        for update in [*late, *pairs]:
            with tf.control_dependencies(first + ordered[-1:]):
                ordered.append(tf.compat.v1.assign(*update).op if isinstance(update, tuple) else again(update))
        build(self, inputs, outputs, rest + ordered, *args, **kwargs)

    function.__init__ = build_in_order


def behind(operations: Any) -> Any:
    """Return all operations that these need."""
    found, stack = set(operations), list(operations)
    while stack:
        op = stack.pop()
        needed = [tensor.op for tensor in op.inputs] + list(op.control_inputs)
        stack += [other for other in needed if other not in found]
        found.update(needed)
    return found


def assignment(update: Any) -> Any:
    """Return the operation that changes the variable; what K.update gives may be the read behind it.

    None if there is no such operation, as where a condition decides about the update.
    """
    op = getattr(update, "op", update)
    return next((op for op in [op] + list(op.control_inputs) if op.type.startswith("Assign")), None)


def again(op: Any) -> Any:
    """Return the same operation again, under the control dependencies of the moment."""
    types = [tensor.dtype for tensor in op.inputs]
    dtypes = [tensor.dtype for tensor in op.outputs]
    return op.graph.create_op(op.type, list(op.inputs), dtypes, input_types=types, attrs=dict(op.node_def.attr))


def is_read(value: Any, tf: Any) -> bool:
    """Return whether a value is a variable as it is."""
    return not isinstance(value, tf.Tensor) or value.op.type in READS
