"""Many files in several processes, any of which may die."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from processes import children_of, command_heeding_signals, is_running, wait_until

import k2compat
from k2compat.cli import main
from k2compat.migrate.files.migrate_file import Settings
from k2compat.migrate.files.worker import Worker
from migrate.cases import NEW, OLD, write

PYTHON_2 = "import keras\nprint 'x'\n"


def many(here, count=10, lines=4000):
    files = {f"m{number}_py": OLD + f"x = {number}\n" * lines for number in range(count)}
    write(here, **files)
    return files


def started(here, *arguments):
    """Start a command that works on many files with two processes, and wait for these."""
    environment = {**os.environ, "PYTHONPATH": str(Path(k2compat.__file__).parent.parent)}
    command = command_heeding_signals("migrate", "--jobs", "2", *arguments, ".")
    process = subprocess.Popen(command, cwd=here, env=environment, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: len(children_of(process.pid)) == 2)
    return process


def test_many_files_are_worked_on_in_processes(here, capsys):
    files = many(here)
    write(here, bad_py=PYTHON_2)
    assert main(["migrate", "--write", "--jobs", "2", "."]) == 3
    for name, content in files.items():
        assert (here / name.replace("_py", ".py")).read_text() == content.replace(OLD, NEW)
    assert "10 changes in 10 files; 10 written; 0 places need manual work; 1 file that could not be used" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_processes_end_with_the_command(here, number):
    many(here, count=40)
    process = started(here, "--write")
    workers = children_of(process.pid)
    process.send_signal(number)
    process.communicate(timeout=60)
    expected = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}
    assert process.returncode == expected[number]
    wait_until(lambda: not any(map(is_running, workers)))
    whole = {text for number in range(40) for text in (OLD + f"x = {number}\n" * 4000, NEW + f"x = {number}\n" * 4000)}
    assert {path.read_text() for path in here.iterdir()} <= whole


def test_a_process_that_dies_costs_the_file_it_worked_on(here):
    many(here, count=20)
    process = started(here, "--write")
    time.sleep(1)  # until it works
    os.kill(children_of(process.pid)[0], signal.SIGSEGV)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 3
    assert "the process that worked on it was ended by SIGSEGV" in errors
    assert "1 file that could not be used" in errors
    assert sum(path.read_text().startswith(NEW) for path in here.iterdir()) >= 19


def test_a_worker_goes_on_with_the_next_file(here):
    write(here, a_py=OLD, b_py=PYTHON_2)
    worker = Worker(Settings(("swap.import",)))
    assert worker.work_on(here / "a.py").new == NEW
    assert "Missing parentheses" in worker.work_on(here / "b.py").problems[0]
    assert worker.work_on(here / "a.py").new == NEW
    assert worker.wait() == 0
    assert worker.work_on(here / "a.py").problems == ["the process that worked on it ended with exit code 0"]
