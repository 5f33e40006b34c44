"""How the optimizers of Keras 2.3 were set by default, and what they are set to today."""

from __future__ import annotations

# Optimizer -> its learning rate in Keras 2.3, as it is written.
LEARNING_RATES: dict[str, str] = {
    "SGD": "0.01",
    "RMSprop": "0.001",
    "Adagrad": "0.01",
    "Adadelta": "1.0",
    "Adam": "0.001",
    "Adamax": "0.002",
    "Nadam": "0.002",
}
# Those that have another one today: 0.001.
OTHER_TODAY = ("Adagrad", "Adadelta", "Adamax", "Nadam")
