"""Calls whose arguments stood in another order in TensorFlow 1, where their kinds tell which order is meant."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from k2compat.errors import K2ValueError, three_parts
from k2compat.graph.nested import leaves
from k2compat.graph.symbols import is_symbol
from k2compat.repair.table import Around, Repair
from k2compat.repair.tensorflow1.names import recording


def positions_repair() -> Repair:
    """Return the repair of the order of arguments."""
    return Repair(
        "tensorflow1_positions",
        "tf.nn.in_top_k, tf.nn.pool, tf.nn.ctc_loss, tf.nn.embedding_lookup, tf.batch_to_space and tf.space_to_batch "
        "take their arguments in another order, tf.where chose rows by a vector, and tf.concat took the axis "
        "first. Where the kinds of the arguments tell the old order, they are taken in it.",
        list(patches()),
    )


def patches() -> Iterator[tuple[Any, str, Any]]:
    """Yield what is to be set: (module, name, function that knows both orders)."""
    for dotted, is_old in OLD_ORDERS.items():
        where, _, name = dotted.rpartition(".")
        place = operator.attrgetter(where)(tf) if where else tf
        old = BEFORE_1_0.get(dotted) or recording(operator.attrgetter(dotted)(tf.compat.v1))
        yield place, name, Around(functools.partial(knowing, old=old, is_old=is_old))


def knowing(new: Callable[..., Any], old: Callable[..., Any], is_old: Callable[..., bool]) -> Callable[..., Any]:
    """Return a function that is the old one where its arguments say so."""

    @functools.wraps(new)
    def call(*args: Any, **kwargs: Any) -> Any:
        return (old if is_old(*args, **kwargs) else new)(*args, **kwargs)

    return call


def kind(value: Any) -> tf.DType | None:
    """Return the data type of a tensor or an array."""
    return tf.as_dtype(value.dtype) if hasattr(value, "dtype") else None


def rank(value: Any) -> int | None:
    """Return the number of axes, where it is known."""
    if hasattr(value, "shape"):
        return tf.TensorShape(value.shape).rank
    return 1 + (rank(value[0]) or 0) if isinstance(value, (list, tuple)) and value else 0


def scores_first(first: Any = None, second: Any = None, *_: Any, **__: Any) -> bool:
    """``in_top_k(predictions, targets, k)``, where today the targets come first."""
    found, other = kind(first), kind(second)
    return found is not None and found.is_floating and (other is None or other.is_integer)


def padding_fourth(*args: Any, **_: Any) -> bool:
    """``pool(input, window_shape, pooling_type, padding)``, where today the strides come fourth."""
    return len(args) > 3 and isinstance(args[3], str)


def without_logit_length(*args: Any, **kwargs: Any) -> bool:
    """``ctc_loss(labels, inputs, sequence_length)``: today there is a length of the labels, too."""
    named = {"inputs", "sequence_length", "preprocess_collapse_repeated", "ctc_merge_repeated", "time_major"}
    return bool(named & set(kwargs)) or (len(args) == 3 and not {"logit_length", "label_length"} & set(kwargs))


def strategy_third(*args: Any, **kwargs: Any) -> bool:
    """``embedding_lookup(params, ids, partition_strategy)``, where today the norm comes third."""
    return "partition_strategy" in kwargs or (len(args) > 2 and isinstance(args[2], str))


def rows_second(*args: Any, **kwargs: Any) -> bool:
    """``batch_to_space(input, crops, block_size)``, where today the block comes second."""
    return "block_size" in kwargs or (len(args) > 1 and rank(args[1]) == 2)


def chooses_rows(condition: Any = None, x: Any = None, y: Any = None, *_: Any, **__: Any) -> bool:
    """``where(vector, x, y)`` of tensors with more axes: today it chooses along the last axis.

    Raises:
        ValueError: both would work, and symbolic tensors say that the program is an old one.
    """
    if x is None or rank(condition) != 1 or (rank(x) or 0) < 2 or rank(y) != rank(x):
        return False
    (length,), shape = shape_of(condition), shape_of(x)
    if shape[-1] == 1 or (length is not None and length == shape[-1] != shape[0]):
        return False
    if length is not None and length == shape[-1] == shape[0] and any(map(is_symbol, leaves((condition, x, y), {}))):
        raise K2ValueError(
            three_parts(
                f"tf.where with a condition of {length} values and tensors of the shape {shape}",
                "a condition that has one meaning: TensorFlow 1 chose rows by a vector, TensorFlow 2 columns.",
                "write tf.where(condition[:, None], x, y) for rows, or condition[None, :] for columns.",
            )
        )
    return length is None or length == shape[0] != shape[-1] or shape[0] is None


def axis_first(first: Any = None, second: Any = None, *_: Any, **__: Any) -> bool:
    """``concat(axis, values)``, the order before TensorFlow 1.0."""
    return isinstance(first, int) and isinstance(second, (list, tuple))


def concat(concat_dim: Any, values: Any, name: str = "concat") -> Any:
    """Concatenate tensors as TensorFlow 0.12 did."""
    return tf.concat(values, concat_dim, name)


def shape_of(value: Any) -> tuple[int | None, ...]:
    return tuple(value.shape) if hasattr(value, "shape") else tf.convert_to_tensor(value).shape.as_list()


OLD_ORDERS: dict[str, Callable[..., bool]] = {
    "nn.in_top_k": scores_first,
    "math.in_top_k": scores_first,
    "nn.pool": padding_fourth,
    "nn.ctc_loss": without_logit_length,
    "nn.embedding_lookup": strategy_third,
    "batch_to_space": rows_second,
    "space_to_batch": rows_second,
    "where": chooses_rows,
    "concat": axis_first,
}
# Functions whose order TensorFlow 1.0 had changed already -> the ones before.
BEFORE_1_0: dict[str, Callable[..., Any]] = {"concat": concat}
