"""What Keras 2 knows of a compiled model."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from k2compat.adapters.keras2.internals import keras
from k2compat.repair.keras2.losses import kinds_of, objective
from k2compat.repair.shared.activity_regularizer import penalties
from k2compat.repair.shared.training import losses_of_calls


class Compilation:
    """What Keras 2 knows of a compiled model."""

    @staticmethod
    def source(model: Any) -> Any:
        """Return what ``compile`` made again, None before."""
        return getattr(model, "compiled_loss", None)

    @staticmethod
    def loss_weights(model: Any) -> Any:
        """Return the weights of the outputs' losses as they were given."""
        return model.compiled_loss._user_loss_weights

    @staticmethod
    def mask(output: Any) -> Any:
        """Return None: symbolic masks have no value here, and those of values come with the values."""
        return None

    @staticmethod
    def objective(loss: Any) -> Callable[..., Any]:
        """Make the loss of an output from what was given to ``compile``."""
        return objective(loss, kinds_of())

    @staticmethod
    def regularizers(model: Any) -> list[tuple[Callable[..., Any], Any]]:
        """Pairs (function, weight) whose value is part of the loss."""
        losses = [loss for layer in model._flatten_layers() for loss in layer._callable_losses]
        return [(loss.func, loss.args[0]) for loss in losses if isinstance(loss, functools.partial)]

    @staticmethod
    def metrics(model: Any) -> Any:
        """Return the metrics as they were given to ``compile``."""
        return getattr(model.compiled_metrics, "_user_metrics", None) or []

    @staticmethod
    def kinds() -> Any:
        """Return the classes of losses and metrics."""
        return kinds_of()

    @staticmethod
    def losses_of_layers(model: Any) -> list[tuple[Callable[..., Any], Any]]:
        """Pairs (function, symbolic tensor) whose value is part of the loss: what layers gave and added."""
        return [*penalties(model, keras), *losses_of_calls(model)]
