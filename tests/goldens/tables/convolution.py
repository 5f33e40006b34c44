"""Convolutions and pooling, in both data formats, with strides, paddings and dilations."""

import numpy as np

from ..table import table
from ..tools import normal

row = table(__name__)

FORMATS = ("channels_last", "channels_first")
PADDINGS = ("valid", "same")


def shaped(data_format, *shape):
    """An array of a shape given with the channels behind."""
    x = normal(*shape, seed=1)
    return np.moveaxis(x, -1, 1) if data_format == "channels_first" else x


for data_format in FORMATS:
    x1, x2, x3 = (shaped(data_format, 2, *sizes, 2) for sizes in ((6,), (5, 6), (4, 3, 4)))
    k1, k2, k3 = normal(3, 2, 2, seed=2), normal(2, 3, 2, 3, seed=3), normal(2, 1, 2, 2, 2, seed=4)
    d1, d2 = normal(3, 2, 2, seed=5), normal(2, 2, 2, 2, seed=6)
    p1, p2 = normal(1, 4, 3, seed=7), normal(1, 1, 4, 3, seed=8)
    for padding in PADDINGS:
        for options in ({}, {"strides": 2}, {"dilation_rate": 2}, {"strides": 2, "dilation_rate": 2, "error": True}):
            row("conv1d", x1, k1, padding=padding, data_format=data_format, **options)
        for options in ({}, {"strides": (2, 2)}, {"strides": (1, 2)}, {"dilation_rate": (2, 2)}):
            row("conv2d", x2, k2, padding=padding, data_format=data_format, **options)
        for options in ({}, {"strides": (2, 1, 2)}, {"dilation_rate": (2, 1, 1)}):
            row("conv3d", x3, k3, padding=padding, data_format=data_format, **options)
        for options in ({}, {"strides": (2, 2)}, {"dilation_rate": (2, 2)}):
            row("depthwise_conv2d", x2, d2, padding=padding, data_format=data_format, **options)
            row("separable_conv2d", x2, d2, p2, padding=padding, data_format=data_format, **options)
        for options in ({}, {"strides": 2}, {"dilation_rate": 2}):
            row("separable_conv1d", x1, d1, p1, padding=padding, data_format=data_format, **options)
        for mode in ("max", "avg"):
            for options in ({}, {"strides": (2, 2)}, {"strides": (1, 2)}):
                row("pool2d", x2, (2, 3), padding=padding, data_format=data_format, pool_mode=mode, **options)
            for options in ({}, {"strides": (2, 1, 2)}):
                row("pool3d", x3, (2, 2, 1), padding=padding, data_format=data_format, pool_mode=mode, **options)
        for strides in ((1, 1), (2, 2), (1, 2)):
            sizes = [(n - 1) * s + k if padding == "valid" else n * s for n, s, k in zip((5, 6), strides, (2, 3))]
            kernel = normal(2, 3, 3, 2, seed=9)
            wanted = (2, 3, *sizes) if data_format == "channels_first" else (2, *sizes, 3)
            options = {"strides": strides, "padding": padding, "data_format": data_format}
            row("conv2d_transpose", x2, kernel, wanted, **options)
            row("conv2d_transpose", x2, kernel, (None, *wanted[1:]), **options)
        for strides in ((1, 1, 1), (2, 1, 2)):
            sizes = [(n - 1) * s + k if padding == "valid" else n * s for n, s, k in zip((4, 3, 4), strides, (2, 1, 2))]
            wanted = (2, 2, *sizes) if data_format == "channels_first" else (2, *sizes, 2)
            row("conv3d_transpose", x3, k3, wanted, strides=strides, padding=padding, data_format=data_format)
    sizes = (2, 3, 7, 10) if data_format == "channels_first" else (2, 7, 10, 3)
    row("conv2d_transpose", x2, normal(2, 3, 3, 2), sizes, data_format=data_format, dilation_rate=(2, 2))

    row("local_conv1d", normal(2, 5, 2), normal(3, 6, 2), (3,), (1,), data_format=data_format)
    row("local_conv1d", normal(2, 5, 2), normal(2, 4, 3), (2,), (2,), data_format=data_format)
    row(
        "local_conv2d",
        shaped(data_format, 2, 4, 3, 2),
        normal(6, 8, 3),
        (2, 2),
        (1, 1),
        (3, 2),
        data_format=data_format,
    )
    row(
        "local_conv2d",
        shaped(data_format, 2, 4, 5, 2),
        normal(4, 12, 1),
        (2, 3),
        (2, 2),
        (2, 2),
        data_format=data_format,
    )

for dilation_rate in (1, 2):
    row("conv1d", normal(2, 6, 2), normal(3, 2, 2), padding="causal", dilation_rate=dilation_rate)
row("conv1d", normal(2, 6, 2), normal(3, 2, 2), padding="causal", strides=2)
row(
    "conv1d",
    normal(2, 2, 6),
    normal(3, 2, 2),
    padding="causal",
    data_format="channels_first",
    lenient="causal padding with the channels before the steps",
)
for dtype in ("float64", "float16"):
    row("conv1d", normal(1, 4, 2).astype(dtype), normal(2, 2, 1).astype(dtype))
    row(
        "conv2d",
        normal(1, 3, 3, 2).astype(dtype),
        normal(2, 2, 2, 1).astype(dtype),
        tolerance=4e-3 if dtype == "float16" else None,
    )
    row("pool2d", normal(1, 3, 3, 2).astype(dtype), (2, 2), pool_mode="avg")
row("conv2d", normal(1, 3, 3, 2), normal(2, 2, 2, 1))
row("pool2d", normal(1, 3, 3, 2), (2, 2))
for name, x, kernel in (
    ("conv1d", normal(1, 4, 2), normal(2, 2, 1)),
    ("conv2d", normal(1, 3, 3, 2), normal(2, 2, 2, 1)),
):
    row(name, x, kernel, padding="full", error=True)
    row(name, x, kernel, data_format="channels_middle", error=True)
    row(name, x, normal(*([2] * (x.ndim - 2)), 3, 1), tag="of other channels", error=True)
row("pool2d", normal(1, 3, 3, 2), (2, 2), pool_mode="min", error=True)
row("pool3d", normal(1, 3, 3, 3, 2), (2, 2, 2), pool_mode="min", error=True)
