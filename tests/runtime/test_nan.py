"""NaN stays NaN in each tier, and in each step of training, as in Keras 2.3.1, also where oneDNN computes."""

import os

import numpy as np
import pytest
import tensorflow as tf
from kerases import keras

from k2compat import backend as K
from k2compat.tensorflow_internals import uses_onednn

layers = keras.layers
NAN = {
    "product": ((4,), layers.Dense(3, activation="relu")),
    "convolution": ((6, 6, 2), layers.Conv2D(3, 3, activation="relu")),
    "relu6": ((6, 6, 2), lambda x: layers.ReLU(6.0)(layers.Conv2D(3, 3)(x))),
    "volume": ((4, 4, 4, 2), layers.Conv3D(3, 3, activation="relu")),
}
# The same with oneDNN, which TensorFlow turns on by itself on some processors only.
WITH_ONEDNN = """
import pytest, sys
sys.exit(pytest.main(["-q", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider", sys.argv[1], "-m", "not slow"]))
"""


@pytest.mark.parametrize("kind", NAN)
@pytest.mark.parametrize("options", [{}, {"tier": "compiled"}, {"freeze": True}], ids=["auto", "compiled", "frozen"])
def test_relu_keeps_nan(kind, options):
    shape, build = NAN[kind]
    x = layers.Input(shape)
    f = K.function([x], [build(x)], **options)
    for _ in range(3):
        assert np.isnan(f([np.full((2, *shape), np.nan, "float32")])[0]).all()


def test_relu_of_a_sparse_input_keeps_nan():
    x = K.placeholder((2, 3), sparse=True)
    f = K.function([x], [K.relu(K.bias_add(K.dot(x, K.ones((3, 4))), K.ones((4,))))])
    fed = tf.SparseTensor([[0, 0], [1, 2]], np.full(2, np.nan, "float32"), (2, 3))
    for _ in range(3):
        assert np.isnan(f([fed])[0]).all()


def test_steps_of_a_model_keep_nan():
    model = keras.models.Sequential([layers.Input((4,)), layers.Dense(3, activation="relu")])
    model.compile("sgd", "mse")
    x, y = np.full((2, 4), np.nan), np.zeros((2, 3))
    assert np.isnan(model.predict(x)).all()
    assert np.isnan(model.test_on_batch(x, y))
    assert np.isnan(model.train_on_batch(x, y))


def test_a_program_may_turn_it_off():
    x = layers.Input((4,))
    f = K.function([x], [layers.Dense(3, activation="relu")(x)])
    tf.config.optimizer.set_experimental_options({"remapping": True})
    try:
        f([np.ones((1, 4))])
        lost = not np.isnan(f([np.full((1, 4), np.nan)])[0]).any()
    finally:
        tf.config.optimizer.set_experimental_options({"remapping": None})
    assert lost == uses_onednn()


@pytest.mark.slow
@pytest.mark.skipif(uses_onednn(), reason="the tests above are with oneDNN")
def test_the_same_with_onednn(run_script):
    run_script(WITH_ONEDNN, __file__, cwd=os.path.dirname(__file__), TF_ENABLE_ONEDNN_OPTS="1")
