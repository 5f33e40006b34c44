"""f.map: many items through a function, in order, and nothing left behind. Bad items are in test_map_errors.py."""

import gc
import io
import os
import sys
import threading
import time
import warnings
import weakref

import numpy as np
import pytest
import tensorflow as tf
from helpers import dense_model, normal, normalized_model
from kerases import keras
from map_cases import (
    BATCH,
    ROWS,
    SINGULAR,
    Pictures,
    assert_same,
    by_calls,
    counted,
    doubling,
    in_time,
    inverses,
    saliency_function,
)

from k2compat import backend as K
from k2compat.errors import ItemError


@pytest.fixture(scope="module")
def saliency():
    return saliency_function()


# What it computes.

SOURCES = {
    "array": lambda: ROWS,
    "float64_array": lambda: ROWS.astype("float64"),
    "list": lambda: list(ROWS),
    "lists_of_numbers": lambda: [row.tolist() for row in ROWS],
    "generator": lambda: (row for row in ROWS),
    "map": lambda: map(np.copy, ROWS),
    "sequence": Pictures,
    "tuples_of_one": lambda: [(row,) for row in ROWS],
    "tensor": lambda: tf.constant(ROWS),
    "tensors": lambda: list(tf.constant(ROWS)),
    "dataset": lambda: tf.data.Dataset.from_tensor_slices(ROWS),
    "dataset_of_tuples": lambda: tf.data.Dataset.from_tensor_slices((ROWS,)),
}


@pytest.mark.parametrize("source", SOURCES)
def test_results_are_those_of_calls_with_the_same_batches(saliency, source):
    assert_same(saliency.map(SOURCES[source](), batch_size=BATCH), by_calls(saliency))


@pytest.mark.parametrize("size", [1, 3, 11, 32])
def test_batches_of_any_size(saliency, size):
    assert_same(saliency.map(ROWS, batch_size=size), by_calls(saliency, size=size))


@pytest.mark.parametrize("kind", ["list", "generator", "dataset"])
def test_batches_as_they_are(saliency, kind):
    batches = [ROWS[:5], ROWS[5:6], ROWS[6:]]
    data = {
        "list": batches,
        "generator": iter(batches),
        "dataset": tf.data.Dataset.from_tensor_slices(ROWS).batch(5),
    }[kind]
    expected = [ROWS[:5], ROWS[5:10], ROWS[10:]] if kind == "dataset" else batches
    assert_same(saliency.map(data, batch_size=None), [saliency([batch]) for batch in expected])


def test_results_have_the_structure_of_the_outputs():
    x = K.placeholder((None, 4))
    one = K.function([x], x * 2.0)
    assert_same(one.map(ROWS), list(ROWS * 2))
    nested = K.function([x], {"sum": K.sum(x, axis=1), "both": (x, [x * 2.0])}, tier="compiled")
    found = list(nested.map(ROWS, batch_size=BATCH))
    assert_same([item["both"] for item in found], [(row, [row * 2]) for row in ROWS])
    np.testing.assert_allclose([item["sum"] for item in found], ROWS.sum(axis=1), rtol=1e-5)


@pytest.mark.parametrize("kind", ["zip", "dataset"])
def test_several_inputs_take_tuples(kind):
    x, y = K.placeholder((None, 4)), K.placeholder((None,), dtype="int32")
    f = K.function([x, y], [x * K.expand_dims(K.cast(y, "float32"))])
    numbers = np.arange(len(ROWS), dtype="int32")
    data = zip(ROWS, numbers, strict=True) if kind == "zip" else tf.data.Dataset.from_tensor_slices((ROWS, numbers))
    assert_same(
        f.map(data, batch_size=BATCH), [[row * np.float32(number)] for row, number in zip(ROWS, numbers, strict=True)]
    )


def test_texts():
    x = K.placeholder((None,), dtype="string")
    found = list(K.function([x], [tf.strings.length(x)]).map(["a", "bcd", "ef"], batch_size=2))
    assert [int(item[0]) for item in found] == [1, 3, 2]


def test_sparse_batches():
    x = K.placeholder((None, 4), sparse=True)
    f = K.function([x], [K.dot(x, K.ones((4, 1)))])
    found = list(f.map([tf.sparse.from_dense(ROWS[:4]), tf.sparse.from_dense(ROWS[4:])], batch_size=None))
    np.testing.assert_allclose(np.concatenate([item[0] for item in found])[:, 0], ROWS.sum(axis=1), rtol=1e-5)


def test_pictures_of_several_sizes_make_batches_of_their_own():
    f = doubling((None, None, 2))
    pictures = [np.full((size, 2), number, "float32") for number, size in enumerate([3, 3, 5, 3, 3, 3])]
    assert_same(f.map(pictures, batch_size=2), [[picture * 2] for picture in pictures])
    assert f.stats()["calls"] == 4


def test_a_buffer_used_again_for_each_item():
    def frames():
        buffer = np.empty(4, "float32")
        for row in ROWS:
            buffer[:] = row
            yield buffer

    assert_same(doubling().map(frames(), batch_size=BATCH), [[row * 2] for row in ROWS])
    batches = (frame[None] for frame in frames())
    assert_same(doubling().map(batches, batch_size=None), [[row[None] * 2] for row in ROWS])


def test_items_are_read_in_the_background_by_functions_too():
    inner = doubling()
    assert_same(doubling().map((inner([row[None]])[0][0] for row in ROWS), batch_size=2), [[row * 4] for row in ROWS])


# Kinds of functions.


def test_the_learning_phase_is_the_same_for_all_items():
    model = normalized_model()
    rows = normal(6, 8).astype("float32")
    f = K.function([model.input, K.learning_phase()], [model.output])
    assert_same(f.map(rows, batch_size=3), by_calls(lambda values: f([*values, 0]), rows, 3))
    normalize = K.function([model.input, K.learning_phase()], [model.get_layer("bn").output])
    for phase in (0, 1):
        expected = by_calls(lambda values, phase=phase: normalize([*values, phase]), rows, 3)
        found = normalize.map(rows, batch_size=3, fixed={K.learning_phase(): phase})
        np.testing.assert_allclose([item[0] for item in found], [item[0] for item in expected], rtol=1e-5)


def test_fixed_values_of_inputs_without_a_batch_axis():
    x, factor = K.placeholder((None, 4)), K.placeholder(())
    f = K.function([factor, x], [x * factor])
    assert_same(f.map(ROWS, batch_size=BATCH, fixed={factor: 3.0}), [[row * np.float32(3)] for row in ROWS])


def test_feed_dict_is_read_for_each_batch():
    x, factor = K.placeholder((None, 4)), K.placeholder(())
    feeds = {factor: 1.0}
    found = []
    for item in K.function([x], [x * factor], feed_dict=feeds).map(ROWS[:4], batch_size=2):
        found.append(item[0] / ROWS[len(found)])
        feeds[factor] = 2.0
    np.testing.assert_allclose(np.mean(found, axis=1), [1, 1, 2, 2], rtol=1e-5)


def test_updates_run_once_for_each_batch():
    x, counter = K.placeholder((None, 4)), K.variable(0.0)
    f = K.function([x], [x + counter], updates=[K.update_add(counter, 1.0)])
    assert_same(f.map(ROWS[:5], batch_size=2), [[row + np.float32(n // 2)] for n, row in enumerate(ROWS[:5])])
    assert K.get_value(counter) == 3.0


@pytest.mark.parametrize("how", [{"freeze": True}, {"jit_compile": True}, {"tier": "eager"}], ids=str)
def test_each_way_to_run(how):
    model = dense_model()
    f = K.function([model.input], [model.output, *K.gradients(model.output[:, 1], model.input)], **how)
    found = list(f.map(ROWS, batch_size=BATCH))
    assert f.stats()["tier"] == how.get("tier", "compiled")
    assert_same(found, by_calls(f))


def test_all_batches_are_compiled_alike():
    model = dense_model()
    f = K.function([model.input], [model.output])
    list(f.map(ROWS, batch_size=BATCH))
    assert (f.stats()["tier"], f.stats()["calls"], f.stats()["compilations"]) == ("compiled", 3, 1)


def test_inputs_of_a_fixed_batch_size():
    f = doubling((4, 4))
    assert_same(f.map(ROWS, batch_size=4), [[row * 2] for row in ROWS])
    assert_same(f.map(ROWS, batch_size=3), [[row * 2] for row in ROWS])
    with pytest.raises(ValueError, match="batch size of 4"):
        f.map(ROWS, batch_size=5)


def gradient_of_weights():
    model = dense_model()
    return K.function([model.input], [model.output, *K.gradients(K.sum(model.output), model.layers[1].kernel)])


def test_outputs_without_a_batch_axis():
    f = gradient_of_weights()
    f([ROWS[:1]])
    expected = [f([ROWS[row : row + 1]]) for row in range(3)]
    assert_same(f.map(ROWS[:3], batch_size=1), [[output[0], gradient] for output, gradient in expected])
    assert_same(f.map([ROWS[:2], ROWS[2:4]], batch_size=None), [f([ROWS[:2]]), f([ROWS[2:4]])])
    # As many rows as the batch has, by chance.
    with pytest.raises(ValueError, match=r"output 1 of shape \(4, 5\) is not one row"):
        f.map(ROWS, batch_size=4)


def test_outputs_whose_rows_are_not_those_of_the_batch():
    x = K.placeholder((None, 4))
    twice = K.function([x], [K.concatenate([x, x], axis=0)])
    with pytest.raises(ValueError, match="output 0 .* is not one row"):
        list(twice.map(ROWS, batch_size=4))


# Ahead of time, and no further.


@pytest.mark.parametrize("prefetch", [0, 1, 3])
def test_no_more_is_read_ahead_than_asked_for(prefetch):
    pulled = []
    results = doubling().map(counted(np.ones((1000, 4)), pulled), batch_size=BATCH, prefetch=prefetch)
    time.sleep(0.2)
    assert pulled == [], "nothing is read before the first result is asked for"
    for number in range(1, 10):
        next(results)
        computed = -(-number // BATCH)
        time.sleep(0.02)
        assert len(pulled) <= (computed + prefetch + 1) * BATCH
    if prefetch:
        assert in_time(lambda: len(pulled) >= (3 + prefetch) * BATCH), "read while nobody asks"
    results.close()


@pytest.mark.parametrize("how", ["close", "with", "drop"])
def test_stopping_early_leaves_nothing_behind(how):
    def threads():
        return len(os.listdir("/proc/self/task")) if os.path.exists("/proc/self/task") else threading.active_count()

    f, numbers = doubling(), []
    for _ in range(4):
        pulled = []
        results = f.map(counted(np.ones((10**4, 4)), pulled), batch_size=BATCH)
        if how == "with":
            with results:
                next(results)
        else:
            next(results)
        if how == "close":
            results.close()
        if how != "drop":
            assert list(results) == []
        del results
        before = len(pulled)
        time.sleep(0.05)
        assert len(pulled) == before
        numbers.append(threads())
    assert numbers[-1] <= numbers[0]
    assert_same(f.map(ROWS), [[row * 2] for row in ROWS])


@pytest.mark.parametrize("ending", ["end", "break", "error"])
def test_the_data_is_let_go(ending):
    f, pictures = doubling(), Pictures(unreadable={9} if ending == "error" else ())
    gone = weakref.ref(pictures)
    results = f.map(pictures, batch_size=2)
    del pictures
    if ending == "break":
        next(results)
        results.close()
    else:
        with pytest.raises(ItemError) if ending == "error" else warnings.catch_warnings():
            list(results)
    del results
    gc.collect()
    assert gone() is None


def test_many_threads_at_once(saliency):
    expected, found, errors = by_calls(saliency), {}, []

    def work(number):
        try:
            found[number] = list(saliency.map(ROWS, batch_size=BATCH))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    assert len(found) == 4
    for results in found.values():
        assert_same(results, expected)


def test_threads_share_the_results():
    rows = np.arange(400, dtype="float32").reshape(100, 4)
    results, found = doubling().map(rows, batch_size=3), []
    threads = [threading.Thread(target=lambda: found.extend(results)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(item[0][0] for item in found) == (rows[:, 0] * 2).tolist()


# What it says of itself.


def test_the_length_is_that_of_the_data():
    f = doubling()
    assert len(f.map(ROWS)) == len(f.map(tf.data.Dataset.from_tensor_slices(ROWS))) == 11
    assert len(f.map([ROWS, ROWS], batch_size=None)) == 2
    unknown = f.map(iter(ROWS))
    assert unknown
    with pytest.raises(TypeError, match="no length"):
        len(unknown)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "progress", "drawn"),
    [(Terminal, None, True), (io.StringIO, None, False), (io.StringIO, True, True), (Terminal, False, False)],
)
@pytest.mark.parametrize("known", [True, False], ids=["length", "no_length"])
def test_progress(monkeypatch, capsys, stream, progress, drawn, known):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream())
    running = threading.active_count()
    results = doubling().map(ROWS if known else iter(ROWS), batch_size=BATCH, progress=progress)
    next(results)
    assert threading.active_count() == running
    list(results)
    text = sys.stderr.getvalue()
    assert bool(text) == drawn
    assert not drawn or (("11/11" if known else "11/?") in text and "/s" in text)
    assert capsys.readouterr().out == ""


# One replica; two, and two workers, are in test_map_replicas.py.


def test_a_strategy_gives_the_same(saliency):
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    for _ in range(2):
        assert_same(saliency.map(ROWS, batch_size=BATCH, strategy=strategy), by_calls(saliency))
    batches = [ROWS[:5], ROWS[5:]]
    found = saliency.map(batches, batch_size=None, strategy=strategy)
    assert_same(found, [saliency([batch]) for batch in batches])


def test_a_strategy_sees_weights_as_they_are():
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    for how in ({}, {"freeze": True}):
        model = dense_model()
        f = K.function([model.input], [model.output], tier="compiled", **how)
        list(f.map(ROWS, strategy=strategy))
        model.set_weights([weight * 2 for weight in model.get_weights()])
        with pytest.warns(UserWarning, match="weights have changed") if how else warnings.catch_warnings():
            found = list(f.map(ROWS, strategy=strategy))
        assert_same(found, by_calls(f, size=32))


def test_a_strategy_goes_on_behind_an_item_that_cannot_be_computed():
    results = inverses().map(
        SINGULAR, batch_size=BATCH, on_error="skip", strategy=tf.distribute.OneDeviceStrategy("CPU:0")
    )
    with pytest.warns(UserWarning, match="1 bad items: 5"):
        assert len(list(results)) == 6


def test_a_strategy_and_fixed_values():
    x, factor = K.placeholder((None, 4)), K.placeholder((2,))
    f = K.function([x, factor], [x * factor[1]])
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    found = f.map(ROWS, batch_size=BATCH, fixed={factor: [0.0, 2.0]}, strategy=strategy)
    assert_same(found, [[row * 2] for row in ROWS])


def test_layers_stand_for_their_outputs():
    x = keras.layers.Input((4,))
    layer = keras.layers.Dense(2)
    y = layer(x)
    f = K.function([layer], [K.sum(y, axis=1)])
    found = f.map(normal(3, 2), fixed={})
    assert len(list(found)) == 3
