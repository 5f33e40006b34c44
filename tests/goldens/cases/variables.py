"""K.variable and what is made of it."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered, outcome


@case(rows=["variables-live"])
def variables_are_live(K, keras, load):
    """e = v * 3; K.eval(e) gives 6; after K.set_value(v, 5.), K.eval(e) gives 15."""
    v = K.variable(2.0)
    e = v * 3
    first = K.eval(e)
    K.set_value(v, 5.0)
    return {"first": first, "second": K.eval(e), "type": type(first).__name__}


@case(rows=["variables-live"])
def variables_are_live_inside_model_expressions(K, keras, load):
    """A variable and an expression of variables meet a model's output; both are read when the function runs."""
    model = load("dqn")
    scale, shift = K.variable(2.0), K.variable(np.zeros(3))
    lazy = K.exp(scale) + K.mean(shift)
    f = K.function([model.input], [model.output * scale + shift, model.output + lazy, shift - model.output])
    x = normal(2, 4, seed=1)
    before = f([x])
    K.set_value(scale, 0.5)
    K.set_value(shift, [1.0, 2.0, 3.0])
    after = f([x])
    return dict([("before%d" % i, v) for i, v in enumerate(before)] + [("after%d" % i, v) for i, v in enumerate(after)])


@case(rows=["variables-live"])
def variables_set_and_read(K, keras, load):
    """K.get_value, K.set_value, the batch forms, dtypes and shapes, K.eval of a variable itself."""
    v = K.variable(np.arange(6).reshape(2, 3), dtype="float32", name="table")
    i = K.variable(3, dtype="int32")
    K.batch_set_value([(v, np.ones((2, 3))), (i, 7)])
    values = K.batch_get_value([v, i])
    K.set_value(v, 2 * K.get_value(v))
    return {
        "v": values[0],
        "i": values[1],
        "doubled": K.eval(v),
        "shapes": [K.int_shape(v) == (2, 3), K.int_shape(i) == ()],
        "dtypes": [K.dtype(v), K.dtype(i)],
        "ndim": K.ndim(v),
        "count": K.count_params(v),
    }


@case()
def variable_arithmetic(K, keras, load):
    """Operators between variables, numbers and arrays, on either side."""
    a, b = K.variable([1.0, 2.0, 3.0]), K.variable([0.5, 0.25, -1.0])
    array = np.array([2.0, 4.0, 8.0], "float32")
    expressions = [
        a + b,
        a - 1,
        1 - a,
        a * array,
        array * a,
        array - b,
        2.0 / a,
        a / b,
        a**2,
        2**a,
        -a,
        abs(b),
        a[1:],
        a[0],
    ]
    expressions += [a > b, a <= 2.0, K.sum(a * b), K.dot(K.reshape(a, (1, 3)), K.reshape(b, (3, 1)))]
    return numbered([K.eval(e) for e in expressions])


@case(rows=["variables-made"])
def variables_made_in_every_way(K, keras, load):
    """K.zeros, K.ones, K.random_*_variable, zeros_like, eye and constants: values, shapes, and which can be set."""
    zeros, ones = K.zeros((2, 3)), K.ones((3,), dtype="float64")
    uniform, gauss = K.random_uniform_variable((50, 40), -1.0, 3.0), K.random_normal_variable((50, 40), 2.0, 0.5)
    u, g = K.get_value(uniform), K.get_value(gauss)
    K.set_value(zeros, np.full((2, 3), 4.0))
    K.set_value(uniform, np.zeros((50, 40)))
    return {
        "zeros": K.eval(zeros),
        "ones": K.get_value(ones),
        "uniform": [bool(u.min() >= -1), bool(u.max() < 3), bool(abs(u.mean() - 1) < 0.1)],
        "normal": [bool(abs(g.mean() - 2) < 0.1), bool(abs(g.std() - 0.5) < 0.05)],
        "stays": np.array_equal(g, K.get_value(gauss)),
        "set": K.get_value(uniform).sum(),
        "eye": K.eval(K.eye(3)),
        "like": K.eval(K.zeros_like(ones)) + K.eval(K.ones_like(ones)),
        "constant": K.eval(K.constant(3.0, shape=(2, 2))),
    }


@case(rows=["variables-no-iteration"])
def no_iteration_over_symbolic_tensors(K, keras, load):
    """Iterating over a tensor or variable, bool() and len() of a symbolic tensor raise TypeError."""
    model = load("m")
    p, v = K.placeholder((3, 4), name="p"), K.variable(np.ones((2, 2)))
    tensors = {"placeholder": p, "expression": p * 2.0, "output": model.output, "loss": K.sum(model.output)}
    arrays = {}
    for name, tensor in sorted(tensors.items()):
        arrays[name] = [
            outcome(lambda t=tensor: list(t), TypeError),
            outcome(lambda t=tensor: bool(t), TypeError),
            outcome(lambda t=tensor: len(t), TypeError),
            outcome(lambda t=tensor: 1 if t > 0 else 0, TypeError),
        ]
    arrays["variable"] = [outcome(lambda: list(v), TypeError), outcome(lambda: len(v), TypeError)]
    return arrays


@case()
def symbolic_operators_on_both_sides(K, keras, load):
    """Operators between placeholders, numbers, arrays and variables, reversed ones and slices too."""
    p = K.placeholder((None, 3), name="p")
    v = K.variable([1.0, 2.0, 3.0])
    row = np.array([[2.0, 4.0, 8.0]], "float32")
    outputs = [
        p + 1,
        1 + p,
        p - v,
        v - p,
        row - p,
        p - row,
        row * p,
        2.0 / (p + 9),
        p / v,
        v / (p + 9),
        p**2,
        -p,
        abs(p),
    ]
    outputs += [p > 0, p >= v, p < v, p % 2.0, p // 2.0, p[:, 0], p[..., -1:], p[:, None, 1:], p[0], K.pow(2.0, p)]
    values = K.function([p], outputs)([normal(2, 3, seed=2)])
    return numbered(values)


@case()
def indices_of_every_integer_type(K, keras, load):
    """NumPy integers index a symbolic tensor like plain ones: argmax gives them."""
    p = K.placeholder((None, 4), name="p")
    indices = [1, np.int64(1), np.int32(2), np.argmax([0, 0, 5]), np.array(3)]
    value = normal(2, 4, seed=3)
    columns = [K.function([p], [p[:, index]])([value])[0] for index in indices]
    rows = K.function([p], [p[np.int64(0)], p[0, np.int64(2)]])([value])
    return {"columns": np.stack(columns), "row": rows[0], "element": rows[1]}
