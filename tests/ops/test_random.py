"""Random tensors: their moments and limits, fresh draws, and seeds, in each of the three modes."""

import numpy as np
import pytest
import tensorflow as tf

from k2compat import backend as K

SHAPE = (40, 50)

# Name -> (arguments, mean, standard deviation, smallest and largest value).
DRAWS = {
    "random_normal": ((SHAPE, 1.0, 2.0), 1.0, 2.0, (-np.inf, np.inf)),
    "random_uniform": ((SHAPE, -1.0, 3.0), 1.0, 4 / np.sqrt(12), (-1.0, 3.0)),
    "truncated_normal": ((SHAPE, 1.0, 2.0), 1.0, 2 * 0.8796, (-3.0, 5.0)),
    "random_binomial": ((SHAPE, 0.3), 0.3, np.sqrt(0.21), (0.0, 1.0)),
    "random_normal_variable": ((SHAPE, 1.0, 2.0), 1.0, 2.0, (-np.inf, np.inf)),
    "random_uniform_variable": ((SHAPE, -1.0, 3.0), 1.0, 4 / np.sqrt(12), (-1.0, 3.0)),
}
FRESH = [name for name in DRAWS if not name.endswith("variable")]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", DRAWS)
def test_moments_and_limits(name, dtype):
    arguments, mean, deviation, (low, high) = DRAWS[name]
    drawn = K.eval(getattr(K, name)(*arguments, dtype=dtype, seed=5))
    assert drawn.dtype == dtype
    assert drawn.shape == SHAPE
    assert abs(drawn.mean() - mean) < 5 * deviation / np.sqrt(drawn.size)
    assert abs(drawn.std() - deviation) < 0.1 * deviation
    assert low <= drawn.min()
    assert drawn.max() <= high


@pytest.mark.parametrize("name", FRESH)
def test_each_evaluation_draws_afresh_and_shares_its_draw(name):
    drawn = getattr(K, name)(*DRAWS[name][0])
    f = K.function([], [drawn, drawn * 1.0])
    values = [f([]) for _ in range(3)]
    for one, same in values:
        np.testing.assert_array_equal(one, same)
    assert len({one.tobytes() for one, _ in values}) == 3


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_repeats_the_first_draw(name):
    first, again, other = (K.eval(getattr(K, name)(*DRAWS[name][0], seed=seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", FRESH)
def test_a_traced_function_draws_at_each_call(name):
    run = tf.function(lambda x: x + getattr(K, name)(*DRAWS[name][0]), autograph=False)
    assert not np.array_equal(run(tf.zeros(SHAPE)), run(tf.zeros(SHAPE)))


@pytest.mark.parametrize("noise_shape", [None, (40, 1)])
@pytest.mark.parametrize("mode", ["recorded", "eager", "traced"])
def test_dropout_keeps_the_mean_and_scales_what_it_keeps(mode, noise_shape):
    def dropped(x):
        return K.dropout(x, 0.25, noise_shape=noise_shape, seed=3)

    ones = np.ones(SHAPE, "float32")
    if mode == "recorded":
        p = K.placeholder(SHAPE)
        found = K.function([p], [dropped(p)])([ones])[0]
    else:
        found = (dropped if mode == "eager" else tf.function(dropped, autograph=False))(tf.constant(ones)).numpy()
    assert set(np.unique(found.round(4))) == {np.float32(0.0), np.float32(1.3333)}
    assert abs(found.mean() - 1) < 0.4
    if noise_shape:
        assert (found == found[:, :1]).all()


def test_dropout_of_nothing_is_the_tensor():
    np.testing.assert_array_equal(K.dropout(tf.ones((3, 4)), 0.0), np.ones((3, 4)))


def test_a_shape_may_be_symbolic():
    p = K.placeholder((None, 3))
    f = K.function([p], [K.random_normal(K.shape(p)), K.random_uniform((K.shape(p)[0], 2))])
    assert [value.shape for value in f([np.ones((4, 3))])] == [(4, 3), (4, 2)]
