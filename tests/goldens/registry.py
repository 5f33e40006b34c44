"""Registers the cases: a case is a function of (K, keras, load) that returns named arrays on either side."""

import importlib
import os
import pkgutil
import warnings
from collections import namedtuple

import numpy as np

from .rows import ROWS

LEGACY_KERAS = "2.3.1"
TOLERANCE = 1e-4
MODELS_DIR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models")

# k2compat decided against the legacy result: the value it gives instead, and why.
Differs = namedtuple("Differs", "value reason")

Case = namedtuple("Case", "name group run rows differs tolerance keras")

CASES = {}


def case(rows=(), differs=None, tolerance=TOLERANCE, keras=LEGACY_KERAS):
    """Registers a case function.

    Args:
        rows: keys of ``ROWS``, the legacy behaviours this case shows.
        differs: array name -> ``Differs``, where k2compat deliberately gives something else.
        tolerance: largest error allowed, relative to the largest absolute value of the golden.
        keras: the Keras that is the judge, for behaviours that changed between releases.
    """

    def register(function):
        unknown = set(rows) - set(ROWS)
        if unknown:
            raise ValueError("%s covers unknown rows %s; see rows.py" % (function.__name__, sorted(unknown)))
        if function.__name__ in CASES:
            raise ValueError("two cases are named %s; names are keys of the manifest" % function.__name__)
        group = function.__module__.rpartition(".")[2]
        CASES[function.__name__] = Case(
            function.__name__, group, function, tuple(rows), dict(differs or {}), tolerance, keras
        )
        return function

    return register


def all_cases():
    """Imports every case module and returns the cases by name, in the order of the files."""
    package = importlib.import_module(__package__ + ".cases")
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(package.__name__ + "." + module)
    return CASES


def run_case(case, K, keras, seed):
    """The arrays of one case, computed in a fresh state with whatever K and keras are given."""
    K.clear_session()
    np.random.seed(seed)
    result = case.run(K, keras, lambda name: load(keras, name))
    arrays = {name: np.asarray(value) for name, value in result.items()}
    for name, array in arrays.items():
        if array.dtype == object:
            raise TypeError("%s returned %s as an object array: return numbers, booleans or text" % (case.name, name))
    return arrays


def load(keras, name):
    """A model of ``models/``; what either Keras has to say about the file's age is of no interest here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return keras.models.load_model(model_path(name))


def model_path(name):
    return os.path.join(MODELS_DIR, name + ".h5")
