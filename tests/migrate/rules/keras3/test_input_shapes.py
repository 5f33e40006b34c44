"""Rule keras3.input-shapes."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "keras3.input-shapes"


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
    check_transformed(head + before, head + after, RULE)


def test_the_input_is_imported():
    check_transformed(
        "from keras.layers import LSTM\nm.add(LSTM(3, batch_input_shape=s))\n",
        "from keras.layers import LSTM\nfrom keras.layers import Input\nm.add(Input(batch_shape=s))\nm.add(LSTM(3))\n",
        RULE,
    )


def test_a_shape_inside_a_wrapper_is_named():
    source = "import keras\nkeras.layers.LSTM(3, batch_input_shape=s)(x)\n"
    check_noop(source, RULE, manual=[(2, "`batch_input_shape=`")])


@pytest.mark.parametrize(
    "source",
    [
        "from keras.layers import LSTM\nm.add(LSTM(3, input_shape=(2, 3)))\n",
        "from keras.layers import InputLayer\nm.add(InputLayer(batch_input_shape=(1, 2)))\n",
        "from mine import LSTM\nm.add(LSTM(3, batch_input_shape=s))\n",
        "import keras\nf(batch_input_shape=s)\n",
    ],
)
def test_what_has_no_such_shape_stays(source):
    check_noop(source, RULE)


def test_a_model_that_is_used_at_once_is_reported():
    source = "from keras.layers import LSTM\nx = m.add(LSTM(3, batch_input_shape=s))\n"
    check_noop(source, RULE, manual=[(2, "`batch_input_shape=`")])
