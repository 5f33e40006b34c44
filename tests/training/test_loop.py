"""What the training loop keeps, hands over and tells."""

import gc
import weakref

import numpy as np
import pytest
import tensorflow as tf
from helpers import LeftToKeras, dense_model, normal
from kerases import keras, layers

import k2compat
from k2compat import backend as K
from k2compat.tensorflow_internals import FuncGraph

X, Y = normal(20, 4).astype("float32"), normal(20, 3, seed=1).astype("float32")


def compiled(optimizer="sgd", **kwargs):
    model = dense_model()
    model.compile(optimizer, "mse", **kwargs)
    return model


def stats(model):
    found = k2compat.training_stats(model)
    return dict(found.own), dict(found.keras)


def test_one_step_is_compiled_for_batches_of_all_sizes():
    model = compiled()
    for size in (1, 7, 20):
        model.train_on_batch(X[:size], Y[:size])
    assert k2compat.training_stats(model).compiled == 1


def test_predict_on_batch_takes_arrays_with_other_numbers_of_samples():
    a, b = layers.Input((2,)), layers.Input((1,))
    model = keras.Model([a, b], [layers.Dense(1)(a), layers.Lambda(lambda t: t * 2)(b)])
    for first, second in ((3, 1), (1, 3)):  # the shapes of Keras 2.3.1
        found = model.predict_on_batch([np.ones((first, 2)), np.ones((second, 1))])
        assert [one.shape for one in found] == [(first, 1), (second, 1)]


def test_a_second_compile_makes_new_steps():
    model = compiled()
    model.train_on_batch(X, Y)
    model.layers[1].trainable = False
    model.compile("sgd", "mse")
    before = model.layers[1].get_weights()
    model.train_on_batch(X, Y)
    np.testing.assert_array_equal(model.layers[1].get_weights()[0], before[0])
    assert k2compat.training_stats(model).compiled == 2


def test_datasets_and_own_training_functions_are_left_to_keras():
    model = compiled()
    model.fit(tf.data.Dataset.from_tensor_slices((X, Y)).batch(5), shuffle=False, verbose=0)
    assert stats(model) == ({}, {"fit": 1})
    assert "Dataset" in k2compat.training_stats(model).reasons["fit"]
    x = layers.Input((4,))
    own = LeftToKeras(x, layers.Dense(3)(x))
    own.compile("sgd", "mse")
    own.train_on_batch(X, Y)
    assert stats(own) == ({}, {"train_on_batch": 1})


def test_undone_the_loop_is_keras_own():
    repair = next(repair for repair in k2compat.repairs() if repair.name == "training_loop")
    model = compiled()
    repair.undo()
    try:
        model.fit(X, Y, verbose=0)
    finally:
        repair.apply()
    assert stats(model) == ({}, {})


@pytest.mark.parametrize("change", ["lr", "weights"])
def test_what_a_callback_sets_counts_for_the_next_batch(change):
    class Change(keras.callbacks.Callback):
        def on_batch_end(self, batch, logs=None):
            if change == "lr":
                self.model.optimizer.learning_rate.assign(0.0)
            else:
                self.model.set_weights([np.zeros_like(weight) for weight in self.model.get_weights()])
                self.model.stop_training = True

    model = compiled()
    first = model.get_weights()
    one = compiled()
    one.train_on_batch(X[:5], Y[:5])
    model.fit(X, Y, batch_size=5, shuffle=False, verbose=0, callbacks=[Change()])
    found = model.get_weights()
    expected = one.get_weights() if change == "lr" else [np.zeros_like(weight) for weight in first]
    for weight, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(weight, other, rtol=1e-6)


def test_metrics_go_on_counting_until_they_are_reset():
    model = compiled(metrics=["mae"])
    each = [model.test_on_batch(X[i : i + 5], Y[i : i + 5])[1] for i in (0, 5)]
    model.test_on_batch(X[:5], Y[:5], reset_metrics=False)
    both = model.test_on_batch(X[5:10], Y[5:10])[1]
    np.testing.assert_allclose(both, np.mean(each), rtol=1e-6)
    np.testing.assert_allclose(model.test_on_batch(X[:5], Y[:5])[1], each[0], rtol=1e-6)


def test_tables_sparse_matrices_and_integers_are_read():
    sparse = pytest.importorskip("scipy.sparse")
    model = compiled()
    dense = np.arange(80).reshape(20, 4) % 3
    expected = model.predict(dense.astype("float32"), batch_size=6)
    for given in (dense, sparse.csr_matrix(dense), tf.constant(dense, "float32")):
        np.testing.assert_allclose(model.predict(given, batch_size=6), expected, rtol=1e-6)
    assert stats(model) == ({"predict": 4}, {})


def test_a_model_that_is_dropped_is_freed():
    model = compiled()
    model.predict(X)
    reference = weakref.ref(model.layers[1])
    del model
    gc.collect()
    assert reference() is None


def test_a_model_that_was_trained_is_freed_by_clear_session():
    """As in Keras 2; TensorFlow keeps the graph in which gradients are summed over replicas, and all it knows."""

    def train():
        model = compiled(optimizer="adam")
        model.train_on_batch(X, Y)
        model.fit(X, Y, verbose=0)
        return weakref.ref(model.layers[1]), [weakref.ref(weight) for weight in model.weights]

    train()
    K.clear_session()
    before = graphs()  # some are Keras's own, made once
    layer, weights = train()
    K.clear_session()
    assert layer() is None and [weight() for weight in weights] == [None] * len(weights)
    assert graphs() <= before


def graphs():
    """Return how many graphs of functions are in memory."""
    return sum(isinstance(thing, FuncGraph) for thing in gc.get_objects())


def test_a_variable_that_was_evaluated_is_freed_by_clear_session():
    variable = weakref.ref(K.variable(np.zeros((2, 2))))
    found = [weakref.ref(made) for made in map(K.variable, (1.0, 2.0)) if K.eval(made)]
    K.clear_session()
    assert variable() is None and [made() for made in found] == [None, None]


def test_an_output_that_is_one_number_for_a_batch_is_predicted_for_each_sample():
    """As in Keras 2, whose ``predict`` wrote what each batch gave into its rows."""
    x = layers.Input((2,))
    outputs = [layers.Lambda(K.mean)(x), layers.Lambda(lambda t: K.sum(t, axis=0, keepdims=True))(x)]
    model, rows = keras.Model(x, outputs), np.arange(10.0).reshape(5, 2)
    means, sums = model.predict(rows, batch_size=2, verbose=0)
    assert means.tolist() == [1.5, 1.5, 5.5, 5.5, 8.5]
    assert sums.tolist() == [[2, 4], [2, 4], [10, 12], [10, 12], [8, 9]]
    assert model.predict(rows[:1], verbose=0)[0].shape == (1,)
    assert model.predict_on_batch(rows)[0].shape == ()


def batches():
    while True:
        yield X, Y


@pytest.mark.filterwarnings("ignore:__array__ implementation")  # of a variable in Keras's callback
@pytest.mark.parametrize("validation", [{"validation_split": 0.5}, {"validation_data": (X, Y)}, batches])
def test_tensorboard_writes_the_values_of_validations(tmp_path, monkeypatch, validation):
    written, told = {}, []

    def write(name, value, step=None):
        written.setdefault(name, []).append(value)

    for place in (tf.summary, tf.compat.v2.summary):
        monkeypatch.setattr(place, "scalar", write)
    own = keras.callbacks.LambdaCallback()
    own.on_test_end = told.append
    callbacks = [keras.callbacks.TensorBoard(str(tmp_path)), own]
    if validation is batches:
        history = compiled().fit_generator(
            batches(), 2, validation_data=batches(), validation_steps=1, callbacks=callbacks, verbose=0
        )
    else:
        history = compiled().fit(X, Y, callbacks=callbacks, verbose=0, **validation)
    assert np.allclose(written["evaluation_loss_vs_iterations"], history.history["val_loss"])
    assert told == [None]


def test_functions_of_tensorboard_get_the_values_of_weights():
    plugin = {"__name__": "tensorboard.plugins.scalar.summary_v2", "tf": tf}
    exec("def written(step): return tf.convert_to_tensor(step)", plugin)
    assert plugin["written"](compiled().optimizer.iterations).numpy() == 0


def test_the_bar_of_a_generator_counts_steps(capfd):
    compiled().fit_generator(batches(), 2, epochs=1)
    shown = "".join(capfd.readouterr())
    assert "2/2" in shown
    assert "sample" not in shown
    assert "Unknown" not in shown


def test_losses_that_are_replaced_do_not_count_again():
    x = layers.Input((4,))
    model = keras.Model(x, layers.Dense(3, kernel_initializer="ones")(x))
    losses = []
    for _ in range(2):
        model._losses = []
        model.add_loss(K.mean(model.output))
        model.compile("sgd", loss=[None])
        losses.append(model.evaluate(X, None, verbose=0))
    assert np.allclose(losses, X.sum(1).mean(), atol=1e-5)
    assert len(model.losses) == 1
