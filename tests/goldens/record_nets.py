"""Records the nets, or the subjects that are named. Runs only in the legacy environment, as record.py does."""

import os
import platform
import sys

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # run as a script, from anywhere
sys.path.insert(1, os.path.dirname(sys.path[0]))  # and k2compat
from goldens.nets import draws, store, surface
from goldens.record import refuse_elsewhere
from k2compat.parity.worker.update_order import compute_before_updating


def main():
    refuse_elsewhere()
    if keras.__version__ != "2.3.1":
        sys.exit("record_nets.py: Keras 2.3.1 is the judge of the nets, not %s" % keras.__version__)
    compute_before_updating(type(keras.backend.function([], [keras.backend.constant(0.0)])), tf)
    surface.write(keras)
    versions = {"python": platform.python_version(), "tensorflow": tf.__version__, "numpy": np.__version__}
    for subject, drawn in draws.subjects().items():
        if sys.argv[1:] and subject not in sys.argv[1:]:
            continue
        results = {}
        for name, description in drawn.items():
            results[name] = store.run(description, keras.backend, keras)
            told = {measure: text for measure, text in results[name].items() if isinstance(text, str)}
            print("%-40s %s" % (name, told or ""), flush=True)
        store.write(subject, results, versions)
        print("%s: %d draws, %d bytes" % (subject, len(results), os.path.getsize(store.path_of(subject))), flush=True)


if __name__ == "__main__":
    main()
