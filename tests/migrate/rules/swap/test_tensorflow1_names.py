"""Rule swap.tensorflow1-names."""

import operator

import pytest

from k2compat.tables.tensorflow1 import AT_RUN_TIME, CONTRIB_WRITTEN, GONE
from migrate.cases import check_noop

RULE = "swap.tensorflow1-names"
HEAD = "import keras\nimport tensorflow as tf\n"

REPORTED = [
    ("saver = tf.train.Saver()", "`tf.train.Saver` is not"),
    ("tf.graph_util.convert_variables_to_constants(s, g, n)", "convert_variables_to_constants"),
    ("tf.estimator.Estimator(f)", "`tf.estimator` is not"),
    ("tf.contrib.slim.conv2d(x, 3)", "`tf.contrib.slim.conv2d` is not"),
    ("import tensorflow.contrib.slim as slim", "`tf.contrib.slim` is not"),
    ("from tensorflow.contrib import rnn", "`tf.contrib.rnn` is not"),
    ("it = data.make_one_shot_iterator()", "asks for a graph"),
    ("t = graph.get_tensor_by_name(name)", "asks for a graph"),
    ("tf.get_default_graph().get_tensor_by_name(name)", "asks for a graph"),
    ("keras.backend.get_session().graph.get_operation_by_name(name)", "asks for a graph"),
    ("tf.data.Dataset.range(3).make_initializable_iterator()", "asks for a graph"),
    ("tf.data.make_one_shot_iterator(data)", "`tf.data.make_one_shot_iterator` is not"),
    ("array = tf.TensorArray(tf.float32, size=2)", "is filled at once"),
    ("tf.nn.dropout(x, 0.8)", "`0.8` was the part"),
    ("tf.compat.v1.placeholder(tf.float32).eval()", "`tf.compat.v1.placeholder` needs a graph"),
    ("tf.compat.v1.Session().run(x)", "`tf.compat.v1.Session` needs a graph"),
]
STAY = [
    "f = lambda x: tf.TensorArray(tf.float32, size=2).write(0, x)",
    "g = tf.Graph()\nt = g.get_tensor_by_name(name)",
    "tf.nn.ctc_loss(labels=y, inputs=x, sequence_length=n)",
    "tf.hessians(y, x)",
    "tf.log(x)",
    "tf.to_float(x)",
    "tf.placeholder(tf.float32)",
    "tf.Session()",
    "tf.metrics.auc(x, y)",
    "tf.train.AdamOptimizer(0.1)",
    "model.compile(tf.train.AdamOptimizer(0.1), 'mse')",
    "model.compile(loss='mse', optimizer=tf.compat.v1.train.AdamOptimizer(0.1))",
    "tf.contrib.layers.xavier_initializer()",
    "tf.contrib.layers.l2_regularizer",
    "tf.nn.dropout(x, keep_prob=0.8)",
    "tf.nn.dropout(x, rate=0.8)",
    "tf.compat.v1.disable_eager_execution()",
    "keras.backend.set_session(tf.compat.v1.Session())",
    "with tf.Graph().as_default():\n    tf.compat.v1.Session().run(x)",
]


@pytest.mark.parametrize(("source", "part"), REPORTED)
def test_what_is_reported(source, part):
    check_noop(HEAD + source + "\n", RULE, manual=[(3, part)])


@pytest.mark.parametrize("source", STAY)
def test_what_stays(source):
    check_noop(HEAD + source + "\n", RULE)


def test_tensorflow_2_drops_what_it_is_told():
    check_noop("from tensorflow import keras\nimport tensorflow as tf\ntf.nn.dropout(x, 0.8)\n", RULE)


@pytest.mark.slow
def test_the_table_of_what_works_is_what_k2compat_gives():
    import tensorflow as tf

    import k2compat.backend  # noqa: F401
    from k2compat.repair.tensorflow1.contrib import OWN

    def is_there(name):
        try:
            operator.attrgetter(name)(tf)
        except AttributeError:
            return False
        return True

    assert {name for name in GONE - {"contrib"} if is_there(name)} == AT_RUN_TIME
    assert set(OWN) == set(CONTRIB_WRITTEN)
