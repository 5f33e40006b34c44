"""The documents say what is so: code runs, errors are the real ones, links and commands lead somewhere."""

import functools
import importlib.util
import re
import shutil
import textwrap

import keras
import pytest
import tensorflow as tf
from paths import ROOT

import k2compat
from k2compat.ops.registry import NAMES
from k2compat.tables.native import NATIVE

pytestmark = pytest.mark.keras3_only

DEMO_DATA = ROOT / "k2compat" / "demo" / "data"
README = (ROOT / "README.md").read_text()
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in (*ROOT.glob("*.md"), *sorted((ROOT / "docs").glob("*.md")))
}
# Their Python is run, each block by itself.
RUNNING = [name for name, text in DOCUMENTS.items() if "```python" in text]

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


@pytest.fixture
def run(run_script):
    """Return a function that runs code in a folder, in a fresh process: the documents promise what happens there."""

    def run(code, folder):
        (folder / "script.py").write_text(code)
        return run_script(folder / "script.py", cwd=folder, check=False)

    return run


@pytest.fixture
def endings(run):
    """Return a function that tells how each of some scripts ends in a folder."""

    def endings(scripts, folder):
        done = run(ENDINGS.format(scripts=scripts), folder)
        found = re.findall(r"^ending: (.*)$", done.stdout, re.M)
        assert len(found) == len(scripts), done.stderr[-3000:]
        return found

    return endings


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


def test_the_script_of_the_readme_differs_in_its_import_only():
    before, after = script("-").splitlines(), script("+").splitlines()
    assert len(before) == len(after)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [("from keras import backend as K", "from k2compat import backend as K")]


@pytest.mark.slow
def test_after_the_change_the_script_draws(folder, run):
    done = run(script("+"), folder)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (folder / "heatmap.jpg").stat().st_size > 1000


@pytest.mark.slow
def test_before_the_change_it_stops_with_the_quoted_errors(folder, endings):
    as_it_is = script("-")
    past_the_list = as_it_is.replace(
        "model.output[:, np.argmax(preds[0])]", "model.outputs[0][:, int(np.argmax(preds[0]))]"
    )
    of_tensorflow = past_the_list.replace("from keras import backend", "from tensorflow.keras import backend")
    assert len({as_it_is, past_the_list, of_tensorflow}) == 3
    assert sorted(endings([as_it_is, past_the_list, of_tensorflow], folder)) == sorted(quoted_errors())


@pytest.mark.slow
def test_the_code_of_the_pages_runs(folder, endings):
    marked = [(name, code) for name in RUNNING for _, code in blocks(DOCUMENTS[name], "python")]
    found = endings([code for _, code in marked], folder)
    stopped = [(name, ending) for (name, _), ending in zip(marked, found, strict=True) if ending != "none"]
    assert stopped == []


@pytest.mark.parametrize("name", RUNNING)
def test_every_python_block_is_run(name):
    assert {mark for mark, _ in blocks(DOCUMENTS[name], "python")} == {"run"}


def anchors(text):
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    here = ROOT / name
    for target in re.findall(r"\]\(([^)\s]+)\)", DOCUMENTS[name]):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        linked = here.parent / file if file else here
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
    section = README.split("\n## Is it fast?\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")][2:]
    assert 0 < len(rows) <= 8
    printed = [line for name in DOCUMENTS if name.startswith("docs/speed") for line in DOCUMENTS[name].splitlines()]
    for workload, ratio in rows:
        start, end = f"| {workload} | warm call | k2compat, against compat.v1 | ", f" | {ratio} | "
        assert [line for line in printed if line.startswith(start) and end in line], workload


def test_generated_pages_are_what_the_commands_print():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    pages = dict(generate.pages())
    assert {page.name for page in pages} == {"api.md", "repairs.md", "rules.md"}
    outdated = [page.name for page, text in pages.items() if page.read_text() != text]
    assert outdated == [], "run: python docs/generate.py"


def test_the_page_of_the_repairs_lists_them_all():
    rows = [line for line in DOCUMENTS["docs/repairs.md"].splitlines() if line.startswith("| `")]
    assert rows == [f"| `{repair.name}` | {repair.reason} |" for repair in k2compat.repairs()]


@pytest.mark.parametrize("name", sorted(NATIVE))
def test_a_native_spelling_names_what_there_is(name):
    dotted = re.findall(r"`(keras|tf)\.([\w.]+)", NATIVE[name])
    for package, path in dotted:
        functools.reduce(getattr, path.split("."), {"keras": keras, "tf": tf}[package])


def test_every_name_has_a_native_spelling():
    assert set(NATIVE) == set(NAMES)


@pytest.mark.slow
def test_other_ways_break_what_the_guide_says(tmp_path, run):
    section = DOCUMENTS["migration_guide.md"].split("\n## Other ways\n")[1].split("\n## ")[0]
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
def test_tf_upgrade_v2_leaves_the_backend_alone(tmp_path, run):
    old = tmp_path / "old.py"
    backend = "from keras import backend as K\ng = K.gradients(model.output, model.input)\n"
    old.write_text(backend + "import tensorflow as tf\nsession = tf.Session()\nx = tf.placeholder(tf.float32)\n")
    code = f"import sys; sys.argv = ['', '--infile', {str(old)!r}, '--outfile', 'new.py']\n"
    done = run(code + "from tensorflow.tools.compatibility.tf_upgrade_v2_main import main; main()", tmp_path)
    new = (tmp_path / "new.py").read_text()
    assert new.startswith(backend), done.stderr
    assert new.endswith("session = tf.compat.v1.Session()\nx = tf.compat.v1.placeholder(tf.float32)\n")
