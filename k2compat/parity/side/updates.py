"""The order of computing and updating in graph mode, which TensorFlow 1 leaves to chance."""

from __future__ import annotations

import functools
from typing import Any

READS = ("ReadVariableOp", "VariableV2", "Identity")


def compute_before_updating(function: Any, tf: Any) -> None:
    """Makes functions compute all new values before their first update runs.

    Keras asks for that of the first output only; of the rest TensorFlow 1 decides anew in every process (an optimizer's
    step counter is read before or after it moves, a weight before or after it is trained), and results differ.
    A variable given as it is for a new value is left alone: it is read when the update runs.

    Args:
        function: the class of what ``K.function`` gives.
        tf: TensorFlow.
    """
    build = function.__init__

    @functools.wraps(build)
    def ordered(self: Any, inputs: Any, outputs: Any, updates: Any = None, *args: Any, **kwargs: Any) -> None:
        computed = [output for output in tf.nest.flatten(outputs) if isinstance(output, tf.Tensor)]
        made = [update for update in updates or [] if not isinstance(update, tuple)]
        computed += [assignment(update).inputs[1] for update in made]
        computed += [value for _, value in (update for update in updates or [] if isinstance(update, tuple))]
        with tf.control_dependencies([tensor for tensor in computed if not is_read(tensor, tf)]):
            updates = [update if isinstance(update, tuple) else again(assignment(update)) for update in updates or []]
            updates = [tf.compat.v1.assign(*update).op if isinstance(update, tuple) else update for update in updates]
        build(self, inputs, outputs, updates, *args, **kwargs)

    function.__init__ = ordered


def assignment(update: Any) -> Any:
    """The operation that changes the variable; what K.update gives may be the read behind it."""
    op = getattr(update, "op", update)
    return next(op for op in [op] + list(op.control_inputs) if op.type.startswith("Assign"))


def again(op: Any) -> Any:
    """The same operation once more, under the control dependencies of the moment."""
    types = [tensor.dtype for tensor in op.inputs]
    dtypes = [tensor.dtype for tensor in op.outputs]
    return op.graph.create_op(op.type, list(op.inputs), dtypes, input_types=types, attrs=dict(op.node_def.attr))


def is_read(value: Any, tf: Any) -> bool:
    """Whether a value is a variable as it is."""
    return not isinstance(value, tf.Tensor) or value.op.type in READS
