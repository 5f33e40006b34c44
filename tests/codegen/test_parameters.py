"""``f.to_source(parameters=..., beside=...)``: numbers that become arguments, functions that share a factory."""

import numpy as np
import pytest
import tensorflow as tf
from emitted import factory, made
from helpers import dense_model, normal

from k2compat import backend as K
from k2compat.errors import SourceError

X = normal(4, 3).astype("float32")


def test_a_number_becomes_an_argument():
    x = K.placeholder((None, 3), name="x")
    loss = x[:, 1] * 2.0 + K.sum(x, axis=1)
    function = K.function([x], [loss, K.gradients(loss, x)[0]])
    source = function.to_source(parameters={"class_index": 1, "factor": 2.0})
    assert "def function(x, class_index, factor):" in source
    assert "axis=1" in source
    assert "class_index: int, 1 in the recorded function." in source
    emitted = made(source)
    loss, gradient = emitted(X, 2, 3.0)
    np.testing.assert_allclose(loss, X[:, 2] * 3 + X.sum(1), rtol=1e-6)
    np.testing.assert_allclose(gradient, np.ones((4, 3)) + np.array([0, 0, 3]), rtol=1e-6)
    np.testing.assert_allclose(emitted(X, tf.constant(0), 2.0)[0], X[:, 0] * 2 + X.sum(1), rtol=1e-6)


def test_a_number_that_stands_nowhere_or_twice_is_refused():
    x = K.placeholder((None, 3), name="x")
    function = K.function([x], [x[:, 1] + x[0, 1], K.sum(x, axis=-1)])
    with pytest.raises(SourceError, match="'index': 1}, a number that stands in 2 places"):
        function.to_source(parameters={"index": 1})
    with pytest.raises(SourceError, match="stands in 0 places"):
        function.to_source(parameters={"axis": -1})
    with pytest.raises(SourceError, match="names of Python"):
        function.to_source(parameters={"a b": 1})


def test_functions_of_one_model_share_a_factory():
    model = dense_model()
    gradient = K.gradients(model.output[:, 0], model.input)[0]
    first = K.function([model.input], [gradient])
    second = K.function([model.input], [model.output, model.layers[-1].weights[0]])
    source = first.to_source("slope", parameters={"unit": 0}, beside={"predictions": second})
    assert source.count("keras.Model(") == 1
    assert source.endswith("    return slope, predictions\n")
    slope, predictions = factory(source, "functions")(**source.arguments)
    values = normal(2, *model.input_shape[1:]).astype("float32")
    np.testing.assert_allclose(slope(values, 0)[0], first([values])[0], rtol=1e-5)
    for emitted, expected in zip(predictions(values), second([values]), strict=True):
        np.testing.assert_allclose(emitted, expected, rtol=1e-5)
