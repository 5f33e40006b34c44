"""Trains the demo's model. Runs in the legacy environment: LEGACY/bin/python tests/goldens/demo/train.py

A VGG-like network learns the digits of cluttered pictures; see ``pictures.py``. It takes about 20 minutes on
two cores and writes ``k2compat/demo/data/custom_model.h5``. Sums of threads are not ordered, so another training
gives another model of the same quality: record the goldens again afterwards, with ``record.py``.

Batch normalization helps a deep plain network to learn, but VGG has none: after the training it is folded into the
convolutions, and what is saved is convolutions, poolings and one dense layer.
"""

import argparse
import os
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # run as a script, from anywhere
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from goldens.demo import legacy, pictures
from k2compat.demo import shipped

SEED = 1986
BATCH = 32
CANVASES = 3000
# Filters and number of convolutions of each block; the first three end with a pooling, so the last maps are 12x12.
BLOCKS = [(8, 2), (16, 2), (32, 3), (40, 3), (48, 3)]
POOLED_BLOCKS = 3


def network(normalized):
    """The network to train (normalized) or the one to save: the same convolutions under the same names."""
    x = y = layers.Input((pictures.SIZE, pictures.SIZE, 3), name="model_input")
    for block, (filters, depth) in enumerate(BLOCKS, start=1):
        for conv in range(1, depth + 1):
            y = convolution(y, filters, "block%d_conv%d" % (block, conv), normalized)
        if block <= POOLED_BLOCKS:
            y = layers.MaxPooling2D(2, name="block%d_pool" % block)(y)
    y = layers.GlobalAveragePooling2D(name="global_pool")(y)
    return keras.Model(x, layers.Dense(10, activation="softmax", name="predictions")(y), name="digit_finder")


def convolution(y, filters, name, normalized):
    if not normalized:
        return layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=name)(y)
    y = layers.BatchNormalization(name=name + "_bn", momentum=0.98)(y)
    return layers.Activation("relu", name=name + "_relu")(y)


def folded(trained):
    """The trained network without batch normalization, computing the same."""
    plain = network(normalized=False)
    for layer in plain.layers:
        if isinstance(layer, layers.Conv2D):
            (kernel,) = trained.get_layer(layer.name).get_weights()
            normalization = trained.get_layer(layer.name + "_bn")
            gamma, beta, mean, variance = normalization.get_weights()
            scale = gamma / np.sqrt(variance + normalization.epsilon)
            layer.set_weights([kernel * scale, beta - mean * scale])
        elif layer.get_weights():
            layer.set_weights(trained.get_layer(layer.name).get_weights())
    return plain


def samples(seed):
    """Batches without end: training digits on canvases that are flipped and change colours each time."""
    random = np.random.RandomState(seed)
    images, labels = pictures.digits(train=True)
    canvases = np.stack([pictures.cluttered(random) for _ in range(CANVASES)]).astype("float32")
    while True:
        chosen = random.randint(len(images), size=BATCH)
        drawn = [pictures.with_digit(another(canvases, random), images[index], random)[0] for index in chosen]
        yield np.stack(drawn) / 255.0, keras.utils.to_categorical(labels[chosen], 10)


def another(canvases, random):
    """One of the canvases, mirrored, transposed and recoloured at random."""
    canvas = canvases[random.randint(len(canvases))][:: random.choice([-1, 1]), :: random.choice([-1, 1])]
    canvas = canvas.transpose(1, 0, 2) if random.randint(2) else canvas
    return canvas[:, :, random.permutation(3)].astype("float64")


def rate(epoch, epochs):
    """The learning rate: a short rise, then half a cosine."""
    return 3e-3 * min(1.0, (epoch + 1) / 3.0) * 0.5 * (1 + np.cos(np.pi * epoch / epochs)) + 1e-5


def train(epochs, steps):
    """The trained network; accuracy on test pictures (not those of the demo) is printed after each epoch."""
    np.random.seed(SEED)
    tf.compat.v1.set_random_seed(SEED)
    model = network(normalized=True)
    # Smoothed labels keep the softmax away from 1, where its gradient vanishes and so would the heatmap.
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    model.compile(keras.optimizers.Adam(), loss, metrics=["accuracy"])
    tests, labels, _ = pictures.test_pictures(200, SEED)
    model.fit_generator(
        samples(SEED),
        steps_per_epoch=steps,
        epochs=epochs,
        verbose=2,
        max_queue_size=20,
        validation_data=(tests / 255.0, keras.utils.to_categorical(labels, 10)),
        callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch: float(rate(epoch, epochs)))],
    )
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--steps", type=int, default=100, help="batches of an epoch")
    parser.add_argument("--out", default=str(shipped.MODEL), help="default: %(default)s")
    options = parser.parse_args()
    legacy.versions()
    trained = train(options.epochs, options.steps)
    plain = folded(trained)
    tests, labels, _ = pictures.test_pictures(200, SEED)
    change = np.max(np.abs(trained.predict(tests / 255.0) - plain.predict(tests / 255.0)))
    right = np.mean(np.argmax(plain.predict(tests / 255.0), axis=1) == labels)
    plain.save(options.out, include_optimizer=False)
    print("folding changed probabilities by at most %.2g; %.1f%% of 200 test pictures right" % (change, 100 * right))
    print("%s: %d bytes; now run record.py" % (options.out, os.path.getsize(options.out)))


if __name__ == "__main__":
    main()
