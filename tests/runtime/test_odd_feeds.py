"""Empty batches, learning phases that are none, one compilation for several threads, and forks."""

import sys
import threading

import numpy as np
import pytest
import tensorflow as tf
from kerases import layers

from k2compat import backend as K


def layers_for_nothing():
    yield layers.Conv2D(2, 2), (4, 4, 1)
    yield layers.SeparableConv2D(2, 2), (4, 4, 1)
    yield layers.LSTM(2), (3, 2)
    yield layers.GRU(2), (3, 2)
    yield layers.Dense(3, activation="relu"), (4,)
    yield layers.MaxPooling2D(), (4, 4, 1)


def test_an_empty_batch_has_an_empty_result_in_each_call():
    for layer, shape in layers_for_nothing():
        symbol = layers.Input(shape)
        output = layer(symbol)
        f = K.function([symbol], [output])
        for _ in range(3):
            assert f([np.zeros((0, *shape))])[0].shape == (0, *K.int_shape(output)[1:]), layer.name
        assert len(f([np.zeros((2, *shape))])[0]) == 2


ODD = {"list": [0, 1], "text": "x", "empty": [], "object": object(), "lists": [None, [1]]}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_a_learning_phase_is_one_number(value):
    x = K.placeholder((None, 2))
    f = K.function([x, K.learning_phase()], [K.in_train_phase(x, 2 * x)])
    with pytest.raises(ValueError, match="The learning phase was fed .* Expected one number or truth value"):
        f([np.ones((1, 2)), value])
    for one in (1, 1.0, True, np.int64(1), np.array([[1]]), tf.constant(1)):
        assert f([np.ones((1, 2)), one])[0][0, 0] == 1


def test_arrays_in_lists_are_fed_as_keras_2_flattened_them():
    x, y = K.placeholder((None, 2)), K.placeholder((None, 1))
    one, other = np.array([[1.0, 2.0]]), np.array([[3.0]])
    f = K.function([x, y], [x * y])
    for nest in ([[one, other]], [[one], [other]], ([one], other, []), [[[one]], (other,)], {"a": one, "b": other}):
        assert f(nest)[0].tolist() == [[3.0, 6.0]]
    first = K.function([x], [x + 1])
    assert first([[one]])[0].tolist() == first(([one], [], []))[0].tolist() == [[2.0, 3.0]]
    with pytest.raises(ValueError, match=r"(?s)shape \(1, 1, 2\).*batch axis"):
        first([one[None]])


def test_numbers_and_rows_in_lists_are_one_value():
    x = K.placeholder((None, 2))
    f = K.function([x], [x + 1])
    assert f([[[1, 2]]])[0].tolist() == f([[[np.float32(1), 2]]])[0].tolist() == [[2.0, 3.0]]
    assert f([[np.array([1, 2])]])[0].tolist() == [[2.0, 3.0]]
    assert f([[np.array([1, 2]), np.array([3, 4])]])[0].tolist() == [[2.0, 3.0], [4.0, 5.0]]


@pytest.fixture
def hasty_threads():
    """Let threads interrupt each other all the time."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hasty_threads")
def test_threads_that_wait_for_one_compilation_count_it_once_and_each_call():
    for number in range(30):  # what one of them overwrites is lost in one of fifteen
        x = K.placeholder((None, 2))
        f = K.function([x], [K.sqrt(x) + number], tier="compiled")
        assert counts_of_threads(f, threads=16, calls=4) == (1, 64)


def counts_of_threads(f, threads, calls):
    """Return the compilations and calls that a function has counted after threads called it at once."""
    ready = threading.Barrier(threads)

    def call():
        ready.wait()
        for _ in range(calls):
            f([np.ones((1, 2))])

    together = [threading.Thread(target=call) for _ in range(threads)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    stats = f.stats()
    return stats["compilations"], stats["calls"]


FORK = """
import os, sys
import numpy as np
from k2compat import backend as K

x = K.placeholder((None, 2))
f = K.function([x], [x * 2.0])
for _ in range(int(sys.argv[1])):
    f([np.ones((1, 2))])
if os.fork() == 0:
    try:
        print("computed", f([np.ones((1, 2))])[0].tolist(), flush=True)
    except RuntimeError as error:
        print(error, flush=True)
    os._exit(0)
os.wait()
print("parent", f([np.ones((1, 2))])[0].tolist())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("calls", "said"),
    [(0, "computed [[2.0, 2.0]]"), (1, "computed [[2.0, 2.0]]"), (2, "multiprocessing.get_context('spawn')")],
)
def test_a_fork_of_a_process_that_has_computed_says_so(run_script, calls, said):
    done = run_script(FORK, str(calls))
    assert said in done.stdout
    assert "parent [[2.0, 2.0]]" in done.stdout
    assert ("RuntimeWarning: K.function is called in a process that was forked" in done.stderr) == (calls == 1)


SPAWN = """
import multiprocessing
import numpy as np
from k2compat import backend as K


def computed(size):
    x = K.placeholder((None, size))
    f = K.function([x], [K.sum(x * 2.0)])
    return [float(f([np.ones((3, size))])[0]) for _ in range(3)]


if __name__ == "__main__":
    assert computed(2) == [12.0] * 3
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(pool.map(computed, [4, 5]))
"""


@pytest.mark.slow
def test_processes_that_are_spawned_compute(run_script, tmp_path):
    (tmp_path / "script.py").write_text(SPAWN)
    assert run_script(tmp_path / "script.py").stdout.split("\n")[0] == "[[24.0, 24.0, 24.0], [30.0, 30.0, 30.0]]"
