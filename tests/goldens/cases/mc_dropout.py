"""Dropout and random numbers: what can be compared of them is moments, fractions, and which draws are equal."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered


def within(value, expected, allowed):
    return bool(np.all(np.abs(np.asarray(value) - expected) < allowed))


@case(rows=["function-random", "phase-tensor"])
def mc_dropout(K, keras, load):
    """A fresh draw at each call in phase 1, none in phase 0; the mean of many draws settles down."""
    model = load("m")
    f = K.function([model.layers[0].input, K.learning_phase()], [model.layers[-1].output])
    x = np.repeat(normal(4, 8, seed=1), 16, axis=0)
    quiet = f([x, 0])[0]
    draws = np.stack([f([x, 1])[0] for _ in range(30)])
    return {
        "phase_0": quiet,
        "phase_0_repeats": np.array_equal(quiet, f([x, 0])[0]),
        "draws_differ": not np.array_equal(draws[0], draws[1]),
        "rows_differ": not np.array_equal(draws[0][0], draws[0][1]),
        "sums": draws.sum(axis=-1).mean(),
        "spread": bool(0.01 < draws.std(axis=0).mean() < 0.4),
    }


@case(rows=["function-random"])
def one_draw_shared_by_all_outputs(K, keras, load):
    """All outputs of a call, gradients too, see the same draw."""
    model = load("m")
    dropped = model.get_layer("dropout").output
    before = model.get_layer("bn").output
    grads = K.gradients(K.sum(dropped), before)[0]
    f = K.function([model.input, K.learning_phase()], [dropped, dropped * 2.0, before, grads, model.output])
    one, two, entered, grads, _ = f([normal(64, 8, seed=2), 1])
    again = f([normal(64, 8, seed=2), 1])[0]
    kept = one != 0
    return {
        "same_draw": np.array_equal(two, 2 * one),
        "kept_is_scaled": np.allclose(one[kept], 2 * entered[kept], rtol=1e-5),
        "gradient_follows_mask": np.array_equal(grads, np.where(kept, 2.0, 0.0).astype("float32")),
        "share_dropped": within(np.mean(grads == 0), 0.5, 0.06),
        "another_call_differs": not np.array_equal(one, again),
    }


@case(rows=["function-random"])
def shared_draw_of_a_random_tensor(K, keras, load):
    """One K.random_normal tensor used twice is one draw; two tensors are two draws."""
    noise, other = K.random_normal((1000,)), K.random_normal((1000,))
    f = K.function([], [noise, noise + 1.0, other])
    one, shifted, second = f([])
    again = f([])[0]
    return {
        "shared": np.allclose(one + 1.0, shifted),
        "two_tensors_differ": not np.allclose(one, second),
        "two_calls_differ": not np.allclose(one, again),
    }


@case()
def random_tensors_have_their_moments(K, keras, load):
    """K.random_normal, random_uniform, random_binomial, truncated_normal with their parameters."""
    tensors = [
        K.random_normal((20000,), mean=2.0, stddev=0.5),
        K.random_uniform((20000,), minval=-1.0, maxval=3.0),
        K.random_binomial((20000,), p=0.3),
        K.truncated_normal((20000,), mean=1.0, stddev=2.0),
    ]
    normals, uniforms, coins, truncated = K.function([], tensors)([])
    return {
        "normal": [within(normals.mean(), 2.0, 0.03), within(normals.std(), 0.5, 0.02)],
        "uniform": [within(uniforms.mean(), 1.0, 0.05), bool(uniforms.min() >= -1), bool(uniforms.max() < 3)],
        "coins": [within(coins.mean(), 0.3, 0.02), bool(set(np.unique(coins)) == {0.0, 1.0})],
        "truncated": [within(truncated.mean(), 1.0, 0.08), bool(np.abs(truncated - 1.0).max() <= 4.0)],
        "dtypes": [str(values.dtype) for values in (normals, uniforms, coins, truncated)],
    }


@case()
def k_dropout_itself(K, keras, load):
    """K.dropout keeps the mean, drops its share, and a noise shape shares the mask along an axis."""
    x = K.placeholder((None, 50), name="x")
    f = K.function([x], [K.dropout(x, 0.4), K.dropout(x, 0.5, noise_shape=(200, 1))])
    plain, by_row = f([np.ones((200, 50), "float32")])
    return {
        "share": within((plain == 0).mean(), 0.4, 0.03),
        "mean": within(plain.mean(), 1.0, 0.05),
        "kept": np.unique(plain).round(4),
        "rows_together": np.array_equal(by_row.min(axis=1), by_row.max(axis=1)),
    }


@case()
def seeded_dropout_repeats_between_functions(K, keras, load):
    """Two calls of one function with a seeded op still differ: a seed starts a sequence."""
    x = K.placeholder((None, 100), name="x")
    f = K.function([x], [K.dropout(x, 0.5, seed=7)])
    ones = np.ones((20, 100), "float32")
    return {"two_calls_differ": not np.array_equal(f([ones])[0], f([ones])[0])}


@case(rows=["phase-set"])
def dropout_after_set_learning_phase(K, keras, load):
    """K.set_learning_phase(1) before the model is loaded: dropout at every call, without feeding a phase."""
    K.set_learning_phase(1)
    model = load("m")
    f = K.function([model.input], [model.get_layer("dropout").output])
    x = normal(64, 8, seed=3)
    one, two = f([x])[0], f([x])[0]
    K.set_learning_phase(0)
    model = load("m")
    still = K.function([model.input], [model.output])
    return {
        "draws_differ": not np.array_equal(one, two),
        "share": within((one == 0).mean(), 0.5, 0.06),
        "after_0": still([x])[0],
    }


@case()
def layer_called_with_training(K, keras, load):
    """Monte Carlo dropout without a phase: Dropout called with training=True."""
    x = keras.layers.Input((40,))
    model = keras.models.Model(x, keras.layers.Dropout(0.3)(x, training=True))
    f = K.function([model.input], [model.output])
    ones = np.ones((100, 40), "float32")
    one, two = f([ones])[0], f([ones])[0]
    return {"draws_differ": not np.array_equal(one, two), "share": within((one == 0).mean(), 0.3, 0.04)}


@case()
def predictive_entropy(K, keras, load):
    """Uncertainty measures over draws, from a stack of symbolic probabilities."""
    draws = K.placeholder((None, 3, 5), name="draws")
    mean = K.mean(draws, axis=0)
    entropy = -K.sum(mean * K.log(mean + K.epsilon()), axis=-1)
    expected = -K.mean(K.sum(draws * K.log(draws + K.epsilon()), axis=-1), axis=0)
    values = np.random.RandomState(4).dirichlet(np.ones(5), size=(20, 3)).astype("float32")
    outputs = K.function([draws], [entropy, expected, entropy - expected, K.var(draws, axis=0), K.std(draws, axis=0)])
    return numbered(outputs([values]))


@case()
def vae_sampling_lambda(K, keras, load):
    """The sampling Lambda of every VAE script: K.shape, K.int_shape, K.random_normal inside a layer."""
    encoder = load("encoder")

    def sampling(args):
        z_mean, z_log_var = args
        batch = K.shape(z_mean)[0]
        dim = K.int_shape(z_mean)[1]
        epsilon = K.random_normal(shape=(batch, dim))
        return z_mean + K.exp(0.5 * z_log_var) * epsilon

    z = keras.layers.Lambda(sampling, output_shape=(2,), name="z")(encoder.outputs)
    f = K.function([encoder.input], [z, encoder.outputs[0], encoder.outputs[1]])
    x = np.repeat(np.random.RandomState(5).uniform(size=(1, 10)), 4000, axis=0)
    sample, mean, log_var = f([x])
    noise = (sample - mean) / np.exp(0.5 * log_var)
    return {
        "mean": within(noise.mean(axis=0), 0.0, 0.08),
        "deviation": within(noise.std(axis=0), 1.0, 0.06),
        "two_calls_differ": not np.array_equal(sample, f([x])[0]),
        "z_mean": mean[0],
    }


@case()
def gradient_through_a_random_tensor(K, keras, load):
    """The reparametrisation trick: the draw is a constant to the gradient."""
    sigma = K.variable([0.5, 2.0])
    noise = K.random_normal((500, 2))
    sample = sigma * noise
    grads = K.gradients(K.sum(sample), sigma)[0]
    grads, drawn = K.function([], [grads, noise])([])
    return {"agrees": np.allclose(grads, drawn.sum(axis=0), rtol=1e-3, atol=1e-3)}
