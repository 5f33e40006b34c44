"""Objects of a program by the names it has registered: ``get_custom_objects`` and ``CustomObjectScope``."""

import os
import tempfile

import numpy as np

from ..registry import case
from ..tools import drawn, normal, outcome

X, Y = np.arange(6.0).reshape(2, 3) / 6, np.ones((2, 2))


def objects_of(K, keras):
    """An object of each kind."""

    class Spread(keras.regularizers.Regularizer):
        def __call__(self, x):
            return 0.2 * K.sum(K.square(x))

        def get_config(self):
            return {}

    class Quarter(keras.initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return K.constant(0.25, shape=shape)

    class Halved(keras.constraints.Constraint):
        def __call__(self, w):
            return w * 0.5

    return {
        "own_swish": lambda x: K.sigmoid(x) * x,
        "own_loss": lambda y_true, y_pred: 2 * K.mean(K.abs(y_true - y_pred), axis=-1),
        "own_metric": lambda y_true, y_pred: K.max(K.abs(y_true - y_pred)),
        "Spread": Spread,
        "Quarter": Quarter,
        "Halved": Halved,
    }


def trained(keras, loss="mse", metrics=None, **dense):
    """What a step of training gives, and the weights after it."""
    dense = dict({"kernel_initializer": "ones", "input_shape": (3,)}, **dense)
    model = keras.models.Sequential([keras.layers.Dense(2, **dense)])
    model.compile("sgd", loss, metrics=metrics)
    return np.append(model.train_on_batch(X, Y), model.get_weights()[0])


@case()
def objects_by_name(K, keras, load):
    """Each kind of object by its name: in a scope, after it, and registered for the whole program."""
    objects = objects_of(K, keras)

    def results(prefix):
        return {
            prefix + "activation": trained(keras, activation="own_swish"),
            prefix + "regularizer": trained(keras, kernel_regularizer="Spread"),
            prefix + "initializer": trained(keras, kernel_initializer="Quarter"),
            prefix + "constraint": trained(keras, kernel_constraint="Halved"),
            prefix + "loss": trained(keras, "own_loss"),
            prefix + "metric": trained(keras, metrics=["own_metric"]),
            prefix + "is_it": keras.activations.get("own_swish") is objects["own_swish"],
        }

    refused = ["activation", "kernel_regularizer", "kernel_initializer", "kernel_constraint"]
    arrays = {}
    with keras.utils.CustomObjectScope(objects):
        arrays.update(results("scope_"))
    arrays["after"] = [outcome(lambda key=key: trained(keras, **{key: "own_name"}), ValueError) for key in refused]
    swish = {"own_swish": objects["own_swish"]}
    with keras.utils.custom_object_scope(swish, {"own_loss": objects["own_loss"]}):
        with keras.utils.CustomObjectScope({"Spread": objects["Spread"]}):
            arrays["nested"] = trained(keras, "own_loss", activation="own_swish", kernel_regularizer="Spread")
        arrays["forgotten"] = outcome(lambda: trained(keras, kernel_regularizer="Spread"), ValueError)
    known = keras.utils.get_custom_objects()
    known.update(objects)
    try:
        arrays.update(results("global_"))
    finally:
        for name in objects:
            known.pop(name)
    return arrays


@case()
def saved_layer_with_an_own_activation(K, keras, load):
    """A file of a layer of one's own with an activation of one's own, loaded with both given by name."""

    class OwnDense(keras.layers.Dense):
        pass

    def own_swish(x):
        return K.sigmoid(x) * x

    model = drawn(keras.models.Sequential([OwnDense(2, activation=own_swish, input_shape=(3,))]))
    path = os.path.join(tempfile.mkdtemp(), "model.h5")
    model.save(path)
    loaded = keras.models.load_model(path, custom_objects={"OwnDense": OwnDense, "own_swish": own_swish}, compile=False)
    return {"predicted": loaded.predict(normal(4, 3))}
