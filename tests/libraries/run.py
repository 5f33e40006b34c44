"""Runs the tests and the main jobs of the libraries in each Keras."""

import dataclasses
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from k2compat.errors import K2ValueError
from k2compat.parity import suite
from libraries.catalogue import Library

# Nothing of a library's own configuration: it may name plugins that are not installed.
OPTIONS = ("-q", "-c", "/dev/null", "--continue-on-collection-errors", "-p", "no:cacheprovider", "-W", "ignore")
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3"}
SECONDS = 3600
PLACES = ("Keras 2", "tf_keras", "Keras 3")
JOBS = Path(__file__).parent / "jobs"
RTOL, ATOL = 1e-3, 1e-5


class Harness:
    """What runs libraries.

    Args:
        sources: the folder that has the folders of all libraries; what is missing there comes from the registry.
        pythons: version of a Keras 2, in TensorFlow 2 too -> a Python that has it.
        places: names of the places where libraries are run.
    """

    def __init__(self, sources, pythons, places):
        self.sources = sources
        self.pythons = pythons
        self.places = places

    def sides(self, library):
        """Return the places where a library is run, each with its sources on the path."""
        folders = [self.unpacked(one) for one in (library, *(Library(*one.split("==")) for one in library.beside))]
        legacy = self.pythons.get(library.keras) if library.legacy else None
        for place in suite.sides(legacy):
            if place.name in self.places:
                inherited = place.environment.get("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
                path = os.pathsep.join(part for part in (*map(str, folders), inherited) if part)
                yield dataclasses.replace(place, environment={**place.environment, "PYTHONPATH": path, **QUIET})

    def unpacked(self, library):
        """Return the folder of a library's sources, taken from the registry if it is not there."""
        folder = self.sources / library.folder
        if not folder.is_dir():
            wanted = f"{library.name}=={library.version}"
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
            subprocess.run([*command, "--dest", str(self.sources), wanted], check=True)
            for archive in self.sources.glob(f"*{library.version}.tar.gz"):
                with tarfile.open(archive) as packed:
                    packed.extractall(self.sources, filter="data")
            for name, old, new in library.edits:
                file = folder / name
                file.write_text(file.read_text().replace(old, new))
        return folder / "src" if (folder / "src").is_dir() else folder

    def tests(self, library):
        """Run the tests of a library in each place.

        Returns:
            Name of a place -> [passed, of how many], or the reason why there are no numbers.
        """
        if not library.tests:
            return {}
        found, folder = {}, self.sources / library.folder
        for place in self.sides(library):
            arguments = [*OPTIONS, f"--rootdir={folder}", *library.options, *library.tests]
            try:
                outcomes = suite.outcomes(place, arguments, folder, SECONDS).values()
            except K2ValueError as problem:
                found[place.name] = str(problem).splitlines()[0]
            else:
                ran = [outcome for outcome in outcomes if outcome != suite.SKIPPED]
                found[place.name] = [ran.count(suite.PASSED), len(ran)]
        return found

    def job(self, library):
        """Run the main job of a library in each place, and compare its arrays with those of the real thing.

        Returns:
            Name of a place -> "equal", or what is not.
        """
        if not library.job:
            return {}
        with tempfile.TemporaryDirectory() as scratch:
            arrays = {place.name: arrays_of(place, library.job, scratch) for place in self.sides(library)}
        expected = arrays.pop("Keras 2", None)
        if isinstance(expected, str):
            return {}
        return {} if expected is None else {name: verdict(expected, found) for name, found in arrays.items()}


def arrays_of(place, job, scratch):
    """Return the arrays that a job makes in a place, by name; its last words if it stops."""
    file = Path(scratch) / f"{place.name}.npz"
    command = [*place.command, str(JOBS / f"{job}_job.py"), str(file)]
    ran = subprocess.run(
        command, cwd=scratch, env={**os.environ, **place.environment}, capture_output=True, text=True, check=False
    )
    if ran.returncode or not file.exists():
        print(f"{job} in {place.name}: {ran.stderr[-1500:]}", file=sys.stderr)
        return ran.stderr[-500:]
    with np.load(file) as stored:
        return dict(stored)


def verdict(expected, found):
    """Return whether arrays equal those of the real thing, in words."""
    if isinstance(found, str):
        return "stops"
    wrong = [name for name in sorted(expected.keys() | found.keys()) if not same(expected.get(name), found.get(name))]
    return f"differs in {', '.join(wrong)}" if wrong else "equal"


def same(expected, found):
    """Return whether two arrays have the same shape and, but for rounding, the same values."""
    if expected is None or found is None or expected.shape != found.shape:
        return False
    scale = np.abs(expected).max(initial=0.0)
    return bool(np.allclose(found, expected, rtol=RTOL, atol=ATOL * max(scale, 1e-3)))


def keras_of(python):
    """Return the version of the Keras that a Python has."""
    command = [python, "-W", "ignore", "-c", "import keras; print(keras.__version__)"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": ""})
    return ran.stdout.split()[-1]


def kept(path):
    """Return the results of earlier runs."""
    return json.loads(Path(path).read_text()) if Path(path).exists() else {}
