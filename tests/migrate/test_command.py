"""``k2compat migrate`` as a user calls it: files, exit codes, reports; and what goes wrong with files."""

import io
import json
import os
import subprocess
import sys
import types

import pytest

from k2compat.cli import main
from k2compat.migrate.rules import RULES
from migrate.cases import NEW, OLD, write

LEFT = "from keras import backend as K\nK._helper(1)\n"
PYTHON_2 = "import keras\nprint 'x'\n"


def test_by_default_a_diff_is_shown_and_nothing_is_written(here, capsys):
    write(here, a_py=OLD)
    assert main(["migrate", "a.py"]) == 1
    shown = capsys.readouterr()
    assert shown.out == f"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-{OLD}+{NEW}"
    assert "1 change in 1 file; nothing written; 0 places left for you." in shown.err
    assert (here / "a.py").read_text() == OLD


@pytest.mark.parametrize("content", ["import keras\r\nx = keras.backend.mean\r\n", OLD[:-1], "\f" + OLD + "\fx = '€'"])
def test_patch_makes_of_the_diff_what_write_writes(here, capfdbinary, content):
    write(here, a_py=content, b_py=content)
    main(["migrate", "a.py"])
    patched = subprocess.run(["patch", "--binary", "-p1"], input=capfdbinary.readouterr().out, cwd=here, check=False)
    assert patched.returncode == 0
    main(["migrate", "--write", "b.py"])
    assert (here / "a.py").read_bytes() == (here / "b.py").read_bytes() != content.encode()


def test_write_writes_and_twice_is_once(here):
    write(here, a_py=OLD, sub__b_py=OLD, sub__c_py="import numpy\n")
    assert main(["migrate", "--write", "."]) == 1
    assert [(here / name).read_text() for name in ("a.py", "sub/b.py")] == [NEW, NEW]
    before = (here / "a.py").stat().st_mtime_ns
    assert main(["migrate", "--write", "."]) == 0
    assert (here / "a.py").stat().st_mtime_ns == before


def test_check_lists_the_lines(here, capsys):
    write(here, a_py="\n" + LEFT)
    assert main(["migrate", "--check", "a.py"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("a.py:2:1: swap.import: ")
    assert lines[1].startswith("a.py:3:1: swap.names: left for you: `K._helper`")
    assert (here / "a.py").read_text() == "\n" + LEFT


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"a_py": "import numpy\n"}, 0),
        ({"a_py": NEW}, 0),
        ({"a_py": OLD}, 1),
        ({"a_py": OLD, "b_py": LEFT}, 2),
        ({"a_py": LEFT, "b_py": PYTHON_2}, 3),
        ({"a_py": PYTHON_2.replace("keras", "numpy")}, 0),
    ],
)
@pytest.mark.parametrize("mode", [[], ["--check"], ["--write"]], ids=str)
def test_exit_codes(here, files, code, mode):
    write(here, **files)
    assert main(["migrate", *mode, "."]) == code


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
    assert main(["migrate", "--write", "a.py"]) == 1
    assert (here / "a.py").read_bytes() == text.replace(OLD, NEW).encode(encoding)


def test_standard_input_goes_to_standard_output(monkeypatch, capfdbinary):
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO("x = 'ä'\r\n".encode() + OLD.encode())))
    assert main(["migrate", "--write", "-"]) == 1
    assert capfdbinary.readouterr().out == "x = 'ä'\r\n".encode() + NEW.encode()


def test_standard_input_without_keras_comes_out_as_it_is(monkeypatch, capfdbinary):
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(b"\xff\0 any bytes")))
    assert main(["migrate", "--write", "-"]) == 0
    assert capfdbinary.readouterr().out == b"\xff\0 any bytes"


def test_many_files_are_worked_on_in_processes(here, capsys):
    files = {f"m{number}_py": OLD + f"x = {number}\n" * 3000 for number in range(10)}
    write(here, **files, bad_py=PYTHON_2)
    assert main(["migrate", "--write", "--jobs", "2", "."]) == 3
    for name, content in files.items():
        assert (here / name.replace("_py", ".py")).read_text() == content.replace(OLD, NEW)
    assert "10 changes in 10 files; 10 written; 0 places left for you; 1 file that could not be used" in (
        capsys.readouterr().err
    )


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
    assert main(["migrate", "--write", "script"]) == 1
    assert main(["migrate", "--check", "script", "--exclude", "scr*"]) == 0


def test_globs(here):
    write(here, a__x_py=OLD, a__b__y_py=OLD, z_py=OLD)
    assert main(["migrate", "--write", "a/**/*.py"]) == 1
    assert [(here / name).read_text() for name in ("a/x.py", "a/b/y.py", "z.py")] == [NEW, NEW, OLD]


def test_pyproject_configures(here, capsys):
    write(here, a_py=OLD, b_py=OLD)
    write(here, **{"pyproject.toml": '[tool.k2compat]\nignore = ["swap.import"]\nexclude = ["b.py"]\nunsafe = true\n'})
    assert main(["migrate", "."]) == 0
    write(here, **{"pyproject.toml": "[tool.other]\n"})
    assert main(["migrate", "."]) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[tool.k2compat]\nlevle = 'swap'\n", "no key 'levle'"),
        ("[tool.k2compat]\nselect = 'swap'\n", "not a list of texts"),
        ("[tool.k2compat]\nselect = [1]\n", "not a list of texts"),
        ("[tool.k2compat]\nselect = ['swop']\n", "no rule or level 'swop'"),
        ("[tool.k2compat]\nlevel = 'keras4'\n", "'keras4'"),
        ("[tool.k2compat\n", "pyproject.toml"),
    ],
)
def test_a_wrong_configuration_is_told(here, capsys, content, message):
    write(here, a_py=OLD, **{"pyproject.toml": content})
    assert main(["migrate", "--write", "a.py"]) == 3
    assert message in capsys.readouterr().err
    assert (here / "a.py").read_text() == OLD


@pytest.mark.parametrize(
    "options", [["--level", "x"], ["--write", "--check"], ["--select", "x"], ["--explain", "x"], []]
)
def test_a_wrong_command_line_is_no_work_left(here, options):
    try:
        code = main(["migrate", *options, *(["."] if options else [])])
    except SystemExit as ended:
        code = ended.code
    assert code == 3


def test_select_and_ignore_take_rules_and_levels(here, capsys):
    write(here, a_py=OLD + "import keras\nkeras.backend.mean\n")
    main(["migrate", "--select", "swap.import", "a.py"])
    assert "+K.mean" not in capsys.readouterr().out
    main(["migrate", "--select", "swap", "--ignore", "swap.import,swap.names", "a.py"])
    shown = capsys.readouterr().out
    assert "-keras.backend.mean" in shown
    assert "-from keras import backend" not in shown


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_explains_itself(rule, capsys):
    assert main(["migrate", "--explain", rule.name]) == 0
    assert rule.explanation() in capsys.readouterr().out
    assert main(["migrate", "--list-rules"]) == 0
    assert rule.summary in capsys.readouterr().out


@pytest.fixture
def reported(here):
    """A report of a folder, by suffix."""
    write(here, a_py="\n" + LEFT, bad_py=PYTHON_2)

    def report(suffix):
        assert main(["migrate", "--report", f"r{suffix}", "."]) == 3
        return (here / f"r{suffix}").read_text()

    return report


def test_the_report_in_json(reported):
    found = json.loads(reported(".json"))
    assert found["exit_code"] == 3
    first, second = found["files"]
    assert (first["path"], second["path"]) == ("a.py", "bad.py")
    assert [(entry["rule"], entry["line"]) for entry in first["changes"]] == [("swap.import", 2)]
    assert [(entry["rule"], entry["line"]) for entry in first["left"]] == [("swap.names", 3)]
    assert "line 2" in second["problems"][0]


def test_the_report_in_sarif(reported):
    (run,) = json.loads(reported(".sarif"))["runs"]
    found = [
        (result["ruleId"], result["level"], result["locations"][0]["physicalLocation"]["region"]["startLine"])
        for result in run["results"]
    ]
    assert found == [("swap.import", "note", 2), ("swap.names", "warning", 3)]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert not run["invocations"][0]["executionSuccessful"]


def test_the_report_in_text(reported):
    lines = reported(".txt").splitlines()
    assert lines[0].startswith("a.py:2:1: swap.import")
    assert lines[-1].startswith("1 change in 1 file; nothing written; 1 place left for you; 1 file that could not")


def test_after_writing_lines_are_those_of_the_new_file(here, capsys):
    write(here, a_py="from keras import layers, backend as K\nK._helper(1)\n")
    main(["migrate", "a.py"])
    assert "a.py:2:1: swap.names" in capsys.readouterr().err
    main(["migrate", "--write", "a.py"])
    assert "a.py:3:1: swap.names" in capsys.readouterr().err


FAST = """
import sys
from k2compat.cli import main
code = main(["migrate", "--check", "."])
print(sorted({name.partition(".")[0] for name in sys.modules} & {"tensorflow", "keras", "tf_keras", "numpy"}))
"""


def test_no_tensorflow_is_loaded(here):
    write(here, a_py=LEFT)
    done = subprocess.run([sys.executable, "-c", FAST], cwd=here, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_colours_on_a_terminal(here, monkeypatch, capsys):
    write(here, a_py=OLD)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    main(["migrate", "a.py"])
    assert "\x1b[32m+from k2compat" in capsys.readouterr().out


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
    assert main(["migrate", "--write", "a.py"]) == 1
    assert (here / "a.py").read_text().startswith(NEW)
    assert os.listdir(here) == ["a.py"]
