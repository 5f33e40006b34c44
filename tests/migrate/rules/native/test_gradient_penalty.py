"""Rule native.gradient-penalty: a layer gives a loss the gradient of a model by its input."""

import pytest

from migrate.cases import check_noop, check_transformed

HEAD = """\
import keras
import tensorflow as tf
from functools import partial
from k2compat import backend as K
from keras.layers import Dense, Input
from keras.models import Model
"""
LOSS = """

def penalty(y_true, y_pred, samples, weight):
    # the slope
    gradients = K.gradients(y_pred, samples)[0]
    return weight * K.mean(K.square(gradients))
"""
MODEL = """

critic = keras.Sequential([Dense(1)])
real = Input((3,))
score = critic(real)
loss = partial(penalty, samples=real, weight=10)
model = Model(real, [score])
model.compile("sgd", [loss])
"""


def test_a_layer_computes_the_gradient():
    after = HEAD + (
        LOSS.replace("    # the slope\n    gradients = K.gradients(y_pred, samples)[0]\n", "").replace(
            "y_pred, samples, weight", "gradients, weight"
        )
    )
    layer = """

critic = keras.Sequential([Dense(1)])
real = Input((3,))


class InputGradient(keras.layers.Layer):
    \"\"\"The gradient of a model's output by its input.\"\"\"

    def __init__(self, model, **kwargs):
        super().__init__(**kwargs)
        self.model = model

    def call(self, inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = self.model(inputs)
        return tape.gradient(outputs, inputs)

    def compute_output_shape(self, input_shape):
        return input_shape


gradients = InputGradient(critic)(real)
loss = partial(penalty, weight=10)
model = Model(real, [gradients])
model.compile("sgd", [loss])
"""
    check_transformed(HEAD + LOSS + MODEL, after + layer, "native.gradient-penalty")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("K.square(gradients)", "K.square(gradients) + y_pred"),
        ("K.gradients(y_pred, samples)", "K.gradients(y_pred, weight)"),
        ("score = critic(real)", "score = critic(keras.layers.Dropout(0.5)(real))"),
        ("[score])", "[score, score])"),
        ("partial(penalty, samples=real, weight=10)", "lambda a, b: penalty(a, b, real, 10)"),
    ],
    ids=["reads-the-score", "by-a-number", "by-something-else", "used-twice", "by-lambda"],
)
def test_what_is_not_known_stays(old, new):
    before = HEAD + LOSS + MODEL
    assert old in before
    check_noop(before.replace(old, new), "native.gradient-penalty")
