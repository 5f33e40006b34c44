"""Statements that are not parsed again."""

import libcst as cst
import pytest

from k2compat.migrate.syntax.module import Module

ODD_TEXTS = {
    "comments": "# a\n\n# b\nx = 1  # c\n# d\n\ny = 2\n# e\n",
    "below a block": "def f():\n    x = 1\n    # f\n  # half\n# y\n\ny = 2\n",
    "below a line with a block": "if x: pass\n    # y\ny = 2\n",
    "deeper again": "if x:\n    a\n# x\n    # again\nb\n",
    "before else": "try:\n    a\n    # b\nexcept X:\n    c\n# d\nelse:\n    e\n   # f\ng\n",
    "decorators": "x = 1\n\n\n# f\n@a\n# b\n@b(\n)\ndef f(): pass\nasync def g():\n\tpass\n",
    "one line": "x = 1; y = 2;\nz = 3; w = '''\n'''; v = 4\nu = 5\n",
    "continued": "x = 1\ny = \\\n  2\nz = (\n3)\n",
    "no end": "import a\nx = '''\n# no comment\ny = 2\n'''",
    "alike": "f()\nf()\n\nf()\n",
    "nothing": "",
    "only comments": "# a\n  # b\n",
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_a_text_in_pieces_has_the_tree_of_the_whole(text):
    assert Module(text).tree.deep_equals(cst.parse_module(text))


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
@pytest.mark.parametrize("earlier", ["", "x = 1\n", "\n\nf()\ny = 2\n", *ODD_TEXTS.values()])
def test_what_was_parsed_before_makes_no_difference(text, earlier):
    def places(module):
        kinds = {type(node) for node in module.inside(module.tree)} | {cst.Comment}
        return {kind: [module.span(node) for node in module.nodes(kind)] for kind in kinds}

    assert places(Module(text, earlier=Module(earlier))) == places(Module(text))


def test_statements_that_stay_are_not_parsed_again():
    before = Module("import keras\nf()\n\n\ndef g():\n    return 1\n\n\nf()\n")
    after = Module("import tensorflow\nimport keras\nf()\n\n\ndef g():\n    return 1\n\n\nf()  # now\n", earlier=before)
    assert after.tree.body[2] is before.tree.body[1]
    assert after.tree.body[3] is before.tree.body[2]
    assert after.text(after.tree.body[3]) == "def g():\n    return 1"
    assert after.tree.body[4] is not before.tree.body[3]


def test_statements_that_are_alike_are_each_their_own():
    before = Module("f()\nx = 1\nf()\n")
    after = Module("y = 1\nf()\nf()\nf()\n", earlier=before)
    assert len(set(after.tree.body)) == 4
    assert [after.span(statement)[0] for statement in after.tree.body] == [0, 6, 10, 14]
