"""What cases share: seeded inputs, and ways to turn an outcome into something that can be compared."""

import contextlib
import os
import sys
import tempfile
import warnings

import numpy as np


def normal(*shape, **kwargs):
    """float32 standard normal numbers; ``seed`` by keyword."""
    return np.random.RandomState(kwargs.get("seed", 0)).standard_normal(shape).astype("float32")


def pixels(*shape, **kwargs):
    """float32 numbers in [0, 1), smooth enough to look like a picture; ``seed`` by keyword."""
    noise = np.random.RandomState(kwargs.get("seed", 0)).uniform(size=shape).astype("float32")
    return (noise + np.roll(noise, 1, axis=1) + np.roll(noise, 1, axis=2)) / 3


def integers(high, *shape, **kwargs):
    """int32 numbers in [0, high); ``seed`` by keyword."""
    return np.random.RandomState(kwargs.get("seed", 0)).randint(0, high, size=shape).astype("int32")


def one_hot(indices, classes):
    return np.eye(classes, dtype="float32")[indices]


def drawn(model, seed=0):
    """The model with weights from a seed, positive ones where they have one axis: variances are among those."""
    random = np.random.RandomState(seed)
    weights = [0.5 * random.standard_normal(weight.shape) for weight in model.get_weights()]
    model.set_weights([np.abs(weight) if weight.ndim == 1 else weight for weight in weights])
    return model


def numbered(values, prefix="value"):
    """Names for arrays that have none."""
    return {"%s%02d" % (prefix, i): value for i, value in enumerate(values)}


def outcome(call, *classes, **kwargs):
    """How a call ends: "ok", or the first of ``classes`` its error belongs to, or else the error's own class.

    With ``naming="text"``, " naming text" is added when the error's message contains it.
    """
    try:
        call()
    except Exception as error:
        ended = next((kind.__name__ for kind in classes if isinstance(error, kind)), type(error).__name__)
        naming = kwargs.get("naming")
        if naming and naming in str(error):
            ended += " naming " + naming
        return ended
    return "ok"


@contextlib.contextmanager
def told():
    """Collects warnings instead of showing them: yields the list they go to."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


@contextlib.contextmanager
def printed(*descriptors):
    """Yields a list that holds, afterwards, all that was printed to stdout (1) and stderr (2), whichever are given.

    Kernels write to the descriptor, Python to sys.stdout or sys.stderr, which may be something else altogether.
    """
    text = []
    with tempfile.TemporaryFile("w+", encoding="utf8") as caught, contextlib.ExitStack() as redirected:
        for descriptor in descriptors:
            redirect = {1: contextlib.redirect_stdout, 2: contextlib.redirect_stderr}[descriptor]
            redirected.enter_context(descriptor_redirected(descriptor, caught))
            redirected.enter_context(redirect(caught))
        with redirected:
            yield text
        caught.seek(0)
        text.append(caught.read())


@contextlib.contextmanager
def descriptor_redirected(descriptor, file):
    flush(file)
    kept = os.dup(descriptor)
    os.dup2(file.fileno(), descriptor)
    try:
        yield
    finally:
        flush(file)
        os.dup2(kept, descriptor)
        os.close(kept)


def flush(*files):
    for file in (sys.stdout, sys.stderr) + files:
        file.flush()
