"""Runs the sides of a comparison, each in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from k2compat.parity.comparison import ATOL, DIFFERS, RTOL, Comparison
from k2compat.parity.recording import Recording
from k2compat.parity.side import Parity, ParityError, Side
from k2compat.parity.verdicts import compare
from k2compat.parity.worker import storage

BOOTSTRAP = Path(__file__).parent / "worker" / "__main__.py"
LAST_LINES = 20
INTERVAL = 0.2  # seconds between two looks at a side

# The packages each Keras may be in.
KERASES = {"keras3": ("keras",), "keras2": ("tf_keras", "keras")}


def parity(
    script: str | Path,
    arguments: Sequence[str] = (),
    *,
    folder: str | Path,
    legacy_python: str | None = None,
    keras: str | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
    timeout: float | None = None,
    seed: int = 0,
    watch: Callable[[Side], Any] = lambda side: None,
) -> Parity:
    """Run a script in graph mode and under k2compat, and compares what both gave.

    Args:
        script: a script or a notebook.
        arguments: for the script.
        folder: where the recordings and what the sides print are kept.
        legacy_python: an interpreter with TensorFlow 1 and Keras 2, to be the reference instead of graph mode.
        keras: "keras2" or "keras3", the Keras under k2compat; Keras 3 by default where it is installed.
        rtol, atol: how far values may be apart: ``rtol`` of the array's largest absolute value, plus ``atol``.
        timeout: seconds a side may take.
        seed: of NumPy, Python and TensorFlow on both sides.
        watch: called several times a second with the side that is running.

    Raises:
        ParityError: the script, an interpreter or a Keras is missing.
    """
    script, folder = readable(script), Path(folder).resolve()
    reference = first_side(folder / "reference", legacy_python)
    kind = keras or ("keras3" if keras_3_is_installed() else "keras2")
    found = Side(f"k2compat on {kind.replace('k', 'K').replace('s', 's ')}", "k2compat", sys.executable,
                 package_of(kind), folder / "k2compat", weights=reference.folder)  # fmt: skip
    for side in (reference, found):
        run(side, script, arguments, seed, timeout, watch)
    recordings = reference.recording, found.recording
    comparison = compare(*recordings, rtol, atol)
    more: dict[str, Recording | None] = {"again": None, "shaken": None}
    again = []
    for name, change in (("again", "other seeds"), ("shaken", "weights shaken")):
        # A script without random operations and without differences need not run a third time.
        if reference.failure or not (comparison.reference.random if name == "again" else unexplained(comparison)):
            continue
        again.append(once_more(reference, name, change))
        run(again[-1], script, arguments, seed, timeout, watch)
        more[name] = again[-1].recording
        comparison = compare(*recordings, rtol, atol, more["again"], more["shaken"])
    return Parity(script, comparison, [reference, found], again)


def unexplained(comparison: Comparison) -> bool:
    """Return whether something differs that sensitivity might explain."""
    return any(row.verdict == DIFFERS for row in comparison.rows)


def once_more(reference: Side, name: str, change: str) -> Side:
    """Return the reference run again, with one thing changed: the seeds of its random operations, or its initial
    weights, a little.
    """
    title, folder = f"{reference.title}, {change}", reference.folder.parent / name
    return replace(
        reference,
        title=title,
        folder=folder,
        weights=reference.folder,
        offset=int(name == "again"),
        shaken=name == "shaken",
    )


def readable(script: str | Path) -> Path:
    path = Path(script).resolve()
    if not path.is_file():
        raise ParityError(f"there is no script {script}; the first argument is the file of a script or a notebook")
    return path


def first_side(folder: Path, legacy_python: str | None) -> Side:
    """Return the reference.

    Raises:
        ParityError: its interpreter or its Keras is missing.
    """
    if legacy_python is None:
        return Side("graph mode", "graph", sys.executable, package_of("keras2"), folder)
    probe = "import keras, tensorflow; print(keras.__version__, tensorflow.__version__)"
    try:
        done = subprocess.run([legacy_python, "-c", probe], capture_output=True, text=True, check=False)
    except OSError as error:
        raise ParityError(f"cannot run {legacy_python}: {error.strerror}; give the path of an interpreter") from error
    found = done.stdout.split()
    if done.returncode or not (found[0].startswith("2.") and found[1].startswith("1.")):
        what = f"has Keras {found[0]} and TensorFlow {found[1]}" if len(found) == 2 else "does not import Keras"
        raise ParityError(f"{legacy_python} {what}; it has to be one with Keras 2 and TensorFlow 1")
    return Side(f"Keras {found[0]} on TensorFlow {found[1]}", "legacy", legacy_python, "keras", folder)


def package_of(kind: str) -> str:
    """Return the name of the package that has a kind of Keras.

    Raises:
        ParityError: it is not installed.
    """
    for name in KERASES[kind]:
        if importlib.util.find_spec(name) and major(name) == kind[-1]:
            return name
    if kind == "keras2":
        raise ParityError("Keras 2 is not installed, and graph mode needs it; pip install tf_keras, or name an "
                          "interpreter that has it with --legacy-python")  # fmt: skip
    raise ParityError("Keras 3 is not installed; pip install keras, or choose --keras keras2")


def keras_3_is_installed() -> bool:
    return importlib.util.find_spec("keras") is not None and major("keras") == "3"


def major(package: str) -> str:
    try:
        return version(package).partition(".")[0]
    except PackageNotFoundError:
        return ""


def run(
    side: Side,
    script: Path,
    arguments: Sequence[str],
    seed: int,
    timeout: float | None,
    watch: Callable[[Side], Any],
) -> None:
    """Run one side to its end; what went wrong is its ``failure`` afterwards."""
    side.folder.mkdir(parents=True, exist_ok=True)
    (side.folder / storage.LINES).unlink(missing_ok=True)
    settings = side.folder / "settings.json"
    told: dict[str, Any] = {"kind": side.kind, "keras": side.keras, "script": str(script), "seed": seed}
    told |= {"arguments": list(arguments), "folder": str(side.folder), "offset": side.offset, "shaken": side.shaken}
    told |= {"weights": side.weights and str(side.weights)}
    settings.write_text(json.dumps(told))
    start = time.monotonic()
    with started(side, [side.python, str(BOOTSTRAP), str(settings)]) as process:
        while process.poll() is None:
            side.seconds = time.monotonic() - start
            if timeout is not None and side.seconds > timeout:
                side.failure = f"stopped after {timeout:g} seconds, the limit given with --timeout"
                break
            watch(side)
            time.sleep(INTERVAL)
    side.seconds = time.monotonic() - start
    side.failure = side.failure or failure_of(side, process.returncode)


@contextmanager
def started(side: Side, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does not outlive the block, nor this process, nor do those it starts; it prints to files."""
    watched, alive = os.pipe()  # is closed with this process, however that ends
    with open(side.folder / "stdout.txt", "wb") as out, open(side.folder / "stderr.txt", "wb") as err:
        process = subprocess.Popen(
            [*command, str(watched)],
            env=environment(side),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
            pass_fds=[watched],
        )
        os.close(watched)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of groups of zombies
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(alive)


def environment(side: Side) -> dict[str, str]:
    """Return the environment of a side: what decides about Keras, and what would make two runs unlike each other."""
    return {
        "TF_CPP_MIN_LOG_LEVEL": "2",
        **os.environ,
        "TF_USE_LEGACY_KERAS": "1" if side.keras == "tf_keras" else "0",
        "KERAS_BACKEND": "tensorflow",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "Agg",  # a window would wait for somebody to close it
    }


def failure_of(side: Side, code: int | None) -> str:
    """Why a side that has ended did not run to the end of the script; empty if it did."""
    recording = side.recording
    if recording.error:
        return recording.error
    if recording.ended:
        return ""
    how = f"was ended by signal {-code}" if code and code < 0 else f"ended with code {code} before the script did"
    lines = (side.folder / "stderr.txt").read_text(errors="replace").splitlines()[-LAST_LINES:]
    return "\n".join([f"the process {how}", *lines])
