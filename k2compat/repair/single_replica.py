"""The repair of the sum over replicas where there is one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.repair.table import Around, Repair, definer

OPERATIONS = (tf.distribute.ReduceOp.SUM, tf.distribute.ReduceOp.MEAN, "SUM", "MEAN", "sum", "mean")


def single_replica_repair() -> Repair:
    """Make the repair."""
    place = definer(tf.distribute.ReplicaContext, "all_reduce")
    return Repair(
        "single_replica_sum",
        "Optimizers sum gradients over replicas, for which TensorFlow registers a gradient at each trace, with all of "
        "the graph, for good: a model that was trained stays in memory after K.clear_session, with its weights where "
        "the graph knows its layers. Keras 2 freed it. With one replica the sum is what it is given.",
        [(place, "all_reduce", Around(alone))],
    )


def alone(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``all_reduce`` that gives one replica its own values."""

    @functools.wraps(original)
    def all_reduce(self: Any, reduce_op: Any, value: Any, options: Any = None) -> Any:
        if self.num_replicas_in_sync == 1 and reduce_op in OPERATIONS:
            return value
        return original(self, reduce_op, value, options)

    return all_reduce
