"""Methods of models that Keras took away."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2compat.repair.table import Repair


def old_methods_repair(keras: Any) -> Repair:
    """Return the repair of a Keras's models."""
    wanted: list[tuple[Any, Any]] = [(keras.Sequential, predict_classes), (keras.Sequential, predict_proba)]
    return Repair(
        "old_methods",
        "predict_classes and predict_proba of Sequential models are gone.",
        [(kind, method.__name__, method) for kind, method in wanted],
    )


def predict_classes(self: Any, x: Any, batch_size: int = 32, verbose: int = 0) -> np.ndarray:
    """Return the likeliest class of each sample; of a single output, whether it is above a half."""
    found = self.predict(x, batch_size=batch_size, verbose=verbose)
    return found.argmax(axis=-1) if found.shape[-1] > 1 else (found > 0.5).astype("int32")


def predict_proba(self: Any, x: Any, batch_size: int = 32, verbose: int = 0) -> np.ndarray:
    """Return what ``predict`` gives."""
    return self.predict(x, batch_size=batch_size, verbose=verbose)
