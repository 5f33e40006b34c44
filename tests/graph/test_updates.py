"""Updates: when they run and in which order, and the steps of optimizers against their published rules in NumPy."""

import numpy as np
import pytest
from helpers import dense_model, filled, floatx, normal, normalized_model, parts
from kerases import keras, layers, optimizers

from k2compat import backend as K

START = [np.array([[0.5, -1.0, 2.0], [0.1, 0.2, -0.3]]), np.array([1.0, -2.0])]
STEPS = 4


def test_nothing_changes_until_a_function_runs():
    v = K.variable(1.0)
    updates = [K.update(v, 5.0), K.update_add(v, 1.0), K.update_sub(v, 1.0), K.moving_average_update(v, 3.0, 0.9)]
    f = K.function([], [v], updates=updates)
    assert K.get_value(v) == 1.0
    f([])
    assert K.get_value(v) != 1.0


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda v: K.update(v, 5.0), 5.0),
        (lambda v: K.update(v, v * v), 4.0),
        (lambda v: K.update_add(v, 1.5), 3.5),
        (lambda v: K.update_sub(v, 1.5), 0.5),
        (lambda v: K.moving_average_update(v, 10.0, 0.75), 4.0),
        (lambda v: (v, v + 7.0), 9.0),
        (lambda v: [v, 7], 7.0),
    ],
    ids=["update", "of_itself", "add", "sub", "moving_average", "pair", "list"],
)
def test_each_kind_of_update(make, expected):
    v = K.variable(2.0)
    f = K.function([], [v * 1.0], updates=[make(v)])
    assert f([]) == [2.0]
    assert K.get_value(v) == pytest.approx(expected)


def test_outputs_are_computed_before_updates_in_both_tiers():
    v = K.variable(1.0)
    f = K.function([], [v * 10.0, v], updates=[(v, v + 1.0)])
    assert [f([]) for _ in range(4)] == [[10.0, 1.0], [20.0, 2.0], [30.0, 3.0], [40.0, 4.0]]


def test_a_later_update_sees_an_earlier_one_where_it_reads_the_variable():
    for _ in range(3):
        a, b = K.variable(1.0), K.variable(2.0)
        f = K.function([], [], updates=[(a, b), (b, a)])
        f([])
        assert K.batch_get_value([a, b]) == [2.0, 2.0]


def test_new_values_that_are_expressions_are_all_computed_first():
    for calls in (1, 2):
        a, b = K.variable(1.0), K.variable(2.0)
        f = K.function([], [], updates=[(a, b * 1.0), (b, a * 1.0)])
        for _ in range(calls):
            f([])
        assert K.batch_get_value([a, b]) == ([2.0, 1.0] if calls == 1 else [1.0, 2.0])


def test_updates_from_feeds_in_order():
    p, total, count = K.placeholder((None,), name="p"), K.variable(0.0), K.variable(0, dtype="int64")
    f = K.function([p], [K.sum(p)], updates=[K.update_add(total, K.sum(p)), K.update_add(count, 1)])
    for n in range(1, 5):
        assert f([np.ones(n)]) == [n]
    assert K.batch_get_value([total, count]) == [10.0, 4]


def test_one_variable_updated_twice():
    v = K.variable(1.0)
    K.function([], [], updates=[K.update_add(v, 2.0), K.update(v, 10.0), K.update_add(v, 3.0)])([])
    assert K.get_value(v) == 13.0


def test_an_update_given_alone_and_none_at_all():
    v = K.variable(1.0)
    K.function([], [v], updates=K.update_add(v, 2.0))([])
    K.function([], [v], updates=None)([])
    K.function([], [v], updates=[])([])
    assert K.get_value(v) == 3.0


def test_an_array_as_new_value_counts_as_it_was():
    array = np.ones(300, dtype="float32")
    v = K.variable(np.zeros(300))
    f = K.function([], [], updates=[K.update(v, array)])
    array[:] = 7
    f([])
    np.testing.assert_array_equal(K.get_value(v), 1)


def test_updates_among_the_outputs_and_the_fetches_run_too():
    v, w = K.variable(1.0), K.variable(1.0)
    f = K.function([], [K.update_add(v, 1.0)], fetches=[K.update_add(w, 2.0)])
    assert [f([]) for _ in range(3)] == [[2.0], [3.0], [4.0]]
    assert K.get_value(w) == 7.0


def test_a_session_runs_updates():
    v, p = K.variable(1.0), K.placeholder((), name="p")
    session = K.get_session()
    add = K.update_add(v, p)
    assert [session.run(add, feed_dict={p: value}) for value in (1.0, 10.0)] == [2.0, 12.0]
    session.run([add, K.update_sub(v, 2.0)], {p: 0.0})
    assert K.get_value(v) == 10.0


def test_set_value_is_at_once_and_seen_by_compiled_functions():
    v = K.variable([1.0, 2.0])
    f = K.function([], [v * 2.0])
    for value in ([1, 2], [3, 4], [5, 6], [7, 8]):
        K.set_value(v, value)
        np.testing.assert_array_equal(f([])[0], np.multiply(value, 2))
    with pytest.raises(ValueError) as caught:
        K.set_value(v, [1.0, 2.0, 3.0])
    assert "(3,)" in parts(caught.value)[0]
    assert "(2,)" in parts(caught.value)[1]
    np.testing.assert_array_equal(K.get_value(v), [7, 8])


def test_batch_normalization_moves_only_by_its_updates():
    model = normalized_model()
    bn = model.get_layer("bn")
    x = normal(16, 8) * 3.0
    before = bn.get_weights()
    plain = K.function([model.input, K.learning_phase()], [bn.output])
    for _ in range(3):
        plain([x, 1])
    np.testing.assert_array_equal(bn.get_weights(), before)
    f = K.function([model.input, K.learning_phase()], [model.get_layer("h").output], updates=model.updates)
    inputs = f([x, 1])[0]
    mean, variance = (
        inputs.mean(axis=0),
        inputs.var(axis=0) * 16 / (16 - (1 + bn.epsilon)),
    )  # unbiased, as Keras 2 took it
    np.testing.assert_allclose(bn.get_weights()[2], before[2] * 0.99 + mean * 0.01, rtol=1e-4)
    np.testing.assert_allclose(bn.get_weights()[3], before[3] * 0.99 + variance * 0.01, rtol=1e-4)
    np.testing.assert_array_equal(bn.get_weights()[:2], before[:2])
    assert len(model.updates) == len(bn.updates) == 2


def sgd(p, g, t, s, lr=0.1, momentum=0.0, nesterov=False):
    s["v"] = momentum * s.get("v", 0.0) - lr * g
    return p + momentum * s["v"] - lr * g if nesterov else p + s["v"]


def rmsprop(p, g, t, s, lr, rho=0.9, epsilon=1e-7):
    s["a"] = rho * s.get("a", 0.0) + (1 - rho) * g**2
    return p - lr * g / (np.sqrt(s["a"]) + epsilon)


def adagrad(p, g, t, s, lr, epsilon=1e-7):
    s["a"] = s.get("a", 0.0) + g**2
    return p - lr * g / (np.sqrt(s["a"]) + epsilon)


def adadelta(p, g, t, s, lr=1.0, rho=0.95, epsilon=1e-7):
    s["a"] = rho * s.get("a", 0.0) + (1 - rho) * g**2
    step = g * np.sqrt(s.get("d", 0.0) + epsilon) / np.sqrt(s["a"] + epsilon)
    s["d"] = rho * s.get("d", 0.0) + (1 - rho) * step**2
    return p - lr * step


def moments(g, s, beta_1, beta_2):
    s["m"] = beta_1 * s.get("m", 0.0) + (1 - beta_1) * g
    s["v"] = beta_2 * s.get("v", 0.0) + (1 - beta_2) * g**2
    return s["m"], s["v"]


def adam(p, g, t, s, lr, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
    m, v = moments(g, s, beta_1, beta_2)
    s["largest"] = v = np.maximum(s.get("largest", 0.0), v) if amsgrad else v
    return p - lr * np.sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (np.sqrt(v) + epsilon)


def adamax(p, g, t, s, lr, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    s["m"] = beta_1 * s.get("m", 0.0) + (1 - beta_1) * g
    s["u"] = np.maximum(beta_2 * s.get("u", 0.0), np.abs(g))
    return p - lr / (1 - beta_1**t) * s["m"] / (s["u"] + epsilon)


def nadam(p, g, t, s, lr, beta_1=0.9, beta_2=0.999, epsilon=1e-7, schedule_decay=0.004):
    now, following = (beta_1 * (1 - 0.5 * 0.96 ** (n * schedule_decay)) for n in (t, t + 1))
    s["schedule"] = s.get("schedule", 1.0) * now
    m, v = moments(g, s, beta_1, beta_2)
    g_hat, m_hat = g / (1 - s["schedule"]), m / (1 - s["schedule"] * following)
    return p - lr * ((1 - now) * g_hat + following * m_hat) / (np.sqrt(v / (1 - beta_2**t)) + epsilon)


# Each with its settings, as Keras 2 spelled them.
RULES = [
    ("SGD", sgd, {"lr": 0.1}),
    ("SGD", sgd, {"lr": 0.1, "momentum": 0.9}),
    ("SGD", sgd, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("RMSprop", rmsprop, {"lr": 0.01, "rho": 0.8}),
    ("RMSprop", rmsprop, {"lr": 0.05, "epsilon": 0.5}),
    ("Adagrad", adagrad, {"lr": 0.1}),
    ("Adagrad", adagrad, {"lr": 0.1, "epsilon": 0.3}),
    ("Adadelta", adadelta, {"lr": 1.0, "rho": 0.9}),
    ("Adam", adam, {"lr": 0.05}),
    ("Adam", adam, {"lr": 0.05, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.1}),
    ("Adam", adam, {"lr": 0.05, "beta_2": 0.9, "amsgrad": True}),
    ("Adamax", adamax, {"lr": 0.05}),
    ("Adamax", adamax, {"lr": 0.05, "epsilon": 0.2}),
    ("Nadam", nadam, {"lr": 0.05}),
]


def slopes(p, q):
    """Gradients of sum(p ** 2) + sum(q ** 3)."""
    return [2 * p, 3 * q**2]


def trained(optimizer, steps=STEPS):
    """The parameters after some steps of a function with an optimizer's updates."""
    params = [K.variable(value) for value in START]
    loss = K.sum(K.square(params[0])) + K.sum(params[1] * params[1] * params[1])
    f = K.function([], [loss], updates=optimizer.get_updates(loss, params))
    for _ in range(steps):
        f([])
    return K.batch_get_value(params)


def expected_after(rule, settings, clip=lambda gradients: gradients, decay=0.0, steps=STEPS):
    """The same by the published rule, in float64."""
    params, states, rate = list(START), [{}, {}], settings.get("lr")
    for t in range(1, steps + 1):
        gradients = clip(slopes(*params))
        given = {**settings, "lr": rate / (1 + decay * (t - 1))}
        params = [rule(p, g, t, s, **given) for p, g, s in zip(params, gradients, states, strict=True)]
    return params


def assert_same(found, expected):
    for got, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize(("name", "rule", "settings"), RULES, ids=[f"{name}-{'-'.join(s)}" for name, _, s in RULES])
def test_the_rule_of_an_optimizer(name, rule, settings):
    assert_same(trained(getattr(optimizers, name)(**settings)), expected_after(rule, settings))


@pytest.mark.parametrize(("name", "rule", "settings"), RULES, ids=[f"{name}-{'-'.join(s)}" for name, _, s in RULES])
def test_the_rule_of_an_optimizer_in_float64(name, rule, settings):
    with floatx("float64"):
        found = trained(getattr(optimizers, name)(**settings))
    assert {value.dtype.name for value in found} == {"float64"}
    assert_same(found, expected_after(rule, settings))


def test_the_comparison_catches_a_wrong_rule():
    with pytest.raises(AssertionError):
        assert_same(trained(optimizers.Adam(lr=0.05)), expected_after(adamax, {"lr": 0.05}))


@pytest.mark.parametrize(("name", "rule"), [("SGD", sgd), ("Adam", adam)])
def test_decay(name, rule):
    optimizer = getattr(optimizers, name)(lr=0.1, decay=0.5)
    assert_same(trained(optimizer), expected_after(rule, {"lr": 0.1}, decay=0.5))


def test_clipping_by_norm_and_by_value():
    def by_norm(gradients):
        norm = np.sqrt(sum((g**2).sum() for g in gradients))
        return [g * min(1.0, 0.5 / norm) for g in gradients]

    def by_value(gradients):
        return [np.clip(g, -0.25, 0.25) for g in gradients]

    assert_same(trained(optimizers.SGD(lr=0.1, clipnorm=0.5)), expected_after(sgd, {"lr": 0.1}, by_norm))
    assert_same(trained(optimizers.SGD(lr=0.1, clipvalue=0.25)), expected_after(sgd, {"lr": 0.1}, by_value))


@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_the_learning_rate_is_live(decay):
    """Callbacks and loops of Keras 2 change it by K.set_value(optimizer.lr, ...); the decay is a setting beside it."""
    optimizer = optimizers.SGD(lr=1.0, decay=decay)
    assert K.get_value(optimizer.lr) == 1.0
    v = K.variable(100.0)
    f = K.function([], [], updates=optimizer.get_updates(v * 1.0, [v]))
    expected = 100.0
    for step, rate in enumerate((1.0, 0.5, 8.0, 0.25)):
        K.set_value(optimizer.lr, rate)
        f([])
        expected -= rate / (1 + decay * step)
        assert K.get_value(v) == pytest.approx(expected)


def test_the_learning_rate_can_be_assigned():
    optimizer = optimizers.Adam(lr=0.25)
    optimizer.lr = 0.5
    assert K.get_value(optimizer.lr) == K.get_value(optimizer.learning_rate) == 0.5


def test_steps_are_counted():
    optimizer, v = optimizers.Adam(), K.variable(1.0)
    f = K.function([], [], updates=optimizer.get_updates(v * v, [v]))
    for _ in range(3):
        f([])
    assert K.get_value(optimizer.iterations) == 3


def test_the_orders_of_arguments_of_get_updates():
    for call in (
        lambda o, v, loss: o.get_updates(loss, [v]),
        lambda o, v, loss: o.get_updates(loss=loss, params=[v]),
        lambda o, v, loss: o.get_updates([v], loss),
        lambda o, v, loss: o.get_updates([v], [], loss),
    ):
        v = K.variable(3.0)
        K.function([], [], updates=call(optimizers.SGD(lr=0.5), v, v * 2.0))([])
        assert K.get_value(v) == 2.0
    with pytest.raises(TypeError) as caught:
        optimizers.SGD().get_updates(K.variable(1.0) * 2.0)
    parts(caught.value)


def test_a_parameter_without_gradient_is_refused():
    v, stranger = K.variable(1.0), K.variable(2.0, name="stranger")
    with pytest.raises(ValueError, match="None") as caught:
        optimizers.SGD().get_updates(v * 2.0, [v, stranger])
    assert "stranger" in parts(caught.value)[0]


def test_constraints_hold():
    w = K.variable([1.0, -2.0], constraint=keras.constraints.NonNeg())
    K.function([], [], updates=optimizers.SGD(lr=0.5).get_updates(K.sum(w), [w]))([])
    np.testing.assert_array_equal(K.get_value(w), [0.5, 0.0])
    x = layers.Input((2,))
    model = filled(keras.Model(x, layers.Dense(1, kernel_constraint="non_neg")(x)))
    train = K.function(
        [x], [], updates=optimizers.SGD(lr=9.0).get_updates(K.sum(model.output), model.trainable_weights)
    )
    train([np.ones((1, 2))])
    np.testing.assert_array_equal(model.get_weights()[0], 0)


def test_a_training_function_and_fit_share_the_weights():
    model = dense_model()
    x, y = normal(8, 4), np.eye(3)[[0, 1, 2, 0, 1, 2, 0, 1]]
    target = K.placeholder((None, 3), name="target")
    loss = K.mean(K.categorical_crossentropy(target, model.output))
    train = K.function(
        [model.input, target], [loss], updates=optimizers.SGD(lr=0.5).get_updates(loss, model.trainable_weights)
    )
    evaluate = K.function([model.input, target], [loss])
    losses = [train([x, y])[0] for _ in range(3)]
    assert losses[0] > losses[1] > losses[2] > evaluate([x, y])[0]
    model.compile(optimizer=keras.optimizers.SGD(0.5), loss="categorical_crossentropy")
    before = evaluate([x, y])[0]
    model.fit(x, y, epochs=1, batch_size=8, verbose=0)
    after = evaluate([x, y])[0]
    assert after < before
    assert train([x, y])[0] == pytest.approx(after, rel=1e-5)
    assert model.evaluate(x, y, verbose=0) == pytest.approx(evaluate([x, y])[0], rel=1e-5)
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    assert evaluate([x, y])[0] == pytest.approx(np.log(3), rel=1e-5)
