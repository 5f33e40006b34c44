"""Functions with their weights folded in as constants."""

import warnings

import numpy as np
import pytest
from helpers import dense_model, filled, normal, normalized_model

from k2compat import backend as K

ROWS = normal(3, 4, seed=5).astype("float32")


def saliency(model, **how):
    score = K.sum(model.output[:, 1])
    return K.function([model.input], [score, *K.gradients(score, model.input)], **how)


def test_a_frozen_function_gives_the_same():
    model = dense_model()
    plain, frozen = saliency(model), saliency(model, freeze=True)
    for _ in range(3):
        for value, expected in zip(frozen([ROWS]), plain([ROWS]), strict=True):
            np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-7)


def test_no_weight_is_read_by_what_runs():
    model = normalized_model()
    f = K.function([model.input], [model.output], freeze=True, tier="compiled")
    f([normal(2, 8)])
    frozen = f._executor.run.call
    assert len(frozen._values) == len(model.weights)
    assert frozen._call.__name__ == "direct"
    np.testing.assert_allclose(f([normal(2, 8)])[0], model.predict(normal(2, 8)), rtol=1e-5)


@pytest.mark.parametrize("change", ["set_weights", "assign_one", "train"])
def test_changed_weights_are_noticed_and_seen(change):
    model = dense_model()
    f = saliency(model, freeze=True)
    for _ in range(2):
        before = f([ROWS])
    if change == "set_weights":
        filled(model, seed=7)
    elif change == "assign_one":
        K.set_value(model.layers[1].kernel, K.get_value(model.layers[1].kernel) * 2)
    else:
        model.compile("sgd", "mse")
        model.train_on_batch(ROWS, np.eye(3)[[0, 1, 2]])
    with pytest.warns(UserWarning, match="weights have changed"):
        after = f([ROWS])
    np.testing.assert_allclose(after[0], model.predict(ROWS)[:, 1].sum(), rtol=1e-5)
    assert not np.allclose(after[0], before[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f([ROWS])
