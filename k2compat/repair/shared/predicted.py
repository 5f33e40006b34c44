"""The repair of what ``predict`` gives for several outputs, for either Keras."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from k2compat.repair.table import Repair


def predicted_list_repair(functional: Any) -> Repair:
    """Make the repair of a Keras's functional models."""
    return Repair(
        "predicted_list",
        "model.predict and model.predict_on_batch gave a list of arrays for several outputs; where these are given as "
        "a tuple, Model(x, (a, b)), they give a tuple now, so that isinstance(predictions, list) finds one output.",
        [(functional, name, patched(functional, name)) for name in ("predict", "predict_on_batch")],
    )


def patched(functional: Any, name: str) -> Callable[..., Any]:
    """Make the method that turns a tuple of arrays into a list; named tuples and dicts stay."""

    @functools.wraps(getattr(functional, name))
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = getattr(super(functional, self), name)(*args, **kwargs)
        return list(found) if type(found) is tuple else found

    return method
