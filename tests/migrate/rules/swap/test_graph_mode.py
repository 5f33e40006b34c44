"""Rule swap.graph-mode."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "swap.graph-mode"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import tensorflow as tf\ntf.compat.v1.disable_eager_execution()\nimport keras\n",
            "import tensorflow as tf\nimport keras\n",
        ),
        (
            "import tensorflow.compat.v1 as tf\n\ntf.disable_v2_behavior()  # for Keras\nx = 1\n",
            "import tensorflow.compat.v1 as tf\n\nx = 1\n",
        ),
        (
            "import tensorflow as tf\nif tf.__version__ > '2':\n    tf.compat.v1.disable_v2_behavior()\n",
            "import tensorflow as tf\n",
        ),
        (
            "import tensorflow as tf\nif tf.__version__.startswith('2'):\n\n    tf.disable_v2_behavior()\n\nx = 1\n",
            "import tensorflow as tf\n\nx = 1\n",
        ),
        (
            "import tensorflow as tf\nif ask():\n    tf.disable_v2_behavior()\n",
            "import tensorflow as tf\nif ask():\n    pass\n",
        ),
        (
            "import tensorflow as tf\nif tf.x:  # why\n    tf.disable_v2_behavior()\n",
            "import tensorflow as tf\nif tf.x:  # why\n    pass\n",
        ),
        (
            "import tensorflow as tf\nif tf.x:\n    tf.disable_v2_behavior()\nelse:\n    x = 1\n",
            "import tensorflow as tf\nif tf.x:\n    pass\nelse:\n    x = 1\n",
        ),
        (
            "import tensorflow as tf\ndef f():\n    if tf.x:\n        tf.disable_v2_behavior()\n",
            "import tensorflow as tf\ndef f():\n    if tf.x:\n        pass\n",
        ),
        (
            "import tensorflow as tf; tf.compat.v1.disable_eager_execution(); x = 1\n",
            "import tensorflow as tf; x = 1\n",
        ),
        (
            "import tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()\n"
            "with tf.get_default_graph().gradient_override_map({'Relu': 'Guided'}):\n    build()\n",
            "import tensorflow.compat.v1 as tf\n"
            "with tf.get_default_graph().gradient_override_map({'Relu': 'Guided'}):\n    build()\n",
        ),
        (
            "from tensorflow.python.framework.ops import disable_eager_execution\nx = 1\ndisable_eager_execution()\n",
            "x = 1\n",
        ),
        (
            "from tensorflow.compat.v1 import disable_v2_behavior as off, Session\noff()\n",
            "from tensorflow.compat.v1 import Session\n",
        ),
        (
            "import tensorflow as tf\nif tf.x:\n    import tensorflow.compat.v1 as tf\n    tf.disable_v2_behavior()\n",
            "import tensorflow as tf\nif tf.x:\n    import tensorflow.compat.v1 as tf\n",
        ),
        ("from tensorflow.compat.v1 import *\ndisable_v2_behavior()\n", "from tensorflow.compat.v1 import *\n"),
        ("import tensorflow as tf; tf.disable_eager_execution()", "import tensorflow as tf"),
        (
            "from tensorflow import compat\ndef f(): compat.v1.disable_eager_execution()\n",
            "from tensorflow import compat\ndef f(): pass\n",
        ),
    ],
)
def test_the_call_goes(before, after):
    check_transformed(before, after, RULE)


def test_what_needs_the_graph_keeps_it_and_is_named():
    source = """\
        import tensorflow.compat.v1 as tf
        tf.disable_v2_behavior()
        x = tf.placeholder("float32")
    """
    check_noop(source, RULE, manual=[(2, "`tf.placeholder` in line 3 needs graph mode")])


def test_one_of_two_tensorflows_may_need_the_graph():
    source = "import tensorflow as tf\nif tf.x:\n    import tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()\ntf.get_variable('x')\n"
    check_noop(source, RULE, manual=[(4, "`tf.get_variable` in line 5")])


def test_another_function_of_that_name_stays():
    check_noop("from mine import tf\ntf.disable_v2_behavior()\n", RULE)


def test_names_that_work_at_run_time_do_not_keep_it():
    check_transformed(
        "import tensorflow as tf\ntf.disable_v2_behavior()\nx = tf.placeholder(tf.float32)\n",
        "import tensorflow as tf\nx = tf.placeholder(tf.float32)\n",
        RULE,
    )
