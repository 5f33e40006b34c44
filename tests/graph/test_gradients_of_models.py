"""Gradients of what compiled models compute, and models that end in gradients."""

import numpy as np
import pytest
from helpers import normal
from kerases import keras, layers

from k2compat import backend as K


def test_crossentropies_go_past_the_probabilities_to_the_logits():
    x, target = layers.Input((3,)), K.placeholder((None, 2))
    logits = layers.Dense(2)(x)
    cases = [("softmax", K.categorical_crossentropy), ("sigmoid", K.binary_crossentropy)]
    for kind, crossentropy in cases:
        output = layers.Activation(kind)(logits)
        loss = crossentropy(target, output)
        found = K.gradients(loss, [output, logits])
        assert found[0] is None
        assert found[1] is not None
        both = K.gradients(K.sum(loss) + K.sum(3 * output), [output])
        values = K.function([x, target], both)([normal(4, 3), np.eye(2)[[0, 1, 0, 1]]])[0]
        assert np.allclose(values, 3)
    # of other probabilities they do not
    output = layers.Activation("sigmoid")(logits)
    assert K.gradients(K.categorical_crossentropy(target, output), [output])[0] is not None
    assert K.gradients(K.categorical_crossentropy(target, K.softmax(logits) * 1.0), [logits])[0] is not None


def test_a_compiled_loss_goes_past_the_probabilities_to_the_logits():
    model = keras.Sequential([layers.Input((3,)), layers.Dense(2), layers.Activation("softmax")])
    model.compile("sgd", "categorical_crossentropy")
    assert K.gradients(model.total_loss, [model.output])[0] is None
    with pytest.raises(ValueError, match="differentiable"):
        model.optimizer.get_gradients(model.total_loss, [model.output])


def test_a_model_can_end_in_the_gradient_of_a_hidden_layer():
    x = layers.Input((3,))
    hidden = layers.Dense(2, activation="tanh")(x)
    top = layers.Dense(1)
    output = top(hidden)
    found = keras.Model(x, K.gradients(K.sum(output), [hidden])[0]).predict(normal(4, 3), verbose=0)
    assert np.allclose(found, np.tile(top.get_weights()[0].T, (4, 1)), atol=1e-6)
