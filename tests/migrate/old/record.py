"""Runs the scripts of this folder under Keras 2.3.1 and writes what they print in their last line to recorded.json.

    path/to/legacy/bin/python tests/migrate/old/record.py

Keras 2.3.1 has not all of Keras 1 any more; what the scripts use of that is put back first.
"""

import contextlib
import io
import json
import os
import tempfile
from pathlib import Path

import keras

HERE = Path(__file__).resolve().parent
MODES = {"concat": keras.layers.concatenate, "sum": keras.layers.add}


def merge(inputs, mode="sum", concat_axis=-1):
    options = {"axis": concat_axis} if mode == "concat" else {}
    return MODES[mode](inputs, **options)


def main():
    keras.backend.image_dim_ordering = lambda: "tf"
    keras.regularizers.activity_l1 = keras.regularizers.l1
    keras.layers.merge = merge
    recorded = {}
    for script in sorted(HERE.glob("*.txt")):
        keras.backend.clear_session()
        printed = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
            os.chdir(folder)
            exec(compile(script.read_text(), script.name, "exec"), {"__name__": "__main__"})
            os.chdir(str(HERE))
        last = printed.getvalue().strip().splitlines()[-1]
        recorded[script.stem] = [float(f"{float(value):.6g}") for value in last.split()]
    (HERE / "recorded.json").write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
