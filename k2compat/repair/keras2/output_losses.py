"""The losses of single outputs in Keras 2 as it is in TensorFlow 2, averaged as Keras 2.3 did."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from k2compat.adapters.keras2.internals import inner
from k2compat.repair.table import Repair

Container: Any = inner("engine.compile_utils").LossesContainer


def repairs() -> list[Repair]:
    """Return the repair of the losses of single outputs."""
    return [output_loss_repair()]


def output_loss_repair() -> Repair:
    """Return the repair of what a model with several outputs tells of each output's loss."""
    return Repair(
        "output_losses",
        "With several outputs, the loss of each one in evaluate and in a history is the mean over batches, however "
        "small the last one is; that of Keras 2 in TensorFlow 2 counts samples.",
        [(Container, "_create_metrics", counting_batches(Container._create_metrics))],
    )


def counting_batches(original: Callable[..., None]) -> Callable[..., None]:
    """Return the method that makes the means of a model's outputs: each batch counts once in them."""

    @functools.wraps(original)
    def _create_metrics(self: Any) -> None:
        original(self)
        for mean in filter(None, self._per_output_metrics):
            mean.update_state = unweighted(mean.update_state)

    return _create_metrics


def unweighted(update: Callable[..., Any]) -> Callable[..., Any]:
    """Return an update of a mean that leaves out how many samples a value is of."""

    def update_state(value: Any, sample_weight: Any = None) -> Any:
        return update(value)

    return update_state
