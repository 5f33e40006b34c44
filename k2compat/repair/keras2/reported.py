"""Under which names a compiled model of Keras 2 reports its losses and metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k2compat.adapters.keras2.internals import keras
from k2compat.repair.shared.reported import names_of_metrics, of_losses
from k2compat.repair.table import Around, Repair


def repairs() -> list[Repair]:
    """Return the repair of what models call their metrics."""
    return [
        Repair(
            "metrics_names",
            "model.metrics_names is empty until a model has seen data; callbacks and zip(model.metrics_names, values) "
            "need it right after compile.",
            [(keras.Model, "metrics_names", Around(named))],
        )
    ]


def named(original: property) -> property:
    """Make ``metrics_names``, which knows the names before there are metrics."""
    get: Callable[[Any], Any] = original.fget  # type: ignore[assignment]

    def metrics_names(self: Any) -> Any:
        outputs, found = getattr(self, "output_names", None), get(self)
        if found[:1] == ["loss"] or not outputs or not getattr(self, "_is_compiled", False):
            return found
        compiled = self.compiled_metrics
        plain = getattr(compiled, "_user_metrics", None)
        names = names_of_metrics(plain, getattr(compiled, "_user_weighted_metrics", None), outputs)
        if names is None:
            return found
        losses = of_losses(self.compiled_loss._user_losses, outputs) if len(outputs) > 1 else []
        return ["loss", *losses, *names]

    return property(metrics_names)
