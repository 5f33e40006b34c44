"""Runs Python in a process of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

from paths import PACKAGE


def run_script(script, *arguments, cwd=None, path=None, given=None, check=True, **environment):
    """Run code or a script in a process of its own, with the k2compat of this one.

    Args:
        script: the code, or the path of a file.
        *arguments: those of the script.
        cwd: its working directory.
        path: a folder to import from, in place of the one of k2compat.
        given: its standard input.
        check: whether it has to end well.
        **environment: further variables of its environment.

    Returns:
        The ``subprocess.CompletedProcess``, its output as strings.
    """
    command = [str(script)] if isinstance(script, Path) else ["-c", script]
    done = subprocess.run(
        [sys.executable, *command, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(path or PACKAGE.parent), **environment},
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert not check or done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    return done


# A background job, or one under nohup, ignores signals, and so does what it starts.
HEEDING_SIGNALS = """
import signal, sys
from k2compat.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
sys.exit(main(sys.argv[1:]))
"""


def command_heeding_signals(*arguments):
    """Return how ``k2compat`` is started with these arguments, so that it heeds signals wherever the tests run."""
    return [sys.executable, "-c", HEEDING_SIGNALS, *map(str, arguments)]


def children_of(process):
    """Return the ids of the processes that a process has started, and that still run."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = (map(int, line.split()) for line in listed.splitlines())
    return [child for child, parent in pairs if parent == process and is_running(child)]


def is_running(process):
    """Return whether there is a process of that id that has not ended."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return found.stdout.strip() != "" and not found.stdout.startswith("Z")


def wait_until(condition, seconds=60):
    """Wait until a condition holds; fail if it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this did not come about"
        time.sleep(0.05)
