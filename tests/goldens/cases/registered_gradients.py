"""Registered gradients: guided backpropagation, deconvnet, gradient reversal, straight-through estimators."""

import itertools

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import ops

from ..registry import case
from ..tools import drawn, normal

SERIAL = itertools.count()


def registered(gradient):
    """The name under which a gradient was registered."""
    name = "GoldenGradient%d" % next(SERIAL)
    tf.RegisterGradient(name)(gradient)
    return name


def default_graph():
    return tf.compat.v1.get_default_graph()


def guided_relu():
    """The name of the gradient of guided backpropagation."""

    def gradient(op, grad):
        dtype = op.outputs[0].dtype
        return grad * tf.cast(grad > 0.0, dtype) * tf.cast(op.outputs[0] > 0.0, dtype)

    if "GoldenGuided" not in ops._gradient_registry._registry:
        tf.RegisterGradient("GoldenGuided")(gradient)
    return "GoldenGuided"


def pictures():
    return normal(3, 8, 8, 2, seed=1)


def network(keras):
    """A small convolutional network with every kind of rectifier in it."""
    layers = keras.layers
    x = layers.Input((8, 8, 2))
    y = layers.MaxPooling2D(2)(layers.Conv2D(4, 3, activation="relu")(x))
    y = layers.Activation("relu")(layers.Conv2D(4, 2)(y))
    y = layers.Dense(5, activation="relu")(layers.Flatten()(y))
    return drawn(keras.models.Model(x, layers.Dense(3)(y)))


def saliency(K, model):
    """The gradient of the largest output with respect to the input."""
    x = model.inputs[0]
    return K.function([x], K.gradients(K.max(model.outputs[0], axis=1), x))([pictures()])[0]


@case(rows=["gradients-registered"])
def guided_backpropagation(K, keras, load):
    """A model made, called, cloned, read from JSON or made of layers under the map; those made outside stay plain."""
    plain = network(keras)
    graph = default_graph()
    x = keras.layers.Input((8, 8, 2))
    with graph.gradient_override_map({"Relu": guided_relu()}):
        guided = network(keras)
        called = keras.models.Model(x, plain(x))
        cloned = keras.models.clone_model(plain)
        read = keras.models.model_from_json(plain.to_json())
        within = saliency(K, plain)
    for copy in (cloned, read):
        copy.set_weights(plain.get_weights())
    inner = guided.layers[-3].output
    arrays = {
        "plain": saliency(K, plain),
        "within": within,
        "guided": saliency(K, guided),
        "called": saliency(K, called),
        "cloned": saliency(K, cloned),
        "read": saliency(K, read),
        "inner": K.function([guided.inputs[0]], K.gradients(K.sum(inner), guided.inputs[0]))([pictures()])[0],
    }
    x = keras.layers.Input((8, 8, 2))
    arrays["called_outside"] = saliency(K, keras.models.Model(x, guided(x)))
    outside = keras.models.clone_model(guided)
    outside.set_weights(guided.get_weights())
    arrays["cloned_outside"] = saliency(K, outside)
    return arrays


@case(rows=["gradients-registered"])
def maps_within_maps(K, keras, load):
    """Deconvnet, with another gradient for a part; operations of each kind, a Sequential that grows outside."""
    deconv = registered(lambda op, grad: K.relu(grad))
    marked = registered(lambda op, grad: 3.0 * K.cast(op.inputs[0] > 0.0, "float32") * grad)
    through = registered(lambda op, grad: [grad])
    with default_graph().gradient_override_map({"Relu": deconv}):
        deconvnet = network(keras)
        with K.get_session().graph.gradient_override_map({"Relu": marked}):
            partly = network(keras)
        late = K.relu(partly.outputs[0]) * 2.0
        growing = keras.models.Sequential([keras.layers.Flatten(input_shape=(8, 8, 2))])
        growing.add(keras.layers.Dense(4, activation="relu"))
    growing.add(keras.layers.Dense(4, activation="relu"))
    drawn(growing)
    x = partly.inputs[0]
    arrays = {
        "deconvnet": saliency(K, deconvnet),
        "partly": saliency(K, partly),
        "late": K.function([x], K.gradients(K.sum(late), x))([pictures()])[0],
        "growing": saliency(K, growing),
    }
    p = K.placeholder((2, 3))
    kinds = {"Relu6": lambda t: K.relu(t, max_value=6.0), "LeakyRelu": lambda t: K.relu(t, alpha=0.2)}
    kinds.update({"Sign": tf.sign, "Round": tf.round, "Floor": tf.floor, "Sigmoid": K.sigmoid, "Softplus": K.softplus})
    kinds.update({"Tanh": K.tanh, "Elu": K.elu, "Identity": tf.identity, "Exp": K.exp, "Softmax": K.softmax})
    for kind, function in sorted(kinds.items()):
        with default_graph().gradient_override_map({kind: through}):
            y = function(p)
        arrays[kind] = K.function([p], K.gradients(y * K.square(p), p))([normal(2, 3, seed=3)])[0]
    return arrays


@case(rows=["gradients-higher-order"])
def registered_gradients_of_gradients(K, keras, load):
    """The registered function is differentiated in its turn."""
    cubed = registered(lambda op, grad: grad * K.pow(op.inputs[0], 3))
    p = K.placeholder((2, 3))
    with default_graph().gradient_override_map({"Tanh": cubed}):
        y = K.tanh(p)
    first = K.gradients(K.sum(y), p)[0]
    second = K.gradients(K.sum(K.square(first)), p)[0]
    with default_graph().gradient_override_map({"Relu": guided_relu()}):
        model = network(keras)
    slope = K.gradients(K.max(model.outputs[0], axis=1), model.inputs[0])[0]
    mixed = K.gradients(K.sum(K.square(slope)), model.trainable_weights[:1])
    values = K.function([p], [first, second])([normal(2, 3, seed=4)])
    values += K.function([model.inputs[0]], mixed)([pictures()])
    return dict(zip(["first", "second", "mixed"], values))


def reversing(keras, K):
    """A layer that turns gradients round."""

    class Reversal(keras.layers.Layer):
        def __init__(self, strength, session=True, **kwargs):
            self.strength, self.session = strength, session
            self.gradient = registered(lambda op, grad: [-grad * self.strength])
            super(Reversal, self).__init__(**kwargs)

        def call(self, x, mask=None):
            graph = K.get_session().graph if self.session else default_graph()
            with graph.gradient_override_map({"Identity": self.gradient}):
                return tf.identity(x)

        def compute_output_shape(self, shape):
            return shape

    return Reversal


def fitted(K, model, loss="mse", optimizer="sgd"):
    """What a model is after some training: losses and weights."""
    x, y = normal(6, 4, seed=5), normal(6, 2, seed=6)
    model.compile(optimizer, loss)
    targets = [y] * len(model.outputs)
    history = model.fit(x, targets, epochs=3, batch_size=3, shuffle=False, verbose=0).history
    step = np.float32(np.ravel(model.train_on_batch(x, targets))[0])  # the total
    slope = K.function([model.inputs[0]], K.gradients(model.outputs[0], model.inputs[0]))([x])[0]
    return {"loss": history["loss"], "step": step, "first": model.get_weights()[0], "slope": slope}


def named(prefix, arrays):
    return {"%s_%s" % (prefix, name): value for name, value in arrays.items()}


@case(rows=["gradients-registered"])
def gradient_reversal(K, keras, load):
    """An adversarial head behind a layer of its own, trained; the same layer in a nested model."""
    layers, Reversal = keras.layers, reversing(keras, K)
    arrays = {}
    for session in (True, False):
        x = layers.Input((4,))
        shared = layers.Dense(5, activation="tanh")(x)
        heads = [layers.Dense(2)(shared), layers.Dense(2)(Reversal(0.5, session)(shared))]
        arrays.update(named("session" if session else "graph", fitted(K, drawn(keras.models.Model(x, heads)))))
    first = layers.Dense(3, activation="tanh", input_shape=(4,))
    inner = drawn(keras.models.Sequential([first, Reversal(1.5), layers.Dense(2)]))
    x = layers.Input((4,))
    arrays.update(named("nested", fitted(K, keras.models.Model(x, inner(x)))))
    return arrays


@case(rows=["gradients-registered"])
def straight_through(K, keras, load):
    """Binarisation in a Lambda layer, rounding as an activation, and a clipped gradient in a loss."""
    layers = keras.layers
    near = registered(lambda op, grad: grad * K.cast(K.abs(op.inputs[0]) < 1.0, "float32"))
    clipped = registered(lambda op, grad: K.clip(grad, -0.1, 0.1))

    def binary(x):
        with ops.name_scope("Binarized"), K.get_session().graph.gradient_override_map({"Sign": near}):
            return tf.sign(x)

    def rounded(x):
        with default_graph().gradient_override_map({"Round": "Identity"}):
            return tf.round(x)

    def loss(target, output):
        with default_graph().gradient_override_map({"Identity": clipped}):
            output = tf.identity(output)
        return K.mean(K.square(target - output), axis=-1)

    arrays = {}
    for name, middle, error in [
        ("binary", layers.Lambda(binary), "mse"),
        ("rounded", layers.Activation(rounded), "mse"),
        ("loss", layers.Activation("tanh"), loss),
    ]:
        x = layers.Input((4,))
        model = keras.models.Model(x, layers.Dense(2)(middle(layers.Dense(5)(x))))
        arrays.update(named(name, fitted(K, drawn(model), error)))
    return arrays


@case(rows=["gradients-registered"])
def numpy_operations_with_a_gradient(K, keras, load):
    """``py_func`` and its relatives, whose gradient is a registered function."""
    layers = keras.layers
    slope = registered(lambda op, grad: grad * 2.0 * tf.cos(op.inputs[0]))

    def sine(x):
        return np.sin(x).astype("float32")

    def stateful(x):
        return tf.compat.v1.py_func(sine, [x], tf.float32)

    def stateless(x):
        return tf.compat.v1.py_func(sine, [x], tf.float32, stateful=False)

    def eager(x):
        return tf.py_function(lambda t: sine(t.numpy()), [x], tf.float32)

    def through_numpy(x):
        return tf.numpy_function(sine, [x], tf.float32)

    arrays = {}
    for function in (stateful, stateless, eager, through_numpy):

        def curved(x, function=function):
            kinds = ("PyFunc", "PyFuncStateless", "EagerPyFunc")
            with default_graph().gradient_override_map(dict.fromkeys(kinds, slope)):
                y = function(x)
            y.set_shape(x.get_shape())
            return y

        x = layers.Input((4,))
        model = keras.models.Model(x, layers.Dense(2)(layers.Lambda(curved)(layers.Dense(5)(x))))
        arrays.update(named(function.__name__, fitted(K, drawn(model))))
    return arrays


@case(rows=["gradients-registered"])
def updates_of_a_guided_model(K, keras, load):
    """Training by ``get_updates``, and ``tf.gradients``."""
    with default_graph().gradient_override_map({"Relu": guided_relu()}):
        model = network(keras)
    x = model.inputs[0]
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
    loss = K.mean(K.square(model.outputs[0]))
    updates = optimizer.get_updates(loss=loss, params=model.trainable_weights)
    train = K.function([x], [loss], updates=updates)
    losses = [train([pictures()])[0] for _ in range(3)]
    slope = K.function([x], tf.gradients(model.outputs[0], x))([pictures()])[0]
    return {"losses": losses, "weights": model.get_weights()[0], "slope": slope}
