"""What Keras 3 knows of a compiled model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from k2compat.repair.keras3.weighted_losses import kinds_of, objective
from k2compat.repair.shared.activity_regularizer import penalties
from k2compat.repair.shared.training import losses_of_calls, regularized


class Compilation:
    """What Keras 3 knows of a compiled model."""

    @staticmethod
    def source(model: Any) -> Any:
        """Return what ``compile`` made again, None before."""
        return getattr(model, "_compile_config", None)

    @staticmethod
    def loss_weights(model: Any) -> Any:
        """Return the weights of the outputs' losses as they were given."""
        return model.get_compile_config().get("loss_weights")

    @staticmethod
    def mask(output: Any) -> Any:
        """Return the symbolic mask of an output, or None."""
        return getattr(output, "_keras_mask", None)

    @staticmethod
    def objective(loss: Any) -> Callable[..., Any]:
        """Make the loss of an output from what was given to ``compile``."""
        return objective(loss, kinds_of())

    @staticmethod
    def regularizers(model: Any) -> list[tuple[Callable[..., Any], Any]]:
        """Pairs (function, weight) whose value is part of the loss."""
        return [(weight.regularizer, weight) for weight in regularized(model)]

    @staticmethod
    def metrics(model: Any) -> Any:
        """Return the metrics as they were given to ``compile``."""
        return getattr(model._compile_metrics, "_user_metrics", None) or []

    @staticmethod
    def kinds() -> Any:
        """Return the classes of losses and metrics."""
        return kinds_of()

    @staticmethod
    def losses_of_layers(model: Any) -> list[tuple[Callable[..., Any], Any]]:
        """Pairs (function, symbolic tensor) whose value is part of the loss: what layers gave and added."""
        return [*penalties(model, keras), *losses_of_calls(model)]
