"""Epochs of ``fit``, and a callback that reads and sets values after each batch."""

from __future__ import annotations

import numpy as np

from benchmarks.workloads.programs.program import RATE, Program, adam, floats, losses

SAMPLES, BATCH = 5000, 32
FEATURES, CLASSES = 20, 10
SENTENCES, LENGTH, WORDS = 2000, 40, 2000
TRIED = 200  # batches of the learning-rate finder


def dense(keras):
    layers = keras.layers
    x = features = layers.Input((FEATURES,), name="features")
    for name in ("first", "second"):
        x = layers.Dense(64, activation="relu", name=name)(x)
    return keras.models.Model(features, layers.Dense(CLASSES, activation="softmax", name="classes")(x))


def convolutional(keras):
    layers = keras.layers
    picture = layers.Input((28, 28, 1), name="picture")
    x = layers.Conv2D(8, 3, activation="relu", name="conv")(picture)
    x = layers.MaxPooling2D(name="pool")(x)
    x = layers.Conv2D(16, 3, activation="relu", name="conv_again")(x)
    x = layers.Flatten(name="flat")(layers.MaxPooling2D(name="pool_again")(x))
    return keras.models.Model(picture, layers.Dense(CLASSES, activation="softmax", name="classes")(x))


def recurrent(keras):
    layers = keras.layers
    sentence = layers.Input((LENGTH,), name="sentence")
    x = layers.Embedding(WORDS, 32, name="words")(sentence)
    x = layers.LSTM(32, name="memory")(x)
    return keras.models.Model(sentence, layers.Dense(1, activation="sigmoid", name="liked")(x))


def classified(samples, *shape):
    """The data of a classification."""

    def data(random):
        targets = np.eye(CLASSES, dtype="float32")[random.randint(CLASSES, size=samples)]
        return {"inputs": floats(random, 1, samples, *shape), "targets": targets}

    return data


def sentences(random):
    targets = random.randint(2, size=(SENTENCES, 1)).astype("float32")
    return {"inputs": random.randint(1, WORDS, size=(1, SENTENCES, LENGTH)), "targets": targets}


def fitting(loss):
    """The script of an epoch."""

    def run(kit):
        model, targets = kit.model["net"], kit.arrays["targets"]
        model.compile(loss=loss, optimizer=adam(kit), metrics=["accuracy"])
        return lambda x: losses(model.fit(x, targets, batch_size=BATCH, epochs=1, verbose=0))

    return run


def finder_of(kit):
    """The callback that raises the learning rate after each batch and keeps the loss."""
    K, growth = kit.K, 10 ** (1 / TRIED)

    class Finder(kit.keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.rates, self.losses = [], []
            self.set(RATE / 10)

        def on_batch_end(self, batch, logs=None):
            rate = self.get()
            self.rates.append(rate)
            self.losses.append(logs["loss"])
            self.set(rate * growth)

        def get(self):
            return K.get_value(self.model.optimizer.lr) if K else self.model.optimizer.learning_rate.numpy()

        def set(self, rate):
            if K:
                K.set_value(self.model.optimizer.lr, rate)
            else:
                self.model.optimizer.learning_rate = rate

    return Finder()


def finding(kit):
    model, targets = kit.model["net"], kit.arrays["targets"]
    model.compile(loss="categorical_crossentropy", optimizer=adam(kit))
    finder = finder_of(kit)

    def find(x):
        model.fit(x, targets, batch_size=BATCH, epochs=1, verbose=0, callbacks=[finder])
        return {"rates": np.array(finder.rates), "loss": np.array(np.mean(finder.losses))}

    return find


CLASSIFIED, LIKED = "categorical_crossentropy", "binary_crossentropy"
WORKLOADS = {
    "fit_dense": Program(
        "`fit`, an epoch of 5,000 samples in batches of 32, dense model",
        {"net": dense},
        classified(SAMPLES, FEATURES),
        fitting(CLASSIFIED),
        share=0.5,
    ),
    "fit_convnet": Program(
        "`fit`, an epoch of 5,000 pictures of 28x28 in batches of 32, small convolutional model",
        {"net": convolutional},
        classified(SAMPLES, 28, 28, 1),
        fitting(CLASSIFIED),
        share=0.3,
    ),
    "fit_lstm": Program(
        "`fit` of an embedding and an LSTM, an epoch of 2,000 sentences in batches of 32",
        {"net": recurrent},
        sentences,
        fitting(LIKED),
        share=0.3,
    ),
    "rate_finder": Program(
        "A learning-rate finder over 200 batches: a callback reads and sets values after each",
        {"net": dense},
        classified(TRIED * BATCH, FEATURES),
        finding,
        share=0.5,
        same=("rates",),  # to a callback the loss is the running mean of the epoch there
    ),
}
