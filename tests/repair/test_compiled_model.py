"""What compiled models call their metrics, losses under old names, and losses that functions call."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import dense_model
from kerases import KIND, keras, layers

from k2compat import backend as K
from k2compat.repair.shared.weighted_losses import loss_value

Y, P = np.array([[0.2, 1.0, 3.0], [2.0, 0.0, -1.0]], "float32"), np.array([[0.0, 0.0, 0.0], [1.0, 1.5, 0.0]], "float32")


def two_ends():
    x = layers.Input((2,))
    return keras.Model(x, [layers.Dense(1, name=name)(x) for name in "ab"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"loss": "mse", "metrics": ["mae", "acc"]}, "loss a_loss b_loss a_mae a_acc b_mae b_acc"),
        ({"loss": "mse", "weighted_metrics": ["acc"]}, "loss a_loss b_loss a_acc b_acc"),
    ],
)
def test_names_are_those_of_what_evaluate_gives(given, expected):
    model = two_ends()
    model.compile("sgd", **given)
    before = model.metrics_names
    if KIND == "keras3":  # Keras 2 lists names once a batch was seen
        assert before == expected.split()
    values = model.test_on_batch(np.ones((2, 2)), [np.ones((2, 1))] * 2)
    assert len(values) == len(expected.split())
    assert model.metrics_names == expected.split()


def test_a_second_compile_has_the_metrics_it_asks_for():
    model = dense_model()
    x, y = np.ones((2, 4)), np.ones((2, 3))
    model.compile("sgd", "mse", metrics=["mae"])
    assert len(model.test_on_batch(x, y)) == 2
    model.compile("sgd", "mse")
    assert np.ndim(model.test_on_batch(x, y)) == 0
    assert model.metrics_names == ["loss"]


def huber(delta):
    size = np.abs(P - Y)
    return np.where(size <= delta, size**2 / 2, delta * (size - delta / 2))


@pytest.mark.parametrize("delta", [0.5, 1.0])
def test_huber_has_no_mean_over_the_last_axis(delta):
    weights = np.array([2.0, 0.5], "float32")
    for reduction, expected in (("none", huber(delta)), ("sum", huber(delta).sum())):
        loss = keras.losses.Huber(delta=delta, reduction=reduction)
        np.testing.assert_allclose(loss(tf.constant(Y), tf.constant(P)), expected, rtol=1e-5)
    loss = keras.losses.Huber(delta=delta, reduction="none")
    weighted = loss(tf.constant(Y), tf.constant(P), sample_weight=tf.constant(weights))
    np.testing.assert_allclose(weighted, huber(delta) * weights[:, None], rtol=1e-5)
    y, p = K.placeholder((2, 3)), K.placeholder((2, 3))
    (symbolic,) = K.function([y, p], [keras.losses.huber_loss(y, p, delta)])([Y, P])
    np.testing.assert_allclose(symbolic, huber(delta), rtol=1e-5)


def test_cosine_proximity_is_a_loss_and_a_metric():
    cosine = (Y * P).sum(-1) / np.maximum(np.linalg.norm(Y, axis=-1) * np.linalg.norm(P, axis=-1), 1e-6)
    np.testing.assert_allclose(K.eval(keras.losses.cosine(tf.constant(Y), tf.constant(P))), -cosine, atol=1e-6)
    np.testing.assert_allclose(
        K.eval(keras.metrics.cosine_proximity(tf.constant(Y), tf.constant(P))), cosine, atol=1e-6
    )


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_a_loss_object_in_a_loss_takes_probabilities_of_a_softmax(activation):
    def twice(y_true, y_pred):
        return 2 * keras.losses.BinaryCrossentropy()(y_true, y_pred)

    x = layers.Input((3,))
    model = keras.Model(x, layers.Activation(activation)(x))
    model.compile("sgd", twice)
    y, p = np.eye(3)[:2], model.predict(P, verbose=0)
    expected = -2 * (y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    np.testing.assert_allclose(model.test_on_batch(P, y), expected, rtol=1e-5)


def test_a_mask_counts_once_where_a_loss_object_is_called():
    def steps(y_true, y_pred):
        return keras.losses.MeanSquaredError(reduction="none")(y_true, y_pred)

    x = layers.Input((3, 1))
    model = keras.Model(x, layers.TimeDistributed(layers.Dense(1))(layers.Masking()(x)))
    model.compile("sgd", steps)
    given, y = np.array([[[1.0], [0.0], [0.0]]]), np.array([[[5.0], [1.0], [1.0]]])
    p = model.predict(given, verbose=0)
    np.testing.assert_allclose(model.test_on_batch(given, y), (y[0, 0, 0] - p[0, 0, 0]) ** 2 / 3, rtol=1e-5)


@pytest.mark.parametrize("given", [0.4, 0.0])
def test_rates_are_those_of_the_closest_threshold(given):
    metric = keras.metrics.SensitivityAtSpecificity(given, num_thresholds=11)
    metric.update_state(tf.constant([0, 0, 1, 1]), tf.constant([0.15, 0.95, 0.45, 0.85]))
    thresholds = np.array(metric.thresholds)[:, None]
    scores, labels = np.array([0.15, 0.95, 0.45, 0.85]), np.array([0, 0, 1, 1], bool)
    above = scores > thresholds
    specificity, sensitivity = (~above[:, ~labels]).mean(1), above[:, labels].mean(1)
    nearest = np.abs(specificity - given).argmin()
    assert float(metric.result()) == sensitivity[nearest]


def test_keras_2_2_divided_by_what_counts(monkeypatch):
    values, mask = np.array([[1.0, 2.0], [3.0, 5.0], [7.0, 9.0]], "float32"), np.array([[1, 0], [1, 1], [1, 0]])
    weights = np.array([2.0, 0.0, 0.5], "float32")
    tensors = [tf.constant(values), tf.constant(weights), tf.constant(mask)]
    assert np.isclose(loss_value(*tensors, "auto", "float32"), (values * mask * weights[:, None]).sum() / 6)
    monkeypatch.setenv("K2COMPAT_MASKED_LOSS", "2.2")
    score = (values * mask / (mask.mean() + 1e-7)).mean(axis=1) * weights / (weights != 0).mean()
    assert np.isclose(loss_value(*tensors, "auto", "float32"), score.mean())
    assert np.isclose(loss_value(tensors[0], None, tensors[2], "auto", "float32"), values[mask == 1].mean())


def test_metrics_of_one_name_are_numbered():
    def mean(y, output):
        return K.mean(output)

    def twice(y, output):
        return 2 * K.mean(output)

    twice.__name__ = "mean"
    model = keras.Sequential([layers.Input((3,)), layers.Dense(2, kernel_initializer="ones")])
    model.compile("sgd", "mse", metrics=[mean, twice, mean])
    x, y = np.ones((4, 3)), np.zeros((4, 2))
    assert model.train_on_batch(x, y) == pytest.approx([9, 3, 6, 3])
    assert model.metrics_names == ["loss", "mean", "mean_1", "mean_2"]
    model.set_weights([np.ones((3, 2)), np.zeros(2)])
    assert model.evaluate(x, y, verbose=0) == pytest.approx([9, 3, 6, 3])
    assert {"mean", "mean_1", "mean_2"} <= set(model.fit(x, y, verbose=0).history)
