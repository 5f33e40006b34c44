"""Probes of the repairs of training: losses, optimizers, compiled models."""

import warnings

import numpy as np
import tensorflow as tf
from helpers import dense_model, normal
from kerases import keras, layers
from repair_probes import probe

from k2compat import backend as K


@probe
def activity_regularizer():
    x = layers.Input((2,))
    model = keras.Model(x, layers.Activation("linear", activity_regularizer=keras.regularizers.l1(1.0))(x))
    model.compile("sgd", "mse")
    return model.test_on_batch(np.ones((5, 2)), np.ones((5, 2))) == 10.0


@probe
def symbolic_losses():
    p, model = K.placeholder((None, None)), dense_model()
    losses = (keras.losses.categorical_crossentropy, tf.keras.losses.categorical_crossentropy)
    return all(K.is_tensor(loss(p, model.output)) and K.is_tensor(loss(np.eye(3)[:1], model.output)) for loss in losses)


@probe
def compiled_model():
    model = dense_model()
    model.compile("sgd", "mse")
    inputs = [*model.inputs, *model.targets, *model.sample_weights]
    x, y = normal(2, 4), np.eye(3)[:2]
    (loss,) = K.function(inputs, [model.total_loss])([x, y, np.ones(2)])
    return np.isclose(loss, ((model.predict(x, verbose=0) - y) ** 2).mean())


@probe
def optimizer_lr():
    optimizer = keras.optimizers.Adam(lr=0.25, decay=0.5)
    K.set_value(optimizer.lr, 0.5)
    return K.get_value(optimizer.lr) == 0.5


@probe
def optimizer_defaults():
    kinds = {"Adagrad": 0.01, "Adadelta": 1.0, "Adamax": 0.002, "Nadam": 0.002}
    rates = [float(getattr(keras.optimizers, name)().learning_rate.numpy()) for name in kinds]
    return np.allclose(rates, list(kinds.values()))


@probe
def optimizer_updates():
    v = K.variable(1.0)
    optimizer = keras.optimizers.SGD(0.5)
    gradients = optimizer.get_gradients(v * 2.0, [v])
    K.function([], [], updates=optimizer.get_updates(v * 2.0, [v]))([])
    return len(gradients) == 1 and K.get_value(v) == 0.0


@probe
def optimizer_steps():
    gradients = [tf.constant([3.0]), tf.constant([4.0])]
    clipped = np.ravel(keras.optimizers.SGD(clipnorm=1.0)._clip_gradients(gradients))
    model = dense_model()
    model.compile(keras.optimizers.RMSprop(0.1, epsilon=1.0), "mse")
    bias, before = model.layers[-1].bias, model.layers[-1].bias.numpy()
    gradient = np.ones(bias.shape, "float32")
    model.optimizer.apply_gradients([(gradient, bias)])
    stepped = before - 0.1 / (np.sqrt(0.1) + 1.0)
    return np.allclose(clipped, [0.6, 0.8]) and np.allclose(bias, stepped)


@probe
def compile_state():
    sgd, x = keras.optimizers.SGD(1.0, momentum=0.5), layers.Input((1,))
    inner = keras.Model(x, layers.Dense(1, weights=[np.array([[2.0]]), np.array([0.0])])(x))
    inner.compile(sgd, "mae")
    inner.trainable = False
    outer = keras.Model(x, layers.Dense(1)(inner(x)))
    outer.compile(sgd, "mae")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outer.train_on_batch(np.ones((1, 1)), np.zeros((1, 1)))
        inner.train_on_batch(np.ones((1, 1)), np.zeros((1, 1)))
    return inner.get_weights()[0] == 1.0 and K.get_value(sgd.iterations) == 2


@probe
def model_add_loss():
    x = layers.Input((1,))
    model = keras.Model(x, layers.Dense(1, use_bias=False, weights=[np.array([[2.0]])])(x))
    model.add_loss(K.mean(model.output * 3.0))
    model.compile(keras.optimizers.SGD(1.0))
    return model.train_on_batch(np.ones((1, 1))) == 6.0 and model.get_weights()[0] == -1.0


@probe
def old_methods():
    model = keras.Sequential([layers.Input((2,)), layers.Dense(3, activation="softmax")])
    rows = np.eye(2, dtype="float32")
    classes = model.predict_classes(rows)
    model._make_predict_function()
    return model.predict_function and classes.tolist() == model.predict_proba(rows).argmax(axis=1).tolist()
