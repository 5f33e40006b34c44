"""Products of matrices and batches."""

import itertools

import numpy as np

from ..table import Sparse, table
from ..tools import normal

row = table(__name__)

COUNTS = np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]], "float32")

for x, y in (
    ((2, 3), (3, 4)),
    ((2, 3, 4), (4, 5)),
    ((2, 3), (2, 3, 2)),
    ((2, 3, 4), (2, 4, 3)),
    ((1, 2, 2, 3), (3, 2)),
    ((3,), (2, 3, 2)),
    ((1, 1), (1, 1)),
    ((0, 3), (3, 2)),
):
    for dtype in ("float32", "float64"):
        row("dot", normal(*x, seed=1).astype(dtype), normal(*y, seed=2).astype(dtype))
row("dot", normal(2, 3).astype("float16"), normal(3, 2).astype("float16"))
row("dot", np.arange(6, dtype="int32").reshape(2, 3), np.arange(6, dtype="int32").reshape(3, 2))
row("dot", Sparse(COUNTS), normal(3, 2))
row("dot", normal(2, 3), normal(4, 2), error=True)
row("dot", normal(2, 3, 4), normal(3, 2), error=True)
row("dot", normal(2, 3, 4), normal(4), lenient="a vector for the second factor")

# Every pair of ranks, over every pair of axes: the axes of one size are those contracted.
for rank_x, rank_y in itertools.product((2, 3, 4), repeat=2):
    for over_x, over_y in itertools.product(range(1, rank_x), range(1, rank_y)):
        x, y = [2, 3, 4, 3][:rank_x], [2, 4, 3, 2][:rank_y]
        x[over_x] = y[over_y] = 5
        row("batch_dot", normal(*x, seed=3), normal(*y, seed=4), axes=(over_x, over_y))
for x, y in (
    ((2, 3), (2, 3)),
    ((2, 3), (2, 3, 4)),
    ((2, 3, 4), (2, 4)),
    ((2, 3, 4), (2, 4, 5)),
    ((2, 2, 3, 4), (2, 4, 3)),
):
    row("batch_dot", normal(*x, seed=3), normal(*y, seed=4))
for axes in (1, -1, [2, 1], (-1, -2), [1, -1]):
    row("batch_dot", normal(2, 3, 3, seed=3), normal(2, 3, 3, seed=4), axes=axes)
row("batch_dot", normal(2, 3).astype("float64"), normal(2, 3).astype("float64"), axes=1)
row("batch_dot", normal(2, 3, 4), normal(2, 4, 3), axes=0, error=True)
row("batch_dot", normal(2, 3, 4), normal(2, 5, 3), error=True)
row("batch_dot", normal(2, 3, 4), normal(3, 4, 3), error=True)
row("batch_dot", normal(3), normal(3), error=True)
row("batch_dot", normal(2, 3, 4), normal(2, 3, 4), axes=((1, 2), (1, 2)), error=True)

for shape in ((2, 3), (2, 3, 4), (1, 2, 3, 4), (1, 2, 1, 2, 3)):
    for data_format in ("channels_last", "channels_first", None):
        channels = shape[1] if data_format == "channels_first" else shape[-1]
        if len(shape) > 2 or data_format != "channels_first":
            row("bias_add", normal(*shape), normal(channels), data_format=data_format, tag="to channels")
        if len(shape) > 2:
            inner = (*shape[2:], shape[1]) if data_format == "channels_first" else shape[1:]
            row("bias_add", normal(*shape), normal(*inner), data_format=data_format, tag="to all")
row("bias_add", normal(2, 3, 4), normal(2, 3, 4), error=True)
row("bias_add", normal(2, 3, 4, 4), normal(3, 4), error=True)
row("bias_add", normal(2, 3).astype("float64"), normal(3).astype("float64"))
row("bias_add", normal(2, 3), normal(3), data_format="channels_middle", error=True)
