"""Variables, models and functions that losses, layers and callbacks make while a model is trained."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered
from .training import dense
from .training_batches import X, Y
from .training_steps import classifier


def trained(model, *callbacks):
    """Losses of two epochs on batches of five samples, and the weights."""
    history = model.fit(X, Y, 5, 2, verbose=0, shuffle=False, callbacks=list(callbacks)).history
    return dict(numbered(model.get_weights(), "weight"), loss=np.array(history["loss"], "float64"))


def named(prefix, found):
    return {prefix + "_" + name: value for name, value in found.items()}


def with_loss(keras, loss, **kwargs):
    model = classifier(keras, "sgd")
    model.compile(keras.optimizers.SGD(lr=0.1), loss, **kwargs)
    return model


@case()
def variables_in_losses(K, keras, load):
    """Weights of classes as a variable, made in the loss or around it, zeros and constants; one in a metric."""

    def weighted(y_true, y_pred):
        weights = K.variable([1.0, 2.0, 3.0])
        y_pred = K.clip(y_pred / K.sum(y_pred, axis=-1, keepdims=True), K.epsilon(), 1 - K.epsilon())
        return -K.sum(y_true * K.log(y_pred) * weights, -1)

    def around(weights):
        weights = K.variable(weights)

        def loss(y_true, y_pred):
            return -K.sum(y_true * K.log(K.clip(y_pred, K.epsilon(), 1 - K.epsilon())) * weights, -1)

        return loss

    def several(y_true, y_pred):
        scale = K.variable(np.array([[1.0, 2.0, 3.0]])) * K.constant([1.0, 1.0, 0.5]) + K.zeros((3,)) * K.ones((3,))
        return K.sum(K.square(y_true - y_pred) * scale, -1)

    def metric(y_true, y_pred):
        return K.mean(y_true * K.variable(3.0))

    found = named("weighted", trained(with_loss(keras, weighted, metrics=[metric])))
    found.update(named("around", trained(with_loss(keras, around(np.array([1.0, 2.0, 3.0]))))))
    model = with_loss(keras, several, metrics=[metric])
    found.update(named("several", trained(model)))
    values = [model.train_on_batch(X, Y), model.evaluate(X, Y, verbose=0), model.test_on_batch(X[:3], Y[:3])]
    return dict(found, values=np.array(values))


@case()
def variables_in_layers(K, keras, load):
    """Made in the ``call`` of a layer and in a Lambda; trained, and asked afterwards."""

    class Scale(keras.layers.Layer):
        def call(self, inputs):
            return inputs * K.variable(2.0) * K.constant([1.0, 2.0, 3.0, 1.0, 2.0, 3.0])

        def compute_output_shape(self, input_shape):
            return input_shape

    x = keras.layers.Input((5,))
    hidden = Scale()(dense(keras, 6, 1, 5, activation="tanh")(x))
    hidden = keras.layers.Lambda(lambda tensor: tensor * K.variable(0.5), output_shape=(6,))(hidden)
    model = keras.models.Model(x, dense(keras, 3, 2, 6, activation="softmax")(hidden))
    model.compile(keras.optimizers.SGD(lr=0.1), "categorical_crossentropy")
    return dict(trained(model), predicted=model.predict(X), values=K.function([x], [model.output])([X])[0])


@case()
def model_made_in_a_loss(K, keras, load):
    """A loss on what a fixed model sees, which it makes itself."""

    def perceptual(y_true, y_pred):
        inner = keras.models.Sequential([dense(keras, 4, 7, 3, input_shape=(3,), activation="tanh")])
        seen = keras.models.Model(inner.input, inner.layers[-1].output)
        seen.trainable = False
        return K.mean(K.square(seen(K.reshape(y_true, (-1, 3))) - seen(y_pred)))

    model = with_loss(keras, perceptual)
    return dict(trained(model), tested=model.test_on_batch(X, Y), count=len(model.trainable_weights))


@case()
def functions_in_callbacks(K, keras, load):
    """Values, functions and gradients that callbacks ask for, and predictions and evaluations within a training."""
    log = []

    class Watch(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.hidden = K.function([self.model.input], [self.model.layers[0].output])

        def on_batch_end(self, batch, logs=None):
            model = self.model
            log.append(self.hidden([X])[0].sum())
            grads = K.gradients(model.total_loss, model.trainable_weights)
            f = K.function(model.inputs + model.targets + model.sample_weights, grads)
            log.append(np.abs(f([X, Y, np.ones(len(X))])[0]).sum())
            log.append(K.eval(K.sum(model.layers[0].kernel)))
            log.append(K.get_value(model.layers[1].kernel).sum())

        def on_epoch_end(self, epoch, logs=None):
            log.append(K.function([self.model.layers[0].input], [K.max(self.model.output)])([X])[0])
            log.append(self.model.predict(X).max())
            log.append(self.model.evaluate(X, Y, verbose=0))

    return dict(trained(with_loss(keras, "categorical_crossentropy"), Watch()), log=np.array(log, "float64"))


@case()
def settings_of_optimizers_in_callbacks(K, keras, load):
    """The rate is set at each batch, read and turned down; with decay, whose rate of now a callback computes."""
    found, rates = {}, []

    class Rate(keras.callbacks.Callback):
        def on_batch_begin(self, batch, logs=None):
            K.set_value(self.model.optimizer.lr, 0.05 * (batch + 1))

        def on_batch_end(self, batch, logs=None):
            K.set_value(self.model.optimizer.lr, K.get_value(self.model.optimizer.lr) * 0.5)

        def on_epoch_end(self, epoch, logs=None):
            optimizer = self.model.optimizer
            steps = K.cast(optimizer.iterations, "float32")
            rates.append(K.eval(optimizer.lr * (1.0 / (1.0 + optimizer.decay * steps))))

    for name, optimizer in (
        ("sgd", keras.optimizers.SGD(lr=0.1, momentum=0.5)),
        ("adam", keras.optimizers.Adam(lr=0.1, decay=0.1)),
    ):
        model = classifier(keras, optimizer)
        found.update(named(name, trained(model, Rate())))
    return dict(found, rates=np.array(rates, "float64"))


@case()
def weights_of_losses_in_callbacks(K, keras, load):
    """Weights of two losses are variables, which a callback turns."""
    first, second = K.variable(1.0), K.variable(0.0)

    class Turn(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            K.set_value(first, 0.5)
            K.set_value(second, 0.5)

    x = keras.layers.Input((5,))
    hidden = dense(keras, 6, 1, 5)(x)
    model = keras.models.Model(x, [dense(keras, 3, 2, 6)(hidden), dense(keras, 1, 3, 6)(hidden)])
    model.compile("sgd", "mse", loss_weights=[first, second])
    history = model.fit(X, [Y, normal(22, 1)], 5, 3, verbose=0, shuffle=False, callbacks=[Turn()]).history
    return dict(numbered(model.get_weights(), "weight"), loss=np.array(history["loss"], "float64"))
