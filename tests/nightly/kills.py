"""Commands killed at random moments: no process, no half-written file and no temporary file stays.

``python -m nightly.kills --seconds 60 --seed 0``, in the folder ``tests``; on Linux, where processes can be looked at
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from nightly.fuzz_migrate import sources
from nightly.options import Counts, run

ROOT = Path(__file__).parent.parent.parent
MARK = "K2COMPAT_NIGHTLY"  # in the environment of what is started here
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL)
# Command -> how long it runs at most before it is killed.
COMMANDS = {
    ("migrate", "--write", "--jobs", "2", "code"): 4.0,
    ("audit", "--jobs", "2", "code"): 3.0,
    ("parity", "script.py"): 20.0,
    ("run", "script.py"): 10.0,
    ("demo",): 10.0,
    ("repairs",): 8.0,
}
SCRIPT = """
import subprocess, sys
from keras import backend as K
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"])
f = K.function([K.placeholder((2,))], [K.constant(1.0)])
child.terminate()
"""
FILES = 24


def environment(token: str, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(folder / "tmp"),
        MARK: token,
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def running(token: str) -> list[int]:
    """Return the processes that have a token in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={token}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def laid_out(folder: Path) -> dict[Path, str]:
    """Write the code that commands work on; return the content of each file."""
    (folder / "tmp").mkdir()
    (folder / "code").mkdir()
    (folder / "script.py").write_text(SCRIPT)
    texts = {folder / "code" / f"m{number}.py": text for number, text in enumerate((sources() * FILES)[:FILES])}
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return texts


def check(draw: random.Random, counts: Counts) -> None:
    """Kill one command, and look at what it leaves."""
    command = draw.choice(list(COMMANDS))
    number = draw.choice(SIGNALS)
    with tempfile.TemporaryDirectory() as name:
        folder, token = Path(name), str(draw.random())
        before = laid_out(folder)
        started = [sys.executable, "-m", "k2compat", *command]
        with subprocess.Popen(
            started, cwd=folder, env=environment(token, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(draw.uniform(0, COMMANDS[command]))
            ended = process.poll() is not None
            process.send_signal(number)
        counts["ended before" if ended else f"{command[0]} {number.name}"] += 1
        for problem in left_by(command, number, folder, token, before):
            counts.fail(f"{command[0]} and {number.name}: {problem}")


def left_by(command: tuple[str, ...], number: int, folder: Path, token: str, before: dict[Path, str]) -> Iterator[str]:
    """Yield what is wrong after a command was killed."""
    end = time.monotonic() + 10
    # A program that `run` runs answers for what it starts, as under `python`.
    while (left := running(token)) and time.monotonic() < end:
        time.sleep(0.1)
    if left and command[0] != "run":
        yield f"{len(left)} processes still run"
    for process in running(token):
        os.kill(process, signal.SIGKILL)
    if number != signal.SIGKILL and (temporary := leftovers(folder)):
        yield f"{temporary} stay"
    if command[0] == "migrate":
        subprocess.run(
            [sys.executable, "-m", "k2compat", *command],
            cwd=folder,
            env=environment(token, folder),
            capture_output=True,
            check=False,
        )
        if temporary := leftovers(folder):
            yield f"{temporary} stay after the next run"
    elif any(path.read_text(encoding="utf-8") != text for path, text in before.items()):
        yield "a file was changed"


def leftovers(folder: Path) -> list[str]:
    """Return the temporary files of k2compat."""
    return [path.name for path in [*(folder / "tmp").glob("k2compat-*"), *(folder / "code").glob("*.k2compat")]]


if __name__ == "__main__":
    sys.exit(run(check, __doc__))
