"""The ResNet50 of Keras 2, which is another model than today's of this name, for either Keras."""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from k2compat.repair.table import Around, Repair

# Names of the weights that Keras offers now, which belong to its current model.
PRETRAINED = "imagenet"
EPSILON = 1e-3
_is_old = contextvars.ContextVar("_is_old", default=False)


def resnet50_repair(keras: Any, places: list[ModuleType], module: ModuleType, block: str) -> Repair:
    """Return the repair: ``places`` have ResNet50, ``module`` the function that makes a block, called ``block``."""
    return Repair(
        "resnet50",
        "ResNet50(weights=None), or with a file of Keras 2, lists its weights in another order than in Keras 2, "
        "normalizes with another epsilon and starts from other random weights.",
        [
            (module, block, Around(functools.partial(old_block, keras))),
            *((place, "ResNet50", Around(functools.partial(old_model, keras))) for place in places),
        ],
    )


def old_model(keras: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    """``ResNet50``, which is that of Keras 2 unless it gets today's weights."""

    @functools.wraps(original)
    def ResNet50(include_top: bool = True, weights: Any = PRETRAINED, *args: Any, **kwargs: Any) -> Any:
        if weights == PRETRAINED:
            return original(include_top, weights, *args, **kwargs)
        token = _is_old.set(True)
        try:
            model = original(include_top, None, *args, **kwargs)
        finally:
            _is_old.reset(token)
        start_anew(model.get_layer("conv1_conv"), keras.initializers.HeNormal())
        model.get_layer("conv1_bn").epsilon = EPSILON
        if weights is None:
            return model
        try:
            model.load_weights(weights)
        except ValueError:  # a file of the current model, whose weights have other shapes in their order
            return original(include_top, weights, *args, **kwargs)
        return model

    return ResNet50


def start_anew(layer: Any, initializer: Any) -> None:
    """Give the kernel of a layer other values at random."""
    layer.kernel_initializer = initializer
    layer.kernel.assign(initializer(tuple(layer.kernel.shape), dtype=layer.kernel.dtype))


def old_block(keras: Any, original: Callable[..., Any]) -> Callable[..., Any]:
    """The function that makes a block, which makes that of Keras 2 where ``ResNet50`` of Keras 2 is made."""

    @functools.wraps(original)
    def block(
        x: Any, filters: int, kernel_size: int = 3, stride: int = 1, conv_shortcut: bool = True, name: Any = None
    ) -> Any:
        if not _is_old.get():
            return original(x, filters, kernel_size, stride, conv_shortcut, name=name)
        y = normalized(keras, x, f"{name}_1", filters, 1, strides=stride)
        y = keras.layers.Activation("relu", name=f"{name}_1_relu")(y)
        y = normalized(keras, y, f"{name}_2", filters, kernel_size, padding="same")
        y = keras.layers.Activation("relu", name=f"{name}_2_relu")(y)
        y = normalized(keras, y, f"{name}_3", 4 * filters, 1)
        shortcut = normalized(keras, x, f"{name}_0", 4 * filters, 1, strides=stride) if conv_shortcut else x
        y = keras.layers.Add(name=f"{name}_add")([y, shortcut])
        return keras.layers.Activation("relu", name=f"{name}_out")(y)

    return block


def normalized(keras: Any, x: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """Return a convolution and a batch normalization of ``x``."""
    axis = 3 if keras.backend.image_data_format() == "channels_last" else 1
    x = keras.layers.Conv2D(*args, kernel_initializer="he_normal", name=f"{name}_conv", **kwargs)(x)
    return keras.layers.BatchNormalization(axis=axis, epsilon=EPSILON, name=f"{name}_bn")(x)
