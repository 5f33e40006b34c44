"""One file: what goes wrong with it stops no other, and encodings stay."""

import os
import sys

import pytest

from k2compat.cli import main
from k2compat.migrate.rules import RULES
from migrate.cases import NEW, OLD, write

PYTHON_2 = "import keras\nprint 'x'\n"


def test_what_cannot_be_used_is_named_and_the_others_are_done(here, capsys):
    write(
        here,
        a_py=OLD,
        old_py=PYTHON_2,
        binary_py=b"keras\0\xff",
        latin_py="# keras ä\n".encode("latin-1"),
        codec_py=b"# coding: no-such-codec\nimport keras\n",
    )
    (here / "b.ipynb").write_text('{"cells": "keras"}')
    (here / "c.ipynb").write_text('{"cells": [keras')
    assert main(["migrate", "--write", ".", "missing.py", "*.nothing"]) == 3
    shown = capsys.readouterr().err
    for name in ("old.py: cannot be parsed as Python 3: line 2", "binary.py: has NUL", "latin.py: cannot be decoded"):
        assert name in shown
    for name in ("codec.py: cannot", "b.ipynb: no notebook", "c.ipynb: no notebook", "missing.py: no such"):
        assert name in shown
    assert "*.nothing: no file of that pattern" in shown
    assert (here / "a.py").read_text() == NEW


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("latin-1", "# -*- coding: latin-1 -*-\r\n"),
        ("utf-8-sig", ""),
        ("cp1252", "#!/usr/bin/python\n# coding: cp1252\n"),
    ],
)
def test_encodings_stay(here, encoding, head):
    text = head + "x = 'Übergröße'\t\r\n" + OLD + "\fy = 'ä'"
    write(here, a_py=text.encode(encoding))
    assert main(["migrate", "--write", "a.py"]) == 0
    assert (here / "a.py").read_bytes() == text.replace(OLD, NEW).encode(encoding)


def test_an_unforeseen_error_in_a_rule_stops_one_file_only(here, monkeypatch, capsys):
    write(here, a_py=OLD + "boom\n", b_py=OLD)
    check = RULES[0].check

    def fails(self, module):
        if "boom" in module.source:
            raise ZeroDivisionError("boom")
        return check(self, module)

    monkeypatch.setattr(RULES[0], "check", fails)
    assert main(["migrate", "--write", "."]) == 3
    assert "a.py: ZeroDivisionError: boom; please report this" in capsys.readouterr().err
    assert (here / "b.py").read_text() == NEW


@pytest.mark.skipif(
    sys.version_info[:2] == (3, 12), reason="Python 3.12 limits how deep C calls Python, whatever the recursion limit"
)
def test_a_long_sum_is_no_problem(here):
    write(here, a_py=OLD + "x = " + " + ".join(["1"] * 1500) + "\n")
    assert main(["migrate", "--write", "a.py"]) == 0
    assert (here / "a.py").read_text().startswith(NEW)
    assert os.listdir(here) == ["a.py"]
