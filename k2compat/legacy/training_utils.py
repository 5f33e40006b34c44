"""``keras.engine.training_utils``: what loops of their own used to cut, shuffle and weigh arrays with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from k2compat.errors import K2TypeError, K2ValueError
from k2compat.legacy.generic_utils import slice_arrays
from k2compat.ops.config import epsilon, floatx
from k2compat.ops.math import cast, mean, not_equal
from k2compat.ops.variables import is_tensor, ndim


def make_batches(size: int, batch_size: int) -> list[tuple[int, int]]:
    """Return where each batch begins and ends."""
    return [(start, min(size, start + batch_size)) for start in range(0, size, batch_size)]


def batch_shuffle(index_array: Any, batch_size: int) -> Any:
    """Return indices whose batches are shuffled, each as a whole."""
    count = int(len(index_array) / batch_size)
    whole = index_array[: count * batch_size].reshape((count, batch_size))
    np.random.shuffle(whole)
    return np.append(whole.flatten(), index_array[count * batch_size :])


def iter_sequence_infinite(seq: Any) -> Iterator[Any]:
    """Yield the items of a sequence for ever."""
    while True:
        yield from seq


def is_sequence(seq: Any) -> bool:
    """Return whether something is a ``Sequence`` of Keras, or has its methods."""
    return getattr(seq, "use_sequence_api", False) or set(dir(seq)) >= {"__getitem__", "__len__", "on_epoch_end"}


def is_generator_or_sequence(x: Any) -> bool:
    """Return whether something is a generator or a ``Sequence`` of Keras."""
    return inspect.isgenerator(x) or is_sequence(x)


def standardize_single_array(x: Any) -> Any:
    """Return an array of one axis as a column."""
    if x is None or is_tensor(x) or x.ndim != 1:
        return x
    return np.expand_dims(x, 1)


def standardize_input_data(
    data: Any,
    names: Sequence[str],
    shapes: Sequence[Any] | None = None,
    check_batch_axis: bool = True,
    exception_prefix: str = "",
) -> list[Any]:
    """Return an array for each name.

    Args:
        data: an array, a list or a dict of arrays.
        names: of inputs or outputs.
        shapes: what the arrays have to have, None for any.
        check_batch_axis: whether the first axis counts.
        exception_prefix: what the arrays are called in errors.

    Raises:
        ValueError: there are others, or they have other shapes.
    """
    if not names:
        if data is not None and hasattr(data, "__len__") and len(data):
            raise K2ValueError(f"Error when checking model {exception_prefix}: expected no data, but got: {data}")
        return []
    if data is None:
        return [None] * len(names)
    arrays = [standardize_single_array(array) for array in listed(data, names)]
    if len(arrays) != len(names):
        raise K2ValueError(
            f"Error when checking model {exception_prefix}: the list of Numpy arrays that you are passing to your "
            f"model is not the size the model expected. Expected to see {len(names)} array(s), but instead got the "
            f"following list of {len(arrays)} arrays: {str(arrays)[:200]}..."
        )
    for name, array, shape in zip(names, arrays, shapes or [], strict=False):
        if shape is not None and not is_tensor(array):
            check_shape(name, array, shape, check_batch_axis, exception_prefix)
    return arrays


def listed(data: Any, names: Sequence[str]) -> list[Any]:
    """Return the arrays in the order of their names.

    Raises:
        TypeError: something else is among them.
        ValueError: a dict has no array of a name.
    """
    if isinstance(data, Mapping):
        missing = [name for name in names if name not in data]
        if missing:
            raise K2ValueError(f'No data provided for "{missing[0]}". Need data for each key in: {list(names)}')
        data = [data[name] for name in names]
    elif not isinstance(data, list):
        data = [data]
    elif data and len(names) == 1 and isinstance(data[0], (float, int)):
        data = [np.asarray(data)]
    arrays = [array.values if type(array).__name__ == "DataFrame" else array for array in data]
    arrays = [np.asarray(array) if isinstance(array, list) else array for array in arrays]
    for array in arrays:
        if array is not None and not hasattr(array, "shape"):
            raise K2TypeError(
                f"data should be a Numpy array, or list/dict of Numpy arrays. Found: {str(data)[:200]}..."
            )
    return arrays


def check_shape(name: str, array: Any, shape: Any, check_batch_axis: bool, prefix: str) -> None:
    """Refuse an array of another shape.

    Raises:
        ValueError: it has one.
    """
    found, expected = array.shape, tuple(shape)
    if len(found) != len(expected):
        raise K2ValueError(
            f"Error when checking {prefix}: expected {name} to have {len(expected)} dimensions, but got array with "
            f"shape {found}"
        )
    if not check_batch_axis:
        found, expected = found[1:], expected[1:]
    if any(size and size != own for own, size in zip(found, expected, strict=True)):
        raise K2ValueError(
            f"Error when checking {prefix}: expected {name} to have shape {expected} but got array with shape {found}"
        )


def standardize_sample_or_class_weights(x_weight: Any, output_names: Sequence[str], weight_type: str) -> list[Any]:
    """Return a weight for each output; a dict may leave out some."""
    if x_weight is None or len(x_weight) == 0:
        return [None] * len(output_names)
    if isinstance(x_weight, dict) and len(output_names) > 1:
        return [x_weight.get(name) for name in output_names]
    if len(output_names) == 1:
        if isinstance(x_weight, dict) and output_names[0] in x_weight:
            return [x_weight[output_names[0]]]
        return x_weight if isinstance(x_weight, list) and len(x_weight) == 1 else [x_weight]
    if isinstance(x_weight, list) and len(x_weight) == len(output_names):
        return x_weight
    raise K2ValueError(
        f"`{weight_type}` should be a list or a dict with one entry for each of the {len(output_names)} outputs. "
        f"Provided `{weight_type}`={x_weight}"
    )


def standardize_class_weights(class_weight: Any, output_names: Sequence[str]) -> list[Any]:
    """Return the weights of classes for each output."""
    return standardize_sample_or_class_weights(class_weight, output_names, "class_weight")


def standardize_sample_weights(sample_weight: Any, output_names: Sequence[str]) -> list[Any]:
    """Return the weights of samples for each output."""
    return standardize_sample_or_class_weights(sample_weight, output_names, "sample_weight")


def standardize_weights(
    y: Any, sample_weight: Any = None, class_weight: Any = None, sample_weight_mode: str | None = None
) -> Any:
    """Return the weights of samples, or of their steps: those given, times those of their classes.

    Raises:
        ValueError: they do not fit the targets.
    """
    rank = 2 if sample_weight_mode == "temporal" else 1
    if sample_weight_mode not in (None, "temporal"):
        raise K2ValueError(f'"sample_weight_mode should be None or "temporal". Found: {sample_weight_mode}')
    if rank == 2 and len(y.shape) < 3:
        raise K2ValueError(
            f"Found a sample_weight array for an input with shape {y.shape}. Timestep-wise sample weighting (use of "
            'sample_weight_mode="temporal") is restricted to outputs that are at least 3D.'
        )
    if sample_weight is not None and (sample_weight.ndim != rank or y.shape[:rank] != sample_weight.shape):
        raise K2ValueError(
            f"Found a sample_weight array with shape {sample_weight.shape} for an input with shape {y.shape}. "
            f"sample_weight cannot be broadcast: it has to have shape {y.shape[:rank]}."
        )
    of_classes = class_weights(y, class_weight) if isinstance(class_weight, dict) else None
    given = [weights for weights in (sample_weight, of_classes) if weights is not None]
    return (
        np.ones(y.shape[:rank], dtype=floatx()) if not given else given[0] if len(given) == 1 else given[0] * given[1]
    )


def class_weights(y: Any, weights: Mapping[Any, float]) -> Any:
    """Return the weight of each sample's class.

    Raises:
        ValueError: a class has none.
    """
    if len(y.shape) > 2:
        raise K2ValueError("`class_weight` not supported for 3+ dimensional targets.")
    classes = np.argmax(y, axis=1) if len(y.shape) == 2 and y.shape[1] > 1 else np.reshape(y, y.shape[0])
    missing = set(classes.tolist()) - set(weights)
    if missing:
        raise K2ValueError(
            f"`class_weight` must contain all classes in the data. The classes {missing} exist in the data but not in "
            "`class_weight`."
        )
    return np.asarray([weights[one] for one in classes])


def check_num_samples(ins: Any, batch_size: Any = None, steps: Any = None, steps_name: str = "steps") -> int | None:
    """Return the number of samples; None where they are counted in steps.

    Raises:
        ValueError: both are given, or neither for tensors.
    """
    if steps is not None and batch_size is not None:
        raise K2ValueError(f"If {steps_name} is set, the `batch_size` must be None.")
    if not ins or any(is_tensor(x) for x in ins):
        if steps is None:
            raise K2ValueError(
                f"If your data is in the form of symbolic tensors, you should specify the `{steps_name}` argument "
                "(instead of the `batch_size` argument)."
            )
        return None
    return int(ins[0].shape[0]) if hasattr(ins[0], "shape") else None


def weighted_masked_objective(fn: Callable[..., Any] | None) -> Callable[..., Any] | None:
    """Return a loss that takes weights and a mask, and gives one number."""
    if fn is None:
        return None

    def weighted(y_true: Any, y_pred: Any, weights: Any, mask: Any = None) -> Any:
        score: Any = fn(y_true, y_pred)
        if mask is not None:
            mask = cast(mask, floatx())
            score = score * mask / (mean(mask) + epsilon())
        if weights is not None:
            score = mean(score, axis=list(range(ndim(weights) or 0, ndim(score) or 0))) * weights
            score = score / mean(cast(not_equal(weights, 0), floatx()))
        return mean(score)

    return weighted


# As the functions were called in ``keras.engine.training`` before Keras 2.2.
_make_batches, _slice_arrays, _batch_shuffle = make_batches, slice_arrays, batch_shuffle
_standardize_input_data, _standardize_weights = standardize_input_data, standardize_weights
_standardize_class_weights, _standardize_sample_weights = standardize_class_weights, standardize_sample_weights
_standardize_sample_or_class_weights = standardize_sample_or_class_weights
_weighted_masked_objective = weighted_masked_objective
