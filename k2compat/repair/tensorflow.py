"""Repairs of TensorFlow: functions that refuse symbolic tensors, or want a graph."""

from __future__ import annotations

import functools
import warnings

import tensorflow as tf

from k2compat.adapters.added_updates import catching
from k2compat.adapters.registry import adapter
from k2compat.errors import NeedsTrace
from k2compat.graph import context
from k2compat.graph.dispatch import Dispatcher, apply
from k2compat.graph.evaluation import evaluate
from k2compat.graph.gradients import as_list, gradients, with_stand_ins
from k2compat.graph.nested import leaves
from k2compat.graph.own_variable import OwnVariable
from k2compat.graph.record import record
from k2compat.graph.symbols import Phase, is_symbol, is_variable, variable_of
from k2compat.graph.toposort import in_order
from k2compat.graph.updates import Changed, Group, Update
from k2compat.ops import variables
from k2compat.repair.gradient_operations import gradient_operations_repair
from k2compat.repair.h5py2 import h5py_repair
from k2compat.repair.numpy1 import numpy_repair, ragged_repair
from k2compat.repair.python3 import python_repair
from k2compat.repair.shared.default_graph import default_graph_repair
from k2compat.repair.shared.gradient_maps import gradient_map_repair
from k2compat.repair.shared.layer_protocol import shape_repair
from k2compat.repair.single_replica import single_replica_repair
from k2compat.repair.table import Repair
from k2compat.repair.tensorflow1.arguments import arguments_repair
from k2compat.repair.tensorflow1.contrib import contrib_repair
from k2compat.repair.tensorflow1.graph_mode import graph_mode_repair
from k2compat.repair.tensorflow1.graph_only import graph_only_repair
from k2compat.repair.tensorflow1.layers import layers_repair
from k2compat.repair.tensorflow1.live_variables import live_variables_repair
from k2compat.repair.tensorflow1.metrics import metrics_repair
from k2compat.repair.tensorflow1.modules import modules_repair
from k2compat.repair.tensorflow1.names import names_repair, recording
from k2compat.repair.tensorflow1.own_variables import own_variables_repair
from k2compat.repair.tensorflow1.positions import positions_repair
from k2compat.repair.tensorflow1.sessions import sessions_repair
from k2compat.repair.tensorflow1.summary import summary_repair
from k2compat.repair.tensorflow1.train import train_repair
from k2compat.repair.tensorflow1.variables import variables_repair
from k2compat.repair.tensorflow1.variables_once import variables_once_repair

DISPATCHER = Dispatcher()
ASSIGNMENTS = {"assign": variables.update, "assign_add": variables.update_add, "assign_sub": variables.update_sub}
LOOPS = ("map_fn", "vectorized_map", "while_loop", "foldl", "foldr", "scan")
_tf_gradients = tf.gradients
_tf_group = tf.group
_tf_custom_gradient = tf.custom_gradient


def gradients_of(ys, xs, grad_ys=None, *args, **kwargs):  # type: ignore[no-untyped-def]
    """``tf.gradients`` that knows symbolic tensors; of its further arguments it heeds those that change the result."""
    if not any(is_symbol(leaf) for leaf in leaves(ys, xs)):
        if tf.executing_eagerly() and context.evaluating():
            raise NeedsTrace
        found = _tf_gradients(ys, xs, grad_ys, *args, **kwargs)
        given = [one for one in (*as_list(ys), *as_list(grad_ys)) if one is not None]
        return found if tf.executing_eagerly() else with_stand_ins(found, given, as_list(xs))
    stopped = kwargs.get("stop_gradients")
    given = [] if grad_ys is None else as_list(grad_ys)
    weights = [None if weight is None else apply(tf.stop_gradient, (weight,), {}) for weight in given]
    if grad_ys is not None:
        ys = [y if weight is None else y * weight for y, weight in zip(as_list(ys), weights, strict=True)]
    constant = [*as_list(stopped), *(weight for weight in weights if weight is not None)]
    found = gradients(ys, xs) if stopped is None else with_constants(ys, xs, constant)
    if kwargs.get("unconnected_gradients") in ("zero", tf.UnconnectedGradients.ZERO):
        return [apply(tf.zeros_like, (x,), {}) if g is None else g for x, g in zip(as_list(xs), found, strict=True)]
    return found


def constant_of(original):  # type: ignore[no-untyped-def]
    """``tf.constant`` that takes a constant of another graph."""

    @functools.wraps(original)
    def constant(value, *args, **kwargs):  # type: ignore[no-untyped-def]
        if isinstance(value, tf.Tensor) and not hasattr(value, "numpy"):
            known = tf.get_static_value(value)
            value = value if known is None else known
        return original(value, *args, **kwargs)

    return constant


def with_constants(ys, xs, stopped):  # type: ignore[no-untyped-def]
    """Return gradients that hold some tensors constant: those pass on nothing to what they are computed from."""
    losses, sources, cut = as_list(ys), as_list(xs), {id(one) for one in stopped}
    calls, ends = in_order(losses, lambda thing: id(thing) in cut, lambda call: call.inputs)
    met = {id(thing) for call in calls for thing in (*call.inputs, *call.outputs)} | set(map(id, losses))
    weights = {id(variable_of(one)) for call in calls for one in (*call.inputs, *call.variables) if is_variable(one)}
    near = [id(variable_of(one)) in weights if is_variable(one) else id(one) in met for one in sources]
    found = [one if reached else None for one, reached in zip(gradients(losses, sources), near, strict=True)]
    fed = [one for one in stopped if id(one) in met and not is_variable(one)]
    fed += [one for one in ends if not (is_variable(one) or isinstance(one, Phase) or id(one) in cut)]
    there = [one for one in found if one is not None]

    def partial_gradients(*values):  # type: ignore[no-untyped-def]
        return evaluate(there, dict(zip(map(id, fed), values, strict=True)), context.evaluation().phase)

    made = iter(record(partial_gradients, tuple(fed), {}) if there else ())
    return [None if one is None else next(made) for one in found]


def custom_gradient(f=None):  # type: ignore[no-untyped-def]
    """``tf.custom_gradient`` whose function records on symbolic tensors."""
    return custom_gradient if f is None else recording(_tf_custom_gradient(f))


def deferred(name, update, place):  # type: ignore[no-untyped-def]
    """Return a TensorFlow 1 assignment that gives an update where the target is ours or a layer's; ``tf.assign``, which
    TensorFlow 2 has not, gives one of any variable.
    """
    original = getattr(tf.compat.v1, name)

    def assign(ref, value, *args, **kwargs):  # type: ignore[no-untyped-def]
        if isinstance(ref, Update):
            symbols = [value] if is_symbol(value) else []
            return Changed(
                ref, symbols, lambda held, given: getattr(held, name)(tf.cast((given or [value])[0], held.dtype))
            )
        if is_live(ref):
            return update(ref, value)
        is_weight = isinstance(ref, adapter().variable_type)
        if (name == "assign" or is_weight) and context.evaluating() and isinstance(ref, tf.Variable):
            held = context.hold(ref, assigned(ref, value, name))  # an assignment nobody asked for
            return catching.assign(held, Update(ref, value, name)) if is_weight else held
        if place is tf and is_variable(ref) and tf.executing_eagerly() and not context.evaluating():
            if isinstance(value, tf.Tensor):
                warnings.warn(
                    f"tf.{name} of {ref.name!r} will give it the value that it was called with: an expression of a "
                    "tf.Variable is computed at once. Make the variable with tf.get_variable or K.variable.",
                    stacklevel=2,
                )
            return update(ref, value)
        return original(ref, value, *args, **kwargs)

    return assign


def assigned(ref, value, name):  # type: ignore[no-untyped-def]
    """Return what an assignment makes of the value of a variable."""
    if name == "assign":
        return value
    return ref.read_value() + value if name == "assign_add" else ref.read_value() - value


def is_live(ref):  # type: ignore[no-untyped-def]
    """Return whether a thing is a variable that is ours, a layer's, or a graph-mode program's own."""
    if isinstance(ref, OwnVariable):
        return tf.executing_eagerly() and not context.evaluating()
    return is_variable(ref) and not isinstance(ref, tf.Variable)


def group(*inputs, **kwargs):  # type: ignore[no-untyped-def]
    """``tf.group``, which does nothing under eager execution; of updates and symbolic tensors it is all of them."""
    members = leaves(inputs, {})
    if any(isinstance(member, Update) or is_symbol(member) for member in members) and not context.evaluating():
        return Group(members)
    return _tf_group(*inputs, **kwargs)


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


def left_tidy(loop):  # type: ignore[no-untyped-def]
    """Return a loop of TensorFlow that takes the caching device of the variable scope back where its body raises, too.

    Without that every variable scope of the program refuses to open from then on: "Caching devices is not yet
    supported when eager execution is enabled".
    """

    @functools.wraps(loop)
    def run(*args, **kwargs):  # type: ignore[no-untyped-def]
        scope = tf.compat.v1.get_variable_scope()
        before = scope.caching_device
        try:
            return loop(*args, **kwargs)
        except BaseException:
            if not tf.executing_eagerly():  # an eager loop sets none
                scope.set_caching_device(before)
            raise

    return run


def constants_repair() -> Repair:
    """Return the repair of ``tf.constant``."""
    return Repair(
        "tensorflow_constants",
        "Keras 2 called a loss once, where `self.weight = tf.constant(self.weight)` is fine; now each trace calls "
        "it, and finds the constant of the one before.",
        [(place, "constant", constant_of(place.constant)) for place in (tf, tf.compat.v1)],
    )


def assign_repair() -> Repair:
    """Return the repair of assignments and groups of them."""
    return Repair(
        "tensorflow_assign",
        "tf.compat.v1.assign, assign_add and assign_sub of a K.variable or a layer's weight are updates, to be run "
        "by a session; so are tf.assign and its kin, which are gone, and tf.group of updates, which does nothing.",
        [
            (place, name, deferred(name, update, place))
            for name, update in ASSIGNMENTS.items()
            for place in (tf.compat.v1, tf)
        ]
        + [(tf, "group", group), (tf.compat.v1, "group", group)],
    )


def name_repairs() -> list[Repair]:
    """Return the repairs of what old programs call by its name in Python, NumPy and TensorFlow's own modules."""
    return [numpy_repair(), ragged_repair(), h5py_repair(), python_repair(), gradient_operations_repair()]


def tensorflow1_repairs() -> list[Repair]:
    """Return the repairs that give TensorFlow its old names back."""
    return [
        modules_repair(),
        names_repair(),
        contrib_repair(),
        sessions_repair(),
        variables_repair(),
        train_repair(),
        layers_repair(),
        summary_repair(),
        metrics_repair(),
        graph_only_repair(),
        graph_mode_repair(),
        own_variables_repair(),
        variables_once_repair(),
        live_variables_repair(),
    ]


def tensorflow_repairs() -> list[Repair]:
    """Return the repairs of TensorFlow; the first one is what everything else stands on."""
    return [
        Repair(
            "tensorflow_records",
            "TensorFlow functions refuse symbolic tensors; its dispatcher is asked before the refusal, and records the "
            "call. Always applied: it only answers calls that would have failed.",
            [(DISPATCHER, "active", True)],
            needed=True,
        ),
        *name_repairs(),
        shape_repair(),
        constants_repair(),
        Repair(
            "tensorflow_gradients",
            "tf.gradients raises under eager execution; of symbolic tensors it gives what K.gradients gives.",
            [(tf, "gradients", gradients_of), (tf.compat.v1, "gradients", gradients_of)],
        ),
        assign_repair(),
        *tensorflow1_repairs(),
        Repair(
            "tensorflow_loops",
            "tf.map_fn, tf.while_loop and their kin fail on symbolic tensors before the dispatcher is asked; and where "
            "the function given to one of them raises, no variable scope opens any more.",
            [(tf, name, recording(left_tidy(getattr(tf, name)))) for name in LOOPS],
        ),
        Repair(
            "tensorflow_custom_gradient",
            "A function decorated with tf.custom_gradient refuses symbolic tensors, past the dispatcher. Those "
            "decorated before k2compat is imported still do; a Lambda layer around them helps.",
            [(tf, "custom_gradient", custom_gradient)],
        ),
        gradient_map_repair(),
        single_replica_repair(),
        default_graph_repair(),
        positions_repair(),
        arguments_repair(),
        Repair(
            "tensorflow_update_order",
            "TensorFlow's dependency optimizer loses the order between a read of a weight and its update where the "
            "gradient does not depend on the loss's value, as with a Wasserstein loss: a step of training then mixes "
            "old and new weights, in about one program of ten. Without it calls of tiny models take up to 5 percent "
            "longer.",
            [(GraphOptimizer(), "dependency_optimization", False)],
        ),
    ]
