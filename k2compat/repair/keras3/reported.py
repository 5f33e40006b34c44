"""Under which names a compiled model of Keras 3 reports its losses and metrics."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from k2compat.repair.keras3.weighted_losses import names_in_order
from k2compat.repair.shared.reported import names_of_metrics, of_losses
from k2compat.repair.table import Repair, definer


def repairs() -> list[Repair]:
    """Return the repair of what models call their metrics."""
    return [reported_repair()]


def reported_repair() -> Repair:
    """Return the repair of what a model says it reports, and of metrics that a second ``compile`` does not ask for."""
    owner = definer(keras.Model, "metrics_names")
    return Repair(
        "metrics_names",
        "model.metrics_names is ['loss', 'compile_metrics']: zip(model.metrics_names, model.evaluate(x, y)) leaves out "
        "metrics. A model that is compiled again without metrics keeps those of before.",
        [
            (owner, "metrics_names", property(named(vars(owner)["metrics_names"].fget))),
            (keras.Model, "_compile_loss", fresh()),
        ],
    )


def fresh() -> property:
    """``model._compile_loss``, which ``compile`` sets before the metrics, if there are any."""

    def get(self: Any) -> Any:
        return vars(self).get("_compile_loss")

    def assign(self: Any, loss: Any) -> None:
        vars(self)["_compile_loss"] = loss
        vars(self)["_compile_metrics"] = None

    return property(get, assign)


def named(original: Callable[..., Any]) -> Callable[..., Any]:
    """``metrics_names`` as ``evaluate`` and ``fit`` report them."""

    @functools.wraps(original)
    def metrics_names(self: Any) -> Any:
        outputs = getattr(self, "output_names", None)
        found, compiled = original(self), getattr(self, "_compile_metrics", None)
        if not outputs or not self.compiled or found[:1] != ["loss"]:
            return found
        losses = [name for name in found[1:] if name != "compile_metrics"]
        if len(outputs) > 1 and self._compile_loss is not None:
            own = of_losses(self._compile_loss._user_loss, outputs)
            losses = [*own, *(name for name in losses if name not in own)]
        return ["loss", *losses, *of_metrics(compiled, outputs)]

    return metrics_names


def of_metrics(compiled: Any, outputs: list[str]) -> list[str]:
    """Return the names of metrics, output by output, each once; of those that Keras 2 would not know, Keras's own."""
    if compiled is None:
        return []
    if compiled.built:
        return names_in_order(compiled) or list(compiled.result())
    found = names_of_metrics(compiled._user_metrics, compiled._user_weighted_metrics, outputs)
    return ["compile_metrics"] if found is None else found
