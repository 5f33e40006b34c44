"""Registered gradients against NumPy: gradient_override_map in graphs, layers, models and functions of every tier."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf
from kerases import keras, layers

from k2compat import backend as K
from k2compat.errors import SourceError
from repair.probes.gradients import doubling

RANDOM = np.random.RandomState(0)
X = RANDOM.standard_normal((5, 4)).astype("float32")


@tf.RegisterGradient("TestGuided")
def guided(op, grad):
    return grad * K.cast(op.inputs[0] > 0.0, "float32") * K.cast(grad > 0.0, "float32")


def graph():
    return tf.compat.v1.get_default_graph()


def guided_map():
    return graph().gradient_override_map({"Relu": "TestGuided"})


def dense(activation="relu"):
    model = keras.Sequential(
        [layers.Input((4,)), layers.Dense(6, activation=activation, name="first"), layers.Dense(3, name="last")]
    )
    random = np.random.RandomState(1)
    model.set_weights([random.standard_normal(weight.shape).astype("float32") for weight in model.get_weights()])
    return model


def slope_by_hand(model, through):
    """The gradient of the sum of a dense model's outputs; ``through`` gives what passes back through the rectifier."""
    kernel, bias, last, _ = model.get_weights()
    z = X @ kernel + bias
    return through(z, np.broadcast_to(last.sum(axis=1), z.shape)) @ kernel.T


def rectified(z, grad):
    return grad * (z > 0)


def guided_by_hand(z, grad):
    return grad * (z > 0) * (grad > 0)


def slope(model, **how):
    return K.function([model.inputs[0]], K.gradients(model.outputs[0], model.inputs[0]), **how)


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("how", [{"tier": "eager"}, {"tier": "compiled"}, {"freeze": True}, {"jit_compile": True}, {}])
def test_a_model_made_under_a_map_has_its_gradients_in_every_tier(how):
    plain = dense()
    with guided_map():
        model = dense()
        during = slope(plain, **how)([X])[0]
    f = slope(model, **how)
    for _ in range(3):
        close(f([X])[0], slope_by_hand(model, guided_by_hand))
    close(during, slope_by_hand(plain, rectified))
    close(slope(plain, **how)([X])[0], slope_by_hand(plain, rectified))


def test_changed_weights_are_seen_and_the_map_stays():
    with guided_map():
        model = dense()
    f = slope(model)
    f([X])
    model.set_weights([2.0 * weight[::-1] for weight in model.get_weights()])
    close(f([X])[0], slope_by_hand(model, guided_by_hand))


def test_items_by_the_thousand_have_the_gradients_too():
    with guided_map():
        model = dense()
    results = list(slope(model).map(list(X), batch_size=2))
    close([gradient for [gradient] in results], slope_by_hand(model, guided_by_hand))


def test_functions_that_differ_in_the_map_alone_share_nothing():
    p = K.placeholder((None, 4))
    kernel = K.variable(np.ones((4, 2)))

    def made():
        return K.function([p], K.gradients(K.relu(K.dot(p, kernel)), p))

    plain = made()
    plain([X]), plain([X])
    with graph().gradient_override_map({"Relu": doubling("Relu")}):
        doubled = made()
    for _ in range(2):
        close(doubled([X])[0], 2 * plain([X])[0])
    assert not doubled.stats()["cache_hits"]


def test_a_gradient_that_is_there_by_the_map_alone_is_known_at_once():
    p = K.placeholder((3,))
    assert K.gradients(tf.round(p), p) == [None]
    with graph().gradient_override_map({"Round": "Identity"}):
        rounded = tf.round(p)
    assert K.function([p], K.gradients(rounded * rounded, p))([[0.6, 1.2, -2.2]])[0].tolist() == [2.0, 2.0, -4.0]


def test_several_gradients_at_once_pass_through_a_function_that_is_not_linear():
    with guided_map():
        model = dense()
    x = model.inputs[0]
    f = K.function([x], [K.gradients(model.outputs[0][:, k % 3] * (k - 2.5), x)[0] for k in range(6)])
    kernel, bias, last, _ = model.get_weights()
    z = X @ kernel + bias
    for _ in range(2):
        for k, found in enumerate(f([X])):
            upstream = np.broadcast_to(last[:, k % 3] * (k - 2.5), z.shape)
            close(found, guided_by_hand(z, upstream) @ kernel.T)


def test_a_loop_and_a_branch_have_them():
    p = K.placeholder((None, 4))
    with guided_map():
        looped = K.map_fn(lambda row: K.relu(row) * -1.0, p)
        branch = K.switch(K.sum(p) > 1e9, lambda: p, lambda: K.relu(p) * -1.0)
    for y in (looped, branch):
        assert not K.function([p], K.gradients(y, p))([X])[0].any()


class Reversed(layers.Layer):
    """A layer whose gradient is registered while it runs."""

    def call(self, x):
        with K.get_session().graph.as_default(), K.get_session().graph.gradient_override_map({"Identity": "TestBack"}):
            return tf.identity(x)


@tf.RegisterGradient("TestBack")
def back(op, grad):
    assert op.type == "Identity" and op.name and op.get_attr("T") == tf.float32
    return -grad * 3.0 + 0.0 * op.inputs[0] + 0.0 * op.outputs[0]


@pytest.mark.parametrize("compiled", ["fit", "train_on_batch", "K.function"])
def test_a_layer_with_a_map_in_it_trains_by_it(compiled):
    x = layers.Input((4,))
    first = layers.Dense(1, use_bias=False, kernel_initializer="ones")
    model = keras.Model(x, Reversed()(first(x)))
    model.compile(keras.optimizers.SGD(0.1), lambda target, output: K.mean(output, axis=-1))
    if compiled == "fit":
        model.fit(X, X[:, :1], batch_size=5, verbose=0)
    elif compiled == "train_on_batch":
        model.train_on_batch(X, X[:, :1])
    else:
        found = K.function([x], K.gradients(K.mean(model.outputs[0]), first.trainable_weights))
        for _ in range(2):
            close(found([X])[0], -3 * X.mean(axis=0)[:, None])
        return
    close(model.get_weights()[0], 1 + 0.3 * X.mean(axis=0)[:, None])


def test_a_part_of_a_model_keeps_the_map_of_its_layers():
    with guided_map():
        model = dense()
    first = model.get_layer("first")
    part = keras.Model(model.inputs[0], first.output)
    weights = K.placeholder((None, 6))
    f = K.function([part.inputs[0], weights], K.gradients(part.outputs[0] * weights, part.inputs[0]))
    sign = RANDOM.standard_normal((5, 6)).astype("float32")
    kernel, bias = model.get_weights()[:2]
    close(f([X, sign])[0], guided_by_hand(X @ kernel + bias, sign) @ kernel.T)


def test_a_model_that_starts_inside_another_keeps_the_maps():
    x = layers.Input((4,))
    middle = layers.Dense(6)(x)
    with guided_map():
        end = layers.Activation("relu")(middle)
    model = keras.Model(middle, end)
    weights = K.placeholder((None, 6))
    values, sign = RANDOM.standard_normal((2, 5, 6)).astype("float32")
    f = K.function([model.inputs[0], weights], K.gradients(model.outputs[0] * weights, model.inputs[0]))
    close(f([values, sign])[0], guided_by_hand(values, sign))


def test_what_is_made_in_a_thread_has_the_map_of_that_thread():
    p = K.placeholder((2,))
    with graph().gradient_override_map({"Relu": doubling("Relu")}):
        with ThreadPoolExecutor(1) as pool:
            there = pool.submit(K.relu, p).result()
        here = K.relu(p)
    assert K.function([p], K.gradients(there, p) + K.gradients(here, p))([[1.0, 1.0]])[1].tolist() == [2.0, 2.0]
    assert K.function([p], K.gradients(there, p))([[1.0, 1.0]])[0].tolist() == [1.0, 1.0]


def test_an_error_under_a_map_leaves_none_behind():
    p = K.placeholder((2,))
    with pytest.raises(ZeroDivisionError), graph().gradient_override_map({"Relu": doubling("Relu")}):
        raise ZeroDivisionError
    assert K.function([p], K.gradients(K.relu(p), p))([[1.0, 1.0]])[0].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("wrong", [["Relu"], {"Relu": 3}, {3: "Relu"}, None])
def test_a_map_of_something_else_is_refused(wrong):
    with pytest.raises(TypeError, match="op_type_map must be a dictionary"), graph().gradient_override_map(wrong):
        pass


def test_a_gradient_that_nobody_registered_is_an_error():
    p = K.placeholder((2,))
    with graph().gradient_override_map({"Relu": "NobodyRegisteredThis"}):
        y = K.relu(p)
    with pytest.raises(LookupError, match="NobodyRegisteredThis|No gradient"):
        K.function([p], K.gradients(y, p))([[1.0, 1.0]])


def test_eager_tapes_refuse_what_they_cannot_honour():
    with guided_map():
        model = dense()
    with pytest.raises(RuntimeError, match="tf.function"), tf.GradientTape() as tape:
        tape.watch(x := tf.constant(X))
        model(x)
    with pytest.raises(RuntimeError, match="gradient_override_map"), tf.GradientTape():
        Reversed()(tf.constant(X))

    @tf.function(autograph=False)
    def traced(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = model(x)
        return tape.gradient(y, x)

    close(traced(tf.constant(X)), slope_by_hand(model, guided_by_hand))
    close(model(tf.constant(X)), K.function([model.inputs[0]], [model.outputs[0]])([X])[0])


def test_source_code_of_such_a_function_is_refused():
    with guided_map():
        model = dense()
    with pytest.raises(SourceError, match="tf.custom_gradient"):
        slope(model).to_source()


class Turned(Reversed):
    """Like it, and Keras need not call it to know its shape."""

    def compute_output_shape(self, shape):
        return shape


@pytest.mark.parametrize("layer", [Reversed, Turned, lambda: layers.Lambda(Reversed().call, output_shape=(4,))])
def test_source_code_of_a_layer_with_a_map_in_it_is_refused(layer):
    x = layers.Input((4,))
    y = layer()(layers.Dense(4)(x))
    assert "def forward" in K.function([x], [y], name="forward").to_source()
    with pytest.raises(SourceError, match="gradient_override_map for Identity"):
        K.function([x], K.gradients(y, x)).to_source()
    assert "GradientTape" in K.function([x], K.gradients(dense()(x), x)).to_source()


def telling(**match):
    return pytest.warns(UserWarning, **match)


@pytest.mark.parametrize(
    ("kind", "make", "match"),
    [
        ("Relu", lambda: dense("tanh"), "names Relu, and no operation made under it is one: .*Tanh"),
        ("Relu", lambda: K.tanh(K.placeholder((2,))), "names Relu"),
        ("Mul", lambda: dense("selu"), "names Mul: an operation under it is one Selu today"),
        ("Elu", lambda: dense("selu"), "names Elu, and|names Elu: an operation"),
        ("Exp", lambda: K.softmax(K.placeholder((2, 3, 4))), "names Exp: an operation under it is one Softmax"),
        ("Add", lambda: K.placeholder((2,)) + 1.0, "AddV2 for tf.add"),
    ],
)
@pytest.mark.filterwarnings("ignore:gradient_override_map")
def test_a_type_that_is_named_and_not_there_is_told(kind, make, match):
    with telling(match=match), graph().gradient_override_map({kind: "TestGuided"}):
        make()


def test_a_type_that_is_there_is_not_told():
    with graph().gradient_override_map({"Relu": "TestGuided", "Softmax": "TestGuided"}):
        dense()
        with graph().gradient_override_map({"Relu": "TestBack"}):
            dense()
        K.softmax(K.placeholder((2, 3)))


def test_a_type_that_a_compiled_loss_does_not_have_is_told_when_the_loss_is_made():
    model = dense()
    with graph().gradient_override_map({"Tanh": "TestBack"}):
        model.compile("sgd", "mse")
    with telling(match="names Tanh"):
        model.train_on_batch(X, X[:, :3])
    with graph().gradient_override_map({"SquaredDifference": "TestBack", "Square": "TestBack"}):
        model.compile("sgd", "mse")


def test_the_total_loss_has_the_gradients_that_were_registered_around_compile():
    x = layers.Input((4,))
    model = keras.Model(x, layers.Activation("linear")(x))

    def loss(target, output):
        return K.mean(K.relu(output - target), axis=-1)

    def slope_of():
        fed = [*model.inputs, *model.targets, *model.sample_weights]
        return K.function(fed, K.gradients(model.total_loss, model.inputs))([X, 0 * X, np.ones(5)])[0]

    model.compile("sgd", loss)
    plain = slope_of()
    with graph().gradient_override_map({"Relu": doubling("Relu")}):
        model.compile("sgd", loss)
    close(slope_of(), 2 * plain)
    close(plain, (X > 0) / X.size)


def test_the_default_graph_of_another_thread_stays_eager():
    model, there = dense(), graph()

    def served():
        with there.as_default() as entered:
            assert entered is there
            return model.predict(X, verbose=0)

    with ThreadPoolExecutor(1) as pool:
        close(pool.submit(served).result(), model.predict(X, verbose=0))
    with tf.Graph().as_default() as own:
        assert tf.compat.v1.get_default_graph() is own
        assert not tf.executing_eagerly()


def test_the_graph_of_the_session_says_what_it_has():
    with pytest.raises(AttributeError, match="gradient_override_map"):
        _ = K.get_session().graph.get_operations
