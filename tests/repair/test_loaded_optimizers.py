"""Compiled models saved in HDF5 train on as they would have, with the state and the falling rate of their optimizer."""

import numpy as np
import pytest
from kerases import keras, layers

from k2compat import backend as K

X, Y = np.linspace(-1, 1, 16).reshape((8, 2)), np.ones((8, 1))


@pytest.mark.filterwarnings("ignore::UserWarning")  # of tf_keras, on the format
@pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras and NumPy, on saving
@pytest.mark.parametrize("train", ["fit", "train_on_batch"])
@pytest.mark.parametrize(
    "made",
    [
        lambda: keras.optimizers.SGD(lr=0.1, momentum=0.9),
        lambda: keras.optimizers.SGD(lr=0.1, decay=0.5, momentum=0.9),
        lambda: keras.optimizers.Adam(lr=0.1),
        lambda: keras.optimizers.RMSprop(lr=0.1, decay=0.5),
    ],
    ids=["momentum", "decay", "adam", "rmsprop"],
)
def test_a_saved_model_trains_on(made, train, tmp_path):
    model = keras.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile(made(), "mse")
    model.fit(X, Y, shuffle=False, epochs=2, verbose=0)
    model.save(str(tmp_path / "model.h5"))
    loaded = keras.models.load_model(str(tmp_path / "model.h5"))
    assert K.get_value(loaded.optimizer.iterations) == 2
    for one in (model, loaded):
        getattr(one, train)(X, Y)
    for after, expected in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(after, expected, rtol=1e-6)
