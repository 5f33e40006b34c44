"""The names of layers in code that knows Keras as a part of TensorFlow alone, which this file is."""

import numpy as np
import tensorflow as tf

from ..registry import case


def names(things):
    return np.array([thing.name for thing in things])


def two_of_each(layers):
    """Layers of some classes, each class twice."""
    makers = [
        lambda: layers.Conv2D(1, 1),
        layers.ReLU,
        lambda: layers.Dense(2),
        lambda: layers.LSTM(2),
        lambda: layers.Bidirectional(layers.LSTM(2)),
        lambda: layers.TimeDistributed(layers.Dense(1)),
        lambda: layers.ConvLSTM2D(1, 2),
        layers.BatchNormalization,
        lambda: layers.InputLayer((3,)),
    ]
    return [make() for make in makers for _ in range(2)]


@case()
def names_in_tensorflow(K, keras, load):
    """Layers, models and metrics are numbered from 0, which is not written, and inputs from 1."""
    tf.keras.backend.clear_session()
    layers, models, metrics = tf.keras.layers, tf.keras.models, tf.keras.metrics

    class OwnLayer(layers.Layer):
        """A layer of the script."""

    class OwnModel(models.Model):
        """A model of the script."""

    x = layers.Input((4,))
    model = models.Model(x, layers.Dense(2)(x))
    stack = models.Sequential([layers.Dense(2, input_shape=(3,)), layers.Dense(1)])
    results = {"layers": names(two_of_each(layers)), "own": names([OwnLayer(), OwnLayer(), OwnModel(), OwnModel()])}
    results["models"] = names([model, *model.layers, stack, *stack.layers, stack.inputs[0], models.Sequential()])
    results["weights"] = names(model.weights + stack.weights)
    results["metrics"] = names([metrics.AUC(), metrics.AUC(), metrics.MeanSquaredError()])
    copied = models.model_from_json(stack.to_json())
    results["copied"] = names([copied, *copied.layers, layers.Dense(1)])
    tf.keras.backend.clear_session()
    results["anew"] = names([layers.Dense(1), layers.Input((2,)), layers.Dense(1)])
    return results
