"""One program with both Keras versions: each tensor, layer and variable is answered for by the Keras it belongs to."""

import importlib.util
from importlib.metadata import version

import pytest

if not importlib.util.find_spec("tf_keras"):  # looked for only: once it is imported here, all tests would have two
    pytest.skip("needs the extra 'keras2'", allow_module_level=True)
if version("keras").startswith("2"):
    pytest.skip("there is no Keras 3 beside this TensorFlow", allow_module_level=True)

# It needs Keras 2, which the quick run need not have.
pytestmark = pytest.mark.slow

BEGINNING = """
import keras
import numpy as np
import tensorflow as tf
import tf_keras

import k2compat
from k2compat import backend as K
from k2compat.graph.symbols import is_symbol

ARRAY = np.array([[0.1, -0.2, 0.3]], "float32")

def model_of(package):
    x = package.layers.Input((3,), name="x")
    y = package.layers.Dense(2, activation="tanh", kernel_initializer="ones", name="dense")(x)
    return package.Model(x, y)

models = [model_of(package) for package in (keras, tf_keras)]
"""

PROGRAMS = {
    "values_and_gradients": """
v = K.variable(2.0)
expected = np.tanh(ARRAY.sum())
for model in models:
    loss = K.sum(model.output[:, 0] * v) + tf.reduce_sum(tf.square(model.input))
    f = K.function([model.input], [model.output, loss, *K.gradients(loss, [model.input, model.layers[-1].kernel])])
    for _ in range(2):
        output, value, slopes, kernel = f([ARRAY])
    np.testing.assert_allclose(output, [[expected] * 2], rtol=1e-5)
    np.testing.assert_allclose(value, 2 * expected + np.square(ARRAY).sum(), rtol=1e-5)
    np.testing.assert_allclose(slopes, 2 * (1 - expected**2) + 2 * ARRAY, rtol=1e-5)
    np.testing.assert_allclose(kernel[:, 0], 2 * (1 - expected**2) * ARRAY[0], rtol=1e-5)
""",
    "weights_are_live_and_models_train": """
for model in models:
    kernel = model.layers[-1].kernel
    size = tf.reduce_sum(kernel * 2.0)
    assert is_symbol(size)
    before = K.eval(size)
    model.compile("sgd", "mse")
    model.fit(ARRAY, np.zeros((1, 2)), verbose=0)
    assert K.eval(size) != before
    np.testing.assert_allclose(K.eval(size), 2 * K.get_value(kernel).sum(), rtol=1e-5)
""",
    "use_chooses_the_keras_of_placeholders": """
first = type(K.placeholder((2,)))
assert issubclass(first, keras.KerasTensor)
k2compat.use("keras2")
second = K.placeholder((None, 2))
assert not isinstance(second, keras.KerasTensor)
assert tf_keras.Model(second, tf_keras.layers.Lambda(lambda t: t * 2.0)(second)).predict(ARRAY[:, :2]).shape == (1, 2)
k2compat.use("keras3")
assert type(K.placeholder((2,))) is first
""",
    "tensors_of_two_kerases_do_not_mix": """
for mixed in (lambda a, b: a + b, lambda a, b: b + a, lambda a, b: K.concatenate([a, b]), tf.multiply):
    try:
        mixed(*(model.output for model in models))
    except TypeError as error:
        message = str(error)
    else:
        raise AssertionError("no error")
    facts, advice = message.splitlines()
    received, expected = facts.split(", but expected ")
    assert "keras2, keras3" in received
    assert expected.startswith("tensors of one")
    assert "k2compat.use" in advice
""",
    "each_is_repaired_once": """
repairs = [(repair.name, id(repair.patches[0][0]), repair.patches[0][1]) for repair in k2compat.repairs()]
assert len(set(repairs)) == len(repairs)
assert all(repair.active for repair in k2compat.repairs())
for package in (keras, tf_keras):
    assert K.get_value(package.optimizers.Adam(lr=0.25).lr) == 0.25
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_with_both(name, run_script):
    run_script(BEGINNING + PROGRAMS[name], TF_USE_LEGACY_KERAS="0")
