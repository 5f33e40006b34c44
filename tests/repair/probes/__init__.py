"""Probes of the repairs: each asserts that Keras behaves as Keras 2 did, and fails where its repair is undone.

A probe has the name of its repair, and stands in the file of its subject; files are found by themselves.
"""

import importlib
import pkgutil

from kerases import KIND

# Name of a repair of the Keras of this run -> its probe.
PROBES = {}


def probe(function):
    """Registers the probe of a repair that both Keras versions have."""
    assert function.__name__ not in PROBES
    PROBES[function.__name__] = function
    return function


def probe_of_keras2(function):
    """Registers the probe of a repair of Keras 2 alone, or one of its own where Keras 3 has another."""
    return probe(function) if KIND == "keras2" else function


def probe_of_keras3(function):
    """Registers the probe of a repair of Keras 3 alone, or one of its own where Keras 2 has another."""
    return probe(function) if KIND == "keras3" else function


for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")
