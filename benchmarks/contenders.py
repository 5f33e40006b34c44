"""The contenders: how each opens its Keras, and which of a workload's scripts it runs.

Also runs under Python 3.7, for the real Keras 2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable


@dataclass(frozen=True)
class Contender:
    """One way of doing a workload.

    Attributes:
        name: as the tables print it.
        script: which of a workload's scripts it runs: ``graph``, ``frozen``, ``xla``, ``eager``, ``compiled``,
            ``forward`` or ``program``.
        open: imports its Keras; returns that and its backend, None where the script needs no backend.
        environment: variables its process is started with.
        options: keywords of ``K.function`` that make it another contender.
        limit: whether it does less work than the others and only shows how fast they could be.
    """

    name: str
    script: str
    open: Callable[[], tuple[Any, Any]]
    environment: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    limit: bool = False


def open_k2compat():
    import keras

    from k2compat import backend

    return keras, backend


def open_k2compat_on_keras2():
    import tf_keras

    from k2compat import backend

    return tf_keras, backend


def open_compat_v1():
    import tensorflow as tf

    tf.compat.v1.disable_eager_execution()
    # A second recurrent layer is not trained without it: "Connecting to invalid output ... of source node".
    tf.compat.v1.experimental.output_all_intermediates(True)
    import tf_keras

    return tf_keras, tf_keras.backend


def open_keras3():
    import keras

    return keras, None


def open_tf_keras():
    import tf_keras

    return tf_keras, tf_keras.backend


def open_real_keras2():
    import keras

    return keras, keras.backend


SUBJECT = "k2compat"
FROZEN = "k2compat frozen"
XLA = "k2compat with XLA"
SUBJECT_ON_KERAS2 = "k2compat on Keras 2"
EAGER = "eager GradientTape"
HAND = "tf.function by hand"
LIMIT = "forward pass only"
# What people get who drop graph mode.
KERAS3 = "Keras 3 alone"
TF_KERAS = "tf_keras alone"
REFERENCE = "compat.v1"
# The reference again, in a process of its own: how far its ratio is from 1 is the machine's noise.
CONTROL = "compat.v1 again"
REAL = "real Keras 2"

_LEGACY = {"TF_USE_LEGACY_KERAS": "1"}

CONTENDERS = {
    contender.name: contender
    for contender in [
        Contender(SUBJECT, "graph", open_k2compat),
        Contender(FROZEN, "frozen", open_k2compat, options={"freeze": True}),
        Contender(XLA, "xla", open_k2compat, options={"jit_compile": True}),
        Contender(SUBJECT_ON_KERAS2, "graph", open_k2compat_on_keras2, _LEGACY),
        Contender(REFERENCE, "graph", open_compat_v1, _LEGACY),
        Contender(CONTROL, "graph", open_compat_v1, _LEGACY),
        Contender(EAGER, "eager", open_keras3),
        Contender(HAND, "compiled", open_keras3),
        Contender(LIMIT, "forward", open_keras3, limit=True),
        Contender(KERAS3, "program", open_keras3),
        Contender(TF_KERAS, "program", open_tf_keras, _LEGACY),
        Contender(REAL, "graph", open_real_keras2),
    ]
}

# What belongs to this package: no other contender, so nothing to lose against.
OURS = (SUBJECT, FROZEN, XLA, SUBJECT_ON_KERAS2)
