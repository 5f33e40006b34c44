"""Records the tables. Runs only in the legacy environment: LEGACY/bin/python tests/goldens/record_tables.py [SUBJECT]

A row whose call fails has to say so (``error`` or ``lenient``), and one that says so has to fail.
"""

import os
import platform
import sys

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # run as a script, from anywhere
from goldens import store, table
from goldens.record import refuse_elsewhere

K = keras.backend


def record(row):
    """The arrays a row gives, from placeholders of a fresh graph; the error if it raises one."""
    K.clear_session()
    tf.compat.v1.set_random_seed(store.SEED)
    fed = []

    def placeholder(array, sparse):
        shape = (None,) * array.ndim if sparse else array.shape
        symbol = K.placeholder(shape, dtype=str(array.dtype), sparse=sparse)
        fed.append((symbol, triple(array) if sparse else array))
        return symbol

    try:
        outputs = row.call(K, placeholder)
        values = K.get_session().run(outputs, dict(fed))
        return [np.asarray(value) for value in values]
    except Exception as error:
        return error


def triple(array):
    indices = np.argwhere(array)
    return tf.compat.v1.SparseTensorValue(indices, array[tuple(indices.T)], array.shape)


def main():
    refuse_elsewhere()
    if keras.__version__ != "2.3.1":
        sys.exit("record_tables.py: Keras 2.3.1 is the judge of the tables, not %s" % keras.__version__)
    versions = {"python": platform.python_version(), "keras": keras.__version__, "tensorflow": tf.__version__}
    rows, wrong = table.all_rows(), 0
    for subject in sorted({row.subject for row in rows.values()}):
        if sys.argv[1:] and subject not in sys.argv[1:]:
            continue
        results = {}
        for row in (row for row in rows.values() if row.subject == subject):
            found = record(row)
            failed = isinstance(found, Exception)
            if failed != (row.error or bool(row.lenient)):
                wrong += 1
                print("%s: %s" % (row.id, "%s %s" % (type(found).__name__, found) if failed else "works"))
            results[row.id] = None if failed else found
        table.write(subject, results, versions)
        print(
            "%-12s %4d rows, %6d bytes" % (subject, len(results), os.path.getsize(table.path_of(subject))), flush=True
        )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
