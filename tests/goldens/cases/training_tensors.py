"""Models whose inputs and targets are tensors, and whose losses and penalties are."""

import numpy as np
import tensorflow as tf

from ..registry import case
from ..tools import drawn, normal, numbered, outcome

X, Y = normal(10, 4, seed=1), normal(10, 2, seed=2)


def over_tensors(keras, inputs, targets, optimizer="rmsprop"):
    layers = keras.layers
    x = layers.Input(tensor=inputs)
    model = drawn(keras.models.Model(x, layers.Dense(2)(layers.Dense(3, activation="tanh")(x))))
    model.compile(optimizer, "mse", metrics=["mae"], target_tensors=targets)
    return model


@case()
def model_over_variables(K, keras, load):
    """Input(tensor=K.variable), target_tensors an expression of it; callbacks are told steps."""
    points, logs = K.variable(X), []
    model = over_tensors(keras, points, [K.sin(points)[:, :2]])
    callback = keras.callbacks.LambdaCallback(
        on_batch_end=lambda batch, logs=None, seen=logs: seen.append([logs["batch"], logs["size"], logs["loss"]])
    )
    history = model.fit(epochs=2, steps_per_epoch=3, verbose=0, callbacks=[callback]).history
    K.set_value(points, 2 * X)
    found = {"loss": np.array(history["loss"], "float64"), "mae": np.array(history["mae"], "float64")}
    feeds = [len(model._feed_inputs), len(model._feed_targets), len(model._feed_sample_weights)]
    return dict(
        found,
        logs=np.array(logs, "float64"),
        evaluated=model.evaluate(steps=1, verbose=0),
        predicted=model.predict(None, steps=2),
        trained=model.train_on_batch(None, None),
        feeds=np.array(feeds),
    )


@case()
def model_over_constants(K, keras, load):
    """tf.constant data; the layers in another model over an input that is fed."""
    model = over_tensors(keras, tf.constant(X), tf.constant(Y), keras.optimizers.SGD(0.1))
    loss = model.fit(epochs=2, steps_per_epoch=2, verbose=0).history["loss"]
    probe = keras.layers.Input((4,))
    other = keras.models.Model(probe, model.layers[2](model.layers[1](probe)))
    ended = outcome(lambda: model.fit(epochs=1, verbose=0), ValueError, naming="steps_per_epoch")
    return {"loss": np.array(loss, "float64"), "other": other.predict(X[:3]), "ended": ended}


@case()
def targets_that_are_tensors(K, keras, load):
    """A variable, a placeholder that is fed, one output's by name; and those that do not fit."""
    layers, sgd = keras.layers, keras.optimizers.SGD

    def made(outputs=1):
        x = layers.Input((4,))
        tops = [layers.Dense(2 - i, name="out%d" % i)(x) for i in range(outputs)]
        return drawn(keras.models.Model(x, tops if outputs > 1 else tops[0]))

    model = made()
    model.compile(sgd(0.1), "mse", target_tensors=K.variable(Y))
    variable = [model.train_on_batch(X, None) for _ in range(2)]
    variable += model.fit(X, None, batch_size=10, shuffle=False, verbose=0).history["loss"]
    model, target = made(), K.placeholder((None, 2))
    model.compile(sgd(0.1), "mse", metrics=["mae"], target_tensors=[target])
    fed = model.fit(X, Y, batch_size=5, epochs=2, shuffle=False, verbose=0).history["loss"]
    slopes = K.function([model.input, target] + model.sample_weights, K.gradients(model.total_loss, model.weights))
    model = made(2)
    model.compile(sgd(0.1), "mse", target_tensors={"out1": K.variable(X[:, :1])})
    named = [model.train_on_batch(X, Y) for _ in range(2)]
    given = model.fit(X, {"out0": Y}, batch_size=10, epochs=2, shuffle=False, verbose=0).history

    def compiling(targets):
        return outcome(lambda: model.compile("sgd", "mse", target_tensors=targets), ValueError, naming="target_tensors")

    wrong = [compiling([K.variable(Y)]), compiling({"other": K.variable(Y)})]
    found = numbered(slopes([X, Y, np.ones(10)]), "slope")
    found.update(("given_" + name, np.array(values, "float64")) for name, values in given.items())
    return dict(found, variable=np.array(variable), fed=fed, named=np.array(named), wrong=wrong)


@case()
def penalties_of_weights_added_to_the_loss(K, keras, load):
    """model.add_loss of regularizers called on weights, as one sum; it follows the weights."""
    layers = keras.layers
    x = layers.Input((4,))
    model = drawn(keras.models.Model(x, layers.Dense(2)(layers.Dense(3, activation="tanh")(x))))
    penalty = keras.regularizers.l2(0.1)
    kernels = [weight for weight in model.trainable_weights if "bias" not in weight.name]
    model.add_loss(tf.add_n([penalty(weight) / tf.cast(tf.size(weight), tf.float32) for weight in kernels]))
    model.compile(keras.optimizers.SGD(0.5), "mse")
    values = [model.train_on_batch(X, Y) for _ in range(3)]
    sums = [keras.regularizers.l1(0.1)(kernels[0]) + 1.0, keras.regularizers.l1_l2(0.1, 0.2)(kernels[1])]
    before = [K.eval(one) for one in sums]
    model.set_weights([2 * weight for weight in model.get_weights()])
    return {
        "values": np.array(values),
        "sums": np.array([before, [K.eval(one) for one in sums]]),
        "count": len(model.losses),
    }


@case()
def losses_that_are_outputs(K, keras, load):
    """compile(loss=[None] * n) beside add_loss of outputs; y is None; total_loss has what layers add in call."""
    layers = keras.layers

    class Sparse(layers.Layer):
        def call(self, inputs):
            self.add_loss(0.01 * K.sum(K.abs(inputs)), inputs=inputs)
            return inputs

    x, y = layers.Input((4,)), layers.Input((2,))
    hidden = Sparse()(layers.Dense(3, activation="tanh", kernel_regularizer="l2")(x))
    top = layers.Dense(2)(hidden)
    cost = layers.Lambda(lambda pair: K.mean(K.square(pair[0] - pair[1]), axis=-1, keepdims=True), name="cost")
    model = drawn(keras.models.Model([x, y], [top, cost([y, top])]))
    loss = K.mean(model.get_layer("cost").output, keepdims=True) * 2.0
    if loss not in model.losses:
        model.add_loss(loss)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9, clipnorm=5.0), loss=[None] * 2)
    values = [np.ravel(model.train_on_batch([X, Y], None))[0] for _ in range(3)]
    total = K.function(model._feed_inputs, [model.total_loss])([X, Y])
    feeds = [len(model._feed_targets), len(model._feed_sample_weights)]
    found = {"values": np.array(values), "total": np.ravel(total), "feeds": np.array(feeds)}
    return dict(found, out=model.predict([X, Y])[1])
