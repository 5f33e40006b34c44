"""Reads and writes the goldens: ``arrays/GROUP.npz`` with keys ``case/array``, and ``manifest.json``."""

import hashlib
import json
import os

import numpy as np

from .registry import MODELS_DIR

HERE = os.path.dirname(os.path.abspath(__file__))
ARRAYS_DIR = os.path.join(HERE, "arrays")
MANIFEST = os.path.join(HERE, "manifest.json")
SEED = 2019


def read_manifest():
    if not os.path.exists(MANIFEST):
        return {"seed": SEED, "recorded_with": {}, "models": {}, "cases": {}}
    with open(MANIFEST) as file:
        return json.load(file)


def write_manifest(manifest):
    with open(MANIFEST, "w") as file:
        json.dump(manifest, file, indent=1, sort_keys=True)
        file.write("\n")


def read_arrays():
    """All stored goldens: case name -> array name -> array."""
    goldens = {}
    for file in sorted(os.listdir(ARRAYS_DIR)):
        if file.endswith(".npz"):
            with np.load(os.path.join(ARRAYS_DIR, file)) as stored:
                for key in stored.files:
                    case, name = key.split("/", 1)
                    goldens.setdefault(case, {})[name] = stored[key]
    return goldens


def write_arrays(goldens, groups):
    """Writes all goldens anew, one file per group; files of groups that are gone go too."""
    for file in os.listdir(ARRAYS_DIR):
        if file.endswith(".npz") and file[:-4] not in groups.values():
            os.remove(os.path.join(ARRAYS_DIR, file))
    for group in sorted(set(groups.values())):
        members = sorted(case for case in goldens if groups[case] == group)
        keyed = {case + "/" + name: array for case in members for name, array in sorted(goldens[case].items())}
        np.savez_compressed(os.path.join(ARRAYS_DIR, group + ".npz"), **keyed)


def describe(case, arrays):
    """A case's entry in the manifest."""
    return {
        "group": case.group,
        "keras": case.keras,
        "tolerance": case.tolerance,
        "arrays": {
            name: {"shape": list(array.shape), "dtype": str(array.dtype)} for name, array in sorted(arrays.items())
        },
    }


def model_digests():
    """The fingerprints of the model files: goldens hold only for the very models they were recorded with."""
    digests = {}
    for file in sorted(os.listdir(MODELS_DIR)):
        with open(os.path.join(MODELS_DIR, file), "rb") as model:
            digests[file] = hashlib.sha256(model.read()).hexdigest()
    return digests
