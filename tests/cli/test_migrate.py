"""``k2compat migrate`` as a user calls it: diffs, exit codes, standard input, colours."""

import io
import subprocess
import sys
import types

import pytest

from k2compat.cli import main
from k2compat.migrate.rules import RULES
from migrate.cases import NEW, OLD, write

MANUAL = "from keras import backend as K\nK._helper(1)\n"


PYTHON_2 = "import keras\nprint 'x'\n"


def test_by_default_a_diff_is_shown_and_nothing_is_written(here, capsys):
    write(here, a_py=OLD)
    assert main(["migrate", "a.py"]) == 1
    shown = capsys.readouterr()
    assert shown.out == f"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-{OLD}+{NEW}"
    assert "1 change in 1 file; nothing written; 0 places need manual work." in shown.err
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
    assert main(["migrate", "--write", "."]) == 0
    assert [(here / name).read_text() for name in ("a.py", "sub/b.py")] == [NEW, NEW]
    before = (here / "a.py").stat().st_mtime_ns
    assert main(["migrate", "--write", "."]) == 0
    assert (here / "a.py").stat().st_mtime_ns == before


def test_check_lists_the_lines(here, capsys):
    write(here, a_py="\n" + MANUAL)
    assert main(["migrate", "--check", "a.py"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("a.py:2:1: swap.import: ")
    assert lines[1].startswith("a.py:3:1: swap.missing-names: needs manual work: `K._helper`")
    assert (here / "a.py").read_text() == "\n" + MANUAL


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"a_py": "import numpy\n"}, 0),
        ({"a_py": NEW}, 0),
        ({"a_py": OLD}, "changes"),
        ({"a_py": OLD, "b_py": MANUAL}, 2),
        ({"a_py": MANUAL, "b_py": PYTHON_2}, 3),
        ({"a_py": PYTHON_2.replace("keras", "numpy")}, 0),
    ],
)
@pytest.mark.parametrize(
    ("mode", "changes"),
    [([], 1), (["--check"], 1), (["--quiet"], 1), (["--write"], 0), (["--write", "--exit-non-zero-on-fix"], 1)],
    ids=str,
)
def test_exit_codes(here, files, code, mode, changes):
    write(here, **files)
    assert main(["migrate", *mode, "."]) == (changes if code == "changes" else code)


def test_a_dry_run_says_how_to_make_the_changes(here, capsys):
    write(here, a_py=OLD)
    main(["migrate", "."])
    assert capsys.readouterr().err.endswith("Run it with --write to make these changes.\n")
    main(["migrate", "--write", "."])
    assert "--write" not in capsys.readouterr().err


@pytest.mark.parametrize("mode", [[], ["--check"], ["--write"]], ids=str)
def test_quiet_prints_only_what_is_left_to_a_person(here, capsys, mode):
    write(here, a_py=OLD, b_py=PYTHON_2, c_py=MANUAL)
    assert main(["migrate", "--quiet", *mode, "."]) == 3
    printed = "".join(capsys.readouterr()).splitlines()
    assert [line.split(":")[0] for line in printed] == ["b.py", "c.py"]
    assert "needs manual work" in printed[1]


def test_standard_input_goes_to_standard_output(monkeypatch, capfdbinary):
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO("x = 'ä'\r\n".encode() + OLD.encode())))
    assert main(["migrate", "--write", "-"]) == 0
    assert capfdbinary.readouterr().out == "x = 'ä'\r\n".encode() + NEW.encode()


def test_standard_input_without_keras_comes_out_as_it_is(monkeypatch, capfdbinary):
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(b"\xff\0 any bytes")))
    assert main(["migrate", "--write", "-"]) == 0
    assert capfdbinary.readouterr().out == b"\xff\0 any bytes"


@pytest.mark.parametrize(
    "options", [["--level", "x"], ["--write", "--check"], ["--select", "x"], ["--explain", "x"], []]
)
def test_a_wrong_command_line_is_no_work_left(here, options):
    try:
        code = main(["migrate", *options, *(["."] if options else [])])
    except SystemExit as ended:
        code = ended.code
    assert code == 3


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_explains_itself(rule, capsys):
    assert main(["migrate", "--explain", rule.name]) == 0
    assert rule.explanation() in capsys.readouterr().out
    assert main(["migrate", "--list-rules"]) == 0
    assert rule.summary in capsys.readouterr().out


FAST = """
import sys
from k2compat.cli import main
code = main(["migrate", "--check", "."])
print(sorted({name.partition(".")[0] for name in sys.modules} & {"tensorflow", "keras", "tf_keras", "numpy"}))
"""


def test_no_tensorflow_is_loaded(here):
    write(here, a_py=MANUAL)
    done = subprocess.run([sys.executable, "-c", FAST], cwd=here, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_colours_on_a_terminal(here, monkeypatch, capsys):
    write(here, a_py=OLD)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    main(["migrate", "a.py"])
    assert "\x1b[32m+from k2compat" in capsys.readouterr().out


def test_the_option_for_colours_goes_before_the_terminal(here, monkeypatch, capsys):
    write(here, a_py=OLD)
    monkeypatch.setenv("TERM", "xterm")
    main(["migrate", "--color", "always", "a.py"])
    assert "\x1b[32m+from k2compat" in capsys.readouterr().out
    main(["migrate", "a.py"])
    assert "\x1b" not in capsys.readouterr().out
    monkeypatch.setenv("FORCE_COLOR", "1")
    main(["migrate", "--color", "never", "a.py"])
    assert "\x1b" not in capsys.readouterr().out


def test_no_color_in_the_environment_is_respected(here, monkeypatch, capsys):
    write(here, a_py=OLD)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    main(["migrate", "a.py"])
    assert "\x1b[3" not in capsys.readouterr().out
