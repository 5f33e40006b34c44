"""Rule keras3.tensorflow1-names."""

import json
import subprocess
import sys

import pytest

from k2compat.tables.tensorflow1 import GONE, KEPT_IN_COMPAT, RENAMED
from migrate.cases import check_noop, check_transformed

RULE = "keras3.tensorflow1-names"
HEAD = "import keras\nimport tensorflow as tf\n"

TABLE = """
import json, operator, sys
import tensorflow as tf
renamed, kept, gone = json.loads(sys.stdin.read())

def there(root, name):
    try:
        return operator.attrgetter(name)(root)
    except AttributeError:
        return None

for old, new in renamed.items():
    assert there(tf, old) is None, old
    assert there(tf.compat.v1, old) is there(tf, new), old
for name in kept:
    assert there(tf, name) is None, name
    assert there(tf.compat.v1, name) is not None, name
for name in gone:
    assert there(tf, name) is None, name
names = {name for name in dir(tf.compat.v1) if not name.startswith("_")} - set(dir(tf))
assert not names - {*renamed, *kept, *gone}, names - {*renamed, *kept, *gone}
"""


@pytest.mark.slow
def test_the_table_is_what_tensorflow_has():
    tables = json.dumps([RENAMED, sorted(KEPT_IN_COMPAT), sorted(GONE)])
    done = subprocess.run([sys.executable, "-c", TABLE], input=tables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_no_name_is_in_two_tables():
    assert not (set(RENAMED) & KEPT_IN_COMPAT | set(RENAMED) & GONE | KEPT_IN_COMPAT & GONE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("tf.log(x) / tf.log(2.0)", "tf.math.log(x) / tf.math.log(2.0)"),
        ("f = tf.to_float", "f = tf.compat.v1.to_float"),
        ("tf.image.resize_bilinear(x, s)", "tf.compat.v1.image.resize_bilinear(x, s)"),
        ("tf.gfile.Exists(p)", "tf.compat.v1.gfile.Exists(p)"),
        ("tf.matrix_band_part(x, 0, -1)  # upper", "tf.linalg.band_part(x, 0, -1)  # upper"),
        (
            "import tensorflow\ntensorflow.log(tf.squared_difference(x, 2))",
            "import tensorflow\ntensorflow.math.log(tf.math.squared_difference(x, 2))",
        ),
    ],
)
def test_a_name_is_read_from_where_it_is(before, after):
    check_transformed(f"{HEAD}x = s = p = 1\n{before}\n", f"{HEAD}x = s = p = 1\n{after}\n", RULE)


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("x = tf.placeholder(tf.float32)", "`tf.placeholder` is not in TensorFlow 2"),
        ("sess = tf.Session()", "`tf.Session` is not"),
        ("tf.train.AdamOptimizer(0.1)", "`tf.train.AdamOptimizer` is not"),
        ("tf.layers.dense(x, 3)", "`tf.layers` is not"),
        ("tf.contrib.slim.conv2d(x, 3)", "`tf.contrib.slim.conv2d` is not"),
        ("from tensorflow import log", "`tensorflow.log` is not"),
        ("from tensorflow.contrib import slim", "`tensorflow.contrib.slim` is not"),
    ],
)
def test_what_needs_a_graph_is_reported(source, part):
    check_noop(HEAD + source + "\n", RULE, manual=[(3, part)])


@pytest.mark.parametrize(
    "source",
    [
        "tf.reduce_sum(x) + tf.nn.relu(x)",
        "tf.compat.v1.placeholder(tf.float32)",
        "import tensorflow.compat.v1 as v1\nv1.log(1.0)",
        "tf.log = tf.math.log",
        "tf.losses.Huber()",
        "class Own:\n    log = to_float = 1\nOwn.log",
        "keras.backend.set_session(tf.Session())",
    ],
)
def test_what_there_is_stays(source):
    check_noop(HEAD + source + "\n", RULE)


@pytest.mark.parametrize(
    "source",
    [
        "x = tf.placeholder(tf.float32)",
        "sess = tf.Session()",
        "tf.metrics.auc(1, 2)",
        "tf.train.AdamOptimizer(0.1)",
        "tf.get_default_graph()",
        "y = tf.random_normal((2,))",
        "tf.contrib.layers.xavier_initializer()",
    ],
)
def test_what_works_with_k2compat_stays_where_that_is_imported(source):
    check_noop("from k2compat import backend as K\n" + HEAD + source + "\n", RULE)
