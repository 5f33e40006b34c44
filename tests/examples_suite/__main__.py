"""Prints how the examples of Keras 2.3.1 run under k2compat: `python -m examples_suite FOLDER --legacy-python PATH`."""

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from examples_suite.compare import verdict
from examples_suite.sizes import EXAMPLES

SIDE = Path(__file__).parent / "side.py"
KINDS = ("keras3", "keras2")


def main():
    parser = argparse.ArgumentParser(prog="python -m examples_suite", description=__doc__)
    parser.add_argument("folder", type=Path, help="The examples, from the source distribution of Keras 2.3.1.")
    parser.add_argument("--legacy-python", required=True, help="An interpreter with Keras 2.3.1.")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="Examples; all by default.")
    parser.add_argument("--keras", nargs="*", choices=KINDS, default=KINDS)
    parser.add_argument("--keep", type=Path, help="Keep results there, and use those of Keras 2.3.1 that are there.")
    parser.add_argument("--workers", type=int, default=2, help="How many sides run at the same time.")
    parser.add_argument(
        "--moves",
        type=int,
        default=3,
        help="How often Keras 2.3.1 runs what differs again, its weights moved by a rounding, to see what that does.",
    )
    options = parser.parse_args()
    names = [name for name in EXAMPLES if not options.only or name in options.only]
    with tempfile.TemporaryDirectory() as scratch:
        table = compared(options, names, (options.keep or Path(scratch)).resolve())
    for name in names:
        print(f"| {name} | " + " | ".join(table[kind, name] for kind in options.keras) + " |")
    for kind in options.keras:
        equal = sum(table[kind, name].startswith("equal") for name in names)
        print(f"{kind}: {equal} of {len(names)} run to their end with the numbers of Keras 2.3.1")


def compared(options, names, kept):
    """Return (kind of Keras, example) -> verdict."""
    missing = [name for name in names if not (kept / "legacy" / f"{name}.npz").exists()]
    sides = {"legacy": ([options.legacy_python], missing)}
    for kind in options.keras:
        sides[kind] = ([sys.executable, "-m", "k2compat", "run", "--keras", kind], names)
    with ThreadPoolExecutor(options.workers) as pool:
        list(pool.map(lambda side: run(options.folder, kept / side, *sides[side]), sides))
    table = verdicts(options, names, kept, [])
    seeds = range(1, options.moves + 1)
    differing = [name for name in names if any(table[kind, name].startswith("other") for kind in options.keras)]
    for seed in seeds:
        place = kept / f"moved{seed}"
        missing = [name for name in differing if not (place / f"{name}.npz").exists()]
        run(options.folder, place, [options.legacy_python], missing, EXAMPLES_MOVED=str(seed))
    return verdicts(options, names, kept, [kept / f"moved{seed}" for seed in seeds])


def verdicts(options, names, kept, moved):
    """Return (kind of Keras, example) -> verdict."""
    return {
        (kind, name): verdict(
            kept / "legacy" / f"{name}.npz", kept / kind / f"{name}.npz", [place / f"{name}.npz" for place in moved]
        )
        for kind in options.keras
        for name in names
    }


def run(folder, results, command, names, **more):
    """Run examples on one side; what they print stands in a file beside the results of each."""
    results.mkdir(parents=True, exist_ok=True)
    for name in names:
        (results / f"{name}.npz").unlink(missing_ok=True)
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONSAFEPATH": "", "CUDA_VISIBLE_DEVICES": "", **more}
    if names:
        words = [*command, SIDE, folder.resolve(), results, *names]
        subprocess.run(list(map(str, words)), env=environment, check=False)


if __name__ == "__main__":
    main()
