"""Draws the descriptions of small models: plain data, the same ones in every process."""

import itertools
import json
import random

from . import arguments, arguments_of_others, arguments_of_recurrent

# Subject -> class -> what its draws are made of.
LAYER_SUBJECTS = {
    "convolutions": arguments.CONVOLUTIONS,
    "shaping": arguments.SHAPING,
    "elementwise": arguments.ELEMENTWISE,
    "merges": arguments.MERGES,
    "recurrent": arguments_of_recurrent.RECURRENT,
    "cells": arguments_of_recurrent.CELLS,
    "wrappers": arguments_of_recurrent.WRAPPERS,
}

FEWEST = 3


def layers(table):
    """All draws of layers: identity -> description."""
    return {
        "%s %d" % (name, i): dict(draw, files=i == 1) for name in table for i, draw in enumerate(of(name, table[name]))
    }


def of(name, table, fewest=FEWEST):
    """The draws of one class: first with what is required alone, then with others at random, until each value was had.

    A description has ``class``, ``inputs`` and ``arguments``, and ``files``: whether it is copied and saved, too.
    """
    chance = random.Random(name)
    values = {key: itertools.cycle(table["arguments"][key]) for key in sorted(table["arguments"])}
    inputs = itertools.cycle(table["inputs"])
    left = {(key, json.dumps(value)) for key in values for value in table["arguments"][key]}
    drawn = []
    while left or len(drawn) < max(fewest, len(table["inputs"])):
        given = {
            key: next(values[key])
            for key in sorted(values)
            if key in table["required"] or (drawn and (chance.random() < 0.5 or len(drawn) > 3))
        }
        given = possible(given, {key for key in given if (key, json.dumps(given[key])) in left})
        left -= {(key, json.dumps(value)) for key, value in given.items()}
        drawn.append({"class": name.split()[0], "arguments": given, "inputs": next(inputs)})
        if len(drawn) > 40:
            raise ValueError("%s never gets %s" % (name, sorted(left)))
    return [compatible(draw) for draw in drawn]


def possible(given, new):
    """Arguments without those that exclude each other; one that is new stays."""
    given = dict(given)

    def exclude(first, second):
        drop = first if second in new and first not in new else second
        given.pop(drop, None)

    if given.get("strides", 1) not in (1, None) and given.get("dilation_rate", 1) != 1:
        exclude("strides", "dilation_rate")
    if given.get("padding") == "causal" and given.get("data_format") == "channels_first":
        exclude("padding", "data_format")
    if given.get("output_padding") == 1 and given.get("strides", 1) != 2:
        given["strides"] = 2
        given.pop("dilation_rate", None)
    if not given.get("use_bias", True):
        for name in [name for name in given if name.startswith(("bias_", "unit_forget"))]:
            exclude("use_bias", name)
    return given


def compatible(draw):
    """A description whose inputs fit its arguments."""
    if draw["inputs"] is None:
        return draw
    given, inputs = draw["arguments"], dict(draw["inputs"])
    stateful = given.get("stateful") or (isinstance(given.get("layer"), dict) and given["layer"].get("stateful"))
    if inputs.get("states"):
        given = {name: value for name, value in given.items() if name != "stateful"}
    elif stateful or given.get("noise_shape"):
        inputs["fixed"] = True
    if draw["class"] in ("RNN", "StackedRNNCells", "ConvLSTM2D"):
        inputs.pop("states", None)
    if draw["class"] == "GlobalAveragePooling1D" and given.get("data_format") == "channels_first":
        inputs.pop("masked", None)
    if draw["class"] == "Concatenate" and given.get("axis") == 1:
        inputs.pop("masked", None)
    return dict(draw, arguments=given, inputs=inputs)


def others(kind):
    """All draws of a kind that is no layer: identity -> description."""
    found = {}
    for name, values in arguments_of_others.TABLES[kind].items():
        table = {"inputs": [None], "required": arguments_of_others.REQUIRED.get(name, []), "arguments": values}
        for i, draw in enumerate(of(name, table, 1)):
            found["%s %d" % (name, i)] = {"kind": kind, "class": draw["class"], "arguments": draw["arguments"]}
    return found


def subjects():
    """All draws: subject -> identity -> description."""
    found = {subject: layers(table) for subject, table in LAYER_SUBJECTS.items()}
    return dict(found, **{kind: others(kind) for kind in arguments_of_others.TABLES})


def subjects_of(kind):
    """The subjects of a kind: layers are spread over several."""
    return list(LAYER_SUBJECTS) if kind == "layers" else [kind]
