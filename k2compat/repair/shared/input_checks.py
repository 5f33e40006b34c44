"""The repair that checks arrays before a model is trained, evaluated or asked, for either Keras."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat import attributes
from k2compat.errors import FeedError
from k2compat.ops.variables import is_placeholder
from k2compat.repair.shared.compiled_model import by_output, fed_inputs, given_targets
from k2compat.repair.shared.metrics import loss_name, of_each
from k2compat.repair.table import Around, Repair, definer
from k2compat.runtime.odd_sizes import FAILURES, odd_sizes
from k2compat.runtime.wrong_index import wrong_index
from k2compat.training.input_checks import Signature, batch_size_of, listed, standardize, validation_parts

SPARSE = "sparse_categorical_crossentropy"
# Methods that decide themselves what a model is fed.
OWN_STEPS = ("train_step", "test_step", "predict_step", "compute_loss", "make_train_function", "call")
OF_BATCHES = ("train_on_batch", "test_on_batch", "predict_on_batch")
METHODS = ("fit", "evaluate", "predict", *OF_BATCHES)
PACKAGES = ("keras.", "tf_keras.")


def input_checks_repair(keras: Any, source: Callable[[Any], Any]) -> Repair:
    """Make the repair of a Keras's models.

    Args:
        keras: the package.
        source: returns what ``compile`` made on a model, None before.
    """
    model, around = keras.Model, Around(lambda method: patched_method(method, keras, source))
    return Repair(
        "input_checks",
        'Arrays that do not fit a model were refused before anything ran, as ValueError: "Error when checking input: '
        'expected dense_1_input to have shape (4,) but got array with shape (3,)". Keras computes until an operation '
        "fails, or broadcasts targets and trains on something else. Models with a call or a train_step of their own "
        "are not checked.",
        [(definer(model, name), name, around) for name in METHODS],
    )


def patched_method(original: Callable[..., Any], keras: Any, source: Callable[[Any], Any]) -> Callable[..., Any]:
    """Make the method of a model that checks its arrays first."""
    signature = inspect.signature(original)
    name = original.__name__

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        expected = signature_of(self, keras, source)
        if expected is not None:
            try:
                given = signature.bind(self, *args, **kwargs).arguments
            except TypeError:
                given = {}  # the method itself says what is wrong
            check(name, expected, given)
        try:
            return original(self, *args, **kwargs)
        except FAILURES as failure:
            problem = explained(expected, args[0] if args else kwargs.get("x"), failure)
            if problem is None:
                raise
            raise problem from failure

    return method


def explained(expected: Signature | None, x: Any, failure: BaseException) -> FeedError | None:
    """Return the error that names empty sequences, unequal batches and unknown rows among inputs, None for none.

    Args:
        expected: the arrays that the model is fed, None for a model that is not checked.
        x: its inputs.
        failure: what a method of the model raised.
    """
    if expected is None or not are_arrays(x):
        return None
    arrays = listed(x, expected.inputs)
    if len(arrays) != len(expected.inputs):
        return None
    shapes = [tuple(np.shape(array)) for array in arrays]
    return wrong_index(expected.inputs, arrays, failure) or odd_sizes(expected.inputs, shapes, failure)


def check(method: str, expected: Signature, given: dict[str, Any]) -> None:
    """Check the arguments of a method of a model; data that are no arrays are up to Keras."""
    if not are_arrays(given.get("x")):
        return
    whole: dict[str, Any] = {name: given.get(name) for name in ("x", "y", "sample_weight", "class_weight")}
    if not all(are_arrays(whole[name]) for name in ("y", "sample_weight") if whole[name] is not None):
        return
    if method in OF_BATCHES:
        standardize(expected, **whole, at_once=method == "predict_on_batch")
        return
    steps = given.get("steps_per_epoch") or given.get("steps")
    batch_size = batch_size_of(given.get("batch_size"), expected, steps)
    standardize(expected, **whole, batch_size=batch_size)
    data = given.get("validation_data")
    if isinstance(data, (tuple, list)) and all(are_arrays(part) for part in data if part is not None):
        x, y, weights = validation_parts(data)
        standardize(expected, x, y, weights)


def are_arrays(data: Any) -> bool:
    """Return whether data are an array, or a list or dict of arrays."""
    if isinstance(data, dict):
        return bool(data) and all(map(is_array, data.values()))
    if isinstance(data, (list, tuple)):
        return bool(data) and all(is_array(one) or isinstance(one, (int, float, list)) for one in data)
    return is_array(data)


def is_array(data: Any) -> bool:
    """Return whether something is a dense array, or a table of pandas."""
    if isinstance(data, tf.Tensor):
        return tf.executing_eagerly() and data.shape.rank is not None
    return isinstance(data, np.ndarray) or type(data).__name__ in ("DataFrame", "Series", "Dataset")


def signature_of(model: Any, keras: Any, source: Callable[[Any], Any]) -> Signature | None:
    """Return what a model's arrays are checked against, None for a model that is not checked.

    Args:
        model: of the Keras.
        keras: its package.
        source: returns what ``compile`` made on a model, None before.
    """
    inputs, compiled = getattr(model, "inputs", None), source(model)
    known = vars(model).get(attributes.SIGNATURE)
    if known is not None and known[0] is inputs and known[1] is compiled:
        found: Signature | None = known[2]
        return found
    found = made_signature(model, keras) if inputs and is_checked(model) else None
    vars(model)[attributes.SIGNATURE] = (inputs, compiled, found)  # past Keras's attribute tracking
    return found


def is_checked(model: Any) -> bool:
    """Return whether a model consists of layers in a graph, with the steps that Keras gives it."""
    for kind in type(model).__mro__:
        own = not kind.__module__.startswith(PACKAGES)
        if own and any(name in vars(kind) for name in OWN_STEPS):
            return False
    structures = [getattr(model, name, None) for name in ("_inputs_struct", "_nested_inputs", "_nested_outputs")]
    if any(isinstance(structure, dict) for structure in [*structures, getattr(model, "_outputs_struct", None)]):
        return False
    shapes = [tensor.shape for tensor in [*model.inputs, *model.outputs] if hasattr(tensor, "_keras_history")]
    of_known_rank = [shape for shape in shapes if isinstance(shape, tuple) or shape.rank is not None]
    return len(of_known_rank) == len(model.inputs) + len(model.outputs)


def made_signature(model: Any, keras: Any) -> Signature:
    """Return what the arrays of a functional or sequential model are checked against."""
    fed = fed_inputs(model)
    inputs = [None if is_special(tensor) else tuple(tensor.shape) for tensor in fed]
    names = list(getattr(model, "output_names", None) or [])
    asked = of_each(getattr(model, "loss", None), names) if getattr(model, "loss", None) is not None else []
    losses = [own_loss(loss, keras) for loss in asked]
    targets = given_targets(vars(model).get(attributes.TARGETS), names)
    given = {name: target for name, target in zip(names, targets, strict=True) if target is not None}
    modes = by_output(vars(model).get(attributes.WEIGHT_MODE), names)
    rows = [
        (name, target_shape(loss, own, output), own, mode, own == SPARSE)
        for name, loss, own, output, mode in zip(names, asked, losses, model.outputs, modes, strict=False)
        if loss is not None and (name not in given or is_placeholder(given[name]))
    ]
    names, shapes, losses, modes, sparse = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    return Signature(
        inputs=[tensor._keras_history[0].name for tensor in fed],
        input_shapes=inputs,
        outputs=names,
        target_shapes=shapes,
        losses=losses,
        modes=modes,
        stateful=bool(getattr(model, "stateful", False)),
        batch_size=inputs[0][0] if inputs and inputs[0] else None,
        sparse=sparse,
    )


def is_special(tensor: Any) -> bool:
    """Return whether a symbolic tensor is ragged or sparse."""
    return bool(getattr(tensor, "ragged", False) or getattr(tensor, "sparse", False)) or any(
        word in type(tensor).__name__ for word in ("Ragged", "Sparse")
    )


def own_loss(loss: Any, keras: Any) -> str:
    """Return the name of one of Keras's own losses, "" for others."""
    if isinstance(loss, str):
        try:
            loss = keras.losses.get(loss)
        except ValueError:  # Keras says what is wrong
            return ""
    return "" if loss is None else loss_name(loss)


def target_shape(loss: Any, own: str, output: Any) -> tuple[int | None, ...] | None:
    """Return the shape of the targets of an output; None for a loss of a user."""
    if not own or is_special(output):
        return None
    shape = tuple(output.shape)
    return (*shape[:-1], 1) if own == SPARSE else shape
