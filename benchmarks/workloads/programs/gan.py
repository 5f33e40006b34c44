"""A step of a generative adversarial network whose discriminator is frozen in the combined model."""

from __future__ import annotations

import numpy as np

from benchmarks.workloads.programs.program import Program, adam, floats

LATENT, BATCH, SIDE = 32, 32, 28


def generator(keras):
    layers = keras.layers
    noise = layers.Input((LATENT,), name="noise")
    x = layers.Dense(64, name="wide")(noise)
    x = layers.LeakyReLU(0.2, name="leaky")(x)
    x = layers.BatchNormalization(momentum=0.8, name="norm")(x)
    x = layers.Dense(SIDE * SIDE, activation="tanh", name="pixels")(x)
    return keras.models.Model(noise, layers.Reshape((SIDE, SIDE, 1), name="picture")(x))


def discriminator(keras):
    layers = keras.layers
    picture = layers.Input((SIDE, SIDE, 1), name="seen")
    x = layers.Flatten(name="flat")(picture)
    x = layers.LeakyReLU(0.2, name="leaky")(layers.Dense(64, name="wide")(x))
    return keras.models.Model(picture, layers.Dense(1, activation="sigmoid", name="real")(x))


def data(random):
    return {"inputs": floats(random, 8, BATCH, LATENT), "pictures": floats(random, BATCH, SIDE, SIDE, 1)}


def run(kit):
    layers, loss = kit.keras.layers, "binary_crossentropy"
    generator, discriminator = kit.model["generator"], kit.model["discriminator"]
    discriminator.compile(loss=loss, optimizer=adam(kit))
    discriminator.trainable = False
    noise = layers.Input((LATENT,))
    combined = kit.keras.models.Model(noise, discriminator(generator(noise)))
    combined.compile(loss=loss, optimizer=adam(kit))
    real, fake = np.ones((BATCH, 1)), np.zeros((BATCH, 1))

    def step(given):
        made = generator.predict(given, verbose=0)
        losses = [
            discriminator.train_on_batch(kit.arrays["pictures"], real),
            discriminator.train_on_batch(made, fake),
            combined.train_on_batch(given, real),
        ]
        # Not the pictures: Keras 2.3.1 moves the variance of batch normalization a little further than later versions.
        return {"loss": np.array(losses, "float64")}

    return step


WORKLOADS = {
    "gan": Program(
        "One step of a small GAN: `predict` and three `train_on_batch`, the discriminator frozen in the combined model",
        {"generator": generator, "discriminator": discriminator},
        data,
        run,
        burst=5,
    )
}
