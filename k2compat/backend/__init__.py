"""The K namespace: ``from k2compat import backend as K``. This file only assembles it."""

import os as _os
import sys as _sys
from typing import Any as _Any

import numpy as np  # noqa: F401  (K.np and K.tf were attributes old scripts reached for)
import tensorflow as tf

from k2compat.backend import (  # noqa: F401
    config,
    control,
    convolution,
    ctc,
    losses,
    math,
    nn,
    normalization,
    random,
    recurrence,
    session,
    shapes,
    variables,
)
from k2compat.backend.registry import NAMES
from k2compat.backend.registry import missing as _missing
from k2compat.backend.repairs import install
from k2compat.graph import operators  # noqa: F401  (gives symbolic tensors their operators)

install()
globals().update(NAMES)
if _os.environ.get("K2COMPAT_AUDIT"):
    from k2compat.backend.called import counted as _counted

    globals().update(_counted(NAMES, _os.environ["K2COMPAT_AUDIT"]))
__all__ = sorted(NAMES)  # noqa: PLE0605

# Names that old scripts reached through the backend, beside its functions. TensorFlow's modules of loops are the
# package itself here: that is where their functions are today.
control_flow_ops = functional_ops = tensor_array_ops = tf
_BACKEND = "tensorflow"
tensorflow_backend = common = _sys.modules[__name__]  # `from keras.backend.tensorflow_backend import set_session`
_sys.modules.update(dict.fromkeys([__name__ + ".tensorflow_backend", __name__ + ".common"], tensorflow_backend))


def _is_tf_1() -> bool:
    """Whether expressions are recorded and run in sessions, as under TensorFlow 1: they are."""
    return True


def _get_available_gpus() -> list[str]:
    """The names of the graphics cards TensorFlow sees."""
    return [device.name for device in tf.config.list_logical_devices("GPU")]


def __getattr__(name: str) -> _Any:
    raise _missing(name)
