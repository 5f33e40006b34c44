"""Functions of layers read the names around them when their layer is called, as in Keras 2, and not when a model runs.

What the models give is what Keras 2.3.1 gives for the same lines.
"""

import numpy as np
import pytest
from kerases import keras, layers

from k2compat import backend as K

ROW = np.array([[1.0, 2.0, 3.0]])
SCALE = 2.0


def given(*tensors, x):
    """Return the rows that a model of some outputs gives for a row."""
    found = keras.Model(x, list(tensors)).predict(ROW, verbose=0)
    return [row[0].tolist() for row in (found if isinstance(found, list) else [found])]


def test_functions_made_in_a_loop():
    x = layers.Input((3,))
    columns, scaled, moved = [], [], []
    for i in range(3):
        columns.append(layers.Lambda(lambda t: t[:, i : i + 1])(x))  # noqa: B023
        scaled.append(layers.Activation(lambda t: t * i)(x))  # noqa: B023
        steps = layers.TimeDistributed(layers.Lambda(lambda t: t + i))(layers.Reshape((3, 1))(x))  # noqa: B023
        moved.append(layers.Flatten()(steps))
    assert given(*columns, x=x) == [[1.0], [2.0], [3.0]]
    assert given(*scaled, x=x) == [[0.0, 0.0, 0.0], [1.0, 2.0, 3.0], [2.0, 4.0, 6.0]]
    assert given(*moved, x=x) == [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0], [3.0, 4.0, 5.0]]


def test_a_global_name_that_changes(monkeypatch):
    x = layers.Input((3,))
    doubled = layers.Lambda(lambda t: t * SCALE)(x)
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    assert given(doubled, layers.Lambda(lambda t: t * SCALE)(x), x=x) == [[2.0, 4.0, 6.0], [5.0, 10.0, 15.0]]


def test_a_name_that_becomes_what_the_layer_gave():
    x = layers.Input((3,))
    factor = np.float32(2.0)

    def times(t):
        return t * factor

    through = layers.Lambda(lambda t: times(t) * 1.0)(x)
    factor = layers.Lambda(lambda t: t * factor)(x)
    assert given(factor, through, x=x) == [[2.0, 4.0, 6.0]] * 2


def test_a_function_that_writes_around_it_is_left_alone():
    calls = 0

    def counted(t):
        nonlocal calls
        calls += 1
        return t

    x = layers.Input((3,))
    layer = layers.Lambda(counted)
    layer(x)
    assert calls
    assert layer.function is counted


def test_weights_around_a_function_stay_live():
    x, weight = layers.Input((3,)), K.variable(2.0)
    model = keras.Model(x, layers.Lambda(lambda t: t * weight)(x))
    K.set_value(weight, 3.0)
    assert model.predict(ROW, verbose=0).tolist() == [[3.0, 6.0, 9.0]]


def test_a_layer_is_called_again():
    x, factor = layers.Input((3,)), 2.0
    layer = layers.Lambda(lambda t: t * factor)
    twice = layer(layer(x))
    model = keras.Model(x, twice)
    factor = 3.0
    y = layers.Input((3,))
    assert keras.Model(y, model(y)).predict(ROW, verbose=0).tolist() == [[4.0, 8.0, 12.0]]
    with pytest.raises(ValueError, match="again after a change of 'factor'"):
        layer(x)
