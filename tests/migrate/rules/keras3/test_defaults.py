"""Rule keras3.defaults."""

import pytest

from migrate.cases import check_manual, check_noop, check_transformed, run

RULE = "keras3.defaults"
HEAD = "from keras.layers import *\nfrom keras.optimizers import *\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("GRU(3, name='g')", "GRU(3, name='g', reset_after=False)"),
        ("Adadelta()", "Adadelta(learning_rate=1.0)"),
        ("Adamax(beta_1=.8)", "Adamax(beta_1=.8, learning_rate=0.002)"),
        ("AveragePooling2D()", "AveragePooling2D(pool_size=2)"),
        ("AveragePooling2D(strides=(1, 1))", "AveragePooling2D(strides=(1, 1), pool_size=2)"),
        ("m.compile('adadelta', 'mse')", "m.compile(Adadelta(learning_rate=1.0), 'mse')"),
        ("GRU(3, **options)", "GRU(3, **options)"),
        ("Adadelta(lr=3), GRU(3, reset_after=True)", "Adadelta(lr=3), GRU(3, reset_after=True)"),
    ],
)
def test_defaults_are_written_out(before, after):
    check_transformed(HEAD + before + "\n", HEAD + after + "\n", RULE)


def test_an_optimizer_by_its_name_is_imported():
    check_transformed(
        "import keras\nm.compile(optimizer='adadelta', loss='mse')\n",
        "import keras\nfrom keras.optimizers import Adadelta\nm.compile(optimizer=Adadelta(learning_rate=1.0), loss='mse')\n",
        RULE,
    )


@pytest.mark.parametrize(
    "head", ["from tensorflow.keras.layers import *\n", "from keras.layers import *\nfrom keras import ops\n"]
)
def test_the_defaults_of_today_stay(head):
    check_noop(head + "GRU(3)\nAveragePooling2D((2, 2))\n", RULE)


def test_what_computes_otherwise_is_named_once():
    source = HEAD + "RMSprop()\nRMSprop()\nLSTM(3)\nLSTM(3, activation='hard_sigmoid')\nm.compile('nadam', 'mse')\n"
    done = run(source, RULE)
    manual = [(3, "epsilon"), (5, "`recurrent_activation`"), (6, "slope of 1/6"), (7, "momentum")]
    check_manual(done, manual)
    assert "Nadam(learning_rate=0.002)" in done.text


def test_what_k2compat_mends_is_not_named():
    done = check_transformed(
        "from k2compat import backend as K\nfrom keras.optimizers import *\nRMSprop(), Adagrad()\n",
        "from k2compat import backend as K\nfrom keras.optimizers import *\n"
        "RMSprop(), Adagrad(learning_rate=0.01, initial_accumulator_value=0.0)\n",
        RULE,
    )
    assert done.manual == []


def test_what_k2compat_does_not_mend_is_named():
    source = "from keras.layers import Dense, LSTM\nDense(3, activity_regularizer='l1')\nLSTM(3)\n"
    check_noop("import k2compat\n" + source, RULE, manual=[(4, "`recurrent_activation`")])
    check_noop(source, RULE, manual=[(2, "by the batch size"), (3, "`recurrent_activation`")])
