"""What is compared, what is known to differ from Keras 2.3.1, and why.

The list is strict: what is equal again has to leave it.
"""

from collections import namedtuple

from .draws import subjects

DRAWN = subjects()


def number_of(name):
    """The number of a draw of its class."""
    return int(name.split()[-1])


# kinds: the Keras versions it is about; draws, measures: what differs in each of these; arguments: those that do it.
Known = namedtuple("Known", "kinds subject draws measures arguments reason")
CHEAP = ("initial", "shape", "training_phase", "gradients", "mask")
# Number of the draw -> the measures that are compared, None for all that are recorded.
TRAINED = {0: CHEAP, 1: None, 2: CHEAP}
OUTCOMES = {1: ("predict", "training", "json_again", "clone", "saved", "weights_again")}
ALL = dict.fromkeys(range(99))
# Kind of Keras -> subject -> what is compared.
MEASURED = {
    "keras3": {
        "convolutions": TRAINED,
        "shaping": TRAINED,
        "elementwise": TRAINED,
        "merges": TRAINED,
        "recurrent": TRAINED,
        "wrappers": TRAINED,
        "cells": {0: CHEAP, 1: None},
        "initializers": ALL,
        "regularizers": ALL,
        "constraints": ALL,
        "activations": ALL,
        "optimizers": ALL,
    },
    "keras2": {
        "convolutions": OUTCOMES,
        "shaping": OUTCOMES,
        "elementwise": TRAINED,
        "merges": {1: None},
        "recurrent": {1: None},
        "wrappers": {1: None},
        "regularizers": ALL,
        "constraints": ALL,
        "activations": ALL,
        "optimizers": ALL,
    },
}
KNOWN = [
    Known(
        ("keras3",),
        "initializers",
        [name for name, draw in DRAWN["initializers"].items() if draw["class"] == "Orthogonal"],
        ("structure",),
        (),
        "`Orthogonal()(shape)` gave an array of float64, and gives a float32 tensor; the numbers are of the same kind.",
    ),
    Known(
        ("keras3",),
        "initializers",
        [name for name, draw in DRAWN["initializers"].items() if "seed" in draw["arguments"]],
        ("seeded",),
        ("seed",),
        "An initializer with a seed that is called by itself gives the same numbers each time; in 2.3.1 the seed went "
        "on with each call. Weights of layers made with it do differ, as then.",
    ),
]


def compared(kind, subject, recorded):
    """The draws of a subject that are compared under a Keras, of those that are recorded and said something."""
    numbers = MEASURED[kind].get(subject, ())
    return [name for name, found in recorded.items() if number_of(name) in numbers and "build" not in found]


def measures_of(kind, subject, name, recorded):
    """The measures of a draw that are compared under a Keras."""
    chosen = MEASURED[kind][subject][number_of(name)]
    return [measure for measure in recorded[name] if chosen is None or measure in chosen]
