"""``keras.utils.np_utils``: arrays of classes."""

from __future__ import annotations

from typing import Any

import numpy as np


def probas_to_classes(y_pred: Any) -> Any:
    """Return the classes of probabilities, as in Keras 1."""
    return np.argmax(y_pred, axis=1) if len(y_pred.shape) > 1 and y_pred.shape[1] > 1 else np.around(y_pred, 0)


def categorical_probas_to_classes(p: Any) -> Any:
    """Return the likeliest class of each row, as in Keras 1."""
    return np.argmax(p, axis=1)
