"""What layers of a program's own give to ``add_update``, as updates of functions."""

import warnings

import numpy as np
import pytest
import tensorflow as tf
from kerases import KIND, keras, layers

from k2compat import backend as K
from k2compat.errors import SourceError

X = np.arange(6.0, dtype="float32").reshape(2, 3)


class Counted(layers.Layer):
    """A layer that keeps the mean of its last batch, and counts its calls."""

    def build(self, shape):
        self.mean = self.add_weight(name="mean", shape=(shape[-1],), initializer="zeros", trainable=False)
        self.count = self.add_weight(name="count", shape=(), initializer="zeros", trainable=False)
        super().build(shape)

    def call(self, x):
        self.add_update([(self.mean, K.mean(x, axis=0))], x)
        self.add_update(K.update_add(self.count, 1.0), x)
        return x * 1.0

    def compute_output_shape(self, shape):
        return shape


class Assigning(Counted):
    """The same by assignments of TensorFlow 1."""

    def call(self, x):
        self.add_update(tf.compat.v1.assign(self.mean, K.mean(x, axis=0)), x)
        self.add_update(tf.compat.v1.assign_add(self.count, 1.0), x)
        return x * 1.0


class Repeated(Counted):
    """A layer that adds an update for each sample, in a loop."""

    def call(self, x):
        def row(sample):
            self.add_update([(self.mean, sample * 1.0)])
            return sample * 2.0

        return K.map_fn(row, x)


class Functional(Counted):
    """A layer that gives a function to ``add_update``, as for TensorFlow 2."""

    def call(self, x):
        self.add_update(lambda: self.count.assign_add(1.0))
        return x * 1.0


class OnValues(layers.Layer):
    """A layer that runs on values only."""

    def __init__(self):
        super().__init__(**({"dynamic": True} if KIND == "keras2" else {}))

    def call(self, x):
        return x * float(x.numpy()[0, 0])

    def compute_output_shape(self, shape):
        return shape


def network(layer):
    x = layers.Input((3,))
    return x, keras.Model(x, layers.Dense(1)(layer(x)))


def state(layer):
    return [K.get_value(layer.mean).tolist(), float(K.get_value(layer.count))]


@pytest.mark.parametrize("tier", ["eager", "compiled", "auto"])
@pytest.mark.parametrize("kind", [Counted, Assigning])
def test_every_run_moves_by_its_own_batch(kind, tier):
    layer = kind()
    x, model = network(layer)
    still = K.function([x], model.outputs, tier=tier)
    moving = K.function([x], model.outputs, updates=model.updates, tier=tier)
    before = [[0.0, 0.0, 0.0], 0.0]
    for number in range(3):
        still([X - 5.0])
        assert state(layer) == before
        moving([X + number])
        before = [[1.5 + number, 2.5 + number, 3.5 + number], number + 1.0]
        assert state(layer) == before


def test_functions_with_the_same_updates_are_compiled_once():
    layer = Counted()
    x, model = network(layer)
    functions = [K.function([x], model.outputs, updates=model.updates) for _ in range(3)]
    for function in functions * 2:
        function([X])
    assert sorted(function.stats()["compilations"] for function in functions) == [0, 0, 1]
    assert state(layer)[1] == 6.0


def test_a_pair_has_the_variable_and_a_symbolic_new_value():
    layer = Counted()
    x, model = network(layer)
    (variable, value), _ = model.updates
    assert variable is layer.mean
    assert np.allclose(K.function([x], [K.sum(value)])([X]), 7.5)
    assert np.allclose(keras.Model(x, [model.output, value]).predict(X, verbose=0)[1], [1.5, 2.5, 3.5])
    assert np.allclose(K.function([x], K.gradients(K.sum(value), [x]))([X])[0], 0.5)
    assert state(layer) == [[0.0, 0.0, 0.0], 0.0]


@pytest.mark.parametrize("kind", [Repeated, Functional])
def test_updates_of_loops_and_functions_are_missed_aloud(kind):
    _, model = network(kind(name="inside"))
    with pytest.warns(UserWarning, match="leave out what the layer 'inside' gives to add_update"):
        assert model.updates == []


def test_a_layer_without_calls_of_its_own_is_missed_aloud():
    layer, steps = Counted(name="inside"), layers.Input((4, 3))
    model = keras.Model(steps, layers.TimeDistributed(layer)(steps))
    assert len(model.updates) == 2
    with pytest.warns(UserWarning, match="leave out what the layer 'inside' gives to add_update"):
        assert layer.updates == []


def test_a_layer_that_runs_on_values_only_has_no_updates():
    x = layers.Input((3,))
    model = keras.Model(x, OnValues()(Counted()(x)))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert len(model.updates) == 2


def test_source_of_added_updates_is_refused():
    x, model = network(Counted())
    with pytest.raises(SourceError, match="add_update"):
        K.function([x], model.outputs, updates=model.updates).to_source()
