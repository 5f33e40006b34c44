"""The images that ``ImageDataGenerator`` of Keras 2 drew, for either Keras: each has its class and functions."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from k2compat.legacy import image
from k2compat.ops.config import floatx
from k2compat.repair.table import Around, Repair

FUNCTIONS = (
    "transform_matrix_offset_center",
    "apply_affine_transform",
    "random_rotation",
    "random_shift",
    "random_shear",
    "random_zoom",
)


def image_data_repair(module: Any, public: Iterable[Any]) -> Repair:
    """Return the repair.

    Args:
        module: the module of a Keras that defines ``ImageDataGenerator``.
        public: the modules in which its functions are found by programs.
    """
    places = [(module, name, getattr(image, name)) for name in FUNCTIONS]
    places += [(place, name, getattr(image, name)) for place in public for name in FUNCTIONS[1:]]
    kind = module.ImageDataGenerator
    return Repair(
        "image_data",
        "ImageDataGenerator and apply_affine_transform took rows for x, and turned images around a point half a pixel "
        "behind the last center; brightness was scaled to the range of each image, ZCA whitening took all components, "
        "and classes=[...] of flow_from_dataframe was sorted. From one np.random.seed, other images come today.",
        [
            *places,
            (kind, "apply_transform", Around(patched_apply_transform)),
            (kind, "fit", Around(patched_fit)),
            (kind, "principal_components", property(*principal_components())),
            *((kind, name, Around(patched_flow)) for name in ("flow", "flow_from_directory")),
            (module.DataFrameIterator, "_filter_classes", staticmethod(sorting(module.DataFrameIterator))),
        ],
    )


def patched_apply_transform(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``ImageDataGenerator.apply_transform`` whose brightness is that of an image scaled to [0, 255]."""

    @functools.wraps(original)
    def apply_transform(self: Any, x: Any, transform_parameters: dict[str, Any]) -> Any:
        x = original(self, x, {**transform_parameters, "brightness": None})
        brightness = transform_parameters.get("brightness")
        return x if brightness is None else original.__globals__["apply_brightness_shift"](x, brightness)

    return apply_transform


def patched_fit(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``ImageDataGenerator.fit`` whose whitening keeps the components that no image has."""

    @functools.wraps(original)
    def fit(self: Any, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        if not self.zca_whitening:
            original(self, x, augment, rounds, seed)
            return
        with attributes(self, zca_whitening=False):
            if not augment:
                original(self, x, False, rounds, seed)
                x = np.asarray(x, dtype=self.dtype) * (self.rescale or 1)
            else:
                if seed is not None:
                    np.random.seed(seed)
                x = np.asarray(x, dtype=self.dtype) * (self.rescale or 1)
                x = np.stack([self.random_transform(one) for _ in range(rounds) for one in x]).astype(self.dtype)
                with attributes(self, rescale=None):
                    original(self, x, False, rounds)
        self.principal_components = whitening(centered(self, x), self.zca_epsilon)

    return fit


def centered(generator: Any, x: Any) -> Any:
    """Return images without the mean and the spread that a generator has found in them."""
    x = x - generator.mean if generator.featurewise_center else x
    return x / (generator.std + 1e-6) if generator.featurewise_std_normalization else x


def whitening(x: Any, epsilon: float) -> Any:
    """Return the matrix of Keras 2 that whitens images."""
    flat = np.reshape(x, (x.shape[0], -1))
    u, s, _ = np.linalg.svd(np.dot(flat.T, flat) / flat.shape[0])
    return (u / np.sqrt(s[np.newaxis] + epsilon)).dot(u.T)


def principal_components() -> tuple[Callable[[Any], Any], Callable[[Any, Any], None]]:
    """Return what reads and sets the attribute, which has another name today."""

    def get(self: Any) -> Any:
        return self.zca_whitening_matrix

    def put(self: Any, value: Any) -> None:
        self.zca_whitening_matrix = value

    return get, put


def patched_flow(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that gives batches of ``floatx()``, whatever type the generator computes with."""

    @functools.wraps(original)
    def flow(self: Any, *args: Any, **kwargs: Any) -> Any:
        with attributes(self, dtype=floatx()):
            return original(self, *args, **kwargs)

    return flow


def sorting(kind: Any) -> Callable[..., Any]:
    """Return ``DataFrameIterator._filter_classes`` whose classes are sorted, also those that are given."""
    original = kind._filter_classes

    def filter_classes(*args: Any, **kwargs: Any) -> Any:
        frame, classes = original(*args, **kwargs)
        return frame, sorted(classes)

    return filter_classes


@contextlib.contextmanager
def attributes(target: Any, **values: Any) -> Iterator[None]:
    """While it is open, attributes have other values."""
    before = {name: getattr(target, name) for name in values}
    vars(target).update(values)
    try:
        yield
    finally:
        vars(target).update(before)
