"""The repair of initializers that are used for several weights, for either Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from k2compat.repair.table import Repair


def reuse_repair(kinds: Iterable[Any], used: Callable[[Any], None], more: Iterable[Any] = ()) -> Repair:
    """Let an initializer go on to other numbers.

    Args:
        kinds: the classes of random initializers that say themselves how numbers are drawn.
        used: is told an initializer that was called.
        more: patches beside those of the calls.
    """

    def calling(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:
            value = original(self, *args, **kwargs)
            used(self)
            return value

        return __call__

    return Repair(
        "initializer_reuse",
        "One initializer for several layers (init = RandomNormal(stddev=0.02), as in many GANs) drew other numbers for "
        "each weight; now weights of one shape begin with the same ones.",
        [*((kind, "__call__", calling(kind.__call__)) for kind in kinds), *more],
    )
