"""Where registered gradients reach and where they do not: losses, training, what models call, renamed operations."""

import warnings

import numpy as np
import tensorflow as tf

from ..registry import case
from ..tools import drawn, normal
from .registered_gradients import default_graph, named, registered


def times(factor):
    return registered(lambda op, grad: [factor * grad])


def stepped(model, loss, optimizer="sgd", compiled=None, fitted=None):
    """A model's weights and losses after training, compiled and fitted under maps."""
    x, y = normal(6, 4, seed=5), normal(6, 2, seed=6)
    with default_graph().gradient_override_map(compiled or {}):
        model.compile(optimizer, loss)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is told that a map does not reach what is there already
        with default_graph().gradient_override_map(fitted or {}):
            history = model.fit(x, y, epochs=2, batch_size=3, shuffle=False, verbose=0).history
    model.train_on_batch(x, y)
    return {"loss": history["loss"], "first": model.get_weights()[0]}


def plain_model(keras):
    layers = keras.layers
    x = layers.Input((4,))
    return drawn(keras.models.Model(x, layers.Dense(2)(layers.Dense(5, activation="tanh")(x))))


@case(rows=["gradients-registered"])
def maps_around_compile_and_fit(K, keras, load):
    """The operations of a loss are made by ``compile``; ``fit`` makes those of a model without known inputs."""
    layers = keras.layers

    def sequential():
        first = layers.Dense(5, activation="tanh", input_shape=(4,))
        return drawn(keras.models.Sequential([first, layers.Dense(2)]))

    def loss(target, output):
        return K.mean(K.square(K.tanh(output) - target), axis=-1)

    arrays = {}
    for kind, make in (("model", lambda: plain_model(keras)), ("sequential", sequential)):
        for name, how in (
            ("compile", {"compiled": {"Tanh": times(3.0)}}),
            ("fit", {"fitted": {"Tanh": times(3.0)}}),
            ("both", {"compiled": {"Tanh": times(3.0)}, "fitted": {"Tanh": times(-1.0)}}),
            ("neither", {}),
        ):
            arrays.update(named("%s_%s" % (kind, name), stepped(make(), loss, **how)))
    return arrays


@case(rows=["gradients-registered"])
def models_called_by_losses_and_layers(K, keras, load):
    """A model made under a map, called outside: by a loss, a Lambda layer, a layer of one's own and a model."""
    layers = keras.layers
    with default_graph().gradient_override_map({"Tanh": times(3.0)}):
        inner = plain_model(keras)
    features = plain_model(keras)

    def loss(target, output):
        return K.mean(K.square(inner(K.concatenate([output, -output])) - target), axis=-1)

    class Calling(layers.Layer):
        def call(self, x):
            return inner(x)

        def compute_output_shape(self, shape):
            return shape[0], 2

    class Net(keras.models.Model):
        def __init__(self):
            super(Net, self).__init__()
            self.inner = inner

        def call(self, x):
            return self.inner(x)

    x = layers.Input((4,))
    arrays = named("loss", stepped(features, loss))
    scaled = layers.Dense(4, use_bias=False)
    for name, layer in (("lambda", layers.Lambda(inner, output_shape=(2,))), ("layer", Calling())):
        model = keras.models.Model(x, layer(scaled(x)))
        K.set_value(scaled.kernel, normal(4, 4, seed=8))
        slope = K.function([x], K.gradients(K.sum(model.outputs[0]), [x]))
        arrays["%s_slope" % name] = slope([normal(3, 4, seed=7)])[0]
    inner.set_weights([0.1 * np.ones(w.shape, "float32") for w in inner.get_weights()])
    model = Net()
    arrays.update(named("subclassed", stepped(model, "mse")))
    inner.set_weights([0.1 * np.ones(w.shape, "float32") for w in inner.get_weights()])
    arrays.update(named("itself", stepped(inner, "mse")))
    return arrays


@case(rows=["gradients-registered"])
def renamed_operations(K, keras, load):
    """Operations whose type has another name in TensorFlow 2."""
    p, q = K.placeholder((2, 3)), K.placeholder((2, 3))
    double = registered(lambda op, *grads: [None, 2.0 * grads[0], 3.0 * grads[0]])
    both = registered(lambda op, grad: [2.0 * grad, 3.0 * grad])
    where = tf.compat.v1.where
    arrays = {}
    for name, kind, gradient, function in (
        ("where", "Select", double, lambda: where(p > 0.0, p, q)),
        ("add", "Add", both, lambda: tf.add(p, q)),
        ("plus", "AddV2", both, lambda: p + q),
        ("divided", "RealDiv", both, lambda: p / q),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # new TensorFlows tell what else is an Add
            with default_graph().gradient_override_map({kind: gradient}):
                y = function()
        found = K.function([p, q], K.gradients(y * K.square(p), [p, q]))
        values = found([normal(2, 3, seed=3), normal(2, 3, seed=4)])
        arrays.update({name + "_p": values[0], name + "_q": values[1]})
    return arrays
