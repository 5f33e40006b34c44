"""The documents say what is so: code runs, errors are the real ones, links and commands lead somewhere."""

import functools
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import keras
import pytest
import tensorflow as tf

import k2compat
from k2compat.backend.registry import NAMES
from k2compat.cli import main
from k2compat.tables.native import NATIVE

ROOT = Path(__file__).parent.parent
DEMO_DATA = ROOT / "k2compat" / "cli" / "demo_data"
README = (ROOT / "README.md").read_text()
GUIDE = (ROOT / "migration_guide.md").read_text()
DOCUMENTS = ["README.md", "migration_guide.md", "CHANGELOG.md", "docs/api.md"]

# How a block of code is marked: <!-- mark --> in the line above it.
BLOCK = re.compile(
    r"(?:^[ ]*<!-- (?P<mark>[^>]*) -->\n)?^(?P<indent>[ ]*)```(?P<language>\w+)\n(?P<code>.*?)^[ ]*```", re.M | re.S
)


def blocks(text, language):
    """The blocks of a language, as (mark or None, code)."""
    return [
        (found["mark"], textwrap.dedent(found["code"]))
        for found in BLOCK.finditer(text)
        if found["language"] == language
    ]


def script(keep):
    """One side of the README's script: ``+`` for after the change, ``-`` for before it."""
    diff = dict(blocks(README, "diff"))["script: heatmap.py"]
    return "".join(line[1:] or "\n" for line in diff.splitlines(keepends=True) if line[0] in f" {keep}\n")


def quoted_errors():
    return dict(blocks(README, "text"))["errors"].splitlines()


@pytest.fixture
def folder(tmp_path):
    """A folder with the files the documents speak of."""
    shutil.copy(next(iter(sorted(DEMO_DATA.rglob("*.h5")))), tmp_path / "custom_model.h5")
    shutil.copy(next(iter(sorted(DEMO_DATA.rglob("*.png")))), tmp_path / "picture.png")
    return tmp_path


def run(code, folder):
    """Runs code in a fresh process: the documents promise what happens there."""
    file = folder / "script.py"
    file.write_text(code)
    # The same k2compat as in this process, be it installed or the checkout.
    environment = {**os.environ, "PYTHONPATH": str(Path(k2compat.__file__).parent.parent)}
    return subprocess.run(
        [sys.executable, file.name],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


# Runs scripts in one process and prints how each ended.
ENDINGS = """
for code in {scripts!r}:
    try:
        exec(compile(code, "script", "exec"), {{"__name__": "__main__"}})
    except Exception as error:
        print("ending:", type(error).__name__ + ":", error)
    else:
        print("ending: none")
"""


def endings(scripts, folder):
    done = run(ENDINGS.format(scripts=scripts), folder)
    found = re.findall(r"^ending: (.*)$", done.stdout, re.M)
    assert len(found) == len(scripts), done.stderr[-3000:]
    return found


def test_the_script_of_the_readme_differs_in_its_import_only():
    before, after = script("-").splitlines(), script("+").splitlines()
    assert len(before) == len(after)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [("from keras import backend as K", "from k2compat import backend as K")]


def test_after_the_change_the_script_draws(folder):
    done = run(script("+"), folder)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (folder / "heatmap.jpg").stat().st_size > 1000


def test_before_the_change_it_stops_with_the_quoted_errors(folder):
    as_it_is = script("-")
    past_the_list = as_it_is.replace(
        "model.output[:, np.argmax(preds[0])]", "model.outputs[0][:, int(np.argmax(preds[0]))]"
    )
    of_tensorflow = past_the_list.replace("from keras import backend", "from tensorflow.keras import backend")
    assert len({as_it_is, past_the_list, of_tensorflow}) == 3
    assert sorted(endings([as_it_is, past_the_list, of_tensorflow], folder)) == sorted(quoted_errors())


def test_the_code_of_the_guide_runs(folder):
    marked = blocks(GUIDE, "python")
    assert marked
    found = endings([code for _, code in marked], folder)
    assert found == ["none"] * len(marked)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_python_block_is_run(name):
    text = (ROOT / name).read_text()
    assert [mark for mark, _ in blocks(text, "python") if mark != "run"] == []
    if name != "migration_guide.md":
        assert blocks(text, "python") == [], "only the guide's Python is run"


def anchors(text):
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    text = (ROOT / name).read_text()
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        linked = ROOT / file if file else ROOT / name
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked.read_text()), target


def commands(text):
    """The commands of the shell blocks, one by one."""
    lines = [line for _, code in blocks(text, "sh") for line in code.splitlines()]
    return [command.strip() for line in lines for command in line.split("&&")]


def test_continuous_integration_runs_the_commands_of_the_readme():
    done = {line.strip() for line in (ROOT / ".ci" / "run").read_text().splitlines()}
    first = commands(README)[:4]
    assert first == ["pip install .", "python -m k2compat demo", "pip install '.[test]'", "pytest"]
    assert set(first) <= done


def test_the_speed_table_was_printed_by_the_benchmarks():
    printed = (ROOT / "docs" / "speed.md").read_text().splitlines()
    section = README.split("\n## Speed\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    assert rows
    assert [row for row in rows if row not in printed] == []
    assert any(
        re.fullmatch("python -m benchmarks .*--markdown docs/speed.md( .*)?", line) for line in commands(section)
    )


def test_the_guide_lists_the_repairs():
    section = GUIDE.split("\n## Repairs\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{repair.name}` | {repair.reason} |" for repair in k2compat.repairs()]


def test_the_page_of_the_api_is_what_the_command_prints(capsys):
    assert main(["api", "--markdown"]) == 0
    assert (ROOT / "docs" / "api.md").read_text() == capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(NATIVE))
def test_a_native_spelling_names_what_there_is(name):
    dotted = re.findall(r"`(keras|tf)\.([\w.]+)", NATIVE[name])
    for package, path in dotted:
        functools.reduce(getattr, path.split("."), {"keras": keras, "tf": tf}[package])


def test_every_name_has_a_native_spelling():
    assert set(NATIVE) == set(NAMES)


@pytest.mark.slow
def test_other_ways_break_what_the_guide_says(tmp_path):
    section = GUIDE.split("\n## Other ways\n")[1].split("\n## ")[0]
    methods = re.search(r"Under Keras 3 (.*?) raise,", section)[1]
    assert re.findall(r"`(\w+)`", methods) == ["fit", "predict", "get_weights", "save"]
    first = """
import numpy as np, tensorflow as tf
tf.compat.v1.disable_eager_execution()
import keras
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
x = np.zeros((2, 2))
"""
    calls = ["model.fit(x, x[:, :1])", "model.predict(x)", "model.get_weights()", "model.save('m.keras')"]
    done = run(
        first + "".join(f"try:\n    {call}\nexcept Exception:\n    print('raised')\n" for call in calls), tmp_path
    )
    assert done.stdout.count("raised") == len(calls), done.stderr


@pytest.mark.slow
def test_tf_upgrade_v2_leaves_the_backend_alone(tmp_path):
    old = tmp_path / "old.py"
    backend = "from keras import backend as K\ng = K.gradients(model.output, model.input)\n"
    old.write_text(backend + "import tensorflow as tf\nsession = tf.Session()\nx = tf.placeholder(tf.float32)\n")
    code = f"import sys; sys.argv = ['', '--infile', {str(old)!r}, '--outfile', 'new.py']\n"
    done = run(code + "from tensorflow.tools.compatibility.tf_upgrade_v2_main import main; main()", tmp_path)
    new = (tmp_path / "new.py").read_text()
    assert new.startswith(backend), done.stderr
    assert new.endswith("session = tf.compat.v1.Session()\nx = tf.compat.v1.placeholder(tf.float32)\n")
