"""The table of repairs: everything k2compat changes in Keras and TensorFlow at run time.

``K2COMPAT_REPAIRS=0`` in the environment leaves Keras alone; each entry can be undone by itself.
"""

from __future__ import annotations

import os
from functools import lru_cache
from types import SimpleNamespace

import tensorflow as tf

from k2compat.adapters import adapter
from k2compat.adapters.repair import Repair
from k2compat.backend import optimizers
from k2compat.backend.variables import moving_average_update
from k2compat.graph.connect import gradients
from k2compat.graph.dispatch import Dispatcher, apply, convert
from k2compat.graph.phase import phase_state
from k2compat.graph.structure import leaves, rebuild
from k2compat.graph.symbols import Lazy, is_symbol

DISPATCHER = Dispatcher()
_tf_gradients = tf.gradients


def gradients_of(ys, xs, *args, **kwargs):  # type: ignore[no-untyped-def]
    """``tf.gradients`` that knows symbolic tensors."""
    if any(is_symbol(leaf) for leaf in leaves(ys, xs)):
        return gradients(ys, xs)
    return _tf_gradients(ys, xs, *args, **kwargs)


@lru_cache(maxsize=1)
def table() -> tuple[Repair, ...]:
    """All repairs, in the order in which they are applied."""
    engine = SimpleNamespace(
        apply=apply,
        convert=convert,
        Lazy=Lazy,
        leaves=leaves,
        rebuild=rebuild,
        phase_state=phase_state,
        optimizers=optimizers,
        moving_average_update=moving_average_update,
    )
    return (
        Repair(
            "tensorflow_records",
            "TensorFlow functions refuse symbolic tensors; its dispatcher is asked before the refusal, and records the call. Always applied: "
            "it only answers calls that would have failed.",
            [(DISPATCHER, "active", True)],
        ),
        Repair(
            "tensorflow_gradients",
            "tf.gradients raises under eager execution; of symbolic tensors it gives what K.gradients gives.",
            [(tf, "gradients", gradients_of), (tf.compat.v1, "gradients", gradients_of)],
        ),
        *adapter().repairs(engine),
    )


def repairs() -> list[Repair]:
    """The repairs, each with ``name``, ``reason`` and ``active``; ``undo()`` and ``apply()`` switch one off and on."""
    return list(table())


def install() -> None:
    """Applies the repairs; only the first one if ``K2COMPAT_REPAIRS`` is 0."""
    DISPATCHER.register()
    wanted = table() if os.environ.get("K2COMPAT_REPAIRS", "1") != "0" else table()[:1]
    for repair in wanted:
        repair.apply()
