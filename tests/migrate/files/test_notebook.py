"""Notebooks: code cells are migrated, and every other byte stays."""

import json

import pytest

from k2compat.cli import main
from k2compat.migrate.files.encoding import Unusable
from k2compat.migrate.files.migrate_file import Settings, one_content
from k2compat.migrate.files.notebook import Notebook
from k2compat.migrate.rules import RULES

OLD = "from keras import backend as K"
NEW = "from k2compat import backend as K"


def notebook(*cells, **options):
    """The text of a notebook; a cell is its source, or (kind, source)."""
    made = []
    for cell in cells:
        kind, source = cell if isinstance(cell, tuple) else ("code", cell)
        if isinstance(source, str):
            source = source.splitlines(keepends=True)
        rest = {"execution_count": 3, "outputs": [{"data": {"text/plain": [OLD]}}]} if kind == "code" else {}
        made.append({"cell_type": kind, "metadata": {"t": OLD}, **rest, "source": source})
    options = {"indent": 1, "ensure_ascii": False, **options}
    metadata = {"kernelspec": {"language": options.pop("language", "python")}}
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 2}, **options) + "\n"


def migrated(tmp_path, raw, code=0):
    file = tmp_path / "n.ipynb"
    file.write_bytes(raw.encode())
    assert main(["migrate", "--write", str(file)]) == code
    after = file.read_bytes().decode()
    assert main(["migrate", "--write", str(file)]) == code
    assert file.read_bytes().decode() == after
    return after


@pytest.mark.parametrize(
    "options", [{}, {"indent": 4}, {"indent": None}, {"indent": None, "separators": (",", ":")}, {"ensure_ascii": True}]
)
def test_outputs_and_layout_stay_to_the_byte(tmp_path, options):
    cells = [
        ("markdown", "# é " + OLD),
        "x = 'é'\n" + OLD + "  # ü\nK.mean(1)",
        "%matplotlib inline\nimport numpy",
        "K.sum(2)\n",
    ]
    after = [cells[0], cells[1].replace(OLD, NEW), *cells[2:]]
    assert migrated(tmp_path, notebook(*cells, **options)) == notebook(*after, **options)


@pytest.mark.parametrize(
    "source", [["import keras\n", "keras.backend.mean(1)"], ["import keras\nkeras.backend.mean(1)"]]
)
def test_lines_may_come_and_be_kept_in_any_way(tmp_path, source):
    after = json.loads(migrated(tmp_path, notebook(source)))
    assert "".join(after["cells"][0]["source"]) == "import keras\nfrom k2compat import backend as K\nK.mean(1)"


def test_a_source_that_is_one_text_stays_one(tmp_path):
    raw = notebook(["SOURCE"]).replace('[\n    "SOURCE"\n   ]', json.dumps(OLD + "\nK.mean(1)"))
    assert migrated(tmp_path, raw) == raw.replace(OLD + "\\nK", NEW + "\\nK")


def test_names_go_from_cell_to_cell(tmp_path):
    cells = ["import tensorflow as tf", "!pip install keras", "y = tf.keras.backend.mean(1)"]
    after = ["import tensorflow as tf\nfrom k2compat import backend as K", cells[1], "y = K.mean(1)"]
    assert json.loads(migrated(tmp_path, notebook(*cells))) == json.loads(notebook(*after))


MAGICS = [
    "%matplotlib inline",
    "!ls -la {x}",
    "files = !ls",
    "t = %timeit -o f()",
    "model.fit?",
    "?model",
    "if 1:\n    !ls\n    %time f()",
    "%%time\nf()",
    "x = 5\n(x\n % 3)",
]


@pytest.mark.parametrize("magic", MAGICS)
def test_magics_stay(tmp_path, magic):
    cells = [magic + "\n" + OLD + "\nK.mean(1)\n" + magic.replace("%%time\n", "")]
    assert migrated(tmp_path, notebook(*cells)) == notebook(cells[0].replace(OLD, NEW))


@pytest.mark.parametrize("other", ["%%bash\necho " + OLD, "%%html\n<b>"])
def test_cells_in_other_languages_stay(tmp_path, other):
    assert migrated(tmp_path, notebook(other, OLD)) == notebook(other, NEW)


def test_a_notebook_in_another_language_stays(tmp_path):
    raw = notebook(OLD, language="R")
    assert migrated(tmp_path, raw) == raw


def test_a_cell_in_python_2_is_named_and_the_others_are_done(tmp_path, capsys):
    assert migrated(tmp_path, notebook("import keras", "print 'x'", OLD), code=3) == notebook(
        "import keras", "print 'x'", NEW
    )
    assert "n.ipynb: cell 2, line 1: Missing parentheses" in capsys.readouterr().err


def test_places_are_cells_and_lines(tmp_path, capsys):
    (tmp_path / "n.ipynb").write_text(notebook("x = 1\n" + OLD, ("markdown", "x"), "\nK._helper(1)"))
    report = tmp_path / "r.json"
    assert main(["migrate", "--check", "--report", str(report), str(tmp_path / "n.ipynb")]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert "n.ipynb:cell 1:2:1: swap.import" in lines[0]
    assert "n.ipynb:cell 3:2:1: swap.missing-names" in lines[1]
    (file,) = json.loads(report.read_text())["files"]
    raw = (tmp_path / "n.ipynb").read_text().splitlines()
    assert OLD in raw[file["changes"][0]["line"] - 1]
    assert "K._helper" in raw[file["left"][0]["line"] - 1]


def test_a_suppressed_cell_line(tmp_path):
    raw = notebook(OLD + "  # k2compat: ignore")
    assert migrated(tmp_path, raw) == raw


def test_an_empty_notebook(tmp_path):
    assert Notebook(notebook()).text == ""
    assert migrated(tmp_path, notebook(("markdown", "keras")))


@pytest.mark.parametrize(
    "line",
    [
        "# k2compat-cell 7",
        "# k2compat-0-cell 2",
        "x = ...  # k2compat-magic 0",
        "...  # k2compat-0-magic 0",
        "# k2compat-",
    ],
)
def test_no_text_of_a_cell_is_taken_for_a_mark(tmp_path, line):
    cells = ["%matplotlib inline\nimport os", line + "\n" + OLD + "\n" + line + "\nos.remove('x')", line]
    assert migrated(tmp_path, notebook(*cells)) == notebook(*(cell.replace(OLD, NEW) for cell in cells))


@pytest.mark.parametrize("word", ["k2compat-0-cell 2", "k2compat-0-magic 0", "k2compat-0-cell 1"])
def test_a_notebook_is_left_alone_where_marks_are_lost_or_doubled(word):
    read = Notebook(notebook("%matplotlib inline", OLD))
    line = next(line for line in read.text.splitlines(keepends=True) if word in line)
    for text in (read.text.replace(line, ""), line + read.text, "import this\n" + read.text):
        with pytest.raises(Unusable, match="cannot be told apart"):
            read.with_text(text)


FORMAT_3 = {
    "metadata": {"name": ""},
    "nbformat": 3,
    "nbformat_minor": 0,
    "worksheets": [
        {
            "cells": [
                {"cell_type": "code", "collapsed": False, "input": [OLD + "\n", "K.mean(1)"], "language": "python"},
                {"cell_type": "markdown", "source": OLD},
                {"cell_type": "code", "input": OLD, "language": "bash"},
            ]
        },
        {"cells": [{"cell_type": "code", "input": OLD, "language": "python", "outputs": []}]},
    ],
}


def test_format_3(tmp_path):
    raw = json.dumps(FORMAT_3, indent=1)
    changed = json.loads(migrated(tmp_path, raw))
    sources = [cell.get("input", cell.get("source")) for sheet in changed["worksheets"] for cell in sheet["cells"]]
    assert sources == [[NEW + "\n", "K.mean(1)"], OLD, OLD, NEW]


@pytest.mark.parametrize("metadata", ["null", "[]", '{"kernelspec": null}', '{"language_info": {"name": null}}'])
def test_metadata_may_be_anything(tmp_path, metadata):
    raw = notebook(OLD).replace('{\n  "kernelspec": {\n   "language": "python"\n  }\n }', metadata)
    assert f'"metadata": {metadata}' in raw
    assert NEW in migrated(tmp_path, raw)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("{}", "it has no cells"),
        ("[1]", "{ expected at character 0"),
        ("{", "Expecting value"),
        ('{"cells": {}}', "[ expected"),
        ('{"cells": [{}]}', "cell 1 has no type"),
        ('{"cells": [{"cell_type": "code"}]}', "cell 1 has no source"),
        ('{"cells": [{"cell_type": "code", "source": [1]}]}', "cell 1 has no source"),
        ('{"cells": [' + "[" * 100_000, "too deeply nested"),
        ('{"worksheets": [{}]}', "it has no cells"),
    ],
)
def test_what_is_no_notebook_is_said_in_words(raw, problem):
    with pytest.raises(Unusable) as error:
        Notebook(raw)
    assert str(error.value).startswith(f"no notebook: {problem}")


def test_what_moves_between_cells_leaves_the_cells_alone(tmp_path):
    cells = [
        "from k2compat import backend as K\nfrom keras.applications import VGG16\nmodel = VGG16()",
        "# the class\nloss = K.sum(model.output[:, 3])",
        "grads = K.gradients(loss, model.input)[0]",
        "f = K.function([model.input], [grads])",
        "# below\nslopes = f([x])[0]",
        "print(slopes)",
    ]
    parts = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells]
    raw = json.dumps({"cells": parts, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    rules = tuple(rule.name for rule in RULES)
    new = one_content(tmp_path / "a.ipynb", raw.encode(), Settings(rules)).new
    sources = ["".join(cell["source"]) for cell in json.loads(new)["cells"]]
    assert len(sources) == len(cells)
    assert sources[1:4] == ["", "", ""]
    assert sources[4].splitlines()[0] == "# below"
    assert "    # the class" in sources[4].splitlines()
    assert sources[4].splitlines()[-2:] == ["grads = tape.gradient(loss, inputs)", "slopes = grads.numpy()"]
    assert sources[5] == "print(slopes)"
    assert "k2compat" not in new
