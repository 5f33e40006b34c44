"""The repairs of the images that Keras 3 draws and loads."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from keras.src.legacy.preprocessing import image
from keras.src.utils import image_utils

from k2compat.repair.keras3.namespaces import namespaces
from k2compat.repair.shared.image_data import image_data_repair
from k2compat.repair.table import Repair

AFTER = ("names",)  # which gives ``keras.preprocessing.image`` the functions


def repairs() -> list[Repair]:
    """Return the repairs."""
    places = namespaces("preprocessing.image")
    load_img = with_grayscale(image_utils.load_img)
    return [
        image_data_repair(image, places),
        Repair(
            "image_iterators",
            "it = generator.flow(x, y); it.next() gave the next batch, DataFrameIterator was public, and "
            "load_img(path, grayscale=True, target_size=size) read an image of one channel.",
            [
                (image.Iterator, "next", image.Iterator.__next__),
                *((place, "DataFrameIterator", image.DataFrameIterator) for place in places),
                *((place, "load_img", load_img) for place in [image_utils, *namespaces("utils"), *places]),
            ],
        ),
    ]


def with_grayscale(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``load_img`` that takes ``grayscale`` as its second argument, or today's color mode there."""

    def as_keras_2(path: Any, grayscale: bool = False, color_mode: str = "rgb", *args: Any, **kwargs: Any) -> Any:
        if grayscale:
            warnings.warn('grayscale is deprecated. Please use color_mode = "grayscale"', stacklevel=3)
            color_mode = "grayscale"
        return original(path, color_mode, *args, **kwargs)

    @functools.wraps(original)
    def load_img(path: Any, *args: Any, **kwargs: Any) -> Any:
        order = original if args and isinstance(args[0], str) else as_keras_2
        return order(path, *args, **kwargs)

    return load_img
