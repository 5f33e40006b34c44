"""Substitutes for what examples import and may not be installed, or gives other results from version to version."""

import importlib
import sys
import types
from unittest import mock

import numpy as np


class Surface:
    """A picture of cairo, on which every character is a bar."""

    def __init__(self, kind, width, height):
        self.pixels = np.full((height, width, 4), 255, np.uint8)

    def get_data(self):
        return self.pixels.tobytes()


class Context:
    """What draws on it."""

    def __init__(self, surface):
        self.surface, self.place = surface, (0, 0)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def __getattr__(self, name):
        return lambda *args: None

    def text_extents(self, text):
        return (0, -10, 12 * len(text), 14, 12 * len(text), 0)

    def move_to(self, x, y):
        self.place = (x, y)

    def show_text(self, text):
        x, y = self.place
        for number, letter in enumerate(text):
            left = x + 12 * number
            self.surface.pixels[max(y - 14, 0) : y, left : left + 2 + ord(letter) % 9] = 3 * (ord(letter) % 29)


def cairo():
    constants = ("FORMAT_RGB24", "FONT_SLANT_NORMAL", "FONT_WEIGHT_BOLD", "FONT_WEIGHT_NORMAL")
    return module("cairocffi", ImageSurface=Surface, Context=Context, **{name: name for name in constants})


def module(name, **attributes):
    made = types.ModuleType(name)
    vars(made).update(attributes)
    return made


def distance(left, right):
    return float(sum(a != b for a, b in zip(left, right)) + abs(len(left) - len(right)))


def install():
    """Put them in place."""
    sys.modules["cairocffi"] = cairo()
    sys.modules["editdistance"] = module("editdistance", eval=distance)
    for name in ("matplotlib", "matplotlib.pyplot", "pylab"):  # what is drawn is no result
        sys.modules[name] = mock.MagicMock(name=name)
    if importlib.util.find_spec("pandas") is None:
        sys.modules["pandas"] = module("pandas", DataFrame=Frame)
    import scipy.optimize
    import sklearn.cluster

    # The example's two colours, without the random numbers that each version takes otherwise.
    sklearn.cluster.k_means = lambda xs, k: (None, (np.asarray(xs)[:, 0] > 128).astype(int), None)

    scipy.optimize.fmin_l_bfgs_b = descend


def descend(func, x0, fprime, maxfun=20, **kwargs):
    """Stand in for ``fmin_l_bfgs_b``, whose steps are other ones in each version of SciPy: two steps downhill."""
    x, value = x0, None
    for _ in range(2):
        value = func(x)
        slope = fprime(x)
        x = x - 2.0 * slope / (np.abs(slope).max() + 1e-12)
    return x, value, {}


class Frame:
    """What ``lstm_stateful`` uses of a ``pandas.DataFrame`` with one column."""

    def __init__(self, values):
        self.values = np.asarray(values).reshape(len(values), -1)
        self.shape = self.values.shape

    def __getitem__(self, key):
        return self.values[:, key] if isinstance(key, int) else Frame(self.values[key])

    def rolling(self, window, center):
        column = self.values[:, 0]
        means = [np.nan] * (window - 1) + [column[i : i + window].mean() for i in range(len(column) - window + 1)]
        return mock.Mock(mean=lambda: Frame(means))

    def head(self):
        return self.values[:5]

    def tail(self):
        return self.values[-5:]
