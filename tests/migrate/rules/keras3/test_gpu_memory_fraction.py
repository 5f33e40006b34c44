"""Rule keras3.gpu-memory-fraction."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "keras3.gpu-memory-fraction"


HEAD = "import tensorflow as tf\nfrom keras import backend as K\n"


GROWTH = 'for gpu in tf.config.list_physical_devices("GPU"):\n    tf.config.experimental.set_memory_growth(gpu, True)\n'


FRACTION = "o = tf.GPUOptions(per_process_gpu_memory_fraction=0.3)\nK.set_session(tf.Session(config=tf.ConfigProto(gpu_options=o)))\n"


def test_a_part_of_the_memory_is_not_the_same_as_growth():
    check_transformed(HEAD + FRACTION, HEAD + GROWTH, RULE, unsafe=True)


def test_without_unsafe_it_is_reported():
    check_noop(HEAD + FRACTION, RULE, manual=[(4, "the session becomes calls of `tf.config`")])


@pytest.mark.parametrize("unsafe", [False, True])
def test_a_session_without_a_fraction_is_for_another_rule(unsafe):
    check_noop(HEAD + "K.set_session(tf.Session(config=tf.ConfigProto()))\n", RULE, unsafe=unsafe)


@pytest.mark.parametrize("unsafe", [False, True])
def test_a_setting_without_counterpart_is_reported(unsafe):
    source = FRACTION.replace("gpu_options=o", "gpu_options=o, x=1")
    check_noop(HEAD + source, RULE, manual=[(4, "`x` has no counterpart")], unsafe=unsafe)
