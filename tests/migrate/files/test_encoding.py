"""A file is written whole or not at all, whatever happens meanwhile."""

import stat
import subprocess
import sys

import pytest

from k2compat.cli import main
from k2compat.migrate.files import encoding as sources
from k2compat.migrate.files.migrate_file import Settings, one_file
from k2compat.migrate.files.migrate_file import write as write_outcome
from k2compat.migrate.rules import RULES
from migrate.cases import NEW, OLD, write


def test_a_read_only_file_stays(here, capsys):
    write(here, a_py=OLD, b_py=OLD)
    (here / "a.py").chmod(0o444)
    assert main(["migrate", "--write", "."]) == 3
    assert "a.py: is read-only" in capsys.readouterr().err
    assert [(here / name).read_text() for name in ("a.py", "b.py")] == [OLD, NEW]


def test_permissions_and_symbolic_links_stay(here):
    write(here, a_py=OLD)
    (here / "a.py").chmod(0o754)
    (here / "link.py").symlink_to("a.py")
    assert main(["migrate", "--write", "link.py"]) == 0
    assert (here / "link.py").is_symlink()
    assert (here / "a.py").read_text() == NEW
    assert stat.S_IMODE((here / "a.py").stat().st_mode) == 0o754


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_end_in_the_middle_of_writing_leaves_the_whole_old_file(here, monkeypatch, step):
    write(here, a_py=OLD)

    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(sources.os, step, killed)
    assert main(["migrate", "--write", "a.py"]) == 130
    assert (here / "a.py").read_text() == OLD
    assert [path.name for path in here.iterdir()] == ["a.py"]


KILLED = """
import os, signal, sys
from k2compat.migrate.files import encoding
encoding.os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from k2compat.cli import main
main(["migrate", "--write", "a.py"])
"""


def test_a_kill_in_the_middle_of_writing_leaves_the_whole_old_file(here):
    write(here, a_py=OLD)
    done = subprocess.run([sys.executable, "-c", KILLED], cwd=here, check=False, capture_output=True)
    assert done.returncode == -9
    assert (here / "a.py").read_text() == OLD


def test_a_full_disk_is_reported(here, monkeypatch, capsys):
    write(here, a_py=OLD)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sources.os, "fsync", full)
    assert main(["migrate", "--write", "a.py"]) == 3
    assert "a.py: cannot be written: No space left" in capsys.readouterr().err
    assert [path.name for path in here.iterdir()] == ["a.py"]


def test_what_another_program_wrote_meanwhile_stays(here):
    write(here, a_py=OLD)
    mine = "# mine\n" + OLD
    outcome = one_file(here / "a.py", Settings(tuple(rule.name for rule in RULES), write=True))
    (here / "a.py").write_text(mine)
    write_outcome(outcome)
    assert not outcome.written
    assert outcome.problems == ["has changed while it was being worked on"]
    assert (here / "a.py").read_text() == mine
