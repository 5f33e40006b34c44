"""Updates: nothing moves until something runs, and then in order."""

import numpy as np

from ..registry import case
from ..tools import normal


@case(rows=["updates-deferred"])
def updates_change_nothing_when_called(K, keras, load):
    """K.update and its kin change nothing when called; a function or a session runs them; pairs are updates."""
    a, b, c, d = (K.variable(value) for value in (1.0, 2.0, 3.0, 4.0))
    moves = [K.update(a, 9.0), K.update_add(b, 1.5), K.update_sub(c, 0.5), K.moving_average_update(d, 8.0, 0.75)]
    variables = [a, b, c, d]
    before = K.batch_get_value(variables)
    f = K.function([], [K.constant(0.0)], updates=moves)
    built = K.batch_get_value(variables)
    f([])
    once = K.batch_get_value(variables)
    f([])
    return {"before": before, "built": built, "once": once, "twice": K.batch_get_value(variables)}


@case(rows=["updates-deferred", "session-run"])
def updates_run_by_a_session(K, keras, load):
    """K.get_session().run of updates."""
    a, b = K.variable(1.0), K.variable([1.0, 2.0])
    move = K.update(a, 9.0)
    session = K.get_session()
    session.run([move, K.update_add(b, [10.0, 10.0])])
    return {"a": K.get_value(a), "b": K.get_value(b)}


@case(rows=["updates-deferred"])
def updates_given_as_pairs(K, keras, load):
    """A pair (v, new_value) is an update, beside K.update ones."""
    a, b, c = K.variable(1.0), K.variable(np.zeros((2, 2))), K.variable(5.0)
    p = K.placeholder((2, 2), name="p")
    f = K.function([p], [K.sum(p)], updates=[(a, a * 3.0), K.update(b, b + p), (c, K.sum(p))])
    f([np.ones((2, 2))])
    f([np.ones((2, 2))])
    return {"a": K.get_value(a), "b": K.get_value(b), "c": K.get_value(c)}


@case(rows=["updates-outputs-first"])
def outputs_are_computed_before_updates(K, keras, load):
    """With v=1, K.function([], [v*10], updates=[(v, v+1)]) returns 10, then 20."""
    v = K.variable(1.0)
    f = K.function([], [v * 10], updates=[(v, v + 1)])
    return {"values": [f([])[0] for _ in range(3)], "v": K.get_value(v)}


@case(rows=["updates-outputs-first"])
def outputs_before_updates_with_gradients(K, keras, load):
    """A training function returns the loss before its step, weights among the outputs too."""
    model = load("dqn")
    loss = K.mean(K.square(model.output))
    kernel = model.get_layer("q").weights[0]
    grad = K.gradients(loss, kernel)[0]
    f = K.function([model.input], [loss, grad, K.sum(kernel)], updates=[(kernel, kernel - 0.1 * grad)])
    x = normal(6, 4, seed=1)
    values = [f([x]) for _ in range(3)]
    return {
        "losses": [value[0] for value in values],
        "sums": [value[2] for value in values],
        "grads": np.stack([value[1] for value in values]),
        "kernel": K.get_value(kernel),
    }


@case(rows=["updates-in-order"])
def updates_run_in_order(K, keras, load):
    """updates=[(a, b), (b, a)] leaves both equal; which value TensorFlow 1 leaves in them is left to chance."""
    a, b = K.variable(1.0), K.variable(2.0)
    K.function([], [K.constant(0.0)], updates=[(a, b), (b, a)])([])
    return {"equal": K.get_value(a) == K.get_value(b), "one_of_both": K.get_value(a) in (1.0, 2.0)}


@case()
def momentum_updates_that_share_a_value(K, keras, load):
    """A velocity is moved, and the parameter by the velocity's new value, an expression they share."""
    p, velocity = K.variable([1.0, -2.0]), K.variable([0.0, 0.0])
    loss = K.sum(K.square(p))
    new_velocity = 0.9 * velocity - 0.1 * K.gradients(loss, p)[0]
    f = K.function([], [loss], updates=[(velocity, new_velocity), (p, p + new_velocity)])
    losses = [f([])[0] for _ in range(4)]
    return {"losses": losses, "p": K.get_value(p), "velocity": K.get_value(velocity)}


@case(rows=["updates-batch-norm"])
def batch_normalization_moves_only_when_asked(K, keras, load):
    """In the training phase averages stay put unless model.updates are passed in."""
    model = load("m")
    bn = model.get_layer("bn")
    x = normal(32, 8, seed=2)
    start = bn.get_weights()[2:]
    train = K.function([model.input, K.learning_phase()], [bn.output])
    value = train([x, 1])[0]
    stayed = [np.array_equal(a, b) for a, b in zip(start, bn.get_weights()[2:])]
    moving = K.function([model.input, K.learning_phase()], [bn.output], updates=model.updates)
    moving([x, 1])
    mean, variance = bn.get_weights()[2:]
    return {"train": value, "stayed": stayed, "mean": mean, "variance": variance}


@case(rows=["updates-batch-norm"])
def batch_normalization_in_a_training_function(K, keras, load):
    """Weights' updates and model.updates together, then the test phase with the moved averages."""
    model = load("residual")
    loss = -K.mean(K.log(model.output[:, 1]))
    params = model.trainable_weights
    updates = [(p, p - 0.05 * g) for p, g in zip(params, K.gradients(loss, params))] + model.updates
    train = K.function([model.input, K.learning_phase()], [loss], updates=updates)
    x = np.random.RandomState(3).uniform(size=(4, 24, 24, 3))
    losses = [train([x, 1])[0] for _ in range(3)]
    test = K.function([model.input, K.learning_phase()], [model.output])([x, 0])[0]
    return {"losses": losses, "test": test, "moved": model.get_layer("bn_conv").get_weights()[2]}
