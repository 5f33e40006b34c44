"""Functions that do the same share what is compiled for one of them; those that only look alike do not."""

import copy
import gc
import threading
import weakref

import numpy as np
import pytest
import tensorflow as tf
from helpers import dense_model, filled, floatx, normal, normalized_model
from kerases import keras, layers

from k2compat import backend as K
from k2compat.runtime import direct_call

ROWS = normal(3, 4, seed=5).astype("float32")


def saliency(model, index=0, build=K.sum):
    """A function as scripts build it anew for each picture."""
    score = build(model.output[:, index])
    return K.function([model.input], [score, *K.gradients(score, model.input)])


def called_twice(f, values=ROWS):
    return f([values]), f([values])


def shares(f):
    """Whether a function finds what an earlier one left."""
    f([ROWS])
    return f.stats()["cache_hits"] == 1


def test_a_loop_over_classes_compiles_once():
    model = dense_model(classes=5)
    functions = [saliency(model, index) for index in (0, 1, 2, 3, 4, -1, 2)]
    found = [f([ROWS]) for f in functions]
    assert sum(f.stats()["compilations"] for f in functions) == 1
    assert [f.stats()["cache_hits"] for f in functions] == [0, 1, 1, 1, 1, 1, 1]
    for index, values in zip((0, 1, 2, 3, 4, -1, 2), found, strict=True):
        fresh = K.function(
            [model.input], [K.sum(model.output[:, index]), *K.gradients(model.output[:, index], model.input)]
        )
        for value, expected in zip(values, fresh([ROWS]), strict=True):
            np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-7)


def test_a_function_called_again_keeps_its_own_index():
    model = dense_model()
    first, second = saliency(model, 0), saliency(model, 1)
    values = [f([ROWS])[0] for f in (first, second, first, second, first)]
    outputs = model.predict(ROWS).sum(axis=0)
    np.testing.assert_allclose(values, outputs[[0, 1, 0, 1, 0]], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("multiply", [lambda x, y: x * y, lambda x, y: y * x, tf.multiply], ids=["x*y", "y*x", "tf"])
@pytest.mark.parametrize("kind", [np.asarray, tf.constant], ids=["array", "tensor"])
def test_masks_beside_an_operator_are_handed_over(multiply, kind):
    model = dense_model()
    functions, expected = [], []
    for index in range(3):
        mask = np.eye(3, dtype="float32")[index]
        functions.append(K.function([model.input], [K.sum(multiply(model.output, kind(mask)))]))
        expected.append(model.predict(ROWS)[:, index].sum())
    np.testing.assert_allclose([f([ROWS])[0] for f in functions], expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose([f([ROWS])[0] for f in functions], expected, rtol=1e-5, atol=1e-6)
    assert sum(f.stats()["compilations"] for f in functions) == 2  # the first one's own, and one for all


LOOK_ALIKES = {
    "another_axis": lambda m: (K.sum(m.output, axis=0), K.sum(m.output, axis=1)),
    "another_layer": lambda m: (K.sum(m.layers[1].output), K.sum(m.layers[2].output)),
    "another_number": lambda m: (m.output * 2.0, m.output * 3.0),
    "another_function": lambda m: (K.sum(m.output), K.mean(m.output)),
    "swapped": lambda m: (m.output - K.square(m.output), K.square(m.output) - m.output),
    "a_slice": lambda m: (m.output[:, 0:1], m.output[:, 1:2]),
    "a_closure": lambda m: tuple(K.map_fn(lambda row, s=scale: row * s, m.output) for scale in (2.0, 3.0)),
    "another_variable": lambda m: tuple(m.output * K.variable(scale) for scale in (2.0, 3.0)),
    "another_model": lambda m: (m.output, filled(dense_model(), seed=9)(m.input)),
    "a_gradient_of_another": lambda m: tuple(
        K.gradients(K.sum(K.square(m.layers[n].output)), m.input)[0] for n in (1, 2)
    ),
    "keepdims": lambda m: (K.max(m.output, axis=1), K.max(m.output, axis=1, keepdims=True)),
    "an_int_for_a_float": lambda m: (K.cast(m.output, "float64"), K.cast(m.output, "float32")),
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_do_not_share(name):
    model = dense_model()
    one, other = (K.function([model.input], [tensor]) for tensor in LOOK_ALIKES[name](model))
    found = [called_twice(f) for f in (one, other)]
    assert not shares(other)
    for first, second in found:
        np.testing.assert_allclose(first[0], second[0], rtol=1e-5, atol=1e-6)
    values = [np.asarray(second[0]) for _, second in found]
    assert values[0].shape != values[1].shape or values[0].dtype != values[1].dtype or not np.allclose(*values)


def test_inputs_in_another_order_do_not_share():
    a, b = layers.Input((2,)), layers.Input((2,))
    difference = keras.Model([a, b], layers.Subtract()([a, b]))
    values = [[[3.0, 3.0]], [[1.0, 1.0]]]
    results = [K.function(inputs, difference.outputs) for inputs in ([a, b], [b, a])]
    assert [[f(values)[0][0, 0] for _ in range(2)] for f in results] == [[2, 2], [-2, -2]]
    p, q = K.placeholder((1, 2)), K.placeholder((1, 2))
    results = [K.function(inputs, [p - q]) for inputs in ([p, q], [q, p])]
    assert [[f(values)[0][0, 0] for _ in range(2)] for f in results] == [[2, 2], [-2, -2]]


def test_another_learning_phase_does_not_share():
    model = normalized_model()
    rows = normal(6, 8, seed=3)
    f = K.function([model.input, K.learning_phase()], [model.get_layer("bn").output])
    test, training = ([f([rows, phase])[0] for _ in range(2)] for phase in (0, 1))
    np.testing.assert_allclose(test[0], test[1], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(training[0], training[1], rtol=1e-5, atol=1e-6)
    assert not np.allclose(test[0], training[0])


def test_another_floatx_does_not_share():
    p = K.placeholder((None, 4), dtype="float32")
    results = []
    for name in ("float32", "float64"):
        with floatx(name):
            f = K.function([p], [K.mean(K.cast(K.greater(p, 0.0), K.floatx()))])
            results.append([f([ROWS])[0].dtype.name for _ in range(2)])
    assert results == [["float32"] * 2, ["float64"] * 2]


def test_other_updates_do_not_share():
    model, counter = dense_model(), K.variable(0.0)
    steps = [K.function([model.input], [counter], updates=[K.update_add(counter, step)]) for step in (1.0, 10.0)]
    for f in (*steps, *steps):
        f([ROWS])
    assert K.get_value(counter) == 22.0


def test_changed_weights_are_seen():
    model = dense_model()
    before = saliency(model)([ROWS])
    for _ in range(2):
        saliency(model)([ROWS])
    filled(model, seed=8)
    after = saliency(model)
    score = after([ROWS])[0]
    assert shares(after)
    np.testing.assert_allclose(score, model.predict(ROWS)[:, 0].sum(), rtol=1e-5, atol=1e-6)
    assert not np.allclose(score, before[0])


def test_placeholders_alone_share():
    def built():
        p = K.placeholder((None, 4))
        return K.function([p], [K.softmax(p * 2.0)])

    functions = [built() for _ in range(3)]
    values = [f([ROWS])[0] for f in functions]
    np.testing.assert_allclose(values, [values[0]] * 3, rtol=1e-6)
    assert [f.stats()["cache_hits"] for f in functions[1:]] == [1, 1]


def test_what_is_dropped_is_freed():
    model = dense_model()
    for index in range(3):
        saliency(model, index)([ROWS])
    seen = [weakref.ref(model), weakref.ref(model.layers[1])]
    del model
    gc.collect()
    assert [reference() for reference in seen] == [None, None]


def test_rebuilding_keeps_a_bounded_number():
    model = dense_model()
    kept = []
    for number in range(40):
        f = K.function([model.input], [K.sum(model.output * float(number))])
        f([ROWS])
        kept.append(weakref.ref(f._executor.run))
    del f
    gc.collect()
    assert sum(reference() is not None for reference in kept) <= 16


def test_threads_share():
    model = dense_model(classes=8)
    expected = model.predict(ROWS).sum(axis=0)
    found, errors = {}, []

    def work(index):
        try:
            for _ in range(5):
                found[index] = saliency(model, index)([ROWS])[0]
        except Exception as error:  # told below, in the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    np.testing.assert_allclose([found[index] for index in range(8)], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("tier, after", [("eager", [0, 0]), ("compiled", [1, 1]), ("auto", [0, 1])])
def test_a_tier_can_be_forced(tier, after, monkeypatch):
    model = dense_model()
    f = K.function([model.input], [model.output * 1.0], tier=tier)
    monkeypatch.setenv("K2COMPAT_TIER", tier)
    g = K.function([model.input], [model.output * 1.5])
    for function in (f, g):
        compilations = []
        for _ in range(2):
            function([ROWS])
            compilations.append(function.stats()["compilations"])
        assert compilations == after
        assert function.stats()["tier"] == ("compiled" if after[1] else "eager")
        assert function.stats()["calls"] == 2
        assert function.stats()["milliseconds"] > 0


def test_xla_gives_the_same():
    model = dense_model()
    plain, fast = (K.function([model.input], [K.exp(model.output)], jit_compile=jit) for jit in (False, True))
    np.testing.assert_allclose(called_twice(fast)[1][0], called_twice(plain)[1][0], rtol=1e-5, atol=1e-6)


def test_a_copied_model_starts_without():
    variable = K.variable(np.ones(2))
    f = K.function([], [variable * 2.0])
    f([]), f([])
    assert copy.deepcopy(variable.variable).numpy().tolist() == [1, 1]


def test_the_public_way_gives_the_same(monkeypatch):
    model = dense_model()
    short = saliency(model, 2)
    expected = called_twice(short)
    for name in ("quick_execute", "eager_context"):
        assert getattr(direct_call, name) is not None, f"TensorFlow moved {name}: calls take the long way"
        monkeypatch.setattr(direct_call, name, None)
    other = K.function(short.inputs, [*short.outputs, short.outputs[0]])  # not like the first, so compiled anew
    for found, values in zip(called_twice(other), expected, strict=True):
        np.testing.assert_array_equal(found[0], values[0])
        np.testing.assert_array_equal(found[1], values[1])


def test_an_array_that_is_fed_into_a_variable_is_the_users_own():
    p, kept = K.placeholder((4,)), K.variable(np.zeros(4))
    f = K.function([p], [], updates=[K.update(kept, p)])
    array = np.arange(4, dtype="float32")
    for _ in range(3):
        f([array])
        array += 1
        np.testing.assert_array_equal(K.get_value(kept), array - 1)
