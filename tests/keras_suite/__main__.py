"""Compares the outcomes of Keras's own tests with and without k2compat: `python -m keras_suite [FOLDER ...]`."""

import argparse
import sys
import tempfile
from pathlib import Path

from keras_suite import accepted
from keras_suite.checkout import copied
from keras_suite.run import FOLDERS, compare, disproved, judge, package


def main():
    parser = argparse.ArgumentParser(prog="python -m keras_suite", description=__doc__)
    parser.add_argument("selected", nargs="*", help="Folders or files below keras/src; all by default.")
    parser.add_argument("--workers", type=int, default=0, help="How many processes share the tests.")
    parser.add_argument("--tf-keras-tests", type=Path, help="A checkout of keras-team/tf-keras: Keras 2 is judged.")
    parser.add_argument(
        "--prove", action="store_true", help="Check that each accepted difference is due to its repair."
    )
    options = parser.parse_args()
    if options.tf_keras_tests is None:
        selected = [f"keras/src/{name}" for name in options.selected or FOLDERS]
        found = examine(package("keras"), selected, accepted.KERAS3, options)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            root = copied(options.tf_keras_tests, Path(scratch))
            found = examine(root, options.selected or ["."], accepted.KERAS2, options)
    print(*found, sep="\n")
    print(f"{len(found)} differences that are not accepted")
    sys.exit(bool(found))


def examine(root, selected, listed, options):
    """Return the sentences about tests below a folder."""
    found, different = compare(root, selected, options.workers)
    passed = sum(outcome == "passed" for outcome, _ in found.values())
    print(f"{len(found)} tests, {passed} pass with k2compat, {len(different)} of the others pass without it")
    concerned = {test: listed[test] for test in different if test in listed}
    return judge(found, different, listed) + (disproved(root, concerned) if options.prove else [])


if __name__ == "__main__":
    main()
