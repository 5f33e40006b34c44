"""``k2compat parity`` and its parts that start processes: each side's failures, what is kept, and real old scripts."""

import ast
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from kerases import KIND
from paths import ROOT
from processes import command_heeding_signals

from k2compat.cli import main, parser
from k2compat.cli import parity as command
from k2compat.imports import notebook
from k2compat.parity.recording import Recording
from k2compat.parity.worker import storage
from k2compat.parity.worker.recorder import is_own, statement_at
from reference.live import missing

SCRIPTS = sorted((ROOT / "docs" / "parity").glob("*.py"))
SIDES = sorted((ROOT / "k2compat" / "parity" / "side").glob("*.py"))
needs_keras_2 = pytest.mark.skipif(bool(missing()), reason=missing())

# Whatever an old script may do, in the least time.
SCRIPT = """
import sys
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers.core import Dense, Dropout
from keras.models import Sequential
from keras.optimizers import SGD

tf.set_random_seed(3)
model = Sequential([Dense(4, input_dim=3, activation='tanh'), Dropout(0.5), Dense(2)])
model.compile(SGD(lr=0.1), 'mse')
x = np.random.rand(6, 3)
model.predict(x)
grads = K.gradients(K.sum(model.output), model.input)[0]
f = K.function([model.input, K.learning_phase()],
               [model.output, grads])
f([x, 0])
for i in range(3):
    f([x, 1])
K.eval(K.variable(np.random.rand(2)) * 2)
print(sys.argv[1:], __name__, np.random.rand())
"""


def run(*arguments):
    return main(["parity", *map(str, arguments)])


@pytest.fixture
def script(tmp_path):
    def write(text, name="old.py"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@needs_keras_2
def test_a_script_is_compared(script, tmp_path, capsys):
    keep, as_json, html = tmp_path / "keep", tmp_path / "out.json", tmp_path / "out.html"
    old = script(SCRIPT)
    code = run("--keep", keep, "--json", as_json, "--html", html, "--keras", KIND, old, "--an-option", "3")
    out = capsys.readouterr().out
    assert code == 0, out
    assert "Verdict: PARITY." in out
    assert "4 of 4 carried over by order of creation" in out
    found = json.loads(as_json.read_text())
    assert [row["verdict"] for row in found["results"]] == ["equal"] * 3 + ["random"] * 6 + ["equal"]
    assert {row["what"] for row in found["results"]} == {"model.predict", "K.function", "K.eval"}
    assert found["results"][1]["line"] == SCRIPT.splitlines().index("f([x, 0])") + 1
    assert found["exit_code"] == 0
    printed = [(keep / side / "stdout.txt").read_text() for side in ("reference", "k2compat")]
    assert printed[0] == printed[1]  # NumPy's draws, too
    assert printed[0].startswith("['--an-option', '3'] __main__ 0.")
    page = html.read_text()
    assert page.count("<tr>") == 1 + len({(row["line"], row["array"]) for row in found["results"]})
    assert not re.search(r'(src|href)="(?!data:)', page)


# A script that never imports K, with a training step more on one side.
WITHOUT_K = """
import sys
import numpy as np
import keras
from keras.layers import Dense
from keras.models import Sequential

model = Sequential([Dense(3, input_dim=4, activation='tanh'), Dense(1)])
model.compile('sgd', 'mse', metrics=['accuracy'])
x, y = np.random.rand(10, 4), np.random.rand(10, 1)
history = model.fit(x, y, epochs=2, batch_size=4, validation_split=0.2, verbose=0)
print(sorted(history.history))
model.evaluate(x, y, verbose=0)
model.train_on_batch(x[:4], y[:4])
model.get_weights()
if sys.modules['k2compat.backend'].__name__ == 'k2compat.backend':
    model.fit(x, y, verbose=0)
"""


@needs_keras_2
def test_a_script_without_k_is_compared_to_the_weights_it_ends_with(script, tmp_path, capsys):
    as_json = tmp_path / "out.json"
    code = run("--json", as_json, "--keras", KIND, script(WITHOUT_K))
    out = capsys.readouterr().out
    assert code == 1, out
    found = {}
    for row in json.loads(as_json.read_text())["results"]:
        found.setdefault((row["what"], row["line"]), set()).add(row["verdict"])
    assert [what for what, _ in found] == [
        "model.fit",
        "model.evaluate",
        "model.train_on_batch",
        "get_weights",
        "model.fit",
        "weights at the end",
    ]
    *same, added, weights = found.values()
    assert same == [{"equal"}] * 4
    assert added == {"ONLY IN K2COMPAT"}
    assert weights == {"DIFFERS"}
    assert "The first difference: #5 old.py:17 model.fit" in out


@needs_keras_2
def test_a_side_that_fails_is_shown_with_what_the_other_one_has(script, capsys):
    old = script(
        "import numpy as np\nimport keras\nfrom keras import backend as K\nK.eval(K.variable(np.ones(2)))\n"
        "if hasattr(keras, 'ops'):\n    raise RuntimeError('only here')\nK.eval(K.variable(np.ones(3)))\n"
    )
    code = run("--keras", "keras3" if KIND == "keras3" else "keras2", old)
    out = capsys.readouterr().out
    if KIND == "keras2":
        assert code == 0, out
        return
    assert code == 2
    assert "RuntimeError: only here" in out
    assert 'old.py", line 6, in <module>' in out
    assert "ONLY IN REFERENCE" in out
    assert re.search(r"2 arrays of 2 results: 1 equal, 1 ONLY IN REFERENCE", out)


def side_process(script, folder, ending):
    """Starts the k2compat side of a script by itself."""
    settings = folder / "settings.json"
    kind = "keras" if KIND == "keras3" else "tf_keras"
    if KIND == "keras2" and importlib.util.find_spec("tf_keras") is None:
        kind = "keras"
    told = {"kind": "k2compat", "keras": kind, "script": str(script), "arguments": [], "folder": str(folder)}
    told |= {"seed": 0, "offset": 0, "weights": None, "shaken": False}
    settings.write_text(json.dumps(told))
    bootstrap = ROOT / "k2compat" / "parity" / "worker" / "__main__.py"
    environment = {**os.environ, "TF_USE_LEGACY_KERAS": str(int(kind == "tf_keras"))}
    watched, _ = os.pipe()  # stays open as long as this process lives
    command = [sys.executable, str(bootstrap), str(settings), str(watched)]
    return subprocess.Popen(command, env=environment, pass_fds=[watched], start_new_session=True)


def test_a_kill_loses_nothing_that_was_recorded(script, tmp_path):
    old = script(
        "import os, signal\nimport numpy as np\nfrom keras import backend as K\n"
        "for i in range(3):\n    K.eval(K.variable(np.full(4, i)))\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    process = side_process(old, tmp_path, "kill")
    assert process.wait(timeout=120) == -signal.SIGKILL
    recording = Recording(tmp_path)
    assert not recording.ended
    assert [event.values[0].load()[0] for event in recording.events] == [0.0, 1.0, 2.0]


@needs_keras_2
@pytest.mark.slow
def test_a_timeout_keeps_what_was_recorded(script, capsys):
    old = script(
        "import time\nimport numpy as np\nfrom keras import backend as K\n"
        "K.eval(K.variable(np.ones(2)))\ntime.sleep(99)\n"
    )
    assert run("--timeout", "20", "--keras", KIND, old) == 2
    out = capsys.readouterr().out
    assert "stopped after 20 seconds" in out
    assert "1 arrays of 1 results: 1 equal." in out


@needs_keras_2
@pytest.mark.slow
def test_an_interrupt_ends_the_side_too(script, tmp_path):
    old = script("import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(99)\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = command_heeding_signals("parity", old)
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text()):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "interrupted; --keep FOLDER keeps what is recorded" in told
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@needs_keras_2
@pytest.mark.slow
def test_a_notebook_is_run_cell_by_cell(tmp_path, capsys):
    cells = [
        "%matplotlib inline\n!pip install keras\nimport numpy as np\nfrom keras import backend as K",
        "v = K.variable(np.ones(3))\nK.eval(v * 2)",
        "%%bash\nrm everything",
    ]
    told = {"cells": [{"cell_type": "markdown", "source": ["# A title"]}]}
    told["cells"] += [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(told))
    assert run("--keras", KIND, path) == 0
    out = capsys.readouterr().out
    assert "old.ipynb[2]:2" in out
    for line in ("%matplotlib inline", "!pip install keras", "%%bash"):
        assert f": {line}" in out


@needs_keras_2
@pytest.mark.slow
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_old_scripts_have_parity(path, capsys):
    code = run("--keras", KIND, path)
    out = capsys.readouterr().out
    assert code == 0, out
    page = (ROOT / "docs" / "parity.md").read_text()
    printed = re.search(rf"<!-- parity: {path.name} -->\n```text\n(.*?)```", page, re.S)
    if printed:  # the numbers are those of one machine and one reference; the places and verdicts are not
        assert table(printed[1]) == table(out)


def table(text):
    """Where, what and verdict of each line of a printed table.

    Names of models differ between versions of Keras, and how sensitive a loss is between versions of TensorFlow.
    """
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if line.startswith("│")]
    return [(row[1], row[2].split(" ")[0], row[6].replace("sensitive", "equal")) for row in rows if row[0]]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.py"], "there is no script missing.py"),
        (["--legacy-python", "/nowhere/python", __file__], "cannot run /nowhere/python"),
        (["--legacy-python", sys.executable, __file__], "it has to be one with Keras 2 and TensorFlow 1"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(arguments, told, capsys):
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("k2compat parity: ")
    assert told in err
    assert err.count("\n") == 1


def test_without_keras_2_the_command_says_what_to_install(monkeypatch, capsys):
    from k2compat.parity import run as runner

    monkeypatch.setattr(runner, "major", lambda name: "3")
    assert run(__file__) == 2
    assert "pip install tf_keras" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "theirs", "json", "seed"),
    [
        (["--json", "a", "{}"], [], "a", 0),
        (["{}", "--json", "a", "--epochs", "3"], ["--epochs", "3"], "a", 0),
        (["{}", "--json=a", "x"], ["x"], "a", 0),
        (["--seed", "5", "{}", "--seed", "7"], ["--seed", "7"], None, 5),  # the script has one itself
        (["{}", "x", "--", "--json", "a"], ["x", "--json", "a"], None, 0),
    ],
)
def test_options_may_stand_after_the_script_unless_it_has_them_itself(script, words, theirs, json, seed):
    old = str(script("parser.add_argument('--seed')"))
    options = parser().parse_args(["parity", *(word.format(old) for word in words)])
    found = command.with_options_after_the_script(options)
    assert (found.script, found.arguments, found.seed) == (old, theirs, seed)
    assert found.json == (json and Path(json))


# Parts.


def test_a_line_that_was_cut_off_is_left_out(tmp_path):
    writer = storage.Writer(str(tmp_path))
    array = np.arange(6.0).reshape(2, 3)
    writer.line("result", number=1, values=[dict(writer.array(array), name="")])
    writer.close()
    with open(tmp_path / storage.LINES, "a") as file:
        file.write('{"number": 2, "val')
    (line,) = storage.lines(str(tmp_path))
    np.testing.assert_array_equal(storage.read(str(tmp_path), line["values"][0]), array)


def test_arrays_of_every_kind_come_back(tmp_path):
    values = [np.float32(2), 3, True, "text", b"bytes", np.array([b"a", b"bc"], object), np.zeros((0, 4)), 1j]
    writer = storage.Writer(str(tmp_path))
    entries = [writer.array(value) for value in values]
    writer.close()
    dtypes = ["float32", "int64", "bool", "text", "text", "text", "float64", "complex128"]
    assert [entry["dtype"] for entry in entries] == dtypes
    for value, entry in zip(values, entries, strict=True):
        found = storage.read(str(tmp_path), entry).reshape(entry["shape"])
        np.testing.assert_array_equal(found, storage.plain(value))


def test_magics_are_left_out_and_said():
    code, left_out = notebook.without_magic("%load_ext x\nif True:\n    !ls\nx = 5 % 3\nlen?")
    assert left_out == ["%load_ext x", "!ls", "len?"]
    scope = {}
    exec(code, scope)
    assert scope["x"] == 2
    assert notebook.without_magic("%%javascript\nalert(1)") == ("", ["%%javascript"])
    assert notebook.without_magic("%%time\nx = 1") == ("pass\nx = 1", ["%%time"])


def test_a_call_over_several_lines_is_one_place(tmp_path):
    path = tmp_path / "old.py"
    path.write_text("x = f(\n    1,\n    2)\nfor i in g(\n    3):\n    h()\n")
    assert [statement_at(str(path), line) for line in range(1, 7)] == [1, 1, 1, 4, 4, 6]


def test_libraries_are_told_from_the_users_code():
    assert is_own(__file__)
    assert not any(map(is_own, [np.__file__, json.__file__, storage.__file__, "<string>"]))


@pytest.mark.parametrize("path", [*SCRIPTS, *SIDES], ids=lambda path: path.name)
def test_what_runs_beside_keras_2_is_python_3_7(path):
    ast.parse(path.read_text(), feature_version=(3, 7))
