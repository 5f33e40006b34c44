"""Rule native.session-run: what is run in the session of Keras is computed in its place."""

import pytest

from migrate.cases import check_noop, check_transformed

HEAD = """\
import keras
import tensorflow as tf
from keras.layers import Dense, Input
from keras.models import Model
from k2compat import backend as K
inp = Input((3,))
model = Model(inp, Dense(2)(inp))
"""
BARE = HEAD.replace("from k2compat import backend as K\n", "")
REWRITTEN = {
    "outputs": (
        "sess = K.get_session()\na, b = sess.run([model.output, inp], feed_dict={model.input: x, K.learning_phase(): 0})\n",
        "activation_model = Model(model.input, [model.output, inp])\n"
        "model_output, inp = activation_model(x, training=False)\na = model_output.numpy()\nb = inp.numpy()\n",
    ),
    "gradients in a loop": (
        "grads = K.gradients(model.output, model.input)[0]\nfor _ in range(3):\n"
        "    x = x + K.get_session().run(grads, {model.input: x})\n",
        "for _ in range(3):\n    inputs = tf.cast(x, tf.float32)\n    with tf.GradientTape() as tape:\n"
        "        tape.watch(inputs)\n        model_output = model(inputs, training=False)\n"
        "    grads = tape.gradient(model_output, inputs)\n    x = x + grads.numpy()\n",
    ),
    "initializers": ("K.get_session().run(tf.global_variables_initializer())\n", ""),
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_what_is_rewritten(name):
    before, after = REWRITTEN[name]
    check_transformed(HEAD + before, BARE + after, "native")


def test_what_is_fed_by_a_dict_that_is_not_known_stays():
    check_noop(
        HEAD + "y = K.get_session().run(model.output, feed_dict=what)\n",
        "native.session-run",
        [(8, "what is fed is not written out")],
    )


def test_what_would_run_several_times_stays():
    check_noop(
        HEAD + "y = [K.get_session().run(model.output, {inp: x}) for x in data]\n",
        "native.session-run",
        [(8, "not in a statement of its own")],
    )


def test_initializers_that_undo_something_stay():
    check_noop(
        HEAD + "model.load_weights(path)\nK.get_session().run(tf.global_variables_initializer())\n",
        "native.session-run",
        [(9, "`load_weights` in line 8")],
    )


def test_other_sessions_stay():
    check_noop(HEAD + "mine.run(model.output, {inp: x})\n", "native.session-run")
