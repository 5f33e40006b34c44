"""Rule keras3.merge."""

import pytest

from migrate.cases import check_noop, check_transformed, run


@pytest.mark.parametrize(
    ("call", "function", "after"),
    [
        (
            "merge([a, b], mode='concat', concat_axis=3, name='m')",
            "concatenate",
            "concatenate([a, b], axis=3, name='m')",
        ),
        ("merge([a, b])", "add", "add([a, b])"),
        ("merge([a, b], 'mul')", "multiply", "multiply([a, b])"),
        ("merge([a, b], mode='ave', concat_axis=1)", "average", "average([a, b])"),
        ("merge([a, b], mode='dot', dot_axes=[1, 1])", "dot", "dot([a, b], axes=[1, 1])"),
        ("merge([a, b], mode='cos', dot_axes=1)", "dot", "dot([a, b], normalize=True, axes=1)"),
    ],
)
def test_modes(call, function, after):
    check_transformed(
        f"from keras.layers import Input, merge\nx = {call}\n",
        f"from keras.layers import Input, {function}\nx = {after}\n",
        "keras3.merge",
    )


def test_it_is_imported_from_where_it_is():
    done = run("from keras.engine import merge, Model\nx = merge([a, b])\nModel(x)\n", "keras3.m")
    assert done.text == "from keras.layers import add\nfrom keras.models import Model\nx = add([a, b])\nModel(x)\n"


def test_a_mode_that_is_a_function_is_named():
    source = "from keras.layers import merge\nx = merge([a, b], mode=lambda x: x)\ny = merge([a], mode='dot')\n"
    check_noop(source, "keras3.merge", manual=[(2, "mode that is not written out"), (3, "no axes")])


def test_a_name_that_is_taken_keeps_the_call():
    source = "from keras.layers import merge\nadd = 1\nx = merge([a, b])\n"
    check_noop(source, "keras3.merge", manual=[(3, "`add` is something else")])
