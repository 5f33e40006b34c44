"""What the jobs share: weights and data that are the same in each Keras."""

import sys

import numpy as np
from keras import backend as K


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


def steady(layers, scale=1.0):
    """Give layers of a deep network weights that keep what it computes in range, each by its place in the order."""
    pairs = []
    for seed, layer in enumerate(layers):
        draw = np.random.RandomState(seed)
        pairs += [(weight, steady_value(weight, draw, scale)) for weight in layer.weights]
    K.batch_set_value(pairs)


def steady_value(weight, draw, scale):
    """Return the value of a weight: kernels by their fan-in, scales and variances around one, the rest around zero."""
    shape = [int(size) for size in weight.shape]
    value = draw.normal(size=shape)
    if len(shape) > 1:
        return value * scale / np.sqrt(np.prod(shape[:-1]))
    return np.abs(1 + value / 10) if "gamma" in weight.name or "variance" in weight.name else value / 10


def trained(model, x, y, loss="mse", optimizer="sgd", steps=2):
    """Return what a model predicts, the losses of some steps, and what it predicts then."""
    model.compile(optimizer, loss)
    before = model.predict(x)
    losses = [model.train_on_batch(x, y) for _ in range(steps)]
    return {"before": before, "losses": np.array(losses, "float32"), "after": model.predict(x)}


def write(arrays):
    """Write arrays into the file that the job was called with."""
    np.savez(sys.argv[1], **{name: np.asarray(value) for name, value in arrays.items()})
