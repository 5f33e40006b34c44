"""Records the demo's goldens. Runs in the legacy environment: LEGACY/bin/python tests/goldens/demo/record.py

Draws the test pictures, runs the very script the demo ships (``heatmap_keras2.py``) on them with real Keras 2, and
writes the pictures, their boxes and the arrays of the run to ``k2compat/demo/data``. The model there comes from
``train.py``; ``tests/goldens/legacy_env.sh DIR`` makes the environment.

    --check       runs the script and compares with what is stored; writes nothing
"""

import argparse
import csv
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # run as a script, from anywhere
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from goldens.compare import differences
from goldens.demo import legacy, pictures
from k2compat.demo import shipped

SEED = 2019
COUNT = 200
CHECK_TOLERANCE = 1e-5


def write_pictures():
    """Draws the pictures: the first few as files, the others on one sheet, with a table of the boxes."""
    drawn, labels, boxes = pictures.test_pictures(COUNT, SEED)
    folder = shipped.DATA / "pictures"
    shutil.rmtree(str(folder), ignore_errors=True)
    folder.mkdir()
    names = ["picture_%03d" % number for number in range(COUNT)]
    for name, picture in zip(names[: shipped.SHOWN], drawn):
        Image.fromarray(picture).save(folder / (name + ".png"), optimize=True)
    rows = drawn[shipped.SHOWN :].reshape(-1, shipped.SHEET_COLUMNS, *drawn.shape[1:])
    sheet = rows.transpose(0, 2, 1, 3, 4).reshape(rows.shape[0] * rows.shape[2], -1, 3)
    Image.fromarray(sheet).save(shipped.SHEET, optimize=True)
    with shipped.BOXES.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["picture", "digit", "left", "top", "right", "bottom"])
        table.writerows([name, label, *box] for name, label, box in zip(names, labels, boxes))


def run():
    """The arrays of the shipped script under real Keras 2."""
    with tempfile.TemporaryDirectory() as scratch:
        names = shipped.unpack(Path(scratch))
        shipped.run_script(shipped.BEFORE, Path(scratch))
        return shipped.collect(Path(scratch), names)


def check(found):
    with np.load(str(shipped.GOLDENS)) as goldens:
        stored = {name: goldens[name] for name in goldens.files if name != "recorded_with"}
    return differences(stored, found, CHECK_TOLERANCE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with what is stored instead of writing")
    options = parser.parse_args()
    versions = legacy.versions()
    if not options.check:
        write_pictures()
    found = run()
    problems = check(found) if options.check else []
    if not options.check:
        np.savez_compressed(str(shipped.GOLDENS), recorded_with=versions, **found)
    right = np.mean(np.argmax(found["preds"], axis=1) == shipped.boxes()["digit"])
    print("%s: %.1f%% of %d digits right" % (versions, 100 * right, COUNT))
    for peaks in shipped.PEAKS:
        print("%s in the digit's box: %.1f%%" % (peaks, 100 * np.mean(shipped.hits(found[peaks]))))
    verb = "checked" if options.check else "recorded"
    print("\n".join(problems) or "%s: %d arrays %s" % (shipped.GOLDENS, len(found), verb))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
