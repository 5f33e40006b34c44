"""The K namespace: ``from k2compat import backend as K``. This file only assembles it."""

import sys as _sys
from typing import Any as _Any

import numpy as np  # noqa: F401  (K.np and K.tf were attributes old scripts reached for)
import tensorflow as tf  # noqa: F401

from k2compat.backend import (  # noqa: F401
    config,
    control,
    convolution,
    math,
    nn,
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
__all__ = sorted(NAMES)  # noqa: PLE0605

tensorflow_backend = _sys.modules[
    __name__
]  # the backend's own module, as `from keras.backend import tensorflow_backend as KTF`


def __getattr__(name: str) -> _Any:
    raise _missing(name)
