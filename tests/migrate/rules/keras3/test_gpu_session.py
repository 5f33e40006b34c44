"""Rule keras3.gpu-session."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "keras3.gpu"


HEAD = "import tensorflow as tf\nfrom keras import backend as K\n"


GROWTH = 'for gpu in tf.config.list_physical_devices("GPU"):\n    tf.config.experimental.set_memory_growth(gpu, True)\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "config = tf.ConfigProto()\nconfig.gpu_options.allow_growth = True\nsess = tf.Session(config=config)\nK.set_session(sess)\n",
            GROWTH,
        ),
        (
            "K.set_session(tf.compat.v1.Session(config=tf.compat.v1.ConfigProto(gpu_options=tf.compat.v1.GPUOptions(allow_growth=True))))\n",
            GROWTH,
        ),
        (
            "c = tf.ConfigProto(intra_op_parallelism_threads=1, allow_soft_placement=True)\nx = 1\n"
            "K.set_session(tf.Session(graph=tf.get_default_graph(), config=c))  # one thread\n",
            "x = 1\ntf.config.threading.set_intra_op_parallelism_threads(1)\ntf.config.set_soft_device_placement(True)  # one thread\n",
        ),
        (
            "K.set_session(tf.Session(config=tf.ConfigProto(device_count={'GPU': 0})))\n",
            'tf.config.set_visible_devices([], "GPU")\n',
        ),
        ("x = 1\nK.set_session(tf.Session())\n", "x = 1\n"),
        (
            "def f():\n    c = tf.ConfigProto()\n    c.gpu_options.allow_growth = True\n    K.set_session(tf.Session(config=c))\n",
            'def f():\n    for gpu in tf.config.list_physical_devices("GPU"):\n'
            "        tf.config.experimental.set_memory_growth(gpu, True)\n",
        ),
    ],
)
def test_a_session_becomes_settings(before, after):
    check_transformed(HEAD + before, HEAD + after, RULE)


def test_its_import_goes_with_it():
    check_transformed(
        "import tensorflow as tf\nfrom keras.backend.tensorflow_backend import set_session\nc = tf.ConfigProto()\n"
        "c.gpu_options.allow_growth = True\nset_session(tf.Session(config=c))\n",
        "import tensorflow as tf\n" + GROWTH,
        RULE,
    )


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("s = tf.Session()\nK.set_session(s)\ns.run(x)\n", 4, "`s` is used in line 5"),
        ("s = tf.Session()\nK.set_session(s)\ndef f():\n    s.run(x)\n", 4, "`s` is used in line 6"),
        ("K.set_session(make())\n", 3, "cannot be told"),
        (
            "c = tf.ConfigProto()\nc.graph_options.x = 1\nK.set_session(tf.Session(config=c))\n",
            5,
            "`x` has no counterpart",
        ),
        ("c = tf.ConfigProto()\nprint(c)\nK.set_session(tf.Session(config=c))\n", 5, "used in line 4"),
        (
            "c = tf.ConfigProto()\nif a:\n    c.allow_soft_placement = True\nK.set_session(tf.Session(config=c))\n",
            6,
            "several blocks",
        ),
    ],
)
def test_a_session_that_is_used_otherwise_is_named(source, line, message):
    check_noop(HEAD + source, RULE, manual=[(line, message)])
