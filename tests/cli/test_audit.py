"""``k2compat audit``: the counts of files, the ratchet, and what a program really called."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import k2compat
from k2compat.cli import main

OLD = """\
import tensorflow as tf
from keras import backend as K

tf.compat.v1.disable_eager_execution()
K.set_session(tf.compat.v1.Session())


def loss(y_true, y_pred):
    return K.mean(K.square(y_pred - y_true))


x = K.placeholder((1,))
"""
KEPT = "from keras import backend as K  # k2compat: ignore\n"
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "source": ["import keras\n", "keras.backend.mean(3)"], "metadata": {}, "outputs": []}
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 4,
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with an old file, one that is kept, a notebook, and one that is no business of ours."""
    (tmp_path / "old.py").write_text(OLD)
    (tmp_path / "kept.py").write_text(KEPT)
    (tmp_path / "note.ipynb").write_text(json.dumps(NOTEBOOK))
    (tmp_path / "other.py").write_text("print('hello')\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def audit(capsys, *arguments):
    """Runs the command: exit code, output, errors."""
    code = main(["audit", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_the_share_of_names_that_become_native(project, capsys):
    _, out, _ = audit(capsys, "old.py")
    assert "75 %" in out  # K.set_session, K.mean and K.square, but K.placeholder
    assert "%" not in audit(capsys, "old.py", "--level", "keras3")[1]
    _, found = counts(capsys, "old.py")
    assert found["automatic"] == 3


def counts(capsys, *arguments):
    code, out, _ = audit(capsys, *arguments, "--json", "-")
    return code, json.loads(out)


def test_the_counts_of_a_file(project, capsys):
    code, found = counts(capsys, "old.py")
    assert code == 0
    (file,) = found["files"]
    assert file["path"] == "old.py"
    # The import and the switch; the session without settings; K.mean and K.square; K.placeholder needs manual work.
    assert file["levels"]["swap"] == {"changes": 2, "left": 0}
    assert file["levels"]["keras3"] == {"changes": 1, "left": 0}
    assert file["levels"]["native"] == {"changes": 2, "left": 1}
    assert file["rules"] == {"swap.graph-mode": 1, "swap.import": 1, "keras3.gpu-session": 1, "native.k-ops": 3}
    assert file["names"] == {"set_session": 1, "mean": 1, "square": 1, "placeholder": 1}
    assert (file["switches"], file["sessions"], file["suppressed"], file["problems"]) == (1, 2, 0, [])
    assert found["total"] == file["total"] == 6


def test_what_a_comment_keeps_off_is_counted_as_such(project, capsys):
    _, found = counts(capsys, "kept.py")
    assert found["total"] == 0
    assert found["suppressed"] == 1


def test_the_json_has_sums_and_every_file(project, capsys):
    code, found = counts(capsys, ".", "--fail-over", "100")
    assert code == 0
    assert list(found) == [
        "k2compat", "total", "fail_over", "levels", "names", "automatic", "switches", "sessions", "suppressed", "files",
    ]  # fmt: skip
    assert found["k2compat"] == version("k2compat")
    assert found["fail_over"] == 100
    assert [file["path"] for file in found["files"]] == ["kept.py", "note.ipynb", "old.py", "other.py"]
    assert found["total"] == sum(file["total"] for file in found["files"])
    assert found["names"]["mean"] == 2  # one is in the notebook
    for level in ("swap", "keras3", "native"):
        sums = {kind: sum(file["levels"][level][kind] for file in found["files"]) for kind in ("changes", "left")}
        assert found["levels"][level] == sums


def test_a_level_counts_those_before_it(project, capsys):
    _, found = counts(capsys, "old.py", "--level", "swap")
    assert list(found["levels"]) == ["swap"]
    assert found["total"] == 2


def test_the_ratchet(project, capsys):
    total = counts(capsys, "old.py")[1]["total"]
    assert audit(capsys, "old.py", "--fail-over", str(total))[0] == 0
    code, _, errors = audit(capsys, "old.py", "--fail-over", str(total - 1))
    assert code == 1
    assert f"{total} findings, more than the {total - 1} allowed" in errors
    assert audit(capsys, "other.py", "--fail-over", "0")[0] == 0


def test_the_table(project, capsys):
    code, out, _ = audit(capsys, ".", "--json", "counts.json")
    assert code == 0
    row = next(line for line in out.splitlines() if "old.py" in line)
    assert [cell.strip() for cell in row.split("│")][1:3] == ["old.py", "2"]
    assert "3 (1)" in row
    assert "other.py" not in out
    assert "K names: mean 2, " in out
    assert json.loads((project / "counts.json").read_text())["names"]["mean"] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no file or folder given"),
        (["missing.py"], "missing.py"),
        (["python2.py"], "cannot be parsed as Python 3: line 2"),
        (["--runtime", "missing.jsonl"], "missing.jsonl"),
        (["--runtime", "old.py"], "line 1: not written by K2COMPAT_AUDIT"),
    ],
)
def test_what_cannot_be_used(project, capsys, arguments, message):
    (project / "python2.py").write_text("import keras\nprint 'hello'\n")
    code, _, errors = audit(capsys, *arguments)
    assert code == 3
    assert message in errors


def test_an_option_that_is_none(project, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["audit", "old.py", "--fail-over", "few"])
    assert ended.value.code == 3


CALLS = """\
import os
import keras
import numpy as np
from k2compat import backend as K
from k2compat.backend import square


def loss(y_true, y_pred):
    return K.mean(
        square(y_true - y_pred))


model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(3)])
model.compile("sgd", loss)
model.train_on_batch(np.ones((4, 3)), np.ones((4, 3)))
for i in range(5):
    K.variable(1.0)
os.chdir("/")
if not hasattr(os, "fork") or os.fork() == 0:
    K.epsilon()
    os._exit(0)  # a crash: nothing is written at the end
os.wait()
K.floatx(), K.floatx(), K.floatx()
"""


@pytest.mark.slow
def test_what_a_program_called(tmp_path, capsys):
    script, calls = tmp_path / "script.py", tmp_path / "calls.jsonl"
    script.write_text(CALLS)
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(k2compat.__file__).parent.parent),
        "K2COMPAT_AUDIT": calls.name,
    }
    done = subprocess.run(
        [sys.executable, script.name], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in calls.read_text().splitlines()]
    most = {}
    for line in lines:
        assert list(line) == ["run", "name", "file", "line", "calls"]
        assert line["file"] == str(script)
        key = line["name"], line["line"]
        most[key] = max(most.get(key, 0), line["calls"])
    traced = {key: most.pop(key) for key in [("mean", 9), ("square", 10)]}
    assert most == {("variable", 17): 5, ("epsilon", 20): 1, ("floatx", 23): 3}
    assert all(count >= 1 for count in traced.values())
    assert len({line["run"] for line in lines}) == 2
    assert main(["audit", "--runtime", str(calls)]) == 0
    out = capsys.readouterr().out
    assert [row for row in out.splitlines() if "variable" in row and ":17" in row and " 5 " in row]
    assert f"{sum(most.values()) + sum(traced.values())} calls of 5 K functions." in out


def test_nothing_is_counted_unless_asked_for():
    from k2compat import backend as K
    from k2compat.ops.registry import NAMES

    assert "K2COMPAT_AUDIT" not in os.environ
    assert {name: getattr(K, name) for name in NAMES} == NAMES
