"""The assign methods of layers' weights, tf.assign and tf.group: an update for a session, or a change at once."""

import warnings

import numpy as np
import pytest
import tensorflow as tf
from kerases import layers

from k2compat import backend as K

HOW = {"assign": lambda old, new: new, "assign_add": np.add, "assign_sub": np.subtract}


def dense(value):
    layer = layers.Dense(2, use_bias=False)
    layer.build((None, 2))
    layer.set_weights([np.full((2, 2), value, "float32")])
    return layer.kernel


def run(*things, **feeds):
    return K.get_session().run(*things, **feeds)


@pytest.mark.parametrize("how", HOW)
def test_a_symbolic_value_gives_an_update_for_a_session(how):
    kernel, p = dense(3.0), K.placeholder((2, 2))
    update = getattr(kernel, how)(p * kernel)
    assert (K.get_value(kernel) == 3).all()
    once = HOW[how](3.0, 6.0)
    run(update, feed_dict={p: np.full((2, 2), 2.0)})
    assert (K.get_value(kernel) == once).all()
    run([update], feed_dict={p: np.full((2, 2), 2.0)})
    assert (K.get_value(kernel) == HOW[how](once, 2 * once)).all()


@pytest.mark.parametrize("how", HOW)
def test_a_kept_assignment_of_weights_is_run_by_the_session_alone_each_time(how):
    source, target = dense(2.0), dense(1.0)
    kept = [getattr(target, how)(source), getattr(target, how)(source * 0.5)]
    assert (K.get_value(target) == 1).all()
    K.set_value(source, np.full((2, 2), 8.0))
    want = 1.0
    for _ in range(2):
        for update, value in zip(kept, (8.0, 4.0), strict=True):
            run(update)
            want = HOW[how](want, value)
            assert (K.get_value(target) == want).all()


def test_an_assignment_that_is_a_statement_happens_at_once():
    source, target = dense(2.0), dense(1.0)
    target.assign(source)
    assert (K.get_value(target) == 2).all()
    target.assign(0.5 * source + 0.5 * target + 1.0)
    assert (K.get_value(target) == 3).all()
    target.assign_add(source * 2.0)
    target.assign_sub(source)
    assert (K.get_value(target) == 5).all()
    for weight in [target]:
        weight.assign(weight * 2.0)
    assert (K.get_value(target) == 10).all()


def test_plain_values_and_tensors_are_assigned_at_once():
    target = dense(1.0)
    _ = target.assign(np.full((2, 2), 4.0))
    assert (K.get_value(target) == 4).all()
    _ = [target.assign(tf.ones((2, 2)) * 7.0)]
    assert (K.get_value(target) == 7).all()


def test_an_assignment_that_nobody_runs_warns():
    target = dense(1.0)
    with pytest.warns(UserWarning, match="never run"):
        [target.assign(target * 2.0) for _ in range(1)]
    assert (K.get_value(target) == 1).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run([target.assign(target * 2.0) for _ in range(1)])
    assert (K.get_value(target) == 2).all()


def test_a_group_runs_all_of_its_updates_with_the_values_from_before():
    a, b, p = dense(1.0), dense(2.0), K.placeholder((2, 2))
    both = tf.group(a.assign(a + p), [b.assign(b * p), tf.assign(K.variable(0.0), 1.0)])
    run(both, feed_dict={p: np.full((2, 2), 3.0)})
    assert (K.get_value(a) == 4).all()
    assert (K.get_value(b) == 6).all()
    f = K.function([p], [K.sum(p)], updates=[both, K.update_add(a, p)])
    assert f([np.ones((2, 2))]) == [4.0]
    assert (K.get_value(a) == 6).all()
    assert (K.get_value(b) == 6).all()
    assert tf.group(tf.constant(1.0)) is None


@pytest.mark.parametrize("name", ["assign", "assign_add", "assign_sub"])
def test_the_assignments_of_tensorflow_1(name):
    v = K.variable(3.0)
    update = getattr(tf, name)(v, 2.0)
    assert K.get_value(v) == 3
    run(tf.group(update))
    assert K.get_value(v) == HOW[name](3.0, 2.0)


def test_random_numbers_of_tensorflow_1_are_drawn_at_each_run():
    p = K.placeholder((3,))
    f = K.function([p], [p + tf.random_normal((3,)), p + tf.random_uniform((3,), 5.0, 6.0)])
    draws = [f([np.zeros(3)]) for _ in range(3)]
    assert len({tuple(normal) for normal, _ in draws}) == len({tuple(uniform) for _, uniform in draws}) == 3
    assert all(5.0 <= value < 6.0 for _, uniform in draws for value in uniform)


def test_values_that_were_set_and_read_are_nobody_else_s():
    variable, given = K.variable(np.zeros(3)), np.ones(3, "float32")
    K.set_value(variable, given)
    given[:] = 5
    before = K.get_value(variable)
    K.function([], [], updates=[K.update_add(variable, np.full(3, 2.0))])([])
    np.testing.assert_array_equal(before, np.ones(3))
    np.testing.assert_array_equal(K.get_value(variable), np.full(3, 3.0))
