"""Repairs of how Keras 2 trains: which weights, and when."""

from __future__ import annotations

from typing import Any

from k2compat.adapters.keras2.internals import inner, keras
from k2compat.repair.keras2.compilation import Compilation
from k2compat.repair.shared.output_history import output_history_repair
from k2compat.repair.shared.training import fit_repairs
from k2compat.repair.table import Repair

kept: Any = inner("engine.training_utils").RespectCompiledTrainableState
# Which weights are trained the repair sees to; what layers do was up to their state at the first step, not at compile.
left_as_they_are = [(kept, "__enter__", lambda self: None), (kept, "__exit__", lambda self, *_: False)]


def repairs() -> list[Repair]:
    """Return the repairs of training."""
    return [
        *fit_repairs(keras, ("train_step",), (keras.Model,), left_as_they_are, Compilation.regularizers),
        output_history_repair(keras.Model),
    ]
