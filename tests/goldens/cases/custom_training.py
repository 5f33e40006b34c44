"""Training functions people wrote themselves: other updates, other optimizers, other schedules."""

import numpy as np

from ..registry import case
from ..tools import drawn, normal, numbered

INPUTS, TARGETS = normal(8, 4, seed=1), normal(8, 3, seed=2)


def squared_error(K, model):
    """A placeholder for targets, and the mean squared error."""
    y = K.placeholder((None, 3), name="y")
    return y, K.mean(K.square(model.output - y))


@case()
def custom_optimizer(K, keras, load):
    """An optimizer of one's own: Keras 2's base class, its slots K.variables, its step in get_updates."""

    class SignMomentum(keras.optimizers.Optimizer):
        def __init__(self, lr=0.01, **kwargs):
            super(SignMomentum, self).__init__(**kwargs)
            self.step_count = K.variable(0, dtype="int64", name="step_count")
            self.learning_rate = K.variable(lr, name="learning_rate")

        def get_updates(self, loss, params):
            grads = K.gradients(loss, params)
            updates = [K.update_add(self.step_count, 1)]
            for p, g in zip(params, grads):
                m = K.zeros(K.int_shape(p), dtype=K.dtype(p))
                m_t = 0.9 * m + 0.1 * g
                updates += [K.update(m, m_t), K.update(p, p - self.learning_rate * K.sign(m_t) * K.sqrt(K.abs(m_t)))]
            return updates

    model = load("dqn")
    y, loss = squared_error(K, model)
    optimizer = SignMomentum(lr=0.05)
    updates = optimizer.get_updates(loss=loss, params=model.trainable_weights)
    train = K.function([model.input, y], [loss], updates=updates)
    losses = [train([INPUTS, TARGETS])[0] for _ in range(4)]
    return dict(numbered(model.get_weights(), "weight"), losses=losses, steps=int(K.get_value(optimizer.step_count)))


@case()
def gradient_accumulation(K, keras, load):
    """Gradients of several batches added up in K.variables, applied and emptied by a second function."""
    model = load("dqn")
    y, loss = squared_error(K, model)
    weights = model.trainable_weights
    sums = [K.zeros(K.int_shape(w)) for w in weights]
    grads = K.gradients(loss, weights)
    collect = K.function([model.input, y], [loss], updates=[K.update_add(s, g) for s, g in zip(sums, grads)])
    apply = K.function([], [K.sum(K.abs(sums[0]))], updates=[K.update_sub(w, 0.05 * s) for w, s in zip(weights, sums)])
    empty = K.function([], [K.constant(0.0)], updates=[K.update(s, K.zeros_like(s)) for s in sums])
    history = []
    for _ in range(2):
        history += [collect([INPUTS[i : i + 4], TARGETS[i : i + 4]])[0] for i in (0, 4)]
        history.append(apply([])[0])
        empty([])
    return dict(numbered(model.get_weights(), "weight"), history=np.array(history))


@case()
def averaged_weights(K, keras, load):
    """An exponential moving average of the weights beside them, by K.moving_average_update, swapped in for the test."""
    model = load("dqn")
    y, loss = squared_error(K, model)
    weights = model.trainable_weights
    shadows = [K.variable(K.get_value(w)) for w in weights]
    steps = [K.update_sub(w, 0.1 * g) for w, g in zip(weights, K.gradients(loss, weights))]
    train = K.function([model.input, y], [loss], updates=steps)
    average = K.function(
        [], [K.constant(0.0)], updates=[K.update(s, 0.8 * s + 0.2 * w) for s, w in zip(shadows, weights)]
    )
    for _ in range(3):
        train([INPUTS, TARGETS])
        average([])
    trained = model.predict(INPUTS)
    K.batch_set_value(list(zip(weights, K.batch_get_value(shadows))))
    return {"trained": trained, "averaged": model.predict(INPUTS)}


@case()
def learning_rate_range_test(K, keras, load):
    """The learning rate finder: the rate raised by K.set_value after each batch, weights put back afterwards."""
    model = load("dqn")
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(lr=1e-3))
    start, rates, losses = model.get_weights(), [], []
    for _ in range(6):
        rates.append(K.get_value(model.optimizer.lr))
        losses.append(model.train_on_batch(INPUTS, TARGETS))
        K.set_value(model.optimizer.lr, rates[-1] * 3)
    model.set_weights(start)
    after = float(model.evaluate(INPUTS, TARGETS, verbose=0))
    return {
        "rates": np.array(rates),
        "losses": np.array(losses, "float32"),
        "after": after,
    }


@case()
def two_learning_rates(K, keras, load):
    """Discriminative fine-tuning: one optimizer for the lower layers, another for the head, in one function."""
    model = load("m")
    y = K.placeholder((None, 5), name="y")
    loss = K.mean(K.categorical_crossentropy(y, model.output))
    body = model.get_layer("h").trainable_weights + model.get_layer("bn").trainable_weights
    head = model.get_layer("predictions").trainable_weights
    updates = keras.optimizers.SGD(lr=0.01).get_updates(loss=loss, params=body)
    updates = updates + keras.optimizers.Adam(lr=0.05).get_updates(loss=loss, params=head)
    train = K.function([model.input, y, K.learning_phase()], [loss], updates=updates)
    x, labels = normal(6, 8, seed=3), np.eye(5)[[0, 1, 2, 3, 4, 0]]
    losses = [train([x, labels, 0])[0] for _ in range(4)]
    return dict(numbered(model.get_weights(), "weight"), losses=losses)


@case()
def gradient_norm_of_each_layer(K, keras, load):
    """The monitor people put beside training: norms of the loss's gradient at every weight, clipped together."""
    model = load("residual")
    y = K.placeholder((None, 5), name="y")
    loss = K.mean(K.categorical_crossentropy(y, model.output))
    grads = K.gradients(loss, model.trainable_weights)
    norms = [K.sqrt(K.sum(K.square(g))) for g in grads]
    together = K.sqrt(sum(K.sum(K.square(g)) for g in grads))
    clipped = [g * K.minimum(0.1 / (together + 1e-6), 1.0) for g in grads[-2:]]
    f = K.function([model.input, y, K.learning_phase()], norms + [together] + clipped)
    return numbered(f([normal(4, 24, 24, 3, seed=4), np.eye(5)[[0, 2, 4, 1]], 0]))


@case()
def virtual_adversarial_training(K, keras, load):
    """The divergence a small move along the gradient makes, as a loss beside the supervised one."""
    x = keras.layers.Input((4,), name="x")
    hidden = keras.layers.Dense(6, activation="tanh")
    head = keras.layers.Dense(3, activation="softmax")
    model = drawn(keras.models.Model(x, head(hidden(x))), 1)
    noise = K.placeholder((None, 4), name="noise")

    def divergence(p, q):
        return K.mean(K.sum(p * (K.log(p + 1e-8) - K.log(q + 1e-8)), axis=-1))

    frozen = K.stop_gradient(model.output)
    first = divergence(frozen, head(hidden(x + 0.1 * noise)))
    direction = K.l2_normalize(K.stop_gradient(K.gradients(first, noise)[0]), axis=-1)
    smooth = divergence(frozen, head(hidden(x + 0.5 * direction)))
    weights = model.trainable_weights
    updates = [K.update_sub(w, 0.1 * g) for w, g in zip(weights, K.gradients(smooth, weights))]
    train = K.function([x, noise], [smooth, direction], updates=updates)
    feed = [INPUTS, normal(8, 4, seed=5)]
    values = [train(feed) for _ in range(3)]
    return dict(numbered(model.get_weights(), "weight"), losses=[v[0] for v in values], direction=values[0][1])


@case()
def projected_weights_after_each_step(K, keras, load):
    """Constraints by hand: the update keeps kernels at unit norm and biases positive."""
    model = load("dqn")
    y, loss = squared_error(K, model)
    updates = []
    for w, g in zip(model.trainable_weights, K.gradients(loss, model.trainable_weights)):
        moved = w - 0.1 * g
        updates.append((w, K.l2_normalize(moved, axis=0) if K.ndim(w) > 1 else K.maximum(moved, 0.0)))
    train = K.function([model.input, y], [loss], updates=updates)
    losses = [train([INPUTS, TARGETS])[0] for _ in range(3)]
    return dict(numbered(model.get_weights(), "weight"), losses=losses)
