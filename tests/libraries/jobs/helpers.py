"""What the jobs share: weights and data that are the same in each Keras."""

import sys

import numpy as np


def values(*shape, seed=0):
    """Return normal values, the same for a shape and a seed."""
    return np.random.RandomState(seed).normal(size=shape).astype("float32")


def fixed(model, seed=1, scale=0.3):
    """Give a model weights that do not depend on the Keras, and return it."""
    draw = np.random.RandomState(seed)
    model.set_weights([draw.normal(scale=scale, size=one.shape).astype("float32") for one in model.get_weights()])
    return model


def positive(model, seed=1, scale=0.3):
    """Give a model weights that are above zero, as variances are, and return it."""
    fixed(model, seed, scale)
    model.set_weights([np.abs(one) for one in model.get_weights()])
    return model


def trained(model, x, y, loss="mse", optimizer="sgd", steps=2):
    """Return what a model predicts, the losses of some steps, and what it predicts then."""
    model.compile(optimizer, loss)
    before = model.predict(x)
    losses = [model.train_on_batch(x, y) for _ in range(steps)]
    return {"before": before, "losses": np.array(losses, "float32"), "after": model.predict(x)}


def write(arrays):
    """Write arrays into the file that the job was called with."""
    np.savez(sys.argv[1], **{name: np.asarray(value) for name, value in arrays.items()})
