"""The processes of a comparison end with it, and with the command, whatever that ends by."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from processes import children_of, is_running, wait_until

from k2compat.parity import run
from k2compat.parity.side import Side

# What a side does, without TensorFlow: it starts a process that goes on, and a thread of a pool, and tells their ids.
SIDE = f"""
import os, runpy, subprocess, sys, time
runpy.run_path({str(run.BOOTSTRAP)!r}, run_name="side")["end_with"](int(sys.argv[1]))
going_on = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open("ids", "w") as file:
    print(os.getpid(), going_on.pid, file=file)
os.rename("ids", "told")
"""
# The command, whose sides do that.
COMMAND = """
import sys
from pathlib import Path
from k2compat.parity import run
from k2compat.parity.side import Side
with run.started(Side("", "graph", "", "", Path()), [sys.executable, "side.py"]) as process:
    process.wait()
"""


def side(folder, ends):
    (folder / "side.py").write_text(SIDE + ("" if ends else "time.sleep(600)\n"))
    return Side("", "graph", "", "", folder)


def told(folder):
    wait_until((folder / "told").exists)
    return [int(number) for number in (folder / "told").read_text().split()]


@pytest.mark.parametrize("ends", [True, False], ids=["ends", "is-stopped"])
def test_what_a_side_starts_ends_with_it(here, ends):
    with run.started(side(here, ends), [sys.executable, "side.py"]) as process:
        ids = told(here)
        if ends:
            process.wait()
    wait_until(lambda: not any(map(is_running, ids)))
    assert not [line for line in processes_of_group(ids[0]) if "defunct" not in line]


def processes_of_group(group):
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if line.split()[0] == str(group)]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_sides_end_when_the_command_is_killed(here, number):
    side(here, ends=False)
    environment = {**os.environ, "PYTHONPATH": str(Path(run.__file__).parent.parent.parent)}
    with subprocess.Popen([sys.executable, "-c", COMMAND], cwd=here, env=environment) as process:
        ids = told(here)
        assert ids[0] in children_of(process.pid)
        process.send_signal(number)
    wait_until(lambda: not any(map(is_running, ids)))
    wait_until(lambda: not [line for line in processes_of_group(ids[0]) if "defunct" not in line])


def test_a_script_has_no_child_it_did_not_start(here):
    (here / "side.py").write_text(SIDE.partition("going_on")[0] + "os.wait()\n")
    with run.started(Side("", "graph", "", "", here), [sys.executable, "side.py"]) as process:
        process.wait(60)
    assert "ChildProcessError" in (here / "stderr.txt").read_text()
