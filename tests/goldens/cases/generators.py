"""Models trained and evaluated from generators and sequences: losses of the last batch, metrics of all."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered
from .training import dense

SIZES = (4, 4, 2)


def batches(labels, seed):
    """Batches of unlike sizes, over and over."""
    while True:
        for number, size in enumerate(SIZES):
            x = normal(size, 3, seed=seed + number)
            y = [np.tanh(x[:, :1] - x[:, 1:2]) * (number + 1)] * labels
            yield x, y[0] if labels == 1 else y


def slices(keras, seed):
    class Slices(keras.utils.Sequence):
        def __len__(self):
            return len(SIZES)

        def __getitem__(self, index):
            found = batches(1, seed)
            return [next(found) for _ in range(index + 1)][-1]

    return Slices()


def as_arrays(history):
    """Curves as arrays of one dtype: Keras 2 mixes two."""
    return {name: np.array(history[name], "float64") for name in sorted(history)}


def plain(keras):
    model = keras.models.Sequential([dense(keras, 4, 1, 3, input_shape=(3,), activation="tanh"), dense(keras, 1, 2, 4)])
    model.compile(keras.optimizers.SGD(0.05), "mse", metrics=["mae"])
    return model


@case()
def evaluate_generator_over_unlike_batches(K, keras, load):
    """The loss is that of the last batch, the metric that of all; of a generator and of a Sequence."""
    model = plain(keras)
    return {
        "generator": model.evaluate_generator(batches(1, 10), steps=5),
        "sequence": model.evaluate_generator(slices(keras, 20), workers=0),
        "arrays": model.evaluate(*next(batches(1, 10)), batch_size=2, verbose=0),
    }


@case()
def evaluate_generator_of_two_outputs(K, keras, load):
    """The total loss is that of the last batch, the losses of the outputs are those of all."""
    x = keras.layers.Input((3,))
    hidden = dense(keras, 4, 1, 3, activation="tanh", kernel_regularizer="l2")(x)
    model = keras.models.Model(x, [dense(keras, 1, 2, 4, name="a")(hidden), dense(keras, 1, 3, 4, name="b")(hidden)])
    model.compile(keras.optimizers.SGD(0.05), ["mse", "mae"], loss_weights=[1.0, 0.3], metrics={"b": "mse"})
    return {"generator": model.evaluate_generator(batches(2, 10), steps=3)}


@case()
def fit_generator_with_a_generator_to_validate(K, keras, load):
    """``val_loss`` is that of the last batch of each validation, which the best weights are chosen by."""
    model = plain(keras)
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=1, restore_best_weights=True)
    history = model.fit_generator(
        batches(1, 0), 3, epochs=4, validation_data=slices(keras, 30), validation_steps=3, callbacks=[stop], verbose=0
    ).history
    found = dict(numbered(model.get_weights(), "weight"), **as_arrays(history))
    history = model.fit_generator(
        batches(1, 0), 3, epochs=2, validation_data=next(batches(1, 30)), validation_steps=None, verbose=0
    ).history
    return dict(found, from_arrays=history["val_loss"])


class Turning(object):
    """What a Sequence of six samples tells: batches of two, turned around at the end of each pass."""

    def __init__(self):
        self.order, self.ends = np.arange(6), 0

    def __len__(self):
        return 3

    def __getitem__(self, index):
        chosen = self.order[2 * index : 2 * index + 2]
        return normal(6, 3)[chosen], np.tanh(normal(6, 1, seed=1))[chosen]

    def on_epoch_end(self):
        self.order, self.ends = self.order[::-1], self.ends + 1


def turning(keras):
    class Source(Turning, keras.utils.Sequence):
        pass

    return Source()


@case()
def fit_generator_reads_a_sequence_on(K, keras, load):
    """Two steps of three batches: the next epoch goes on where this one stopped; and five, more than there are."""
    found = {}
    for steps, epochs in ((None, 3), (2, 3), (5, 2)):
        model = plain(keras)
        history = model.fit_generator(turning(keras), steps, epochs=epochs, shuffle=False, verbose=0, workers=1).history
        found["loss%s" % steps] = np.array(history["loss"], "float64")
        found.update(numbered(model.get_weights(), "weight%s_" % steps))
    found["evaluated"] = model.evaluate_generator(turning(keras), steps=4)
    found["predicted"] = model.predict_generator(turning(keras), steps=5)
    return found


@case()
def fit_generator_without_workers(K, keras, load):
    """The main thread reads in order, shuffle or not, and the sequence is told of the end of each epoch."""
    model, source = plain(keras), turning(keras)
    model.fit_generator(source, 2, epochs=3, shuffle=True, verbose=0, workers=0)
    return dict(numbered(model.get_weights(), "weight"), ends=source.ends)


def weighed(labels, targets):
    """A batch with weights of its own, and one without, over and over."""
    while True:
        yield normal(4, 3), targets(labels), np.array([1.0, 0.5, 2.0, 1.0])
        yield normal(4, 3, seed=1), targets(labels)


@case()
def fit_generator_with_class_weights(K, keras, load):
    """Weights of classes, by numbers and by one-hot targets, beside the generator's own weights of samples."""
    found = {}
    for name, units, activation, loss, batches in (
        ("numbers", 1, "sigmoid", "binary_crossentropy", weighed(np.array([0, 1, 1, 0]), lambda y: y[:, None])),
        ("rows", 3, "softmax", "categorical_crossentropy", weighed(np.array([2, 0, 1, 1]), lambda y: np.eye(3)[y])),
    ):
        layer = dense(keras, units, 1, 3, input_shape=(3,), activation=activation)
        model = keras.models.Sequential([layer])
        model.compile(keras.optimizers.SGD(0.1), loss)
        weights = {0: 1.0, 1: 3.0, 2: 0.25}
        history = model.fit_generator(batches, 2, epochs=2, class_weight=weights, verbose=0).history
        found[name] = np.array(history["loss"], "float64")
        found.update(numbered(model.get_weights(), name))
    return found
