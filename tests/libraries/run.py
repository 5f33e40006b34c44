"""Runs the tests of the libraries in each Keras, and writes the page of what came out."""

import dataclasses
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from k2compat.errors import K2ValueError
from k2compat.parity import suite

# Nothing of a library's own configuration: it may name plugins that are not installed.
OPTIONS = ("-q", "-c", "/dev/null", "--continue-on-collection-errors", "-p", "no:cacheprovider", "-W", "ignore")
SECONDS = 3600
HEAD = """# Libraries

Libraries that were written for graph-mode Keras, as they are in the registry, with nothing edited: how many of their
own tests pass, of those that need no network. `nox -s libraries` prints this page.

| library | version | Keras 2 itself | tf_keras | Keras 3 |
| --- | --- | --- | --- | --- |
"""


def unpacked(library, sources):
    """Return the folder of a library's sources, taken from the registry if it is not there.

    Args:
        library: of the catalogue.
        sources: the folder that has the folders of all libraries.
    """
    folder = sources / library.folder
    if not folder.is_dir():
        wanted = f"{library.name}=={library.version}"
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "--dest", str(sources)]
        subprocess.run([*command, wanted], check=True)
        for archive in sources.glob(f"*{library.version}.tar.gz"):
            with tarfile.open(archive) as packed:
                packed.extractall(sources, filter="data")
    return folder


def judged(library, sources, legacy_python):
    """Run the tests of a library in each place.

    Args:
        library: of the catalogue.
        sources: the folder of the libraries' folders.
        legacy_python: a Python with Keras 2, None for none.

    Returns:
        Name of a place -> [passed, of how many], or the reason why there are no numbers.
    """
    folder, found = unpacked(library, sources), {}
    for place in suite.sides(legacy_python if library.legacy else None):
        inherited = place.environment.get("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
        path = os.pathsep.join(part for part in (str(folder), inherited) if part)
        here = dataclasses.replace(place, environment={"PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"})
        arguments = [*OPTIONS, f"--rootdir={folder}", *library.options, *library.tests]
        try:
            outcomes = suite.outcomes(here, arguments, folder, SECONDS).values()
        except K2ValueError as problem:
            found[place.name] = str(problem).splitlines()[0]
        else:
            ran = [outcome for outcome in outcomes if outcome != suite.SKIPPED]
            found[place.name] = [ran.count(suite.PASSED), len(ran)]
    return found


def page(results, libraries):
    """Return the page.

    Args:
        results: name of a library -> what ``judged`` gave.
        libraries: of the catalogue, in the order of the page; those without results are left out.
    """
    lines = []
    for library in libraries:
        found = results.get(library.name)
        if found is not None:
            cells = (shown(found.get(place)) for place in ("Keras 2", "tf_keras", "Keras 3"))
            lines.append(f"| {library.name} | {library.version} | {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n"


def shown(numbers):
    """Return a cell of the page."""
    if isinstance(numbers, list):
        return f"{numbers[0]} of {numbers[1]}"
    return "not run" if numbers is None else "stops"


def kept(path):
    """Return the results of earlier runs."""
    return json.loads(Path(path).read_text()) if Path(path).exists() else {}
