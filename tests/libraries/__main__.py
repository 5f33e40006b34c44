"""Prints the page of the libraries: `python -m libraries [--sources FOLDER] [NAME ...]`."""

import argparse
import contextlib
import json
import tempfile
from pathlib import Path

from libraries.catalogue import LIBRARIES
from libraries.page import page
from libraries.run import PLACES, Harness, kept, keras_of


def main():
    parser = argparse.ArgumentParser(prog="python -m libraries", description=__doc__)
    add = parser.add_argument
    add("selected", nargs="*", metavar="NAME", help="Libraries; all by default.")
    add("--sources", type=Path, help="A folder with their sources; the registry by default.")
    add("--legacy-python", action="append", default=[], help="A Python with the Keras that judges libraries.")
    add("--results", type=Path, help="A JSON file to which results are added, so that a run can go on.")
    add("--places", nargs="+", choices=PLACES, default=PLACES, help="Where to run them; everywhere by default.")
    add("--parts", nargs="+", choices=("tests", "job"), default=("tests", "job"), help="What to run.")
    add("--show", action="store_true", help="Run nothing: print the page of the results.")
    options = parser.parse_args()
    results = kept(options.results) if options.results else {}
    with contextlib.ExitStack() as stack:
        sources = options.sources or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pythons = {keras_of(python): python for python in options.legacy_python}
        harness = Harness(sources.resolve(), pythons, options.places)
        for library in () if options.show else LIBRARIES:
            if not options.selected or {library.name, library.folder} & set(options.selected):
                found = results.setdefault(library.folder, {"tests": {}, "job": {}})
                for part in options.parts:
                    found[part].update(getattr(harness, part)(library))
                    if options.results:
                        options.results.write_text(json.dumps(results, indent=1) + "\n")
    print(page(results, LIBRARIES), end="")


if __name__ == "__main__":
    main()
