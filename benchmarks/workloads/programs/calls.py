"""Single calls of a small dense model: what reinforcement learning and web services do thousands of times."""

from __future__ import annotations

import numpy as np

from benchmarks.workloads.programs.program import Program, adam, floats, losses

STATE, ACTIONS = 4, 2


def network(keras):
    """The network of most published DQNs."""
    layers = keras.layers
    state = layers.Input((STATE,), name="state")
    x = layers.Dense(24, activation="relu", name="first")(state)
    x = layers.Dense(24, activation="relu", name="second")(x)
    return keras.models.Model(state, layers.Dense(ACTIONS, name="values")(x))


def samples(number):
    """The data of calls with so many samples."""

    def data(random):
        return {"inputs": floats(random, 8, number, STATE), "targets": floats(random, number, ACTIONS)}

    return data


def calling(use, compiled=True):
    """The script that compiles the model and uses it.

    Args:
        use: function of the model, the samples and their targets.
        compiled: whether the model is compiled.
    """

    def run(kit):
        model, targets = kit.model["values"], kit.arrays["targets"]
        if compiled:
            model.compile(loss="mse", optimizer=adam(kit))
        return lambda given: use(model, given, targets)

    return run


def single(result):
    return {"result": np.asarray(result)}


CALLS = {
    "predict": (
        "`predict` of one sample, small dense model",
        1,
        lambda model, x, _y: single(model.predict(x, verbose=0)),
    ),
    "predict_on_batch": (
        "`predict_on_batch` of 32, small dense model",
        32,
        lambda model, x, _y: single(model.predict_on_batch(x)),
    ),
    "train_on_batch": (
        "`train_on_batch` of 32, small dense model",
        32,
        lambda model, x, y: single(model.train_on_batch(x, y)),
    ),
    "test_on_batch": (
        "`test_on_batch` of 32, small dense model",
        32,
        lambda model, x, y: single(model.test_on_batch(x, y)),
    ),
    "fit_one": (
        "`fit` of one sample for one epoch, small dense model",
        1,
        lambda model, x, y: losses(model.fit(x, y, epochs=1, verbose=0)),
    ),
    "evaluate": (
        "`evaluate` of 32, small dense model",
        32,
        lambda model, x, y: single(model.evaluate(x, y, verbose=0)),
    ),
}
WORKLOADS = {
    name: Program(title, {"values": network}, samples(number), calling(use), burst=10)
    for name, (title, number, use) in CALLS.items()
}
