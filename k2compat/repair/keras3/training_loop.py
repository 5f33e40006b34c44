"""The training loop of Keras 2 for models of Keras 3."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from k2compat.repair.keras3.compilation import Compilation
from k2compat.repair.keras3.models import Functional
from k2compat.repair.shared.added_metrics import metrics_repair
from k2compat.repair.shared.loop_data import alone
from k2compat.repair.shared.loop_kit import Kit
from k2compat.repair.shared.train_functions import functions_repair
from k2compat.repair.shared.training_loop import loop_repair
from k2compat.repair.table import Repair

AFTER = ("training", "input_checks", "generators", "reported")

CompileMetrics = keras.src.trainers.compile_utils.CompileMetrics


def repairs() -> list[Repair]:
    """Return the repair of the loops of Keras 3."""
    kit = Kit3()
    return [functions_repair(kit), metrics_repair(kit), loop_repair(kit)]


class Kit3(Kit):
    """What the training loop asks of Keras 3."""

    keras = keras
    functional = Functional
    symbols = Compilation

    def refusal(self, model: Any, method: str) -> str | None:
        if keras.config.max_epochs() is not None and method == "fit":
            return "the number of epochs is limited"
        return super().refusal(model, method)

    def is_distributed(self, model: Any) -> bool:
        return model._distribute_strategy is not None or keras.backend.backend() != "tensorflow"

    def demand_compiled(self, model: Any, method: str) -> None:
        model._assert_compile_called(method)

    def refusal_of_loop(self, model: Any, method: str) -> str | None:
        return None if getattr(model, "steps_per_execution", 1) == 1 else "steps_per_execution is not 1"

    def compilation(self, model: Any, /) -> Any:
        return Compilation.source(model)

    def source(self, model: Any) -> tuple[Any, ...]:
        own = vars(model)
        optimizer = own.get("optimizer")
        rate = None if optimizer is None else vars(optimizer).get("_learning_rate")
        names = ("_compile_config", "_functional", "_run_eagerly", "_jit_compile", "steps_per_execution")
        return optimizer, rate, *map(own.get, names)

    def graph_of(self, model: Any) -> Any:
        return vars(model).get("_functional") or super().graph_of(model)

    def loss_tracker(self, model: Any) -> Any:
        return model._loss_tracker

    def order(self, model: Any, names: list[str]) -> list[str]:
        found = model._flatten_metrics_in_order({name: name for name in names})
        return list(found) if isinstance(found, list) else [found]

    def metrics(self, model: Any) -> list[Any]:
        found: list[Any] = []
        for metric in model.metrics:
            found.extend(metric.metrics if isinstance(metric, CompileMetrics) else [metric])
        return found

    def measured(self, model: Any, targets: list[Any], outputs: list[Any], weights: list[Any]) -> dict[str, Any]:
        metrics = model._compile_metrics
        if metrics is None:
            return {}
        metrics.update_state(*(alone(part) for part in (targets, outputs, weights)))
        return {name: value.numpy() for name, value in metrics.result().items()}

    def settings(self, model: Any) -> tuple[bool, bool]:
        eager = tf.config.functions_run_eagerly()
        if not model.compiled:
            return eager, False
        eager = eager or bool(model.run_eagerly)
        return eager, bool(model.jit_compile) and not eager

    def progress_bar(self) -> Any:
        return keras.callbacks.ProgbarLogger()
