"""Prints the page of the libraries: `python -m libraries [--sources FOLDER] [NAME ...]`."""

import argparse
import json
import tempfile
from pathlib import Path

from libraries.catalogue import LIBRARIES
from libraries.run import judged, kept, page


def main():
    parser = argparse.ArgumentParser(prog="python -m libraries", description=__doc__)
    parser.add_argument("selected", nargs="*", metavar="NAME", help="Libraries; all by default.")
    parser.add_argument("--sources", type=Path, help="A folder with their sources; the registry by default.")
    parser.add_argument("--legacy-python", help="A Python with Keras 2.3.1, which runs the tests, too.")
    parser.add_argument("--results", type=Path, help="A JSON file to which results are added, so that a run can go on.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        results = kept(options.results) if options.results else {}
        for library in LIBRARIES:
            if not options.selected or library.name in options.selected:
                results[library.name] = judged(
                    library, (options.sources or Path(scratch)).resolve(), options.legacy_python
                )
                if options.results:
                    options.results.write_text(json.dumps(results, indent=1))
    print(page(results, LIBRARIES), end="")


if __name__ == "__main__":
    main()
