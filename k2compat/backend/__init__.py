"""The K namespace: ``from k2compat import backend as K``. This file only assembles it."""

from k2compat.backend import config, control, math, nn, random, session, shapes, variables  # noqa: F401
from k2compat.backend.registry import NAMES
from k2compat.graph import operators  # noqa: F401  (gives symbolic tensors their operators)
from k2compat.backend.repairs import install

install()
globals().update(NAMES)
__all__ = sorted(NAMES)  # noqa: PLE0605
