"""Records the goldens. Runs only in the legacy environment: LEGACY/bin/python tests/goldens/record.py

A case is recorded by the Keras it names (2.3.1 unless it says otherwise), so a full recording is one run in each of the
two environments that ``legacy_env.sh DIR`` and ``legacy_env.sh DIR 2.2.4`` make.

    --only NAME   records the cases whose name or group is NAME, keeps the rest
    --check       records in memory and compares with what is stored; writes nothing
"""

import argparse
import os
import platform
import sys
import traceback

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # run as a script, from anywhere
sys.path.insert(1, os.path.dirname(sys.path[0]))  # and k2compat
from goldens import registry, store
from goldens.compare import differences
from k2compat.parity.worker.update_order import compute_before_updating

JUDGES = ("2.3.1", "2.2.4")
TENSORFLOW = "1.15"
# Repeating a recording differs by the order of threaded sums only, far less than replaying elsewhere may.
CHECK_SHARE = 0.1


def refuse_elsewhere():
    if keras.__version__ not in JUDGES or not tf.__version__.startswith(TENSORFLOW):
        found = "Keras %s on TensorFlow %s" % (keras.__version__, tf.__version__)
        expected = "Keras %s on TensorFlow %s" % (" or ".join(JUDGES), TENSORFLOW)
        sys.exit("record.py: found %s; goldens come from %s; use what legacy_env.sh makes" % (found, expected))


def selected(only):
    cases = [case for case in registry.all_cases().values() if only in (None, case.name, case.group)]
    if not cases:
        sys.exit("record.py: no case and no group is named %r; see tests/goldens/cases" % only)
    return [case for case in cases if case.keras == keras.__version__]


def record(case):
    """The case's arrays, from a fresh graph and session."""
    keras.backend.clear_session()
    tf.compat.v1.set_random_seed(store.SEED)
    arrays = registry.run_case(case, keras.backend, keras, store.SEED)
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
            raise ValueError("%s gives values in %s that are not finite; they would hide errors" % (case.name, name))
    return arrays


def record_all(cases):
    """The arrays of all cases, and the names of those that failed."""
    recorded, failed = {}, []
    for case in cases:
        try:
            recorded[case.name] = record(case)
            print("%-14s %s" % (case.group, case.name), flush=True)
        except Exception:
            failed.append(case.name)
            print("%-14s %s FAILED" % (case.group, case.name), flush=True)
            traceback.print_exc()
    return recorded, failed


def save(recorded):
    """Merges into what is stored, and drops what no longer is a case."""
    cases = registry.all_cases()
    goldens = {name: arrays for name, arrays in store.read_arrays().items() if name in cases}
    goldens.update(recorded)
    manifest = store.read_manifest()
    entries = {name: entry for name, entry in manifest["cases"].items() if name in cases}
    entries.update({name: store.describe(cases[name], arrays) for name, arrays in recorded.items()})
    store.write_arrays(goldens, {name: cases[name].group for name in goldens})
    manifest["recorded_with"][keras.__version__] = {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
    }
    manifest.update(seed=store.SEED, models=store.model_digests(), cases=entries)
    store.write_manifest(manifest)


def check(recorded):
    """The names of cases that do not repeat, each told."""
    stored, unlike = store.read_arrays(), []
    for name, arrays in recorded.items():
        tolerance = CHECK_SHARE * registry.all_cases()[name].tolerance
        problems = differences(stored.get(name, {}), arrays, tolerance)
        if problems:
            unlike.append(name)
            print("%s is not as stored:\n  %s" % (name, "\n  ".join(problems)))
    return unlike


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="NAME", help="a case or a group")
    parser.add_argument("--check", action="store_true", help="compare with what is stored instead of writing")
    options = parser.parse_args()
    refuse_elsewhere()
    compute_before_updating(type(keras.backend.function([], [keras.backend.constant(0.0)])), tf)
    recorded, failed = record_all(selected(options.only))
    unlike = check(recorded) if options.check else save(recorded)
    verb = "checked" if options.check else "recorded"
    print("%d cases %s with Keras %s, %d failed" % (len(recorded), verb, keras.__version__, len(failed)))
    sys.exit(1 if failed or unlike else 0)


if __name__ == "__main__":
    main()
