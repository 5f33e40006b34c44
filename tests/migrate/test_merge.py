"""Rules keras3.merge, keras3.input-shapes and keras3.dim-ordering."""

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
    check_noop(source, "keras3.merge", left=[(2, "mode that is not written out"), (3, "no axes")])


def test_a_name_that_is_taken_keeps_the_call():
    source = "from keras.layers import merge\nadd = 1\nx = merge([a, b])\n"
    check_noop(source, "keras3.merge", left=[(3, "`add` is something else")])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "if a:\n    m.add(LSTM(3, batch_input_shape=(1, 2, 3), stateful=True))\n",
            "if a:\n    m.add(Input(batch_shape=(1, 2, 3)))\n    m.add(LSTM(3, stateful=True))\n",
        ),
        (
            "Sequential([LSTM(3, batch_input_shape=s), Dense(3)])\n",
            "Sequential([Input(batch_shape=s), LSTM(3), Dense(3)])\n",
        ),
    ],
)
def test_a_shape_with_the_batch_is_an_input(before, after):
    head = "from keras.layers import LSTM, Dense, Input\n"
    check_transformed(head + before, head + after, "keras3.input-shapes")


def test_the_input_is_imported():
    check_transformed(
        "from keras.layers import LSTM\nm.add(LSTM(3, batch_input_shape=s))\n",
        "from keras.layers import LSTM\nfrom keras.layers import Input\nm.add(Input(batch_shape=s))\nm.add(LSTM(3))\n",
        "keras3.input-shapes",
    )


def test_a_shape_inside_a_wrapper_is_named():
    source = "import keras\nkeras.layers.LSTM(3, batch_input_shape=s)(x)\n"
    check_noop(source, "keras3.input-shapes", left=[(2, "`batch_input_shape=`")])


def test_orderings():
    check_transformed(
        "from k2compat import backend as K\nif 'th' != K.image_dim_ordering():\n    K.set_image_dim_ordering('tf')\n",
        "from k2compat import backend as K\nif 'channels_first' != K.image_data_format():\n"
        "    K.set_image_data_format('channels_last')\n",
        "keras3.dim-ordering",
    )
    check_noop(
        "from keras import backend as K\nf(K.image_dim_ordering())\n", "keras3.dim", left=[(2, "'channels_last'")]
    )
