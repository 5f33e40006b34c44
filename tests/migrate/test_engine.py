"""The engine: rounds of changes, and bytes that stay."""

import pytest

from k2compat.migrate.engine import migrate
from k2compat.migrate.rules.swap.import_ import Import
from k2compat.migrate.syntax.module import CannotParse
from migrate.cases import run

ODD_TEXTS = [
    "\fimport tensorflow as tf\f\r\n\ftf.disable_v2_behavior()\r\n\f\r\nif 1:\r\n\tx = 'ä\f€😀'\t\r\n\ttf.compat.v1.disable_v2_behavior()",
    "import tensorflow as tf\r\rtf.disable_v2_behavior()\rx = 1",
    "# 😀 ä\nimport tensorflow as tf # é\nx = '😀'; tf.disable_v2_behavior(); y = '''\r\n\f'''\n\n\n",
]


@pytest.mark.parametrize("end", ["  \n  ", "\n\n  \n\t", "  \r\n  "])
def test_blanks_in_the_last_line_are_part_of_a_text(end):
    done = migrate(f"from keras import backend as K\n{end}", [Import()])
    assert done.text == f"from k2compat import backend as K\n{end}"


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_what_is_not_edited_stays_to_the_byte(text):
    done = run(text)
    expected = text
    for call in ("\ftf.disable_v2_behavior()\r\n", "tf.disable_v2_behavior()\r", "tf.disable_v2_behavior(); "):
        expected = expected.replace(call, "")
    expected = expected.replace("\ttf.compat.v1.disable_v2_behavior()", "")
    assert done.changes
    assert done.text == expected


def test_python_2_is_named_as_such():
    with pytest.raises(CannotParse, match="line 2"):
        run("import keras\nprint 'hello'\n")


def test_a_rule_whose_work_another_level_takes_out_is_left_out_with_that():
    """Else both would change the text in turn."""
    source = "try:\n    from keras import backend as K, layers\nexcept ImportError:\n    layers = None\n"
    assert "k2compat" not in run(source).text
    assert "import k2compat.auto" in run("from keras import layers\n", "swap.").text
    assert "k2compat" not in run("from keras import layers\n").text
