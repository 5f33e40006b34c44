"""The K namespace: ``from k2compat import backend as K``. This file only assembles it."""

import os as _os
import sys as _sys
from typing import Any as _Any

import numpy as np  # noqa: F401  (K.np and K.tf were attributes old scripts reached for)
import tensorflow as tf

from k2compat.graph import operators  # noqa: F401  (gives symbolic tensors their operators)
from k2compat.ops import (  # noqa: F401  (importing them registers their functions)
    config,
    control_flow,
    convolution,
    ctc,
    losses,
    math,
    nn,
    normalization,
    random,
    rnn,
    session,
    shapes,
    variables,
)
from k2compat.ops.registry import NAMES
from k2compat.ops.registry import assemble as _assemble
from k2compat.ops.registry import missing as _missing
from k2compat.repair.install import install

install()
_assemble(globals())
if _os.environ.get("K2COMPAT_AUDIT"):
    from k2compat.ops.call_audit import counted as _counted

    globals().update(_counted(NAMES, _os.environ["K2COMPAT_AUDIT"]))
__all__ = sorted(NAMES)  # noqa: PLE0605

# Names that old scripts reached through the backend, beside its functions. TensorFlow's modules of loops are the
# package itself here: that is where their functions are today.
control_flow_ops = functional_ops = tensor_array_ops = tf
_BACKEND = "tensorflow"
tensorflow_backend = common = _sys.modules[__name__]  # `from keras.backend.tensorflow_backend import set_session`
_sys.modules.update(dict.fromkeys([__name__ + ".tensorflow_backend", __name__ + ".common"], tensorflow_backend))


def _is_tf_1() -> bool:
    """Return whether expressions are recorded and run in sessions, as under TensorFlow 1: they are."""
    return True


def _get_available_gpus() -> list[str]:
    """Return the names of the graphics cards TensorFlow sees."""
    return [device.name for device in tf.config.list_logical_devices("GPU")]


def _to_tensor(x: _Any, dtype: _Any) -> _Any:
    """Return a value as a tensor of a dtype."""
    return math.cast(x, dtype)


# Backends of which this one takes the place in all imports: what only they have is found there.
BEHIND: list[_Any] = []


def __getattr__(name: str) -> _Any:
    for module in BEHIND:
        if name in vars(module):
            return vars(module)[name]
    raise _missing(name)
