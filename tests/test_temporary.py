"""Temporary files and folders go with their process; those a killed one has left go with the next."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from processes import command_heeding_signals, run_script, wait_until

from k2compat.cli import main
from k2compat.temporary import new_file, new_folder, remove_folder
from migrate.cases import NEW, OLD, write
from reference.live import missing

pytestmark = pytest.mark.keras3_only

PREFIX = "k2compat-test-"
KEEPS_A_FOLDER = f"""
import time
from k2compat.temporary import new_folder
folder = new_folder({PREFIX!r})
(folder / "large").write_bytes(bytes(1000))
print(folder, flush=True)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return the folder for temporary files, also for processes that are started."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_goes_with_its_process(place):
    assert place in Path(run_script(KEEPS_A_FOLDER).stdout.strip()).parents
    assert list(place.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_one(place):
    (place / f"{PREFIX}abcdefgh").mkdir()  # has no lock: not ours
    code = KEEPS_A_FOLDER + "time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        folder = Path(process.stdout.readline().strip())
        other = new_folder(PREFIX)
        assert folder.exists()  # it is in use
        process.kill()
    assert (folder / "large").exists()
    third = new_folder(PREFIX)
    assert {path.name for path in place.iterdir()} == {f"{PREFIX}abcdefgh", other.name, third.name}
    remove_folder(other)
    remove_folder(third)
    assert {path.name for path in place.iterdir()} == {f"{PREFIX}abcdefgh"}


def test_a_fork_does_not_remove_the_folder_of_its_parent(place):
    code = KEEPS_A_FOLDER + "import os, sys\nif os.fork() == 0: sys.exit()\nos.wait()\nprint(folder.exists())"
    assert run_script(code).stdout.splitlines()[-1] == "True"
    assert list(place.iterdir()) == []


def test_new_content_that_was_never_put_in_place_is_removed_by_the_next_run(here):
    write(here, a_py=OLD, **{".a.py.abcd1234.k2compat": OLD, ".b.k2compat": "mine", ".a.py.abcd1234.k2compat~": "mine"})
    (here / ".c.py.abcd1234.k2compat").symlink_to(".b.k2compat")
    file, name = new_file(here, ".a.py.", ".k2compat")
    with file:
        assert main(["migrate", "."]) == 1
        assert (here / ".a.py.abcd1234.k2compat").exists()  # nothing is written, nothing removed
        assert main(["migrate", "--write", "."]) == 0
        assert (here / "a.py").read_text() == NEW
        assert Path(name).exists()  # another process writes it
    left = {path.name for path in here.iterdir()} - {Path(name).name}
    assert left == {"a.py", ".b.k2compat", ".a.py.abcd1234.k2compat~", ".c.py.abcd1234.k2compat"}


@pytest.mark.slow
@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_parity_removes_its_folder_when_it_is_ended(place, number):
    (place / "sub").mkdir()
    script = place / "sub" / "script.py"
    script.write_text("import time\ntime.sleep(600)\n")
    command = command_heeding_signals("parity", script)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_until(lambda: any(place.glob("k2compat-parity-*/*/stdout.txt")), seconds=200)
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert "k2compat parity: interrupted; --keep FOLDER keeps what is recorded" in errors
    assert process.returncode == {signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 2}[number]
    assert [path.name for path in place.iterdir()] == ["sub"]
