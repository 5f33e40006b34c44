"""Penalties of ``activity_regularizer=``, with the numbers of Keras 2.3.1 on TensorFlow 1.15."""

import numpy as np
import pytest
from kerases import keras, layers

from k2compat import backend as K


def ramp(*shape):
    return np.sin(np.arange(np.prod(shape), dtype="float32")).reshape(shape)


X, Y = ramp(6, 4, 4, 1), ramp(6, 1)


def penalized():
    """Layers that are regularized by the argument, and by a layer of its own."""
    l1, l2 = keras.regularizers.l1, keras.regularizers.l2
    image = layers.Input((4, 4, 1))
    y = layers.Conv2D(2, 3, activity_regularizer=l2(0.1), name="conv")(image)
    y = layers.TimeDistributed(layers.Dense(2))(layers.Reshape((4, 2))(y))
    y = layers.LSTM(3, activity_regularizer="l2")(y)
    y = layers.ActivityRegularization(l1=0.02)(y)
    y = layers.Dense(1, activity_regularizer=l1(0.03), kernel_regularizer="l2")(y)
    return filled(keras.Model(image, y))


def filled(model):
    model.set_weights([ramp(*weight.shape) for weight in model.get_weights()])
    model.compile("sgd", "mse")
    return model


def around(inner):
    """A model with another one in it, which is regularized as well."""
    image = layers.Input((4, 4, 1))
    end = layers.Dense(1, activity_regularizer="l1", kernel_initializer="ones")
    model = keras.Model(image, end(inner(image)))
    model.compile("sgd", "mse")
    return model


PENALTIES = [2.00407505, 0.02032725, 0.09916774, 0.04588842]
WEIGHT, END = 0.01534895, 0.01529614


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=2e-5)


WRAPPED = {
    layers.TimeDistributed: (lambda: layers.Dense(2, activity_regularizer="l2"), (6, 4, 2), 1.96192515, 0.49668887),
    layers.Bidirectional: (lambda: layers.LSTM(2, activity_regularizer="l2"), (6, 4), 0.63933480, 0.02682659),
}


@pytest.mark.parametrize("wrapper", WRAPPED, ids=lambda wrapper: wrapper.__name__)
def test_a_wrapped_layer_is_penalized(wrapper):
    layer, shape, loss, penalty = WRAPPED[wrapper]
    x = layers.Input((4, 3))
    model = filled(keras.Model(x, wrapper(layer())(x)))
    values, target = ramp(6, 4, 3), ramp(6, 4, 2).reshape(6, -1)[:, : np.prod(shape[1:])].reshape(shape)
    close(model.evaluate(values, target, batch_size=6, verbose=0), loss)
    close(K.function([x], model.losses)([values]), [penalty])


@pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "eagerly"])
def test_a_batch_weighs_what_it_weighed(eagerly):
    model = penalized()
    model.compile("sgd", "mse", run_eagerly=eagerly)
    close([model.evaluate(X, Y, batch_size=size, verbose=0) for size in (6, 3)], [2.74327826, 1.65854883])
    close(model.fit(X, Y, batch_size=3, epochs=2, shuffle=False, verbose=0).history["loss"], [1.64026594, 1.53162807])
    after = [11.3352060, 0.76690018, 1.89342606, 0.84330356, 14.8460636, 22.4342422, 7.49180698, 1.75406480, 0.02147454]
    close([np.abs(weight).sum() for weight in model.get_weights()], after)


def test_losses_of_a_model_are_symbolic():
    model = penalized()
    outer = around(model)
    for _ in range(2):
        close(K.function([model.input], model.losses)([X]), [*PENALTIES, WEIGHT])
        close(np.sort(K.function([outer.input], outer.losses)([X])), np.sort([*PENALTIES, WEIGHT, END]))
        outer.predict(X)  # leaves nothing behind
    assert K.gradients(model.losses[1], model.get_layer("conv").output)[0] is not None


def test_values_of_an_eager_call_are_the_losses():
    model = penalized()
    model(X)
    close([float(loss) for loss in model.losses], [*PENALTIES, WEIGHT])


def test_the_total_loss_has_the_penalties():
    model = penalized()
    feeds = [model.input, *model.targets, *model.sample_weights]
    gradient = K.gradients(model.total_loss, model.get_layer("conv").kernel)[0]
    total, slope = K.function(feeds, [model.total_loss, K.sum(K.abs(gradient))])([X, Y, np.ones(6)])
    close([total, slope], [2.74327826, 8.91110325])
    outer = around(model)
    feeds = [outer.input, *outer.targets, *outer.sample_weights]
    close(K.function(feeds, [outer.total_loss])([X, Y, np.ones(6)]), [2.7585745])


def test_penalties_beside_an_added_loss():
    x = layers.Input((2,))
    dense = layers.Dense(1, kernel_regularizer="l2", activity_regularizer="l1", kernel_initializer="ones")
    model = keras.Model(x, dense(x))
    model.add_loss(K.mean(model.output))
    model.compile("sgd", "mse")
    rows, target = np.ones((3, 2)), np.ones((3, 1))
    close(model.evaluate(rows, target, verbose=0), 3.07999992)
    close(model.fit(rows, target, epochs=2, verbose=0).history["loss"], [3.07999992, 2.81049538])
    close(dense.get_weights()[0], np.full((2, 1), 0.9408321))
    close(model.train_on_batch(rows, target), 2.5724282)
    close(model.test_on_batch(rows, target), 2.3621323)
