"""Rule swap.own-variables."""

import pytest

from migrate.cases import check_noop

RULE = "swap.own-variables"
HEAD = "import keras\nimport tensorflow as tf\nfrom keras import backend as K\nv = tf.Variable(0.5)\n"
REPORTED = [
    ("y = x * (1.0 - v)\nv.assign(0.1)", "`1.0 - v` is computed at once"),
    ("y = x * -v\nK.set_value(v, 0.1)", "`-v` is computed at once"),
    ("y = x * v[0]\nstep = tf.assign(v, 0.1)", "`v[0]` is computed at once"),
    ("y = x * v.read_value()\nv.load(0.1, session)", "`v.read_value` is computed at once"),
]
STAY = [
    "y = x * v + (x - v)\nv.assign(0.1)",
    "y = x * (1.0 - v)",
    "y = lambda x: x * (1.0 - v)\nv.assign(0.1)",
    "w = K.variable(0.5)\ny = x * (1.0 - w)\nK.set_value(w, 0.1)",
]


@pytest.mark.parametrize(("source", "part"), REPORTED)
def test_expressions_that_do_not_follow_are_reported(source, part):
    check_noop(f"{HEAD}{source}\n", RULE, manual=[(5, part)])


@pytest.mark.parametrize("source", STAY)
def test_what_stays(source):
    check_noop(f"{HEAD}{source}\n", RULE)


def test_eager_programs_stay():
    source = "from tensorflow import keras\nimport tensorflow as tf\nv = tf.Variable(0.5)\ny = 2.0 * v\nv.assign(1.0)\n"
    check_noop(source, RULE)
