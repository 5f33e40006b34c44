"""Repairs of TensorFlow: functions that refuse symbolic tensors, or want a graph."""

from __future__ import annotations

import functools

import tensorflow as tf

from k2compat.adapters.repair import Repair
from k2compat.backend import variables
from k2compat.errors import K2ValueError, three_parts
from k2compat.graph.connect import as_list, gradients
from k2compat.graph.dispatch import Dispatcher, apply
from k2compat.graph.structure import leaves
from k2compat.graph.symbols import is_symbol, is_variable

DISPATCHER = Dispatcher()
ASSIGNMENTS = {"assign": variables.update, "assign_add": variables.update_add, "assign_sub": variables.update_sub}
LOOPS = ("map_fn", "vectorized_map", "while_loop", "foldl", "foldr", "scan")
_tf_gradients = tf.gradients
_tf_custom_gradient = tf.custom_gradient


def gradients_of(ys, xs, grad_ys=None, *args, **kwargs):  # type: ignore[no-untyped-def]
    """``tf.gradients`` that knows symbolic tensors; of its further arguments it heeds those that change the result."""
    if not any(is_symbol(leaf) for leaf in leaves(ys, xs)):
        return _tf_gradients(ys, xs, grad_ys, *args, **kwargs)
    if kwargs.get("stop_gradients") is not None:
        raise K2ValueError(
            three_parts(
                "tf.gradients with stop_gradients", "symbolic tensors and grad_ys.", "use K.stop_gradient in the loss."
            )
        )
    if grad_ys is not None:
        pairs = zip(as_list(ys), as_list(grad_ys), strict=True)
        ys = [y if weight is None else y * apply(tf.stop_gradient, (weight,), {}) for y, weight in pairs]
    found = gradients(ys, xs)
    if kwargs.get("unconnected_gradients") in ("zero", tf.UnconnectedGradients.ZERO):
        return [apply(tf.zeros_like, (x,), {}) if g is None else g for x, g in zip(as_list(xs), found, strict=True)]
    return found


def custom_gradient(f=None):  # type: ignore[no-untyped-def]
    """``tf.custom_gradient`` whose function records on symbolic tensors."""
    return custom_gradient if f is None else recording(_tf_custom_gradient(f))


def deferred(name, update):  # type: ignore[no-untyped-def]
    """A TensorFlow 1 assignment that gives an update where the target is ours or a layer's."""
    original = getattr(tf.compat.v1, name)

    def assign(ref, value, *args, **kwargs):  # type: ignore[no-untyped-def]
        ours = is_variable(ref) and not isinstance(ref, tf.Variable)
        return update(ref, value) if ours else original(ref, value, *args, **kwargs)

    return assign


def recording(fn):  # type: ignore[no-untyped-def]
    """A TensorFlow function that records when it is given symbolic tensors, without asking the dispatcher."""

    @functools.wraps(fn)
    def call(*args, **kwargs):  # type: ignore[no-untyped-def]
        symbolic = any(is_symbol(leaf) for leaf in leaves(args, kwargs))
        return apply(fn, args, kwargs) if symbolic else fn(*args, **kwargs)

    return call


class GraphOptimizer:
    """TensorFlow's graph optimizer, as something that has an attribute to set.

    Attributes:
        dependency_optimization: whether control dependencies are removed that seem to follow from others.
    """

    @property
    def dependency_optimization(self) -> bool:
        return tf.config.optimizer.get_experimental_options().get("dependency_optimization", True)

    @dependency_optimization.setter
    def dependency_optimization(self, wanted: bool) -> None:
        tf.config.optimizer.set_experimental_options({"dependency_optimization": wanted})


def tensorflow_repairs() -> list[Repair]:
    """The repairs of TensorFlow; the first one is what everything else stands on."""
    return [
        Repair(
            "tensorflow_records",
            "TensorFlow functions refuse symbolic tensors; its dispatcher is asked before the refusal, and records the "
            "call. Always applied: it only answers calls that would have failed.",
            [(DISPATCHER, "active", True)],
            needed=True,
        ),
        Repair(
            "tensorflow_gradients",
            "tf.gradients raises under eager execution; of symbolic tensors it gives what K.gradients gives.",
            [(tf, "gradients", gradients_of), (tf.compat.v1, "gradients", gradients_of)],
        ),
        Repair(
            "tensorflow_assign",
            "tf.compat.v1.assign, assign_add and assign_sub of a K.variable or a layer's weight are updates, to be run "
            "by a session.",
            [(tf.compat.v1, name, deferred(name, update)) for name, update in ASSIGNMENTS.items()],
        ),
        Repair(
            "tensorflow_loops",
            "tf.map_fn, tf.while_loop and their kin fail on symbolic tensors before the dispatcher is asked.",
            [(tf, name, recording(getattr(tf, name))) for name in LOOPS],
        ),
        Repair(
            "tensorflow_custom_gradient",
            "A function decorated with tf.custom_gradient refuses symbolic tensors, past the dispatcher. Those "
            "decorated before k2compat is imported still do; a Lambda layer around them helps.",
            [(tf, "custom_gradient", custom_gradient)],
        ),
        Repair(
            "tensorflow_update_order",
            "TensorFlow's dependency optimizer loses the order between a read of a weight and its update where the "
            "gradient does not depend on the loss's value, as with a Wasserstein loss: a step of training then mixes "
            "old and new weights, in about one program of ten. Without it calls of tiny models take up to 5 percent "
            "longer.",
            [(GraphOptimizer(), "dependency_optimization", False)],
        ),
    ]
