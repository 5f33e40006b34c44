"""Probes of the repairs of training: losses, optimizers, compiled models."""

import pickle
import random
import warnings

import numpy as np
import tensorflow as tf
from helpers import LeftToKeras, dense_model, normal
from kerases import keras, layers

import k2compat
from k2compat import backend as K
from repair.probes import probe, probe_of_keras3


@probe
def activity_regularizer():
    x = layers.Input((2,))
    model = keras.Model(x, layers.Activation("linear", activity_regularizer=keras.regularizers.l1(1.0))(x))
    model.compile("sgd", "mse")
    regularized = layers.SimpleRNN(2, activity_regularizer="l2").activity_regularizer is not None
    assert regularized
    assert model.test_on_batch(np.ones((5, 2)), np.ones((5, 2))) == 10.0


@probe_of_keras3
def symbolic_losses():
    p, model = K.placeholder((None, None)), dense_model()
    losses = (keras.losses.categorical_crossentropy, tf.keras.losses.categorical_crossentropy)
    assert all(K.is_tensor(loss(p, model.output)) and K.is_tensor(loss(np.eye(3)[:1], model.output)) for loss in losses)


@probe
def compiled_model():
    model = dense_model()
    assert not model._is_compiled
    model.compile("sgd", "mse")
    assert model._is_compiled
    inputs = [*model.inputs, *model.targets, *model.sample_weights]
    x, y = normal(2, 4), np.eye(3)[:2]
    (loss,) = K.function(inputs, [model.total_loss])([x, y, np.ones(2)])
    assert np.isclose(loss, ((model.predict(x, verbose=0) - y) ** 2).mean())


@probe
def weighted_losses():
    x = layers.Input((2,))
    steps = layers.TimeDistributed(layers.Dense(1, use_bias=False))(layers.Masking()(layers.Reshape((2, 1))(x)))
    model = keras.Model(x, steps)
    model.compile("sgd", "mse")
    given = model.test_on_batch(np.array([[1.0, 0.0]]), model.predict(np.array([[1.0, 0.0]])) + 2.0)
    shape = keras.losses.Huber(reduction="none")(np.ones((2, 3), "float32"), np.ones((2, 3), "float32")).shape
    assert np.isclose(given, 2.0)
    assert shape == (2, 3)


@probe
def chosen_metrics():
    x = layers.Input((1,))
    model = keras.Model(x, layers.Activation("linear")(x))
    model.compile("sgd", "mse", metrics=["accuracy"])
    assert np.isclose(model.test_on_batch(np.array([[1.7], [0.2]]), np.array([[2.0], [0.0]]))[1], 1.0)


@probe
def metrics_names():
    model = dense_model()
    model.compile("sgd", "mse", metrics=["mae", keras.metrics.AUC(name="area")])
    assert model.metrics_names == ["loss", "mae", "area"]


@probe
def label_arrays():
    def gap(y_true, y_pred):
        return K.mean(y_true - y_pred) + y_true.shape[-1]

    x = layers.Input((1,))
    model = LeftToKeras(x, layers.Activation("linear")(x))
    model.compile("sgd", "mse", metrics=[gap])
    assert np.isclose(model.test_on_batch(np.array([[1.0], [0.0]]), np.array([1, 0]))[1], 1.0)


@probe
def optimizer_lr():
    optimizer = keras.optimizers.Adam(lr=0.25, decay=0.5)
    K.set_value(optimizer.lr, 0.5)
    assert K.get_value(optimizer.lr) == 0.5


@probe
def optimizer_defaults():
    kinds = {"Adagrad": 0.01, "Adadelta": 1.0, "Adamax": 0.002, "Nadam": 0.002}
    rates = [float(getattr(keras.optimizers, name)().learning_rate.numpy()) for name in kinds]
    assert np.allclose(rates, list(kinds.values()))


@probe
def optimizer_updates():
    v = K.variable(1.0)
    optimizer = keras.optimizers.SGD(0.5)
    gradients = optimizer.get_gradients(v * 2.0, [v])
    K.function([], [], updates=optimizer.get_updates(v * 2.0, [v]))([])
    assert len(gradients) == 1
    assert K.get_value(v) == 0.0


@probe
def optimizer_steps():
    gradients = [tf.constant([3.0]), tf.constant([4.0])]
    clipped = np.ravel(keras.optimizers.SGD(clipnorm=1.0)._clip_gradients(gradients))
    model = dense_model()
    model.compile(keras.optimizers.RMSprop(0.1, epsilon=1.0), "mse")
    bias, before = model.layers[-1].bias, model.layers[-1].bias.numpy()
    gradient = np.ones(bias.shape, "float32")
    model.optimizer.apply_gradients([(gradient, bias)])
    stepped = before - 0.1 / (np.sqrt(0.1) + 1.0)
    assert np.allclose(clipped, [0.6, 0.8])
    assert np.allclose(bias, stepped)


class Halving(keras.optimizers.Optimizer):
    """Moves each weight half way to zero."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.iterations = K.variable(0, dtype="int64")
        self.learning_rate = K.variable(0.5)

    def get_updates(self, loss, params):
        self.weights = [self.iterations]
        return [K.update_add(self.iterations, 1), *((p, p * self.lr) for p in params)]


@probe
def optimizer_base():
    optimizer = Halving(clipnorm=2.0)
    optimizer.get_updates(K.variable(1.0), [])
    assert optimizer.get_config() == {"clipnorm": 2.0}
    assert optimizer.get_weights() == [0]


@probe
def own_optimizers():
    model = dense_model()
    model.compile(Halving(), "mse")
    before = model.get_weights()
    model.train_on_batch(normal(2, 4), np.eye(3)[:2])
    assert np.allclose(model.get_weights()[0], before[0] / 2)


@probe
def compile_state():
    sgd, x = keras.optimizers.SGD(1.0, momentum=0.5), layers.Input((1,))
    inner = keras.Model(x, layers.Dense(1, weights=[np.array([[2.0]]), np.array([0.0])])(x))
    inner.compile(sgd, "mae")
    inner.trainable = False
    outer = keras.Model(x, layers.Dense(1)(inner(x)))
    outer.compile(sgd, "mae")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outer.train_on_batch(np.ones((1, 1)), np.zeros((1, 1)))
        inner.train_on_batch(np.ones((1, 1)), np.zeros((1, 1)))
    assert inner.get_weights()[0] == 1.0
    assert K.get_value(sgd.iterations) == 2


@probe_of_keras3
def model_add_loss():
    x = layers.Input((1,))
    model = keras.Model(x, layers.Dense(1, use_bias=False, weights=[np.array([[2.0]])])(x))
    model.add_loss(K.mean(model.output * 3.0))
    model.compile(keras.optimizers.SGD(1.0))
    assert model.train_on_batch(np.ones((1, 1))) == 6.0
    assert model.get_weights()[0] == -1.0


@probe
def old_methods():
    model = keras.Sequential([layers.Input((2,)), layers.Dense(3, activation="softmax")])
    rows = np.eye(2, dtype="float32")
    classes = model.predict_classes(rows)
    model._make_predict_function()
    assert model.predict_function
    assert classes.tolist() == model.predict_proba(rows).argmax(axis=1).tolist()


@probe
def batch_logs():
    seen = []
    watch = keras.callbacks.LambdaCallback(on_batch_end=lambda batch, logs: seen.append((logs["size"], logs["loss"])))
    model = keras.Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    rows = np.array([[1.0], [1.0], [3.0]])
    model.fit(rows, rows, batch_size=2, shuffle=False, verbose=0, callbacks=[watch])
    assert seen == [(2, 1.0), (1, 9.0)]


@probe
def split_class_weights():
    x = layers.Input((1,))
    model = LeftToKeras(x, layers.Dense(1, kernel_initializer="zeros")(x))
    model.compile(keras.optimizers.SGD(0.0), "mse")
    y = np.array([[0.0], [1.0]])
    found = model.fit(y, y, class_weight={0: 1.0, 1: 4.0}, validation_split=0.5, verbose=0)
    assert found.history["val_loss"] == [4.0]


@probe
def training_loop():
    seen = []

    class Watch(keras.callbacks.Callback):
        def on_batch_begin(self, batch, logs=None):
            seen.append(logs)

    model = keras.Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(1.0), "mae")
    np.random.seed(1)
    model.fit(np.array([[1.0], [0.0], [0.0]]), np.ones(3), batch_size=1, verbose=0, callbacks=[Watch()])
    order = np.arange(3)
    np.random.seed(1)
    np.random.shuffle(order)
    assert order.tolist() == [0, 2, 1]
    assert [logs["batch"] for logs in seen] == [0, 1, 2]
    assert model.get_weights()[0].tolist() == [[1.0]]
    assert k2compat.training_stats(model).own == {"fit": 1}


@probe
def train_functions():
    model, seen = dense_model(), []
    model.compile("sgd", "mse")
    model._make_train_function()
    function = model.train_function
    model.train_function = lambda arrays: seen.append(len(arrays)) or function(arrays)
    model.fit(normal(4, 4), normal(4, 3), batch_size=2, verbose=0)
    assert seen == [3, 3]


@probe
def added_metrics():
    model = dense_model()
    model.add_metric(K.sum(model.output), name="sum")
    model.compile("sgd", "mse")
    assert model.metrics_names == ["loss", "sum"]
    assert np.isclose(model.test_on_batch(np.ones((2, 4)), np.ones((2, 3)))[1], model.predict(np.ones((2, 4))).sum())


@probe
def regularizer_calls():
    model = dense_model()
    penalty = keras.regularizers.L2(0.5)(model.layers[-1].kernel)
    model.set_weights([np.ones_like(weight) for weight in model.get_weights()])
    assert np.isclose(K.eval(penalty), 0.5 * np.size(model.layers[-1].get_weights()[0]))


@probe
def seeds_from_numpy():
    state, made = random.getstate(), []
    for _ in range(2):
        np.random.seed(7)
        made.append(layers.Dense(3))
        made[-1](layers.Input((4,)))
    first, again = (layer.get_weights()[0] for layer in made)
    assert first.tolist() == again.tolist()
    assert random.getstate() == state


@probe
def output_history():
    x = layers.Input((2,))
    model = keras.Model(x, layers.Dense(1, use_bias=False, name="top")(x))
    model.set_weights([np.ones((2, 1))])

    def inputs(y_pred):
        layer, number = y_pred._keras_history[:2]
        assert layer is model.layers[-1]
        return layer._inbound_nodes[number].input_tensors[0]

    def loss(y_true, y_pred):
        return K.mean(inputs(y_pred) * y_pred - y_true, axis=-1)

    def mean_input(y_true, y_pred):
        return K.mean(inputs(y_pred))

    model.compile(keras.optimizers.SGD(1.0), loss, metrics=[mean_input])
    given = np.array([[1.0, 2.0], [3.0, 5.0]])
    expected = np.mean(given * given.sum(axis=1, keepdims=True)), np.mean(given)
    assert np.allclose(model.train_on_batch(given, np.zeros((2, 1))), expected)
    assert np.allclose(model.get_weights()[0][:, 0], 1.0 - np.mean(given * given.mean(axis=1, keepdims=True), axis=0))


@probe
def history_keys():
    model = keras.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["accuracy"])
    given = np.ones((3, 2)), np.ones((3, 1))
    found = model.fit(*given, validation_data=given, epochs=2, verbose=0).history
    assert found["acc"] == found["accuracy"]
    assert found["val_acc"] == found["val_accuracy"]
    assert "acc" not in found
    assert "uracy" not in found
    kept = pickle.loads(pickle.dumps(found))
    assert type(kept) is dict
    assert kept == found
