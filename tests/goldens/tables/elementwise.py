"""Functions of each element: of one tensor, of two, and casts."""

import numpy as np

from ..table import Raw, table
from ..tools import integers, normal

row = table(__name__)

FLOATS = ("float16", "float32", "float64")
SPECIAL = np.array([-np.inf, -2.5, -0.5, -0.0, 0.5, 1.5, np.inf, np.nan], "float32")
ODD = ("sign", "sqrt")  # the kernels of TensorFlow 1 gave 0 for the sign of NaN, and NaN for the root of infinity
WHOLE = integers(7, 2, 3, seed=1) - 3
FLAGS = np.array([True, False, True])


def x(dtype, *shape):
    return normal(*(shape or (2, 3)), seed=3).astype(dtype)


for name in ("abs", "square", "sqrt", "exp", "log", "sin", "cos", "round", "sign"):
    for dtype in FLOATS:
        row(name, x(dtype))
    row(name, SPECIAL if name not in ODD else SPECIAL[1:-2])
    row(name, x("float32", 0, 3))
    row(name, np.array(0.75, "float32"))
for name in ("abs", "square", "round", "sign"):
    row(name, WHOLE)
for name in ("exp", "log", "sin", "cos", "sqrt"):
    row(name, WHOLE, error=True)
for name in ("sigmoid", "hard_sigmoid", "tanh", "softplus", "softsign", "relu", "elu"):
    for dtype in FLOATS:
        row(name, x(dtype))
    row(name, 30 * x("float32"), tag="far out")
    row(name, x("float32", 2, 1, 2, 3))
row("relu", WHOLE)
row("elu", x("float32"), alpha=0.3)
row("elu", x("float64"), alpha=2)
row("elu", x("float32"), 0.0)

for alpha in (0.0, 0.1):
    for max_value in (None, 0.7, 6):
        for threshold in (0.0, 0.4, -0.6):
            row("relu", 4 * x("float32"), alpha=alpha, max_value=max_value, threshold=threshold)
row("relu", np.array([0.5, 1.0, 1.5], "float32"), threshold=1.0, tag="on the threshold")
row("relu", x("float64"), alpha=0.1, tolerance=1e-8)  # the kernel kept the slope as float32
row("relu", x("float16"), max_value=1.0, alpha=0.25)
row("relu", x("float32"), alpha=Raw(np.array([0.1, 0.2, 0.3], "float32")), lenient="one slope for each channel")

for low, high in ((-0.5, 0.5), (0.5, -0.5), (None, 0.3), (-0.3, None), (None, None), (-1, 1)):
    row("clip", x("float32"), low, high)
row("clip", x("float64"), -0.5, 0.5)
row("clip", x("float16"), None, 0.5)
row("clip", WHOLE, -1, 1)
row("clip", WHOLE, 0.5, 1.5, error=True)
row("clip", WHOLE, None, 1, error=True)
row("clip", x("float32"), x("float32", 3), np.array(0.5, "float32"), tag="by tensors")

for a in (2, 3, 0.5, -1):
    row("pow", np.abs(x("float32")) + 0.1, a)
row("pow", x("float32"), np.abs(x("float32", 3)).round())
row("pow", WHOLE, 2)
row("pow", x("float64"), 2)

for name in ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "maximum", "minimum"):
    for dtype in (*FLOATS, "int32", "int64"):
        row(name, (2 * x(dtype)).round().astype(dtype), (2 * normal(2, 3, seed=4)).round().astype(dtype))
    row(name, x("float32", 2, 3), x("float32", 3))
    row(name, x("float32", 2, 1, 3), x("float32", 2, 1))
    row(name, x("float32"), 0.5)
    row(name, x("float32"), x("float64"), error=True)
row("equal", FLAGS, np.array([True, True, False]))
row("not_equal", FLAGS, np.array([True, True, False]))

for dtype in (*FLOATS, "int8", "uint8", "int32", "int64", "bool"):
    row("cast", np.array([0.0, 1.0, 2.9, 3.0], "float32"), dtype)
    row("cast", np.array([0, 1, 2], "int64"), dtype)
    row("cast", FLAGS, dtype)
for dtype in ("float64", "int32", "bool"):
    row("zeros_like", np.ones((2, 3), dtype))
    row("ones_like", np.zeros((2, 3), dtype))
    row("zeros_like", np.ones((2, 3), "float32"), dtype=dtype)
    row("ones_like", np.ones((2, 3), "float32"), dtype=dtype)
    row("identity", np.ones((2, 3), dtype))
    row("stop_gradient", np.ones((2, 3), dtype))
row("stop_gradient", [x("float32"), WHOLE])
row("print_tensor", x("float32"))
row("print_tensor", WHOLE, message="whole ")
