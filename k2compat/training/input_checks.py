"""The checks of Keras 2.3.1 on inputs, targets and weights, which came before anything was computed.

The texts of the errors are those of Keras 2.3.1, because they are what people search for. Three things that it refused
are taken because current Keras computes what is meant: targets of a sparse loss without a last axis, weights of
steps without ``sample_weight_mode``, and targets of a model without a loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.errors import K2TypeError, K2ValueError, three_parts

# Losses that need targets in the shape of the output.
OF_OUTPUT_SHAPE = {"mean_squared_error", "binary_crossentropy", "categorical_crossentropy"}

NOT_INTEGERS = (
    "`categorical_crossentropy` expects targets to be binary matrices (1s and 0s) of shape (samples, classes). If your "
    "targets are integer classes, you can convert them to the expected format via:\n```\nfrom keras.utils import "
    "to_categorical\ny_binary = to_categorical(y_int)\n```\n\nAlternatively, you can use the loss function "
    "`sparse_categorical_crossentropy` instead, which does expect integer targets."
)

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Signature:
    """The arrays that a model is fed.

    Attributes:
        inputs: names of the input layers.
        input_shapes: their shapes with the batch axis; None where shapes are not checked.
        outputs: names of the outputs that have a loss.
        target_shapes: the shapes of their targets with the batch axis; None for those of a user's own loss.
        losses: names of the losses that Keras has, "" for others.
        modes: the ``sample_weight_mode`` of each, "temporal" or None.
        stateful: whether a layer keeps its states from batch to batch.
        batch_size: the size of batches that the input layer fixes, or None.
    """

    inputs: Sequence[str]
    input_shapes: Sequence[Shape | None] | None
    outputs: Sequence[str] = ()
    target_shapes: Sequence[Shape | None] = ()
    losses: Sequence[str] = ()
    modes: Sequence[str | None] = ()
    stateful: bool = False
    batch_size: int | None = None
    # The shapes of outputs with a sparse loss and their targets without a last axis.
    sparse: Sequence[bool] = field(default=())


def standardize(
    signature: Signature,
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    class_weight: Any = None,
    batch_size: int | None = None,
    at_once: bool = False,
) -> tuple[list[Any], list[Any], list[Any]]:
    """Return inputs, targets and weights as lists in the order of the model.

    Args:
        signature: of the model.
        x: an array, a list of arrays, or a dict of them by the names of input layers.
        y: the same for outputs; None where there are no targets.
        sample_weight: weights of samples or steps: an array, a list or a dict by output.
        class_weight: a dict from class to weight, or a list or a dict of those by output.
        batch_size: of the training, which stateful layers need to divide the number of samples.
        at_once: whether inputs without targets are one batch, in which a single sample is repeated for the others.

    Returns:
        Three lists; arrays of one axis have become columns. A weight is None where none was given.

    Raises:
        ValueError: arrays that do not fit, in the words of Keras 2.3.1.
        TypeError: what is no array.
    """
    inputs = arrays_of(x, signature.inputs, signature.input_shapes, "input")
    targets: list[Any] = []
    weights: list[Any] = []
    if y is not None and signature.outputs:
        targets = arrays_of(targets_with_last_axis(y, signature), signature.outputs, signature.target_shapes, "target")
        by_sample = by_output(sample_weight, signature.outputs, "sample_weight")
        by_class = by_output(class_weight, signature.outputs, "class_weight")
        weights = [
            weights_of(*one)
            for one in zip(targets, by_sample, by_class, signature.modes or [None] * len(targets), strict=False)
        ]
        check_lengths(inputs, targets, weights)
        check_any(inputs, signature.inputs)
        check_losses(targets, signature.losses, signature.target_shapes)
    elif not at_once:
        check_lengths(inputs, [], [])
    if signature.stateful and batch_size and inputs[0].shape[0] % batch_size:
        raise K2ValueError(
            "In a stateful network, you should only pass inputs with a number of samples that can be divided by the "
            f"batch size. Found: {inputs[0].shape[0]} samples"
        )
    return inputs, targets, weights


def arrays_of(data: Any, names: Sequence[str], shapes: Sequence[Shape | None] | None, what: str) -> list[Any]:
    """Return data as a list of arrays in the order of ``names``.

    Args:
        data: an array, a list of them, or a dict by name.
        names: of inputs or outputs.
        shapes: of each with the batch axis, None where any is right.
        what: "input" or "target", for the messages.
    """
    if data is None:
        return [None] * len(names)
    found = listed(data, names)
    if len(found) != len(names):
        found = of_another_number(found, names, what)
    shapes = shapes or [None] * len(names)
    found = [as_column(array, shape) for array, shape in zip(found, shapes, strict=True)]
    for name, array, shape in zip(names, found, shapes, strict=True):
        if shape is not None and array is not None:
            check_shape(name, shape_of(array), shape, what)
    return found


def listed(data: Any, names: Sequence[str]) -> list[Any]:
    """Return a list of arrays from what users give."""
    if isinstance(data, dict):
        for name in names:
            if name not in data:
                raise K2ValueError(f'No data provided for "{name}". Need data for each key in: {list(names)}')
        return [values_of(data[name]) for name in names]
    if isinstance(data, (list, tuple)):
        if data and isinstance(data[0], (list, tuple)):
            return [np.asarray(one) for one in data]
        if data and len(names) == 1 and isinstance(data[0], (float, int)):
            return [np.asarray(data)]
        return [values_of(one) for one in data]
    return [values_of(data)]


def values_of(data: Any) -> Any:
    """Return the array in a table or column of pandas; anything else as it is."""
    return data.values if type(data).__name__ in ("DataFrame", "Series") else data


def as_column(array: Any, shape: Shape | None) -> Any:
    """Return an array of one axis as a column, unless one axis is expected."""
    if getattr(array, "ndim", 0) != 1 or (shape is not None and len(shape) == 1):
        return array
    return array[:, None] if isinstance(array, (np.ndarray, tf.Tensor)) else np.expand_dims(array, 1)


def shape_of(array: Any) -> tuple[int, ...]:
    """Return the shape of an array as a tuple."""
    return tuple(array.shape)


def of_another_number(found: list[Any], names: Sequence[str], what: str) -> list[Any]:
    """Return the only array that a list of numbers is, or say that there are too many or too few arrays."""
    start = f"Error when checking model {what}: "
    if found and hasattr(found[0], "shape"):
        raise K2ValueError(
            f"{start}the list of Numpy arrays that you are passing to your model is not the size the model expected. "
            f"Expected to see {len(names)} array(s), but instead got the following list of {len(found)} arrays: "
            f"{str(found)[:200]}..."
        )
    if len(names) > 1:
        raise K2ValueError(
            f"{start}you are passing a list as input to your model, but the model expects a list of {len(names)} Numpy "
            f"arrays instead. The list you passed was: {str(found)[:200]}"
        )
    return [np.asarray(found)]


def check_shape(name: str, found: tuple[int, ...], expected: Shape, what: str) -> None:
    """Raise an error if an array does not have the shape of an input or output; the batch axis may have any size."""
    start = f"Error when checking {what}: expected {name} to have "
    if len(found) != len(expected):
        raise K2ValueError(f"{start}{len(expected)} dimensions, but got array with shape {found}")
    found, expected = found[1:], expected[1:]
    if any(size and size != given for given, size in zip(found, expected, strict=True)):
        raise K2ValueError(f"{start}shape {expected} but got array with shape {found}")


def targets_with_last_axis(y: Any, signature: Signature) -> Any:
    """Return targets whose classes, for a sparse loss, have a last axis of size 1."""
    if not any(signature.sparse):
        return y
    found = listed(y, signature.outputs)
    if len(found) != len(signature.outputs):
        return y
    shapes = signature.target_shapes
    return [
        array[..., None] if sparse and shape is not None and getattr(array, "ndim", 0) == len(shape) - 1 > 1 else array
        for array, sparse, shape in zip(found, signature.sparse, shapes, strict=True)
    ]


def by_output(given: Any, names: Sequence[str], what: str) -> list[Any]:
    """Return the weights of each output.

    Args:
        given: ``sample_weight`` or ``class_weight``.
        names: of the outputs.
        what: which of the two it is.
    """
    if given is None or len(given) == 0:
        return [None] * len(names)
    if len(names) == 1:
        if isinstance(given, list) and len(given) == 1:
            return given
        return [given[names[0]] if isinstance(given, dict) and names[0] in given else given]
    if isinstance(given, (list, tuple)):
        if len(given) != len(names):
            raise K2ValueError(
                f"Provided `{what}` was a list of {len(given)} elements, but the model has {len(names)} outputs. You "
                f"should provide one `{what}`array per model output."
            )
        return list(given)
    if isinstance(given, dict):
        return [given.get(name) for name in names]
    raise K2TypeError(
        f"The model has multiple outputs, so `{what}` should be either a list or a dict. Provided `{what}` type not "
        f"understood: {given}"
    )


def weights_of(y: Any, sample_weight: Any, class_weight: Any, mode: str | None) -> Any:
    """Return the weight of each sample, or of each step: that of the sample times that of its class.

    Args:
        y: targets of one output.
        sample_weight: an array, or None.
        class_weight: a dict from class to weight, or None.
        mode: "temporal" for weights of steps.
    """
    sample_weight = values_of(sample_weight)
    if sample_weight is not None and not hasattr(sample_weight, "shape"):
        sample_weight = np.asarray(sample_weight)
    check_weights(y, sample_weight, mode)
    of_classes = weights_of_classes(y, class_weight) if isinstance(class_weight, dict) else None
    if sample_weight is None or of_classes is None:
        return of_classes if sample_weight is None else sample_weight
    return sample_weight * of_classes


def check_weights(y: Any, sample_weight: Any, mode: str | None) -> None:
    """Raise an error if weights do not fit the targets of an output."""
    if mode is not None and mode != "temporal":
        raise K2ValueError(f'"sample_weight_mode should be None or "temporal". Found: {mode}')
    shape = shape_of(y)
    if mode is not None and len(shape) < 3:
        raise K2ValueError(
            f"Found a sample_weight array for an input with shape {shape}. Timestep-wise sample weighting (use of "
            'sample_weight_mode="temporal") is restricted to outputs that are at least 3D, i.e. that have a time '
            "dimension."
        )
    if sample_weight is None:
        return
    given = shape_of(sample_weight)
    if mode is not None and len(given) != 2:
        raise K2ValueError(
            f"Found a sample_weight array with shape {given}. In order to use timestep-wise sample weighting, you "
            "should pass a 2D sample_weight array."
        )
    if shape[: len(given)] == given and given:
        return
    if mode is None and len(given) != 1:
        raise K2ValueError(
            f"Found a sample_weight array with shape {given}. In order to use timestep-wise sample weights, you should "
            'specify sample_weight_mode="temporal" in compile(). If you just mean to use sample-wise weights, make '
            "sure your sample_weight array is 1D."
        )
    raise K2ValueError(
        f"Found a sample_weight array with shape {given} for an input with shape {shape}. sample_weight cannot be "
        "broadcast."
    )


def weights_of_classes(y: Any, class_weight: dict[Any, float]) -> np.ndarray:
    """Return the weight of each sample by its class: a number, or the place of the largest target."""
    y = np.asarray(y)
    if y.ndim > 2:
        raise K2ValueError("`class_weight` not supported for 3+ dimensional targets.")
    classes = np.argmax(y, axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(-1)
    found = np.asarray([class_weight[one] for one in classes if one in class_weight])
    if len(found) != len(classes):
        raise K2ValueError(
            "`class_weight` must contain all classes in the data. The classes "
            f"{set(classes.tolist()) - set(class_weight)} exist in the data but not in `class_weight`."
        )
    return found


def check_lengths(inputs: list[Any], targets: list[Any], weights: list[Any]) -> None:
    """Raise an error if arrays have different numbers of samples."""
    of_inputs, of_targets, of_weights = map(lengths, (inputs, targets, weights))
    same = "should have the same number of samples"
    if len(of_inputs) > 1:
        raise K2ValueError(f"All input arrays (x) {same}. Got array shapes: {list(map(shape_of, inputs))}")
    if len(of_targets) > 1:
        raise K2ValueError(f"All target arrays (y) {same}. Got array shapes: {list(map(shape_of, targets))}")
    if of_inputs and of_targets and of_inputs != of_targets:
        raise K2ValueError(
            f"Input arrays {same} as target arrays. Found {min(of_inputs)} input samples and {min(of_targets)} target "
            "samples."
        )
    if of_targets and of_weights and of_weights != of_targets:
        raise K2ValueError(
            f"Sample_weight arrays {same} as target arrays. Got {min(of_targets)} input samples and {min(of_weights)} "
            "target samples."
        )


def check_any(inputs: list[Any], names: Sequence[str]) -> None:
    """Raise an error if there is nothing to train on or to evaluate."""
    for array, name in zip(inputs, names, strict=False):
        if array is not None and not array.shape[0]:
            raise K2ValueError(
                three_parts(
                    f"an array of shape {tuple(array.shape)} for the input '{name}', which has no samples",
                    "at least one sample to train on or to evaluate.",
                    "look at what filled or filtered the array, and leave the call out where nothing is left.",
                )
            )


def lengths(arrays: list[Any]) -> set[int]:
    """Return the numbers of samples that arrays have."""
    return {int(array.shape[0]) for array in arrays if array is not None}


def check_losses(targets: list[Any], losses: Sequence[str], shapes: Sequence[Shape | None]) -> None:
    """Raise an error if targets do not fit the loss of their output."""
    for y, loss, expected in zip(targets, losses, shapes, strict=False):
        if y is None or not loss or expected is None:
            continue
        shape = shape_of(y)
        if loss == "categorical_crossentropy" and shape[-1] == 1:
            raise K2ValueError(
                f"You are passing a target array of shape {shape} while using as loss `categorical_crossentropy`. "
                f"{NOT_INTEGERS}"
            )
        if loss in OF_OUTPUT_SHAPE and any(
            size is not None and size != given for given, size in zip(shape[1:], expected[1:], strict=False)
        ):
            raise K2ValueError(
                f"A target array with shape {shape} was passed for an output of shape {expected} while using as loss "
                f"`{loss}`. This loss expects targets to have the same shape as the output."
            )


def full_weights(y: Any, weight: Any, mode: str | None, floatx: str) -> Any:
    """Return the weights that Keras 2.3.1 fed for an output: ones where none are given."""
    if weight is not None:
        return weight
    return np.ones(shape_of(y)[: 1 if mode is None else 2], floatx)


def batch_size_of(batch_size: int | None, signature: Signature, steps: int | None = None) -> int | None:
    """Return the size of batches: what was given, or what the input layer fixes, or 32.

    Raises:
        ValueError: the two are not the same.
    """
    fixed = signature.batch_size
    if fixed is not None:
        if batch_size is not None and batch_size != fixed:
            raise K2ValueError(
                f"The `batch_size` argument value {batch_size} is incompatible with the specified batch size of your "
                f"Input Layer: {fixed}"
            )
        batch_size = fixed if steps is None else batch_size
    return 32 if batch_size is None and steps is None else batch_size


def validation_parts(data: Any) -> tuple[Any, Any, Any]:
    """Return inputs, targets and weights of ``validation_data``.

    Raises:
        ValueError: there are neither two nor three of them.
    """
    if len(data) not in (2, 3):
        raise K2ValueError(
            "When passing validation_data, it must contain 2 (x_val, y_val) or 3 (x_val, y_val, val_sample_weights) "
            f"items, however it contains {len(data)} items"
        )
    x, y, *weights = data
    return x, y, weights[0] if weights else None
