"""Notebooks: code cells are migrated, and every other byte stays."""

import json

import pytest

from k2compat.cli import main
from k2compat.migrate.notebook import Notebook

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


def migrated(tmp_path, raw, code=1):
    file = tmp_path / "n.ipynb"
    file.write_bytes(raw.encode())
    assert main(["migrate", "--write", str(file)]) == code
    after = file.read_bytes().decode()
    assert main(["migrate", "--write", str(file)]) == (0 if code == 1 else code)
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
    assert migrated(tmp_path, raw, code=0) == raw


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
    assert "n.ipynb:cell 3:2:1: swap.names" in lines[1]
    (file,) = json.loads(report.read_text())["files"]
    raw = (tmp_path / "n.ipynb").read_text().splitlines()
    assert OLD in raw[file["changes"][0]["line"] - 1]
    assert "K._helper" in raw[file["left"][0]["line"] - 1]


def test_a_suppressed_cell_line(tmp_path):
    raw = notebook(OLD + "  # k2compat: ignore")
    assert migrated(tmp_path, raw, code=0) == raw


def test_an_empty_notebook(tmp_path):
    assert Notebook(notebook()).text == ""
    assert migrated(tmp_path, notebook(("markdown", "keras")), code=0)
