"""The optimizers of Keras with each of their arguments, run by fit."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered

X, Y = normal(12, 4, seed=1), normal(12, 2, seed=2)
# Keras's own, with each argument of 2.3.1; clipping at limits that bite.
BUILT_IN = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "decay": 0.3}),
    ("SGD", {"lr": 0.1, "clipnorm": 0.5}),
    ("SGD", {"lr": 0.1, "clipvalue": 0.05}),
    ("SGD", {"lr": 1, "clipnorm": 0.5, "clipvalue": 0.05}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.02, "rho": 0.7, "decay": 0.5, "epsilon": 0.01}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "decay": 0.5, "epsilon": 0.1}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "decay": 0.2, "epsilon": 0.001}),
    ("Adam", {}),
    ("Adam", {"lr": 0.03, "beta_1": 0.7, "beta_2": 0.9, "decay": 0.4, "epsilon": 0.01}),
    ("Adam", {"lr": 0.03, "amsgrad": True, "clipnorm": 0.3}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.05, "beta_1": 0.8, "beta_2": 0.9, "decay": 0.4, "epsilon": 0.01}),
    ("Nadam", {}),
    ("Nadam", {"lr": 0.02, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01, "schedule_decay": 0.5}),
]
NAMES = ["sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamax", "nadam"]


def dense(keras, units, seed, inputs, **kwargs):
    kernel = 0.5 * normal(inputs, units, seed=seed)
    return keras.layers.Dense(units, weights=[kernel, 0.1 * normal(units, seed=seed + 50)], **kwargs)


def network(keras, **kwargs):
    """Input -> Dense, tanh -> Dense, with fixed weights; ``kwargs`` are of the first layer."""
    x = keras.layers.Input((4,))
    return keras.models.Model(x, dense(keras, 2, 4, 3)(dense(keras, 3, 3, 4, activation="tanh", **kwargs)(x)))


def fitted(model, prefix="", epochs=2, x=X, y=Y, **kwargs):
    """What fit leaves: its losses, the weights, and the steps counted."""
    history = model.fit(x, y, batch_size=4, epochs=epochs, shuffle=False, verbose=0, **kwargs)
    return dict(numbered(model.get_weights(), prefix + "weight"), **{prefix + "loss": history.history["loss"]})


@case(tolerance=2e-6)
def built_in_optimizers_by_arguments(K, keras, load):
    """Three steps of fit with each argument of each optimizer, and the state it leaves."""
    results = {}
    for number, (name, options) in enumerate(BUILT_IN):
        model = network(keras)
        model.compile(getattr(keras.optimizers, name)(**options), "mse")
        results.update(fitted(model, "%02d_%s_" % (number, name), epochs=1))
        if name == "SGD" and "momentum" not in options:
            continue  # Keras 2 had moments, which nothing read
        state = [np.float32(value) for value in model.optimizer.get_weights()]
        results.update(numbered(state, "%02d_%s_state" % (number, name)))
    return results


@case(tolerance=2e-6)
def built_in_optimizers_by_name(K, keras, load):
    """The defaults, with a frozen layer, a constraint and a penalty."""
    results = {}
    for name in NAMES:
        model = network(keras, kernel_constraint=keras.constraints.MaxNorm(0.9), bias_regularizer="l2")
        model.compile(name, "mse")
        results.update(fitted(model, name + "_"))
    return results


@case()
def state_of_optimizers_put_back(K, keras, load):
    """get_weights of a trained model's optimizer put into another one's before it is trained."""
    results = {}
    for name in ("SGD", "RMSprop", "Adadelta", "Adam", "Adamax", "Nadam"):
        first, second = network(keras), network(keras)
        for model in (first, second):
            model.compile(getattr(keras.optimizers, name)(lr=0.05), "mse")
        first.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0)
        second._make_train_function()
        second.set_weights(first.get_weights())
        second.optimizer.set_weights(first.optimizer.get_weights())
        results.update(fitted(second, name + "_"))
    return results
