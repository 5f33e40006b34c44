"""Fifty steps of each optimizer on shuffled batches: the loss of each batch and the weights at the end."""

import numpy as np

from ..registry import case
from ..tools import integers, normal, numbered, one_hot
from .training import dense

TOLERANCE = 1e-5
SAMPLES, SIZE, EPOCHS = 100, 8, 4  # 13 batches an epoch, the last one of four samples


def batch_losses(keras):
    """A callback that writes down the loss of each batch."""

    class Losses(keras.callbacks.Callback):
        def __init__(self):
            super(Losses, self).__init__()
            self.values = []

        def on_batch_end(self, batch, logs=None):
            self.values.append(logs["loss"])

    return Losses()


def classifier(keras, optimizer, **kwargs):
    model = keras.models.Sequential(
        [dense(keras, 6, 1, 5, input_shape=(5,), activation="tanh"), dense(keras, 3, 2, 6, activation="softmax")]
    )
    model.compile(optimizer, "categorical_crossentropy", **kwargs)
    return model


def trained(K, keras, optimizer):
    """What 52 steps on batches in random order give, and the next number NumPy draws after them."""
    model, watch = classifier(keras, optimizer), batch_losses(keras)
    x, y = normal(SAMPLES, 5, seed=3), one_hot(integers(3, SAMPLES, seed=4), 3)
    np.random.seed(7)
    history = model.fit(x, y, SIZE, EPOCHS, verbose=0, callbacks=[watch]).history
    found = numbered(model.get_weights(), "weight")
    found.update(batches=np.array(watch.values), epochs=np.array(history["loss"], "float64"), drawn=np.random.uniform())
    return found


def several(K, keras, optimizers):
    found = {}
    for name, make in sorted(optimizers.items()):
        found.update({name + "_" + key: value for key, value in trained(K, keras, make()).items()})
    return found


@case(tolerance=TOLERANCE)
def steps_of_sgd(K, keras, load):
    """Plain, with momentum, with Nesterov's, with decay, clipped."""
    sgd = keras.optimizers.SGD
    return several(
        K,
        keras,
        {
            "plain": lambda: sgd(lr=0.1),
            "momentum": lambda: sgd(lr=0.05, momentum=0.9),
            "nesterov": lambda: sgd(lr=0.05, momentum=0.9, nesterov=True),
            "decay": lambda: sgd(lr=0.2, momentum=0.5, decay=0.02),
            "clipnorm": lambda: sgd(lr=0.1, clipnorm=0.3),
            "clipvalue": lambda: sgd(lr=0.1, clipvalue=0.05),
        },
    )


@case(tolerance=TOLERANCE)
def steps_of_rmsprop(K, keras, load):
    rmsprop = keras.optimizers.RMSprop
    return several(
        K,
        keras,
        {
            "plain": lambda: rmsprop(lr=0.01),
            "decay": lambda: rmsprop(lr=0.02, rho=0.8, decay=0.05),
            "clipped": lambda: rmsprop(lr=0.01, clipnorm=0.2),
        },
    )


@case(tolerance=TOLERANCE)
def steps_of_adagrad_and_adadelta(K, keras, load):
    return several(
        K,
        keras,
        {
            "adagrad": lambda: keras.optimizers.Adagrad(lr=0.05),
            "adagrad_decay": lambda: keras.optimizers.Adagrad(lr=0.1, decay=0.05),
            "adadelta": keras.optimizers.Adadelta,
            "adadelta_decay": lambda: keras.optimizers.Adadelta(lr=0.8, rho=0.9, decay=0.02),
        },
    )


@case(tolerance=TOLERANCE)
def steps_of_adam(K, keras, load):
    adam = keras.optimizers.Adam
    return several(
        K,
        keras,
        {
            "plain": lambda: adam(lr=0.01),
            "default": lambda: "adam",
            "decay": lambda: adam(lr=0.02, decay=0.05),
            "amsgrad": lambda: adam(lr=0.02, amsgrad=True),
            "clipped": lambda: adam(lr=0.01, clipvalue=0.05),
        },
    )


@case(tolerance=TOLERANCE)
def steps_of_adamax_and_nadam(K, keras, load):
    return several(
        K,
        keras,
        {
            "adamax": keras.optimizers.Adamax,
            "adamax_decay": lambda: keras.optimizers.Adamax(lr=0.01, decay=0.02),
            "nadam": keras.optimizers.Nadam,
            "nadam_schedule": lambda: keras.optimizers.Nadam(lr=0.005, schedule_decay=0.01),
        },
    )


@case()
def regularization_of_frozen_weights(K, keras, load):
    """The penalties of weights count in the loss whether they are trained or frozen: a layer, a model, one inside."""
    layers, rows, targets = keras.layers, normal(6, 4, seed=1), normal(6, 2, seed=2)

    def regularized():
        model = keras.models.Sequential()
        model.add(layers.Dense(3, input_shape=(4,), kernel_regularizer="l2", bias_regularizer="l1"))
        model.add(layers.BatchNormalization(gamma_regularizer="l2"))
        model.add(layers.Dense(2, kernel_regularizer="l1_l2"))
        model.set_weights([0.5 * np.ones(weight.shape) for weight in model.get_weights()])
        return model

    def frozen(*parts):
        for part in parts:
            part.trainable = False

    def around(inner):
        x = layers.Input((4,))
        return keras.models.Model(x, dense(keras, 2, 5, 2)(inner(x)))

    layer, whole, inside = regularized(), regularized(), regularized()
    frozen(layer.layers[0], layer.layers[1], whole, inside)
    found = {}
    for name, model in (("layer", layer), ("whole", whole), ("inside", around(inside))):
        model.compile("sgd", "mse")
        steps = [] if name == "whole" else [model.train_on_batch(rows, targets) for _ in range(3)]
        found[name] = np.array([*steps, model.evaluate(rows, targets, verbose=0)])
        found[name + "_penalties"] = np.sum(K.get_session().run(model.losses))
    return found
