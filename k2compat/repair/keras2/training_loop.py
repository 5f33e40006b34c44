"""The training loop of Keras 2.3.1 for models of Keras 2 as it is in TensorFlow 2."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from k2compat.adapters.keras2.internals import keras
from k2compat.repair.keras2.compilation import Compilation
from k2compat.repair.keras2.models import Functional
from k2compat.repair.shared.added_metrics import metrics_repair
from k2compat.repair.shared.loop_data import alone
from k2compat.repair.shared.loop_kit import Kit
from k2compat.repair.shared.train_functions import functions_repair
from k2compat.repair.shared.training_loop import loop_repair
from k2compat.repair.table import Repair
from k2compat.tensorflow_internals import converting

AFTER = ("models", "losses", "training", "input_checks", "generators", "reported")
COUNTERS = {"train_step": "_train_counter", "test_step": "_test_counter", "predict_step": "_predict_counter"}


def repairs() -> list[Repair]:
    """Return the repair of the loops of Keras 2."""
    kit = Kit2()
    return [functions_repair(kit), metrics_repair(kit), loop_repair(kit)]


class Kit2(Kit):
    """What the training loop asks of Keras 2."""

    keras = keras
    functional = Functional
    symbols = Compilation

    def is_distributed(self, model: Any) -> bool:
        return bool(model._distribution_strategy) or model._cluster_coordinator is not None

    def demand_compiled(self, model: Any, method: str) -> None:
        model._assert_compile_was_called()

    def refusal_of_loop(self, model: Any, method: str) -> str | None:
        steps = model._steps_per_execution
        return None if steps is None or int(steps) == 1 else "steps_per_execution is not 1"

    def compilation(self, model: Any, /) -> Any:
        return Compilation.source(model)

    def source(self, model: Any) -> tuple[Any, ...]:
        own = vars(model)
        optimizer = own.get("optimizer")
        rate = None if optimizer is None else vars(optimizer).get("_learning_rate")
        names = ("compiled_loss", "_self_tracked_trackables", "_run_eagerly", "_jit_compile")
        return optimizer, rate, *map(own.get, names)

    def run(self, model: Any, step: str, data: Any) -> Any:
        """Run a step; AutoGraph converts what a program wrote, as Keras has it."""
        with converting() as convert:
            function = getattr(model, step)
            found = (convert(function) if self.own_step(model, step) else function)(data)
        getattr(model, COUNTERS[step]).assign_add(1)
        return found

    def loss_tracker(self, model: Any) -> Any:
        return getattr(model.compiled_loss, "_total_loss_mean", None)

    def order(self, model: Any, names: list[str]) -> list[str]:
        known = [name for name in model.metrics_names if name in names]
        return known + [name for name in sorted(names) if name not in known]

    def metrics(self, model: Any) -> list[Any]:
        return list(model.metrics)

    def measured(self, model: Any, targets: list[Any], outputs: list[Any], weights: list[Any]) -> dict[str, Any]:
        metrics = model.compiled_metrics
        if metrics is None:
            return {}
        metrics.update_state(*(alone(part) for part in (targets, outputs, weights)))
        return {metric.name: metric.result().numpy() for metric in metrics.metrics}

    def settings(self, model: Any) -> tuple[bool, bool]:
        eager = bool(model.run_eagerly) or tf.config.functions_run_eagerly()
        return eager, bool(model._jit_compile) and not eager

    def first_epoch(self, model: Any, given: int) -> int:
        if model._training_state is None:
            return given
        return int(model._maybe_load_initial_counters_from_ckpt(None, given)[0])

    def progress_bar(self) -> Any:
        return keras.callbacks.ProgbarLogger(count_mode="steps")
