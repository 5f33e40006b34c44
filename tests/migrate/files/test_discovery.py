"""Which files a command line means: folders, globs, and what is left out."""

import json
import os
import socket
import subprocess
from urllib.parse import unquote_to_bytes

import pytest

from k2compat.cli import main
from migrate.cases import NEW, OLD, write


def test_gitignore_and_exclude(here, capsys):
    write(
        here,
        **{".gitignore": "/out/\n*_gen.py\n", "sub/.gitignore": "!keep_gen.py\nlocal.py\n"},
        a_py=OLD,
        out__b_py=OLD,
        sub__local_py=OLD,
        other__local_py=OLD,
        third__c_py=OLD,
        venv__d_py=OLD,
    )
    write(here, **{"x_gen.py": OLD, "sub/keep_gen.py": OLD, "sub/y_gen.py": OLD, "venv/pyvenv.cfg": "", "a.txt": OLD})
    main(["migrate", "--write", "--exclude", "third/", "."])
    done = sorted(
        str(path.relative_to(here)) for path in here.rglob("*.*") if path.is_file() and path.read_text() == NEW
    )
    assert done == ["a.py", "other/local.py", "sub/keep_gen.py"]


def test_a_named_file_is_done_whatever_it_is_called_and_ignored(here):
    write(here, **{".gitignore": "script\n", "script": OLD})
    assert main(["migrate", "--write", "script"]) == 0
    assert main(["migrate", "--check", "script", "--exclude", "scr*"]) == 0


def test_globs(here):
    write(here, a__x_py=OLD, a__b__y_py=OLD, z_py=OLD)
    assert main(["migrate", "--write", "a/**/*.py"]) == 0
    assert [(here / name).read_text() for name in ("a/x.py", "a/b/y.py", "z.py")] == [NEW, NEW, OLD]


@pytest.mark.parametrize("line", ["!", "\\", "[z-a]", "a\\", "[", "x\0", "\xff", "[[:alpha:]]x"])
def test_a_line_of_gitignore_that_is_no_pattern_counts_for_nothing(here, line):
    write(here, **{".gitignore": line + "\nout.py\n"}, a_py=OLD, out_py=OLD)
    assert main(["migrate", "--write", "."]) == 0
    assert [(here / name).read_text() for name in ("a.py", "out.py")] == [NEW, OLD]


@pytest.mark.parametrize("pattern", ["!", "\\", "[z-a]"])
def test_a_pattern_that_is_none_is_named(here, capsys, pattern):
    write(here, a_py=OLD)
    assert main(["migrate", "--exclude", "x", "--exclude", pattern, "."]) == 3
    assert f"k2compat migrate: {pattern!r} is no pattern that .gitignore can have" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["x.py", ".gitignore", "old.py", "n.ipynb"])
def test_nothing_waits_for_a_pipe(here, capsys, name):
    write(here, a_py=OLD + "from old import K as z\n")
    os.mkfifo(here / name)
    code = main(["migrate", "--write", "--level", "native", "."])
    assert "k2compat" not in (here / "a.py").read_text() or (here / "a.py").read_text().startswith(NEW)
    assert (code == 3) == (name != ".gitignore")
    assert ("is no regular file" in capsys.readouterr().err) == (name != ".gitignore")


def test_a_socket_and_a_device_are_named(here, capsys):
    write(here, a_py=OLD)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.py")
        assert main(["migrate", "--write", ".", "/dev/zero"]) == 3
    errors = capsys.readouterr().err
    assert "s.py: cannot be read" in errors
    assert "/dev/zero: is no regular file" in errors
    assert (here / "a.py").read_text() == NEW


def test_a_link_is_followed_inside_the_folder_only(here, capsys):
    write(here, in__a_py=OLD, out__b_py=OLD, out__d__c_py=OLD)
    (here / "in" / "link_in.py").symlink_to("a.py")
    (here / "in" / "link_out.py").symlink_to("../out/b.py")
    (here / "in" / "folder_out").symlink_to("../out/d")
    (here / "in" / ".#a.py").symlink_to("user@host.123:456")  # as Emacs locks files
    assert main(["migrate", "--write", "in"]) == 0
    assert [(here / name).read_text() for name in ("in/a.py", "out/b.py", "out/d/c.py")] == [NEW, OLD, OLD]
    errors = capsys.readouterr().err
    assert errors.count("skipped, a link that leads out of the folder") == 2
    assert (here / "in" / "link_in.py").is_symlink()
    assert main(["migrate", "--write", "in/link_out.py"]) == 0  # whoever names it means it
    assert (here / "out" / "b.py").read_text() == NEW


ODD_NAMES = [b"a\xff.py", b"a\x1b]0;title\x07.py", b"a\nb.py", "ü €.py".encode(), b'a"b\\c.py', b"a%20#?.py"]


@pytest.mark.parametrize("name", ODD_NAMES, ids=repr)
@pytest.mark.parametrize("mode", [[], ["--check"], ["--write"]], ids=str)
def test_files_may_be_called_anything(here, capfdbinary, name, mode):
    path = os.fsdecode(name)
    (here / path).write_text(OLD)
    for report in ("r.txt", "r.json", "r.sarif"):
        (here / path).write_text(OLD)
        assert main(["migrate", *mode, "--report", report, "."]) == (0 if mode == ["--write"] else 1)
    shown = b"".join(capfdbinary.readouterr()) + (here / "r.txt").read_bytes()
    assert not any(sign in shown for sign in (b"\x1b", b"\x07", b"\xff", b"a\nb"))
    assert json.loads((here / "r.json").read_text())["files"][0]["path"] == path
    (result,) = json.loads((here / "r.sarif").read_text())["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert not set(uri) & set(' "\\#?\n\x1b')
    assert unquote_to_bytes(uri) == name


@pytest.mark.parametrize("name", ODD_NAMES, ids=repr)
def test_patch_finds_files_of_any_name(here, capfdbinary, name):
    path = os.fsdecode(name)
    (here / path).write_text(OLD)
    main(["migrate", "."])
    subprocess.run(["patch", "-p1"], input=capfdbinary.readouterr().out, cwd=here, check=True, capture_output=True)
    assert (here / path).read_text() == NEW
