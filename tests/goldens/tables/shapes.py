"""Functions that change shapes, put tensors together, pick or repeat elements, pad and resize."""

import numpy as np

from ..table import Sparse, table
from ..tools import integers, normal

row = table(__name__)

FORMATS = ("channels_last", "channels_first")
X = normal(2, 3, 4, seed=1)
SQUARE = normal(2, 3, seed=2)
WHOLE = integers(9, 2, 3, seed=3)
COUNTS = np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]], "float32")

for value in (X, SQUARE, WHOLE, normal(1, 2, 3, 2, seed=4), SQUARE > 0, SQUARE.astype("float16")):
    row("transpose", value)
    row("flatten", value)
    row("batch_flatten", value)
    row("expand_dims", value)
    row("reshape", value, (-1, 2))
    row("reverse", value, 1)
    row("tile", value, 2)
    row("repeat_elements", value, 2, axis=1)
for axis in (0, 1, -1, -2, 3):
    row("expand_dims", X, axis)
row("expand_dims", X, 5, error=True)
for shape in ((6, 4), (24,), (2, -1), (4, 3, 2), [2, 12], (2, 3, 2, 2)):
    row("reshape", X, shape)
row("reshape", X, (5, 5), error=True)
row("reshape", X, np.array([6, 4], "int32"), tag="by a tensor")
for pattern in ((0, 2, 1), (2, 1, 0), [1, 0, 2]):
    row("permute_dimensions", X, pattern)
row("permute_dimensions", X, (0, 1), error=True)
for shape, axis in (((2, 1, 3), 1), ((2, 1, 3), -2), ((1, 2), 0), ((2, 1), -1)):
    row("squeeze", normal(*shape), axis)
row("squeeze", X, 1, error=True)

for axis in (0, 1, 2, -1, -2):
    row("concatenate", [X, X + 1], axis=axis)
    row("stack", [X, X + 1, X * 2], axis=axis)
row("concatenate", [X, normal(2, 3, 1)])
row("concatenate", [WHOLE, WHOLE], axis=0)
row("concatenate", [SQUARE, X], error=True)
row("concatenate", [Sparse(COUNTS), Sparse(COUNTS * 2)], axis=0)
row("concatenate", [Sparse(COUNTS), Sparse(COUNTS * 2)])
row("concatenate", [Sparse(COUNTS), SQUARE], axis=1)
row("stack", [X])
row("stack", [WHOLE, WHOLE])

for n in (1, 3):
    row("repeat", SQUARE, n)
row("repeat", X, 2, error=True)
for rep, axis in ((2, 0), (3, 1), (2, 2), (2, -1), (1, 0)):
    row("repeat_elements", X, rep, axis)
for n in (1, (2, 1, 3), [1, 2, 1], [2], (2, 3)):
    row("tile", X, n)
row("tile", X, (1, 1, 1, 2), error=True)
row("tile", X, np.array([1, 2, 1], "int32"), tag="by a tensor")
for axes in (0, 2, -1, [0, 1], (1, 2), [-1]):
    row("reverse", X, axes)
for start, size in (((0, 1, 1), (2, 2, 2)), ([1, 0, 0], [1, -1, 3])):
    row("slice", X, start, size)
row("slice", X, (0, 1), (1, 1), error=True)

for stop in (5, 0, -3):
    row("arange", stop)
row("arange", 2.5)
for numbers in ((1, 7), (1, 8, 3), (6, 1, -2), (0, 1, 0.25), (1.0, 2.0, 0.5), (3, 3)):
    row("arange", *numbers)
for dtype in ("float32", "int64", "float64", "int32"):
    row("arange", 1, 4, dtype=dtype)
row("arange", 0, 1, 0.3, dtype="float64")
row("arange", np.array(4, "int32"), tag="up to a tensor")
row("arange", np.array(-4, "int32"), tag="up to a negative tensor")

for indices in (np.array([0, 2, 1], "int32"), np.array([[0, 3], [-1, 5]], "int64"), np.array([1, 0], "uint8")):
    row("one_hot", indices, 4)
row("one_hot", np.array([0.0, 1.0], "float32"), 3, error=True)
for indices in (np.array([1, 0, 1], "int32"), np.array([[1, 0], [0, 0]], "int64"), np.array(1, "int32")):
    row("gather", X, indices)
row("gather", WHOLE, np.array([1], "int32"))
row("gather", X, np.array([0.0, 1.0], "float32"), error=True)

row("temporal_padding", X)
row("temporal_padding", X, (0, 2))
row("temporal_padding", X, (1, 2, 3), error=True)
for data_format in FORMATS:
    row("spatial_2d_padding", normal(1, 2, 3, 2), data_format=data_format)
    row("spatial_2d_padding", normal(1, 2, 3, 2), ((1, 0), (0, 2)), data_format=data_format)
    row("spatial_3d_padding", normal(1, 2, 1, 2, 2), data_format=data_format)
    row("spatial_3d_padding", normal(1, 2, 1, 2, 2), ((1, 0), (0, 2), (1, 1)), data_format=data_format)
    for dtype in ("float32", "float16", "float64", "int32"):
        picture = (4 * normal(1, 2, 3, 2, seed=5)).astype(dtype)
        row("resize_images", picture, 2, 3, data_format)
        row("resize_images", picture, 2, 2, data_format, interpolation="bilinear")
    row("resize_images", normal(1, 2, 3, 2), 1, 1, data_format, "bilinear", tag="by one")
    row("resize_volumes", normal(1, 2, 1, 2, 2), 2, 3, 1, data_format)
    row("resize_volumes", integers(9, 1, 2, 1, 2, 2), 1, 1, 2, data_format)
row("spatial_2d_padding", normal(1, 2, 3, 2))
row("spatial_2d_padding", normal(1, 2, 3, 2), data_format="channels_middle", error=True)
row("resize_images", normal(1, 2, 3, 2), 2, 2, "channels_middle", error=True)
row("resize_images", normal(1, 2, 3, 2), 2, 2, "channels_last", "cubic", error=True)
row("resize_volumes", normal(1, 2, 1, 2, 2), 2, 2, 2, "channels_middle", error=True)
