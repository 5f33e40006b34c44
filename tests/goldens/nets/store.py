"""Runs descriptions, and keeps what they gave: ``SUBJECT.npz`` has all numbers of a subject in a row, and an index."""

import json
import os

import numpy as np

from . import made, measures, measures_of_others

MEASURES = dict(measures_of_others.MEASURES, layers=measures.MEASURES)
HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 2019
# Bits of a float32 that are not kept: the error they make is a tenth of the tolerance.
DROPPED_BITS = 7
# Of the text of an error, to find it again.
LONGEST = 120


def run(description, K, keras, only=None):
    """What a description gives: measure -> named arrays, or the text of an error."""
    K.clear_session()
    np.random.seed(SEED)
    found, kind = {}, description.get("kind", "layers")
    try:
        model = (made.Made if kind == "layers" else measures_of_others.Thing)(description, K, keras)
    except Exception as error:
        return {"build": told(error)}
    for name, function in MEASURES[kind].items():
        if only is None or name in only:
            try:
                found[name] = {key: np.asarray(value) for key, value in function(model).items()}
            except Exception as error:
                found[name] = told(error)
    return found


def told(error):
    return ("%s: %s" % (type(error).__name__, str(error).strip().splitlines()[0] if str(error).strip() else ""))[
        :LONGEST
    ]


def shortened(array):
    """Floats without their last bits, so that they take less room."""
    bits = array.astype("float32").view("uint32")
    half = np.uint32(1 << (DROPPED_BITS - 1))
    return ((bits + half) >> DROPPED_BITS << DROPPED_BITS).view("float32")


def path_of(subject):
    return os.path.join(HERE, subject + ".npz")


def write(subject, results, recorded_with):
    """Stores what the draws of a subject gave."""
    index, floats, others = {}, [], []
    for name, found in results.items():
        index[name], seen = {}, {}
        for measure, arrays in found.items():
            if isinstance(arrays, str):
                index[name][measure] = arrays
                continue
            index[name][measure] = {}
            for key, array in arrays.items():
                same = seen.setdefault((array.dtype.name, array.shape, array.tobytes()), [measure, key])
                if same != [measure, key]:
                    index[name][measure][key] = same  # as another one of this draw
                    continue
                is_float = array.dtype.kind == "f"
                (floats if is_float else others).append(array.ravel())
                index[name][measure][key] = [array.dtype.name, list(array.shape)]
    text = json.dumps({"recorded_with": recorded_with, "draws": index})
    np.savez_compressed(
        path_of(subject),
        index=np.frombuffer(text.encode(), "uint8"),
        floats=shortened(np.concatenate(floats or [np.zeros(0)])),
        others=np.concatenate(others or [np.zeros(0, "int32")]).astype("int32"),
    )


def read(subject):
    """What ``write`` got: draw -> measure -> named arrays or the text of an error."""
    with np.load(path_of(subject)) as stored:
        index = json.loads(stored["index"].tobytes().decode())
        left = {"f": stored["floats"], "i": stored["others"]}
    at, results = {"f": 0, "i": 0}, {}
    for name, measured in index["draws"].items():
        results[name] = {}
        for measure, arrays in measured.items():
            if isinstance(arrays, str):
                results[name][measure] = arrays
                continue
            results[name][measure] = {}
            for key, (dtype, shape) in arrays.items():
                if isinstance(shape, str):
                    results[name][measure][key] = results[name][dtype][shape]
                    continue
                kind = "f" if np.dtype(dtype).kind == "f" else "i"
                size = int(np.prod(shape))
                part = left[kind][at[kind] : at[kind] + size]
                at[kind] += size
                results[name][measure][key] = part.reshape(shape).astype(dtype)
    return results, index["recorded_with"]
