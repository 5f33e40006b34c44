"""Probes of the repairs of what models are fed, and of the callbacks that watch their training."""

import random
import warnings

import numpy as np
import pytest
from kerases import keras, layers

from k2compat import backend as K
from repair.probes import probe


def model_of_one(rate=0.0):
    """A model with one weight, 0 at first."""
    model = keras.Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="zeros", use_bias=False)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model


@probe
def input_checks():
    model = keras.Sequential([layers.Input((4,)), layers.Dense(2, name="first")])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"expected first to have shape \(2,\) but got array with shape \(1,\)"):
        model.train_on_batch(np.zeros((3, 4)), np.zeros((3, 1)))


class Numbers(keras.utils.Sequence):
    """Batches of one number; remembers which were asked for."""

    def __init__(self):
        super().__init__()
        self.read = []

    def __len__(self):
        return 5

    def __getitem__(self, index):
        self.read.append(index)
        return np.array([[1.0]]), np.array([[float(index)]])


@probe
def generators():
    random.seed(11)
    expected, source, model = list(range(5)), Numbers(), model_of_one()
    random.shuffle(expected)
    random.seed(11)
    history = model.fit_generator(source, epochs=1, verbose=0, validation_data=Numbers(), workers=1)
    assert source.read[:5] == expected
    assert history.history["val_loss"] == [16.0]


@probe
def callback_arguments():
    path = keras.callbacks.ModelCheckpoint("best-{epoch}", period=2).filepath
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        plateau = keras.callbacks.ReduceLROnPlateau(epsilon=0.5)
        keras.callbacks.TensorBoard("logs", 0, 32, True, write_grads=True)
    assert plateau.min_delta == 0.5
    assert path == "best-{epoch}"
    assert any("write_grads" in str(one.message) for one in caught)


@probe
def callback_rules():
    model, rate = model_of_one(1.0), keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    stop = keras.callbacks.EarlyStopping("loss", patience=9, restore_best_weights=True)
    absent = keras.callbacks.EarlyStopping("val_acc", mode="max")
    with pytest.warns(RuntimeWarning, match="`val_acc` which is not available"):
        found = model.fit(np.ones((1, 1)), np.ones((1, 1)), epochs=2, verbose=0, callbacks=[rate, stop, absent])
    assert [float(value) for value in found.history["lr"]] == [0.5, 0.25]
    assert model.get_weights()[0] == 1.0
    assert stop.stopped_epoch == 0


@probe
def optimizer_decay():
    optimizer = keras.optimizers.SGD(lr=0.1, decay=0.25)
    assert K.get_value(optimizer.decay) == 0.25
    assert keras.optimizers.SGD().decay == 0.0
