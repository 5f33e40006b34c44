"""The repairs of Keras 2 as it is in TensorFlow 2: what old code uses that it took away or changed."""

from __future__ import annotations

from typing import Any

from k2compat.adapters.fit import fit_repairs
from k2compat.adapters.keras2_layers import layer_repairs
from k2compat.adapters.keras2_models import model_repairs
from k2compat.adapters.keras2_optimizers import optimizer_repairs
from k2compat.adapters.keras2_package import inner, keras
from k2compat.adapters.keras2_tensors import reading_repairs, tensor_repairs
from k2compat.adapters.keras2_weights import weight_repairs
from k2compat.adapters.repair import Repair

kept: Any = inner("engine.training_utils").RespectCompiledTrainableState
# Which weights are trained the repair sees to; what layers do was up to their state at the first step, not at compile.
left_as_they_are = [(kept, "__enter__", lambda self: None), (kept, "__exit__", lambda self, *_: False)]


def repairs(engine: Any) -> list[Repair]:
    """All repairs of Keras 2."""
    return [
        *tensor_repairs(engine),
        *reading_repairs(engine),
        *weight_repairs(engine),
        *layer_repairs(engine),
        *model_repairs(engine),
        *fit_repairs(keras, ("train_step",), (keras.Model,), engine, left_as_they_are),
        *optimizer_repairs(engine),
    ]
