"""Reductions over axes, and running sums and products."""

import numpy as np

from ..table import Raw, Sparse, table
from ..tools import integers, normal

row = table(__name__)

SHAPED = normal(2, 3, 4, seed=1)
WHOLE = integers(9, 2, 3, seed=2) - 4
FLAGS = normal(3, 4, seed=3) > 0.2

for name in ("sum", "mean", "max", "min", "prod", "var", "std", "logsumexp"):
    for axis in (None, 0, 1, -1, -2, [0, 2], (1, -1), [0, 1, 2]):
        for keepdims in (False, True):
            row(name, SHAPED, axis=axis, keepdims=keepdims)
    for dtype in ("float16", "float64"):
        row(name, SHAPED[0].astype(dtype))
        row(name, SHAPED[0].astype(dtype), axis=-1)
    row(name, SHAPED[0, 0])
    row(name, SHAPED, Raw(np.arange(1, 3)), tag="by an array")
    row(name, SHAPED, 3, error=True)
    row(name, 100 * SHAPED[0], axis=0, tag="large")
for name in ("sum", "mean", "max", "min", "prod", "var"):
    row(name, WHOLE)
    row(name, WHOLE.astype("int64"), axis=1)
for name in ("std", "logsumexp"):
    row(name, WHOLE, error=True)
for name in ("mean", "var", "std"):
    row(name, FLAGS)
    row(name, FLAGS, axis=0)
for name in ("sum", "max", "prod"):
    row(name, FLAGS, error=True)

for name in ("any", "all"):
    for axis in (None, 0, -1, [0, 1]):
        for keepdims in (False, True):
            row(name, FLAGS, axis=axis, keepdims=keepdims)
    row(name, WHOLE, axis=1)
    row(name, SHAPED.round(), axis=-1)

for name in ("argmax", "argmin"):
    for axis in (0, 1, 2, -1, -3):
        row(name, SHAPED, axis)
    row(name, SHAPED)
    row(name, WHOLE)
    row(name, SHAPED.astype("float64"), axis=0)
    row(name, np.array([[1.0, 3.0, 3.0], [0.0, 0.0, 0.0]], "float32"), tag="among equals")

for name in ("cumsum", "cumprod"):
    for axis in (0, 1, 2, -1):
        row(name, SHAPED, axis)
    row(name, SHAPED)
    row(name, WHOLE, axis=1)
    row(name, SHAPED[0].astype("float64"))

for axis in (None, 0, 1, -1, (1, 2)):
    row("l2_normalize", SHAPED, axis)
row("l2_normalize", SHAPED.astype("float64"), axis=-1)
row("l2_normalize", np.zeros((2, 3), "float32"), axis=-1, tag="of zeros")

row("size", SHAPED)
row("size", WHOLE, name="n")
row("shape", SHAPED)
row("shape", np.array(1, "float32"))
row("to_dense", Sparse(np.array([[0.0, 2.0, 0.0], [1.0, 0.0, 3.0]], "float32")))
row("to_dense", SHAPED)
