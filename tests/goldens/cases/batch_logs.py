"""What callbacks with ``on_batch_end`` read in a training, and what they do with it."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered
from .generators import batches, plain
from .training import dense


def transcript(keras, names):
    """A callback that writes down the numbers of each batch."""

    class Transcript(keras.callbacks.Callback):
        def __init__(self):
            super(Transcript, self).__init__()
            self.lines = []

        def on_batch_end(self, batch, logs=None):
            self.lines.append([batch] + [logs[name] for name in names])

    return Transcript()


@case()
def logs_of_batches(K, keras, load):
    """The loss of each batch, with regularisation; a running metric; numbers and sizes; twice, and from a generator."""
    x = keras.layers.Input((3,))
    outputs = dense(keras, 1, 2, 4)(dense(keras, 4, 1, 3, activation="tanh", kernel_regularizer="l2")(x))
    model = keras.models.Model(x, outputs)
    model.compile(keras.optimizers.SGD(0.05), "mse", metrics=["mae"])
    watch = transcript(keras, ["batch", "size", "loss", "mae"])
    for _ in range(2):
        model.fit(normal(10, 3), normal(10, 1, seed=1), 4, 2, shuffle=False, verbose=0, callbacks=[watch])
    model.fit_generator(batches(1, 0), 5, epochs=1, verbose=0, callbacks=[watch])
    return {"lines": np.array(watch.lines, "float64")}


@case()
def logs_of_batches_of_two_outputs(K, keras, load):
    """The total loss is that of the batch, the losses of the outputs are running means over batches."""
    x = keras.layers.Input((3,))
    model = keras.models.Model(x, [dense(keras, 1, seed, 3, name=name)(x) for seed, name in enumerate("ab")])
    model.compile(keras.optimizers.SGD(0.05), ["mse", "mae"], loss_weights=[0.5, 2.0])
    watch = transcript(keras, ["loss", "a_loss", "b_loss"])
    y = [normal(10, 1, seed=1), normal(10, 1, seed=2)]
    history = model.fit(normal(10, 3), y, 4, 2, shuffle=False, verbose=0, callbacks=[watch], validation_split=0.3)
    found = {name: np.array(values, "float64") for name, values in history.history.items()}
    return dict(found, lines=np.array(watch.lines, "float64"))


@case()
def learning_rate_finder(K, keras, load):
    """The rate grows from batch to batch until the loss does; losses are smoothed, weights are put back."""
    model = plain(keras)
    before, rates, losses = model.get_weights(), [], []

    def on_batch_end(batch, logs):
        rate = K.get_value(model.optimizer.lr)
        rates.append(rate)
        losses.append(logs["loss"])
        if losses[-1] > 4 * min(losses):
            model.stop_training = True
        K.set_value(model.optimizer.lr, rate * 1.8)

    find = keras.callbacks.LambdaCallback(on_batch_end=on_batch_end)
    model.fit(normal(20, 3), normal(20, 1, seed=1), 3, 6, shuffle=False, verbose=0, callbacks=[find])
    found = dict(numbered(model.get_weights(), "weight"), rates=np.array(rates), losses=np.array(losses))
    model.set_weights(before)
    return found
