"""Variables of TensorFlow 1: found by name, listed in collections, initialized by a session."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.graph.dispatch import apply
from k2compat.graph.symbols import is_symbol
from k2compat.graph.updates import Changed, Update
from k2compat.ops import control_flow, initial_values, session
from k2compat.ops.initial_values import Initialization
from k2compat.ops.once import made_once
from k2compat.ops.variables import variable
from k2compat.repair.table import Repair

_tf_control_dependencies = tf.control_dependencies
GraphKeys = tf.compat.v1.GraphKeys
# Name of a variable with its scopes -> the variable.
_by_name: dict[str, Any] = {}
# Name of a collection -> what a program has put there.
_collections: dict[str, list[Any]] = {}


def forget() -> None:
    """Begin without variables and collections, as in a new graph."""
    _by_name.clear()
    _collections.clear()
    initial_values.start_again()


session.when_cleared.append(forget)


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    *_: Any,
    constraint: Any = None,
    **__: Any,
) -> Any:
    """``tf.get_variable``: the variable of that name in the present variable scope, made if there is none yet."""
    scope = tf.compat.v1.get_variable_scope()
    full = f"{scope.name}/{name}" if scope.name else name
    if full not in _by_name:
        dtype = tf.as_dtype(dtype or scope.dtype or tf.float32)
        draw = drawn(initializer if initializer is not None else scope.initializer, shape, dtype)
        made = named_variable(draw(), dtype.name, name, constraint)
        made._named = f"{full}:0"
        initial_values.note(made, draw, trainable=trainable is not False)
        _by_name[full] = made
        for collection in collections or ():
            _collections.setdefault(collection, []).append(made)
        penalty = regularizer or scope.regularizer
        if penalty:
            _collections.setdefault(GraphKeys.REGULARIZATION_LOSSES, []).append(apply(penalty, (made,), {}))
    return _by_name[full]


@made_once
def named_variable(value: Any, dtype: str, name: str, constraint: Any) -> Any:
    """Return a new variable; in a function being traced it is made outside of it."""
    return variable(value, dtype, name, constraint)


def drawn(initializer: Any, shape: Any, dtype: tf.DType) -> Callable[[], Any]:
    """Return what draws the first value of a variable."""
    if initializer is None:
        floats = dtype.is_floating or dtype.is_complex
        initializer = tf.compat.v1.glorot_uniform_initializer() if floats else tf.zeros_initializer()
    if isinstance(initializer, type):
        initializer = initializer()
    if not callable(initializer):
        return lambda: initializer
    sizes = tuple(int(getattr(size, "value", size)) for size in np.atleast_1d(shape)) if shape is not None else ()
    return lambda: initializer(sizes, dtype=dtype)


def placed(collection: str) -> list[Any]:
    """Return what a collection holds."""
    if collection in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.MODEL_VARIABLES):
        return initial_values.known()
    if collection == GraphKeys.TRAINABLE_VARIABLES:
        return initial_values.trainable()
    if collection in (GraphKeys.LOCAL_VARIABLES, GraphKeys.METRIC_VARIABLES):
        return initial_values.known(local=True)
    return []


def get_collection(key: str, scope: str | None = None) -> list[Any]:
    """``tf.get_collection``: of variables, and of what a program has added."""
    found = [*placed(key), *_collections.get(key, ())]
    return [one for one in found if scope is None or re.match(scope, name_in(one))]


def name_in(thing: Any) -> str:
    """Return the name by which a scope finds what is in a collection; that of an update is its variable's."""
    return initial_values.name_of(thing.target if isinstance(thing, Update) else thing)


def add_to_collection(name: str, value: Any) -> None:
    """``tf.add_to_collection``."""
    _collections.setdefault(name, []).append(value)


def get_collection_ref(key: str) -> list[Any]:
    """``tf.get_collection_ref``: the list of what a program has added."""
    return _collections.setdefault(key, [])


def regularization_losses(scope: str | None = None) -> list[Any]:
    """``tf.losses.get_regularization_losses``: what the regularizers of variables have added."""
    return get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def regularization_loss(scope: str | None = None, name: str = "total_regularization_loss") -> Any:
    """``tf.losses.get_regularization_loss``: their sum."""
    found = regularization_losses(scope)
    return apply(tf.add_n, (found,), {}) if found else tf.constant(0.0)


def listing(collection: str) -> Callable[..., list[Any]]:
    """Return a function that lists a collection, such as ``tf.trainable_variables``."""

    def variables(scope: str | None = None) -> list[Any]:
        return get_collection(collection, scope)

    return variables


def initializing(collection: str) -> Callable[..., Initialization]:
    """Return a function that gives the initializer of a collection, such as ``tf.global_variables_initializer``."""

    def initializer() -> Initialization:
        return Initialization(lambda: placed(collection))

    return initializer


def variables_initializer(var_list: Any, name: str = "init") -> Initialization:
    """``tf.variables_initializer``."""
    return Initialization(var_list)


def nothing(*_: Any, **__: Any) -> Initialization:
    """Return an initializer of what there is nothing of, such as tables."""
    return Initialization(())


def global_step(graph: Any = None) -> Any:
    """``tf.train.get_or_create_global_step``."""
    return get_variable("global_step", (), tf.int64, tf.zeros_initializer(), trainable=False)


def report_uninitialized_variables(var_list: Any = None, name: str = "") -> Any:
    """``tf.report_uninitialized_variables``: none, they have values when they are made."""
    return apply(tf.constant, (np.array([], object), tf.string), {})


def is_variable_initialized(variable: Any) -> Any:
    """``tf.is_variable_initialized``: each is."""
    return apply(tf.constant, (True,), {})


def scattering(how: str) -> Callable[..., Update]:
    """Return a function that changes rows of a variable when a session runs it, such as ``tf.scatter_update``."""

    def scatter(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Update:
        symbols = [one for one in (indices, updates) if is_symbol(one)]

        def perform(variable: Any, values: list[Any]) -> Any:
            found = iter(values)
            rows, new = (next(found) if is_symbol(one) else one for one in (indices, updates))
            return getattr(tf.compat.v1, how)(variable, rows, tf.cast(new, variable.dtype))

        return Changed(ref, symbols, perform)

    return scatter


def control_dependencies(control_inputs: Any) -> Any:
    """``tf.control_dependencies`` of updates and symbolic tensors, which does nothing in eager execution."""
    things = control_inputs if isinstance(control_inputs, (list, tuple)) else [control_inputs]
    ours = any(isinstance(one, (Update, Initialization)) or is_symbol(one) for one in things)
    if not ours:
        return _tf_control_dependencies(control_inputs)
    return control_flow.control_dependencies([one for one in things if not isinstance(one, Initialization)])


def variables_repair() -> Repair:
    """Return the repair of variables."""
    v1 = tf.compat.v1
    given = {
        "get_variable": get_variable,
        "get_collection": get_collection,
        "get_collection_ref": get_collection_ref,
        "add_to_collection": add_to_collection,
        "global_variables": listing(GraphKeys.GLOBAL_VARIABLES),
        "all_variables": listing(GraphKeys.GLOBAL_VARIABLES),
        "trainable_variables": listing(GraphKeys.TRAINABLE_VARIABLES),
        "local_variables": listing(GraphKeys.LOCAL_VARIABLES),
        "global_variables_initializer": initializing(GraphKeys.GLOBAL_VARIABLES),
        "initialize_all_variables": initializing(GraphKeys.GLOBAL_VARIABLES),
        "local_variables_initializer": initializing(GraphKeys.LOCAL_VARIABLES),
        "initialize_local_variables": initializing(GraphKeys.LOCAL_VARIABLES),
        "variables_initializer": variables_initializer,
        "initialize_variables": variables_initializer,
        "tables_initializer": nothing,
        "initialize_all_tables": nothing,
        "report_uninitialized_variables": report_uninitialized_variables,
        "is_variable_initialized": is_variable_initialized,
        **{name: scattering(name) for name in ("scatter_update", "scatter_add", "scatter_sub")},
        **{name: getattr(v1, name) for name in ("variable_scope", "get_variable_scope", "AUTO_REUSE", "GraphKeys")},
        "VariableScope": v1.VariableScope,
        "no_regularizer": v1.no_regularizer,
    }
    return Repair(
        "tensorflow1_variables",
        "tf.get_variable, tf.variable_scope, tf.trainable_variables, tf.global_variables_initializer, "
        "tf.local_variables_initializer and other names of variables are gone. tf.get_variable gives live variables; "
        "an initializer gives variables their first values again, newly drawn, when a session runs it.",
        [
            *((tf, name, value) for name, value in given.items() if not hasattr(tf, name)),
            (tf, "control_dependencies", control_dependencies),
        ],
    )
