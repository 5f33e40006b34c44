"""``keras.utils.test_utils``: data and checks for the tests of layers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from k2compat.adapters.registry import adapter
from k2compat.legacy.generic_utils import has_arg
from k2compat.ops.config import floatx
from k2compat.ops.session import clear_session
from k2compat.ops.variables import dtype


def get_test_data(
    num_train: int = 1000,
    num_test: int = 500,
    input_shape: tuple[int, ...] = (10,),
    output_shape: tuple[int, ...] = (2,),
    classification: bool = True,
    num_classes: int = 2,
) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return random data to train and to test with, drawn around their classes or targets."""
    samples = num_train + num_test
    x = np.zeros((samples, *input_shape), dtype=np.float32)
    if classification:
        y: Any = np.random.randint(0, num_classes, size=(samples,))
        for i in range(samples):
            x[i] = np.random.normal(loc=y[i], scale=0.7, size=input_shape)
    else:
        centers = np.random.random((samples,))
        y = np.zeros((samples, *output_shape), dtype=np.float32)
        for i in range(samples):
            x[i] = np.random.normal(loc=centers[i], scale=0.7, size=input_shape)
            y[i] = np.random.normal(loc=centers[i], scale=0.7, size=output_shape)
    return (x[:num_train], y[:num_train]), (x[num_train:], y[num_train:])


def keras_test(func: Callable[..., Any]) -> Callable[..., Any]:
    """Return a test that leaves no session behind."""

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        output = func(*args, **kwargs)
        clear_session()
        return output

    return wrapper


def layer_test(
    layer_cls: Any,
    kwargs: dict[str, Any] | None = None,
    input_shape: Any = None,
    input_dtype: Any = None,
    input_data: Any = None,
    expected_output: Any = None,
    expected_output_dtype: Any = None,
    fixed_batch_size: bool = False,
) -> Any:
    """Return what a layer computes, after its shapes, weights, configuration and training have been checked."""
    keras = adapter().package
    if input_data is None:
        sizes = [np.random.randint(1, 4) if size is None else size for size in input_shape]
        input_data = (10 * np.random.random(sizes)).astype(input_dtype or floatx())
    input_shape, input_dtype = input_shape or input_data.shape, input_dtype or input_data.dtype
    layer = layer_cls(**(kwargs or {}))
    layer.set_weights(layer.get_weights())
    expected_shape = layer.compute_output_shape(input_shape)
    shape = {"batch_shape": input_shape} if fixed_batch_size else {"shape": input_shape[1:]}
    x = keras.layers.Input(dtype=str(np.dtype(input_dtype)), **shape)
    y = layer(x)
    assert dtype(y) == str(np.dtype(expected_output_dtype or input_dtype))
    model = keras.models.Model(x, y)
    output = model.predict(input_data)
    assert all(size in (None, own) for size, own in zip(expected_shape, output.shape, strict=False))
    if expected_output is not None:
        np.testing.assert_allclose(output, expected_output, rtol=1e-3)
    recovered = type(model).from_config(model.get_config(), custom_objects={layer_cls.__name__: layer_cls})
    if model.weights:
        recovered.set_weights(model.get_weights())
        np.testing.assert_allclose(recovered.predict(input_data), output, rtol=1e-3)
    if has_arg(layer.call, "training"):
        model.compile("rmsprop", "mse")
        model.train_on_batch(input_data, output)
    type(layer).from_config(layer.get_config())
    return output
