"""Numbers that are no row of an embedding's table: refused as in Keras 2.3.1, with the input and the place named."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import parts
from kerases import keras, layers

from k2compat import backend as K

WORDS = {"negative": np.array([[0, 3], [2, -1]]), "too large": np.array([[0, 3], [2, 5]])}
CALLS = {
    "function": lambda model, words: K.function([model.input], [model.output])([words]),
    "predict": lambda model, words: model.predict(words, verbose=0),
    "predict_on_batch": lambda model, words: model.predict_on_batch(words),
    "train_on_batch": lambda model, words: model.train_on_batch(words, np.zeros((2, 2, 3))),
    "fit": lambda model, words: model.fit(words, np.zeros((2, 2, 3)), verbose=0),
}


@pytest.fixture(scope="module")
def model():
    words = layers.Input((None,), dtype="int32", name="words")
    model = keras.Model(words, layers.Embedding(5, 3)(words))
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("tier", ["auto", "eager", "compiled"])
@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize("call", CALLS)
def test_the_input_and_the_place_are_named(model, call, kind, tier, monkeypatch):
    monkeypatch.setenv("K2COMPAT_TIER", tier)
    weights = model.get_weights()
    for _ in range(2):
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            CALLS[call](model, WORDS[kind])
        assert isinstance(caught.value, ValueError)
        received, expected, advice = parts(caught.value)
        assert f"Received {WORDS[kind][1, 1]} at [1, 1] of the input 'words'" in received and "0 to 4" in expected
        assert ("Embedding(6, ...)" in advice) == (kind == "too large")
    assert all(np.array_equal(*pair) for pair in zip(weights, model.get_weights(), strict=True))


def test_a_single_number_has_no_place():
    row = K.placeholder(shape=(), dtype="int32", name="row")
    f = K.function([row], [K.gather(K.variable(np.eye(3)), row)])
    with pytest.raises(ValueError, match="Received 7 of the input 'row', which is no row of a table of 3 rows"):
        f([7])


def test_a_number_that_was_computed_keeps_the_text_of_tensorflow():
    words = K.placeholder(shape=(None,), dtype="int32")
    f = K.function([words], [K.gather(K.variable(np.eye(3)), words + 10)])
    for _ in range(2):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"= 11 is not in \[0, 3\)"):
            f([[1]])
