"""What long-running programs need: nothing left behind by an error, calls from threads, bounded memory, deep graphs."""

import gc
import threading
import time
import weakref
from collections import Counter

import numpy as np
import pytest
import tensorflow as tf
from helpers import dense_model, normal, normalized_model
from kerases import keras, layers

import k2compat
from k2compat import backend as K
from k2compat.graph import trace_cache
from k2compat.graph.symbols import is_symbol


class Failure(Exception):
    """What the tests let fail."""


def failing(*_):
    raise Failure("on purpose")


@pytest.fixture
def intact():
    """After the test, everything global is as it was, and recording, computing and Keras itself work."""
    active = {repair.name: repair.active for repair in k2compat.repairs()}
    phase, floatx = K.learning_phase(), K.floatx()
    yield
    assert K.learning_phase() is phase
    assert K.floatx() == floatx
    assert {repair.name: repair.active for repair in k2compat.repairs()} == active
    assert tf.executing_eagerly()
    with tf.compat.v1.variable_scope("opens"):
        pass
    assert is_symbol(K.square(K.placeholder((2,))))  # at top level symbolic tensors are recorded, not computed
    assert tf.is_tensor(K.square(tf.ones(2)))
    assert is_symbol(K.square(K.variable(2.0)))
    model = normalized_model()
    before = model.get_weights()
    model.compile("sgd", "mse")
    model.fit(normal(4, 8), normal(4, 3), epochs=1, batch_size=4, verbose=0)
    assert not np.array_equal(
        model.get_weights()[4], before[4]
    )  # moving averages: no scope of an evaluation holds them back


def failing_layer(p):
    return layers.Lambda(lambda t: tf.py_function(failing, [t], tf.float32), output_shape=(2,))(p)


@pytest.mark.parametrize(
    "build",
    [
        lambda p: K.map_fn(failing, p),
        lambda p: K.foldl(failing, p),
        lambda p: tf.scan(failing, p),
        lambda p: K.switch(K.sum(p) > 0, failing, failing),
        layers.Lambda(failing),
        K.random_normal,
    ],
    ids=["map_fn", "foldl", "scan", "switch", "lambda", "wrong_argument"],
)
@pytest.mark.usefixtures("intact")
def test_an_error_while_an_expression_is_recorded(build):
    p = K.placeholder((3, 2))
    for _ in range(2):
        with pytest.raises((Failure, TypeError, ValueError, NotImplementedError)):
            build(p)


@pytest.mark.parametrize("tier", ["eager", "compiled"])
@pytest.mark.parametrize(
    "build",
    [
        lambda p, run: tf.py_function(run, [p], tf.float32),
        lambda p, run: layers.Lambda(lambda t: tf.py_function(run, [t], tf.float32), output_shape=(2,))(p),
        lambda p, run: K.switch(p[0] > 0.0, lambda: tf.py_function(run, [p], tf.float32), lambda: p * 1.0),
        lambda p, run: K.gradients(K.sum(tf.py_function(run, [p], tf.float32) * p), p)[0],
    ],
    ids=["function", "layer", "branch", "gradient"],
)
@pytest.mark.usefixtures("intact")
def test_an_error_while_a_function_runs(build, tier):
    """A kernel fails: no update runs after it, and the next call works and gives the right numbers."""
    p, v, broken = K.placeholder((2,)), K.variable(1.0), []

    def run(value):
        if broken:
            raise Failure("on purpose")
        return value * 2.0

    output = K.sum(build(p, run))
    f = K.function([p], [output], updates=[(v, v + 1.0)])
    reference = [f([[1.0, 2.0]])[0] for _ in range(2 if tier == "compiled" else 0)]
    broken.append(True)
    with pytest.raises((Failure, tf.errors.OpError)):
        f([[1.0, 2.0]])
    assert K.get_value(v) == 1.0 + len(reference)
    broken.clear()
    again = [f([[1.0, 2.0]])[0] for _ in range(3)]
    assert len({*reference, *again}) == 1
    assert K.get_value(v) == 4.0 + len(reference)


@pytest.mark.parametrize(
    "feed",
    [[np.ones(3)], [["a", "b"]], [object()], [], [np.ones(2), "train", 5]],
    ids=["shape", "text", "object", "none", "too many"],
)
@pytest.mark.usefixtures("intact")
def test_an_error_in_a_feed(feed):
    p = K.placeholder((2,))
    v = K.variable(0.0)
    f = K.function([p], [p * 2.0], updates=[K.update_add(v, 1.0)])
    for calls in range(1, 4):
        if len(feed) < 3:
            with pytest.raises(ValueError):
                f(feed)
        f([[1.0, 2.0]])
        assert K.get_value(v) == calls


@pytest.mark.usefixtures("intact")
def test_an_error_while_gradients_are_asked_for():
    p = K.placeholder((2,))
    for arguments in ((None, p), (p, "p"), (np.ones(2), p), (p, [p, object()])):
        with pytest.raises(TypeError):
            K.gradients(*arguments)
    assert K.gradients(p * p, p)[0] is not None


@pytest.mark.usefixtures("intact")
def test_an_error_in_a_layer_of_a_model_called_by_keras():
    model = keras.Model(x := layers.Input((2,)), failing_layer(x))
    with pytest.raises((Failure, tf.errors.OpError)):
        model.predict(np.ones((1, 2)), verbose=0)


def in_threads(count, work):
    """Runs work(number) in threads that start together; raises what one of them raised."""
    barrier, errors = threading.Barrier(count), []

    def run(number):
        try:
            barrier.wait(timeout=30)
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    if errors:
        raise errors[0]


def test_threads_share_a_function():
    """From its very first call, so that planning and compiling are raced for too; in both phases."""
    model = normalized_model()
    gradient = K.gradients(K.sum(model.output[:, 0]), model.input)[0]
    f = K.function([model.input, K.learning_phase()], [model.get_layer("bn").output, gradient])
    alone = K.function([model.input, K.learning_phase()], [model.get_layer("bn").output])
    feeds = [(normal(3 + number % 2, 8, seed=number), number % 2) for number in range(8)]
    expected = [alone([x, phase])[0] for x, phase in feeds]

    def work(number):
        x, phase = feeds[number]
        for _ in range(5):
            value, slope = f([x, phase])
            np.testing.assert_allclose(value, expected[number], rtol=1e-5, atol=1e-6)
            assert slope.shape == x.shape

    in_threads(8, work)


def test_threads_build_and_differentiate():
    model = dense_model()
    x = normal(2, 4)
    columns = [K.function([model.input], K.gradients(model.output[:, c], model.input))([x])[0] for c in range(3)]

    def work(number):
        for _ in range(3):
            found = K.function([model.input], K.gradients(model.output[:, number % 3], model.input))
            np.testing.assert_allclose(found([x])[0], columns[number % 3], rtol=1e-5, atol=1e-7)
            p = K.placeholder((2,))
            np.testing.assert_allclose(
                K.function([p], [K.map_fn(lambda t: t * number, p)])([[1.0, 2.0]])[0], [number, 2 * number]
            )

    in_threads(8, work)


def test_an_evaluation_in_one_thread_is_none_in_another():
    """While a function runs (and waits), another thread records as at top level."""
    p, entered, leave = K.placeholder((2,)), threading.Event(), threading.Event()

    def wait(value):
        entered.set()
        assert leave.wait(30)
        return value

    f = K.function([p], [tf.py_function(wait, [p], tf.float32)])
    thread = threading.Thread(target=f, args=([np.ones(2)],))
    thread.start()
    try:
        assert entered.wait(30)
        assert is_symbol(K.square(p))
        np.testing.assert_allclose(K.function([p], [K.square(p)])([[2.0, 3.0]])[0], [4, 9])
    finally:
        leave.set()
        thread.join(30)


def test_updates_from_threads_are_all_counted():
    v = K.variable(0.0)
    f = K.function([], [v * 2.0], updates=[K.update_add(v, 1.0)])

    def work(_):
        for _ in range(20):
            f([])

    in_threads(8, work)
    assert K.get_value(v) == 160.0


def living():
    """How many objects of k2compat, symbolic tensors, compiled functions and graphs there are.

    Memories of traces are not counted; they have a bound of their own.
    """
    gc.collect()
    counts = Counter()
    for thing in gc.get_objects():
        kind = type(thing)
        if (
            kind is not trace_cache.Memory
            and str(kind.__module__).startswith("k2compat.")
            or kind.__name__
            in {
                "KerasTensor",
                "Node",
                "FuncGraph",
                "ConcreteFunction",
            }
        ):
            counts[kind.__name__] = counts.get(kind.__name__, 0) + 1
    return counts


def rebuilt(model, x, times):
    """What scripts do for every picture: another class, another loss, another function."""
    for n in range(times):
        loss = K.mean(model.output[:, n % 3]) * float(n) + tf.reduce_sum(model.get_layer("hidden").output)
        gradients = K.gradients(loss, [model.get_layer("hidden").output, model.input])
        f = K.function([model.input], [K.max(gradient, axis=0) / 2.0 for gradient in gradients])
        f([x])


def test_memories_of_traces_are_bounded(monkeypatch):
    monkeypatch.setattr(trace_cache, "LIMIT", 50)
    p = K.placeholder((2,))
    for number in range(200):
        K.pow(p, number)
    assert len(trace_cache._memo) <= 50


def test_what_is_dropped_is_freed():
    model, x = dense_model(), normal(1, 4)
    rebuilt(model, x, 20)
    outbound = [len(layer._outbound_nodes) for layer in model.layers]
    before = living()
    rebuilt(model, x, 150)
    assert not living() - before  # what other tests left behind may go meanwhile
    assert [len(layer._outbound_nodes) for layer in model.layers] == outbound


@pytest.mark.slow
def test_what_is_dropped_is_freed_after_a_thousand_compiled_functions():
    model, x = dense_model(), normal(1, 4)

    def compiled(times):
        for n in range(times):
            f = K.function([model.input], K.gradients(model.output[:, n % 3], model.input))
            for _ in range(3):
                f([x])

    compiled(20)
    before = living()
    compiled(1000)
    assert not living() - before  # what other tests left behind may go meanwhile


def test_dropped_variables_are_freed():
    """As in Keras 2: neither objects nor the buffers of TensorFlow stay."""

    def made(times):
        references = []
        for number in range(times):
            variable = K.variable(np.full(10, float(number)))
            K.set_value(variable, np.ones(10))
            K.eval(variable * 2.0)
            references.append(weakref.ref(variable))
        del variable
        gc.collect()
        return references

    made(5)
    before = living()
    assert not any(reference() for reference in made(50))
    assert not living() - before


def test_a_dropped_model_is_freed():
    model = dense_model()
    f = K.function([model.input], K.gradients(model.output[:, 0], model.input))
    K.get_session().run(model.output, {model.input: normal(1, 4)})
    f([normal(1, 4)])
    f([normal(1, 4)])
    reference = weakref.ref(model)
    del model, f
    gc.collect()
    assert reference() is None


# One operation of a chain; each multiplies by STEP.
STEP = 1.0001
KINDS = {
    "operators": lambda y: y * STEP,
    "functions": lambda y: K.clip(y * STEP, -1e9, 1e9),
    "tensorflow": lambda y: tf.multiply(y, STEP),
}


def chain(kind, start, length):
    y = start
    for _ in range(length):
        y = KINDS[kind](y)
    return y


def differentiated_chain(kind, length):
    p = K.placeholder((2,))
    y = chain(kind, p, length)
    f = K.function([p], [y, *K.gradients(y, p)])
    value, slope = f([[1.0, 2.0]])
    np.testing.assert_allclose(value, [STEP**length, 2 * STEP**length], rtol=1e-2)
    np.testing.assert_allclose(slope, [STEP**length] * 2, rtol=1e-2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chain_of_many_operations(kind):
    differentiated_chain(kind, 3000 if kind == "operators" else 600)


def test_a_chain_of_2000_operations_on_a_variable():
    assert K.eval(chain("operators", K.variable(1.0), 2000)) == pytest.approx(STEP**2000, rel=1e-3)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", KINDS)
def test_a_chain_of_20000_operations(kind):
    started = time.perf_counter()
    differentiated_chain(kind, 20_000)
    assert time.perf_counter() - started < 300


@pytest.mark.timeout(30)
def test_a_graph_of_diamonds():
    """Each step uses the one before twice, so that there are 2 ** 60 ways from the end to the start."""
    p = K.placeholder((2,))
    y = p
    for _ in range(60):
        y = y * 0.5 + K.identity(y) * 0.25 + y * 0.25
    f = K.function([p], [y, *K.gradients(y, p)])
    np.testing.assert_allclose(f([[1.0, 2.0]]), [[1.0, 2.0], [1.0, 1.0]], rtol=1e-4)


def test_a_model_of_300_layers():
    x = y = layers.Input((2,))
    for _ in range(300):
        y = layers.Activation("linear")(y)
    f = K.function([x], [y, *K.gradients(y, x)])
    np.testing.assert_allclose(f([np.ones((1, 2))]), np.ones((2, 1, 2)))
