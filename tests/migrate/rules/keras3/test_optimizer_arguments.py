"""Rule keras3.optimizer-arguments."""

import pytest

from migrate.cases import check_noop, check_transformed, run

RULE = "keras3.optimizer-arguments"
SCHEDULE = "InverseTimeDecay({}, decay_steps=1, decay_rate={})"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SGD(lr=.1, momentum=.9)", "SGD(learning_rate=.1, momentum=.9)"),
        (
            "Adam(lr=.1, beta_1=.9, epsilon=None, decay=0., amsgrad=False)",
            "Adam(learning_rate=.1, beta_1=.9, amsgrad=False)",
        ),
        ("Nadam(lr=.002, schedule_decay=0.004)", "Nadam(learning_rate=.002)"),
        ("Adam(clipnorm=1., clipvalue=None)", "Adam(global_clipnorm=1., clipvalue=None)"),
        ("Adadelta()", "Adadelta()"),
    ],
)
def test_the_learning_rate_has_its_name(before, after):
    head = "from keras.optimizers import *\n"
    check_transformed(head + before + "\n", head + after + "\n", RULE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SGD(lr=0.1, decay=1e-6, momentum=.9)", f"SGD(learning_rate={SCHEDULE.format(0.1, '1e-6')}, momentum=.9)"),
        ("SGD(decay=1e-6, lr=0.1)", f"SGD(learning_rate={SCHEDULE.format(0.1, '1e-6')})"),
        ("SGD(0.1, .9, decay=a / b)", f"SGD({SCHEDULE.format(0.1, 'a / b')}, .9)"),
        ("SGD(decay=1e-6)", f"SGD(learning_rate={SCHEDULE.format(0.01, '1e-6')})"),
        ("SGD(decay=1e-6, momentum=.9)", f"SGD(learning_rate={SCHEDULE.format(0.01, '1e-6')}, momentum=.9)"),
    ],
)
def test_a_decay_is_a_schedule(before, after):
    head = "from tensorflow.keras.optimizers import SGD\n"
    check_transformed(
        head + before + "\n",
        head + "from tensorflow.keras.optimizers.schedules import InverseTimeDecay\n" + after + "\n",
        RULE,
    )


def test_a_schedule_is_spelt_as_its_optimizer():
    check_transformed(
        "from keras import optimizers as o\no.SGD(lr=1, decay=2)\n",
        "from keras import optimizers as o\no.SGD(learning_rate=o.schedules.InverseTimeDecay(1, decay_steps=1, decay_rate=2))\n",
        RULE,
    )


@pytest.mark.parametrize(
    "setter",
    ["from keras.callbacks import ReduceLROnPlateau as R\nR()", "K.set_value(model.optimizer.learning_rate, 1)"],
)
def test_a_decay_beside_something_that_sets_the_rate_is_named(setter):
    source = f"from keras.optimizers import SGD\n{setter}\nSGD(learning_rate=1, decay=.1)\n"
    check_noop(source, RULE, manual=[(source.count("\n"), "tf_keras ignore it")])


def test_the_rate_of_an_optimizer_is_read_by_its_name():
    check_transformed(
        "from keras.optimizers import SGD\no = SGD()\no.lr = 1\nmodel.optimizer.lr\nself.lr\nargs.lr\n",
        "from keras.optimizers import SGD\no = SGD()\no.learning_rate = 1\nmodel.optimizer.learning_rate\nself.lr\nargs.lr\n",
        RULE,
    )


def test_the_norm_of_each_gradient_stays_that_in_tensorflow():
    check_noop("from tensorflow.keras.optimizers import SGD\nSGD(clipnorm=1)\n", RULE)


def test_another_warming_up_is_named():
    done = run("import keras\nkeras.optimizers.Nadam(schedule_decay=.1)\n", RULE)
    assert [entry.line for entry in done.manual] == [2]


def test_optimizers_of_others_stay():
    check_noop("from torch.optim import SGD\nSGD(lr=1, decay=.1)\n", RULE)


def test_two_limits_of_gradients_stay_because_keras_3_takes_one():
    source = "from keras.optimizers import SGD\nSGD(clipnorm=1., clipvalue=.5)\n"
    check_noop(source, RULE, manual=[(2, "Keras 3 takes one of them")])
    check_noop("import k2compat.auto\n" + source, RULE)
