"""Repairs of how Keras 3 trains: which weights, from which part of the data, with which logs."""

from __future__ import annotations

import keras

from k2compat.repair.shared.batch_logs import batch_logs_repair
from k2compat.repair.shared.output_history import output_history_repair
from k2compat.repair.shared.splits import split_repair
from k2compat.repair.shared.training import fit_repairs
from k2compat.repair.table import Repair

AFTER = ("models",)  # both change the step of test
STEPS = ("train_step", "test_step", "_symbolic_build")


def repairs() -> list[Repair]:
    """Return the repairs of training."""
    return [
        *fit_repairs(keras, STEPS, (keras.Model, keras.src.models.functional.Functional)),
        split_repair(keras.Model),
        batch_logs_repair(keras),
        output_history_repair(keras.src.trainers.trainer.Trainer),
    ]
