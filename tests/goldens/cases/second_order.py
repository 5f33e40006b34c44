"""Second order: Hessians and their products, penalties on gradients, steps through steps."""

import numpy as np

from ..registry import case
from ..tools import drawn, normal, numbered, one_hot, pixels


@case(rows=["gradients-higher-order"])
def hessian_vector_product(K, keras, load):
    """Differentiating the product of a gradient with a vector, with respect to inputs and to weights."""
    model = load("policy")
    v = K.placeholder((None, 4), name="v")
    loss = K.sum(K.square(model.output) + K.log(model.output))
    grad = K.gradients(loss, model.input)[0]
    product = K.gradients(K.sum(grad * v), model.input)[0]
    mixed = K.gradients(K.sum(K.square(grad)), model.trainable_weights)
    f = K.function([model.input, v], [grad, product] + [g for g in mixed if g is not None])
    values = f([normal(3, 4, seed=10), normal(3, 4, seed=11)])
    arrays = numbered(values)
    arrays["none"] = [g is None for g in mixed]
    return arrays


@case(rows=["gradients-higher-order"])
def full_hessian_of_a_small_loss(K, keras, load):
    """A Hessian row by row, and that it is symmetric."""
    model = load("attention")
    kernel = model.get_layer("score").weights[0]
    loss = K.sum(K.square(model.output[:, 0]))
    grad = K.flatten(K.gradients(loss, kernel)[0])
    rows = [K.flatten(K.gradients(grad[i], kernel)[0]) for i in range(10)]
    hessian = K.function([model.input], [K.stack(rows)])([normal(2, 9, 6, seed=12)])[0]
    return {"hessian": hessian, "symmetric": np.allclose(hessian, hessian.T, atol=1e-6)}


@case(rows=["gradients-higher-order"])
def gradients_to_the_fourth_order(K, keras, load):
    """x ** 5 and tanh, differentiated four times."""
    x = K.placeholder((None,), name="x")
    orders, power, curve = [], K.pow(x, 5), K.tanh(x)
    for _ in range(4):
        power, curve = K.gradients(power, x)[0], K.gradients(curve, x)[0]
        orders += [power, curve]
    values = K.function([x], orders)([np.linspace(-1.5, 1.5, 7)])
    return numbered(values)


@case(rows=["gradients-higher-order"])
def double_backpropagation_through_a_cnn(K, keras, load):
    """The norm of the input gradient as a regulariser, differentiated to the weights, with pooling and dropout off."""
    model = load("cnn")
    loss = K.sum(K.log(model.output[:, 1] + 1e-7))
    norm = K.sum(K.square(K.gradients(loss, model.layers[0].input)[0]))
    grads = K.gradients(norm, [model.layers[0].weights[0], model.layers[4].weights[0]])
    f = K.function([model.layers[0].input, K.learning_phase()], [norm] + grads)
    norm, first, dense = f([pixels(2, 16, 16, 3, seed=13), 0])
    return {"norm": norm, "first": first, "dense": dense}


@case()
def gradient_norm_regularised_training(K, keras, load):
    """Double backprop as a training function: the squared input gradient is part of the loss that is minimised."""
    model = load("dqn")
    y = K.placeholder((None, 3), name="y")
    error = K.mean(K.square(model.output - y))
    penalty = K.mean(K.sum(K.square(K.gradients(error, model.input)[0]), axis=-1))
    weights = model.trainable_weights
    grads = K.gradients(error + 10.0 * penalty, weights)
    updates = [(p, p - 0.05 * g) for p, g in zip(weights, grads)]
    train = K.function([model.input, y], [error, penalty], updates=updates)
    history = [train([normal(6, 4, seed=1), normal(6, 3, seed=2)]) for _ in range(4)]
    return dict(numbered(model.get_weights(), "weight"), history=np.array(history))


@case()
def largest_curvature_by_power_iteration(K, keras, load):
    """The Hessian's largest eigenvalue: its product with a vector, again and again."""
    model = load("attention")
    kernel = model.get_layer("steps").trainable_weights[0]
    y = K.placeholder((None, 2), name="y")
    loss = K.mean(K.categorical_crossentropy(y, model.output))
    vector = K.placeholder(K.int_shape(kernel), name="vector")
    product = K.gradients(K.sum(K.gradients(loss, kernel)[0] * vector), kernel)[0]
    multiply = K.function([model.input, y, vector], [product])
    feed, v = [normal(5, 9, 6, seed=3), one_hot([0, 1, 1, 0, 1], 2)], normal(6, 10, seed=4)
    for _ in range(6):
        v = v / np.linalg.norm(v)
        hv = multiply(feed + [v])[0]
        eigenvalue, v = float(np.sum(v * hv)), hv
    return {"eigenvalue": eigenvalue, "product": hv}


@case()
def influence_functions(K, keras, load):
    """Koh and Liang: which training example moves a test loss, by conjugate gradients on Hessian products."""
    x = keras.layers.Input((4,))
    model = drawn(keras.models.Model(x, keras.layers.Dense(1, activation="sigmoid")(x)), 1)
    y = K.placeholder((None, 1), name="y")
    kernel = model.trainable_weights[0]
    loss = K.mean(K.binary_crossentropy(y, model.output)) + 0.05 * K.sum(K.square(kernel))
    grad = K.gradients(loss, kernel)[0]
    vector = K.placeholder((4, 1), name="vector")
    multiply = K.function([model.input, y, vector], [K.gradients(K.sum(grad * vector), kernel)[0]])
    slope = K.function([model.input, y], [grad])
    train, labels = normal(12, 4, seed=5), (normal(12, 1, seed=6) > 0).astype("float32")
    b = slope([normal(2, 4, seed=7), np.ones((2, 1))])[0]
    solution, r = np.zeros_like(b), b
    p = r
    for _ in range(4):
        hp = multiply([train, labels, p])[0]
        alpha = np.sum(r * r) / np.sum(p * hp)
        solution, after = solution + alpha * p, r - alpha * hp
        p, r = after + np.sum(after * after) / np.sum(r * r) * p, after
    influence = [-np.sum(solution * slope([train[i : i + 1], labels[i : i + 1]])[0]) for i in range(12)]
    return {"influence": np.array(influence), "solution": solution}


@case()
def newton_step_of_a_logistic_regression(K, keras, load):
    """Newton's method: the whole Hessian row by row, solved by NumPy, the weights set, and again."""
    x = keras.layers.Input((3,))
    model = drawn(keras.models.Model(x, keras.layers.Dense(1, activation="sigmoid", use_bias=False)(x)), 2)
    y = K.placeholder((None, 1), name="y")
    kernel = model.trainable_weights[0]
    loss = K.mean(K.binary_crossentropy(y, model.output)) + 0.1 * K.sum(K.square(kernel))
    grad = K.gradients(loss, kernel)[0]
    rows = [K.flatten(K.gradients(grad[i], kernel)[0]) for i in range(3)]
    f = K.function([model.input, y], [loss, grad, K.stack(rows)])
    data, labels, losses = normal(20, 3, seed=8), (normal(20, 1, seed=9) > 0).astype("float32"), []
    for _ in range(3):
        value, g, hessian = f([data, labels])
        losses.append(value)
        K.set_value(kernel, K.get_value(kernel) - np.linalg.solve(hessian, g))
    return {"losses": np.array(losses), "hessian": hessian, "kernel": K.get_value(kernel)}


@case()
def physics_informed_network(K, keras, load):
    """u'' + u = 0: second derivatives to the input in the loss, its gradient to the weights is of the third order."""
    x = keras.layers.Input((1,), name="x")
    y = keras.layers.Dense(8, activation="tanh")(x)
    model = drawn(keras.models.Model(x, keras.layers.Dense(1)(keras.layers.Dense(8, activation="tanh")(y))), 3)
    u = model.output
    u_x = K.gradients(u, x)[0]
    u_xx = K.gradients(u_x, x)[0]
    residual = K.mean(K.square(u_xx + u))
    weights = model.trainable_weights
    grads = [g for g in K.gradients(residual, weights) if g is not None]
    f = K.function([x], [u, u_x, u_xx, residual] + grads)
    return numbered(f([np.linspace(-1, 1, 9)[:, np.newaxis]]))


@case()
def maml_inner_step(K, keras, load):
    """MAML: weights after one inner step are expressions, the outer loss is differentiated through that step."""
    w1, b1 = K.variable(normal(3, 6, seed=10), name="w1"), K.variable(np.zeros(6), name="b1")
    w2, b2 = K.variable(normal(6, 1, seed=11), name="w2"), K.variable(np.zeros(1), name="b2")
    weights = [w1, b1, w2, b2]
    support_x, support_y = K.placeholder((None, 3), name="support_x"), K.placeholder((None, 1), name="support_y")
    query_x, query_y = K.placeholder((None, 3), name="query_x"), K.placeholder((None, 1), name="query_y")

    def forward(inputs, parameters):
        hidden = K.tanh(K.dot(inputs, parameters[0]) + parameters[1])
        return K.dot(hidden, parameters[2]) + parameters[3]

    inner = K.mean(K.square(forward(support_x, weights) - support_y))
    fast = [w - 0.1 * g for w, g in zip(weights, K.gradients(inner, weights))]
    outer = K.mean(K.square(forward(query_x, fast) - query_y))
    updates = [K.update_sub(w, 0.01 * g) for w, g in zip(weights, K.gradients(outer, weights))]
    train = K.function([support_x, support_y, query_x, query_y], [inner, outer], updates=updates)
    feed = [normal(5, 3, seed=12), normal(5, 1, seed=13), normal(5, 3, seed=14), normal(5, 1, seed=15)]
    history = [train(feed) for _ in range(4)]
    return {"history": np.array(history), "w1": K.get_value(w1), "b2": K.get_value(b2)}


@case()
def contractive_autoencoder(K, keras, load):
    """The squared Jacobian of the code, unit by unit, and its gradient to the encoder's weights."""
    model = load("policy")
    code = model.layers[0].output * K.sigmoid(model.layers[0].output)
    rows = [K.gradients(code[:, unit], model.layers[0].input)[0] for unit in range(4)]
    contractive = K.sum(K.square(K.stack(rows, axis=1)), axis=[1, 2])
    grads = K.gradients(K.mean(contractive), model.layers[0].trainable_weights)
    return numbered(K.function([model.layers[0].input], [contractive] + grads)([normal(4, 4, seed=16)]))


@case()
def gradient_alignment_of_two_losses(K, keras, load):
    """Whether two losses pull the shared weights the same way, and the gradient of that cosine."""
    model = load("actor_critic")
    kernel = model.get_layer("shared").trainable_weights[0]
    policy, value = model.outputs
    first = K.flatten(K.gradients(K.mean(K.log(policy[:, 0])), kernel)[0])
    second = K.flatten(K.gradients(K.mean(K.square(value - 1.0)), kernel)[0])
    cosine = K.sum(first * second) / (K.sqrt(K.sum(K.square(first))) * K.sqrt(K.sum(K.square(second))) + 1e-8)
    grads = K.gradients(cosine, model.get_layer("value").trainable_weights[0])
    cosine, grads = K.function([model.input], [cosine] + grads)([normal(5, 4, seed=17)])
    return {"cosine": cosine, "grads": grads}
