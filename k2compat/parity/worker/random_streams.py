"""Random numbers: the same on both sides wherever the script draws them, and what libraries draw kept apart.

Keras draws seeds for its random operations from NumPy's and Python's global generators, each version at other moments;
left alone, the inputs that a script draws after them would differ between the sides. So libraries get generators of
their own. The order in which ``fit`` shuffles its samples is one of these: the same on both sides.
"""

from __future__ import annotations

import functools
import random
import sys
import threading
from typing import Any

import numpy as np

LIBRARIES = {"keras", "tf_keras", "tensorflow", "k2compat"}
# What augments pictures draws the same numbers in each version of Keras.
SHARED = ("preprocessing",)
PYTHONS = ("randint", "random", "shuffle", "uniform", "sample", "choice", "getrandbits", "randrange", "gauss")


class Shuffles:
    """The orders in which trainings take their samples: each from its training's and its epoch's number."""

    def __init__(self, seed: int):
        self._seed = seed
        self._lock = threading.Lock()
        self.training = self.drawn = self.epoch = 0

    def order(self, size: int, by_draw: bool = False) -> Any:
        """Return the order of the epoch that has begun, or of the next one where all are drawn ahead."""
        with self._lock:
            number, self.drawn = self.drawn if by_draw else self.epoch, self.drawn + 1
        return np.random.RandomState([self._seed, self.training, max(number, 0)]).permutation(size)


_shuffles = Shuffles(0)


def start_training() -> None:
    """Tell that the script's next training begins."""
    _shuffles.training += 1
    _shuffles.drawn, _shuffles.epoch = 0, -1


def start_epoch() -> None:
    """Tell that its next epoch begins."""
    _shuffles.epoch += 1


def install(tf: Any, seed: int, offset: int) -> None:
    """Seed everything, for the rest of this process.

    Args:
        tf: TensorFlow.
        seed: of NumPy, Python and, with the offset, TensorFlow.
        offset: other than 0 for a run whose random operations should draw other numbers on the same inputs.
    """
    _shuffles.__init__(seed)  # type: ignore[misc]
    np.random.seed(seed)
    random.seed(seed)
    apart = np.random.RandomState(seed + offset)
    for name in dir(np.random):
        draw = getattr(np.random, name)
        if getattr(draw, "__self__", None) is np.random.mtrand._rand and hasattr(apart, name) and "state" not in name:
            setattr(np.random, name, split(draw, getattr(apart, name), shuffled_array))
    pythons = random.Random(seed + offset)
    for name in PYTHONS:
        setattr(random, name, split(getattr(random, name), getattr(pythons, name), shuffled_list))
    for name in ("compat.v1", "compat.v2", ""):  # each has a module `random` of its own
        owner = functools.reduce(getattr, name.split("."), tf) if name else tf
        owner.random.shuffle = shuffle_of_datasets(tf, owner.random.shuffle)
    seed_operations(tf, seed, offset)


def split(own: Any, apart: Any, shuffled: Any) -> Any:
    """Return a function that draws from one generator for the script, and from another for libraries."""
    shuffles = own.__name__ == "shuffle"

    @functools.wraps(own)
    def draw(*args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if not is_library(caller):
            return own(*args, **kwargs)
        return shuffled(args[0]) if shuffles else apart(*args, **kwargs)

    return draw


def is_library(module: str) -> bool:
    return module.partition(".")[0] in LIBRARIES and not any(part in module for part in SHARED)


def shuffled_array(indices: Any) -> None:
    """Put indices into the epoch's order, whatever order they had after the epoch before."""
    first = indices.reshape(len(indices), -1)[:, 0]
    indices[:] = indices[np.argsort(first, kind="stable")][_shuffles.order(len(indices))]


def shuffled_list(indices: Any) -> None:
    ordered = sorted(indices)
    indices[:] = [ordered[index] for index in _shuffles.order(len(indices))]


def shuffle_of_datasets(tf: Any, shuffle: Any) -> Any:
    """``tf.random.shuffle`` for what Keras feeds its training with under TensorFlow 2."""

    @functools.wraps(shuffle)
    def call(value: Any, *args: Any, **kwargs: Any) -> Any:
        caller = feeding(sys._getframe(1))
        if caller is None:
            return shuffle(value, *args, **kwargs)
        once = ".trainers." not in caller  # Keras 3 makes the dataset again in each epoch, Keras 2 once for all

        def order(size: Any) -> Any:
            return _shuffles.order(int(size), by_draw=once)

        indices = tf.numpy_function(order, [tf.shape(value)[0]], tf.int64)
        result = tf.gather(value, indices)
        result.set_shape(value.shape)
        return result

    return call


def feeding(frame: Any) -> Any:
    """Return the module that feeds a training, if a call comes from one; code that autograph made may stand in
    between.
    """
    for _ in range(12):
        if frame is None:
            return None
        module = frame.f_globals.get("__name__", "")
        if "data_adapter" in module and is_library(module):
            return module
        frame = frame.f_back
    return None


def seed_operations(tf: Any, seed: int, offset: int) -> None:
    """Seed TensorFlow's operations; the script's own seeds are moved by the offset too."""
    seeders = [(owner, name) for owner in (tf, tf.random, tf.compat.v1) for name in ("set_seed", "set_random_seed")]
    found = [(owner, name, vars(owner)[name]) for owner, name in seeders if name in vars(owner)]
    for owner, name, seeder in found:
        setattr(owner, name, moved(seeder, offset))
    found[0][2](seed + offset)


def moved(seeder: Any, offset: int) -> Any:
    @functools.wraps(seeder)
    def call(seed: Any) -> Any:
        return seeder(seed if seed is None else int(seed) + offset)

    return call
