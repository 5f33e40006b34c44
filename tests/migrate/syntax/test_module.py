"""Helpers that make edits."""

import ast

import libcst as cst
import pytest

from k2compat.migrate.syntax.edits import Applied
from k2compat.migrate.syntax.module import CannotParse, Module

ARGUMENTS = [
    ("f(a=1)", "a", "f()"),
    ("f(a=1,)", "a", "f()"),
    ("f(x, a=1)", "a", "f(x)"),
    ("f(x, a=1, )", "a", "f(x, )"),
    ("f(a=1, b=2, c=3)", "ab", "f(c=3)"),
    ("f(a=1, b=2, c=3)", "bc", "f(a=1)"),
    ("f(a=1, b=2, c=3)", "ac", "f(b=2)"),
    ("f(\n    x,\n    a=1,  # why\n)", "a", "f(\n    x,  # why\n)"),
]


@pytest.mark.parametrize(("before", "dropped", "after"), ARGUMENTS)
def test_arguments_are_taken_out_with_their_commas(before, dropped, after):
    module = Module(before)
    (call,) = module.nodes(cst.Call)
    edits = module.drop_arguments(call, [module.argument(call, name) for name in dropped])
    assert Applied(before, edits).text == after


IMPORTS = [
    ("x = 1\n", "import n\nx = 1\n"),
    ("", "import n\n"),
    ("# head\n\nx = 1\n", "# head\n\nimport n\nx = 1\n"),
    (
        '"""doc"""\nfrom __future__ import division\nimport os\n',
        '"""doc"""\nfrom __future__ import division\nimport n\nimport os\n',
    ),
    ("import os\nimport keras\nimport sys\n", "import os\nimport keras\nimport n\nimport sys\n"),
    ("import keras", "import keras\nimport n"),
    ("import keras\r\nx=1\r\n", "import keras\r\nimport n\r\nx=1\r\n"),
    ("import keras\nimport n\n", "import keras\nimport n\n"),
]


@pytest.mark.parametrize(("before", "after"), IMPORTS)
def test_where_an_import_is_added(before, after):
    assert Applied(before, Module(before).add_import("import n")).text == after


def test_a_backslash_alone_in_its_line_is_named():
    text = "for x in y:\n    \\\n    x = 1\n"
    ast.parse(text)
    with pytest.raises(CannotParse, match="line 2: a backslash alone in its line"):
        Module(text)


def test_a_text_that_is_not_python_is_refused_in_python_s_words():
    with pytest.raises(CannotParse, match="line 1: "):
        Module("for x in:\n    \\\n    x = 1\n")
