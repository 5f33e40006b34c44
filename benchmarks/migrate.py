"""``python -m benchmarks.migrate``: seconds that ``k2compat migrate`` takes for 10,000 lines.

A folder of old scripts is made, with a known number of lines; a share of the files has no mention of Keras, as in any
project. It is migrated once in one process and once over all cores.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from pathlib import Path

from k2compat.migrate.config import chosen
from k2compat.migrate.files.migrate_file import Settings
from k2compat.migrate.files.parallel import migrate_files
from k2compat.migrate.rule import LEVELS

HEAD = '''"""Experiment {number}."""
import numpy as np
from keras import backend as K
from keras.models import Model

'''
FUNCTION = '''def heatmap_{number}(model, image, layer_name="conv_{number}"):
    """Grad-CAM of one class."""
    preds = model.predict(image)
    layer = model.get_layer(layer_name)
    grads = K.gradients(model.output[:, np.argmax(preds[0])], layer.output)[0]
    iterate = K.function([model.input, K.learning_phase()], [K.mean(grads, axis=(0, 1, 2)), layer.output[0]])
    weights, values = iterate([image, 0])  # test phase
    for i in range(weights.shape[0]):
        values[:, :, i] *= weights[i]
    heat = np.maximum(np.mean(values, axis=-1), 0)
    return heat / (np.max(heat) + {number} * K.epsilon())


'''


def make(folder: Path, files: int, functions: int, without: int) -> tuple[list[Path], int]:
    """Writes old scripts, and as many files without Keras as asked for; their paths, and the lines of the former."""
    paths, lines = [], 0
    for number in range(files + without):
        text = HEAD.format(number=number) + "".join(FUNCTION.format(number=n) for n in range(functions))
        if number >= files:
            text = text.replace("keras", "other")
        else:
            lines += text.count("\n")
        paths.append(folder / f"experiment_{number}.py")
        paths[-1].write_text(text)
    return paths, lines


def seconds(paths: list[Path], level: str, processes: int | None) -> tuple[float, float]:
    """How long a run takes that writes nothing, by the clock and in seconds of this process's processor."""
    settings = Settings(tuple(rule.name for rule in chosen(level)))
    begin = time.perf_counter(), time.process_time()
    outcomes = list(migrate_files(paths, settings, processes))
    taken = time.perf_counter() - begin[0], time.process_time() - begin[1]
    assert not any(outcome.problems for outcome in outcomes)
    return taken


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.migrate", description=__doc__)
    arguments.add_argument("--files", type=int, default=20, help="with Keras (default: %(default)s)")
    arguments.add_argument("--functions", type=int, default=20, help="in each (default: %(default)s)")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths, lines = make(Path(folder), options.files, options.functions, without=options.files)
        print(f"{options.files} files with {lines} lines, as many without Keras; Python {platform.python_version()}")
        for level in LEVELS:
            clock, processor = (value / lines * 10_000 for value in seconds(paths, level, 1))
            shared, _ = (value / lines * 10_000 for value in seconds(paths, level, None))
            print(
                f"level {level}: {clock:.1f} s for 10,000 lines in one process ({processor:.1f} s of processor), "
                f"{shared:.1f} s over all cores"
            )


if __name__ == "__main__":
    main()
