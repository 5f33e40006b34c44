"""Makes graph mode deterministic where TensorFlow leaves the order of reads and writes to chance."""

import tensorflow as tf

READS = ("ReadVariableOp", "VariableV2", "Identity")


def compute_before_updating(function):
    """Makes a ``K.function`` compute all new values before its first update runs.

    Keras asks for that of the first output only; of the rest TensorFlow 1 decides anew in every process (an optimizer's
    step counter is read before or after it moves, a weight before or after it is trained), and results differ.
    A variable given as it is for a new value is left alone: it is read when the update runs.
    """
    build = function.__init__

    def ordered(self, inputs, outputs, updates=None, *args, **kwargs):
        computed = [output for output in tf.nest.flatten(outputs) if isinstance(output, tf.Tensor)]
        computed += [new_value(update) for update in updates or [] if new_value(update) is not None]
        with tf.control_dependencies([tensor for tensor in computed if not is_read(tensor)]):
            updates = [again(update) for update in updates or []]
        build(self, inputs, outputs, updates, *args, **kwargs)

    function.__init__ = ordered


def assignment(update):
    """The operation that changes the variable; what K.update gives may be the read behind it. None if there is none."""
    made = getattr(update, "op", update)
    return next((op for op in [made] + made.control_inputs if op.type.startswith("Assign")), None)


def new_value(update):
    """The value an update assigns, if it can be told."""
    if isinstance(update, tuple):
        return update[1]
    return assignment(update).inputs[1] if assignment(update) else None


def again(update):
    """The same update once more, under the control dependencies of the moment; one of another kind as it is."""
    if isinstance(update, tuple):
        return tf.compat.v1.assign(*update).op
    op = assignment(update)
    if op is None:
        return update
    types = [tensor.dtype for tensor in op.inputs]
    dtypes = [tensor.dtype for tensor in op.outputs]
    return op.graph.create_op(op.type, list(op.inputs), dtypes, input_types=types, attrs=dict(op.node_def.attr))


def is_read(value):
    """Whether a value is a variable as it is."""
    return not isinstance(value, tf.Tensor) or value.op.type in READS
