"""Layers take the arguments of Keras 1: each call makes the layer that the call of Keras 2 makes."""

import warnings

import pytest
from kerases import keras, layers

L2 = keras.regularizers.L2(0.1)

# Layer -> its arguments as Keras 1 had them, and as Keras 2 has them.
CALLS = [
    ("Dense", ((), {"output_dim": 3, "init": "zeros", "W_regularizer": L2, "bias": False}),
     ((3,), {"kernel_initializer": "zeros", "kernel_regularizer": L2, "use_bias": False})),
    ("Conv2D", ((4, 3, 5), {"border_mode": "same", "dim_ordering": "tf"}),
     ((4, (3, 5)), {"padding": "same", "data_format": "channels_last"})),
    ("Conv2D", ((4, 3), {"nb_col": 5}), ((4, (3, 5)), {})),
    ("Conv2D", ((4,), {"nb_row": 3, "nb_col": 5, "subsample": (2, 2)}), ((4, (3, 5)), {"strides": (2, 2)})),
    ("Conv2D", ((), {"nb_filter": 4, "nb_row": 3, "nb_col": 5}), ((4, (3, 5)), {})),
    ("Conv3D", ((4, 1, 2, 3), {"dim_ordering": "th"}), ((4, (1, 2, 3)), {"data_format": "channels_first"})),
    ("Conv1D", ((), {"nb_filter": 4, "filter_length": 3, "subsample_length": 2}), ((4, 3), {"strides": 2})),
    ("LSTM", ((), {"output_dim": 4, "inner_init": "zeros", "dropout_W": 0.1, "dropout_U": 0.2, "consume_less": "mem"}),
     ((4,), {"recurrent_initializer": "zeros", "dropout": 0.1, "recurrent_dropout": 0.2})),
    ("Dropout", ((), {"p": 0.25}), ((0.25,), {})),
    ("MaxPooling2D", (((2, 2),), {"border_mode": "same", "dim_ordering": "default"}), (((2, 2),), {"padding": "same"})),
    ("MaxPooling1D", ((), {"pool_length": 3, "stride": 2}), ((3,), {"strides": 2})),
    ("GaussianNoise", ((), {"sigma": 0.5}), ((0.5,), {})),
    ("Embedding", ((5, 2), {"init": "zeros"}), ((5, 2), {"embeddings_initializer": "zeros"})),
]  # fmt: skip


def config_of(name, call):
    args, kwargs = call
    config = getattr(layers, name)(*args, **kwargs).get_config()
    config.pop("name")
    return repr(config)


@pytest.mark.parametrize(("name", "old", "new"), CALLS)
def test_a_call_of_keras_1_makes_the_layer_of_keras_2(name, old, new):
    with pytest.warns(UserWarning, match=f"Update your `{name}` call to the Keras 2 API: `{name}\\("):
        found = config_of(name, old)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert found == config_of(name, new)


def test_the_warning_shows_the_call_of_keras_2():
    with pytest.warns(UserWarning) as caught:
        layers.Conv2D(4, 3, 5, border_mode="same")
    expected = 'Update your `Conv2D` call to the Keras 2 API: `Conv2D(4, (3, 5), padding="same")`'
    assert [str(warning.message) for warning in caught] == [expected]
    assert caught[0].filename == __file__


def test_an_argument_given_by_both_names_is_refused():
    with pytest.raises(TypeError, match="received both the legacy keyword argument `p`"):
        layers.Dropout(p=0.5, rate=0.5)


def test_subclasses_pass_them_on():
    class Own(layers.Dense):
        def __init__(self, size):
            super().__init__(output_dim=size)

    with pytest.warns(UserWarning, match="Update your `Own` call"):
        assert Own(3).units == 3
