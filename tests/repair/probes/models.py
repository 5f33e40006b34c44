"""Probes of the repairs of what layers and models compute and load."""

import copy
import json
import tempfile
from pathlib import Path
from unittest import mock

import h5py
import numpy as np
import tensorflow as tf
from helpers import dense_model, normal
from kerases import keras, layers
from paths import DATA, MODELS

from k2compat import backend as K
from repair.probes import probe, probe_of_keras2, probe_of_keras3


@probe_of_keras3
def hard_sigmoid():
    x = layers.Input((1,))
    one, by_name = tf.constant(1.0), keras.Model(x, layers.Activation("hard_sigmoid")(x))
    values = [
        by_name(np.array([[1.0]]))[0, 0],
        keras.activations.hard_sigmoid(one),
        tf.keras.activations.hard_sigmoid(one),
    ]
    assert np.allclose(values, 0.7)


@probe
def sequential_config():
    model = keras.Sequential([layers.Input((3,)), layers.Dense(2), layers.Dense(1)])
    config = model.get_config()
    assert [layer["class_name"] for layer in config["layers"]] == ["Dense", "Dense"]
    assert tuple(config["layers"][0]["config"]["batch_input_shape"]) == (None, 3)


@probe_of_keras3
def names_in_files():
    model = dense_model()
    with tempfile.TemporaryDirectory() as folder:
        model.save_weights(f"{folder}/weights.h5")
        with h5py.File(f"{folder}/weights.h5") as file:
            layer = file.attrs["layer_names"][-1]
            assert file[layer].attrs["weight_names"].tolist()[0] == model.weights[-2].name


@probe_of_keras3
def layers_deserialize():
    made = layers.deserialize({"class_name": "Dense", "config": layers.Dense(3).get_config()})
    assert made.units == 3


@probe_of_keras3
def tracked_copies():
    layer = layers.Layer()
    layer.kept = [1, 2]
    assert type(copy.deepcopy(layer.kept)) is list


@probe
def gru_reset_after():
    assert layers.GRU(2).reset_after is False
    assert layers.GRUCell(2).reset_after is False


@probe
def batch_norm():
    pictures, rows = layers.Input((1, 1, 1)), layers.Input((1,))
    for x in (pictures, rows):
        y = layers.BatchNormalization(trainable=False)(x)
        batch = np.reshape([1.0, 3.0], (2, *x.shape[1:]))
        found = K.function([x, K.learning_phase()], [y])([batch, 1])[0]
        assert np.allclose(found.ravel(), [-1, 1], atol=1e-2)


@probe_of_keras2
def axis_in_config():
    normalization = layers.BatchNormalization()
    normalization.build((None, 2, 3))
    assert normalization.get_config()["axis"] == 2


@probe_of_keras3
def channels_first_bias():
    convolution = layers.Conv2D(2, 1, data_format="channels_first", kernel_initializer="zeros")
    convolution.build((None, 1, 3, 2))
    convolution.bias.assign([1.0, 2.0])
    found = convolution(np.zeros((1, 1, 3, 2), "float32"))
    assert np.array_equal(found, np.reshape([1.0, 2.0], (1, 2, 1, 1)) * np.ones((1, 2, 3, 2)))


@probe
def channels_first_on_cpu():
    convolution = layers.Conv2D(2, 1, data_format="channels_first")
    with mock.patch("k2compat.repair.shared.channels_first.has_gpu", lambda: False):
        graph = tf.function(convolution).get_concrete_function(tf.TensorSpec((1, 1, 3, 2))).graph
    assert [o.get_attr("data_format") for o in graph.get_operations() if o.type == "Conv2D"] == [b"NHWC"]


@probe_of_keras3
def output_names():
    x, layer = layers.Input((2,)), layers.Dense(1, name="critic")
    model = keras.Model(x, [layer(x), layer(-x), layer(2 * x)])
    model.compile("sgd", ["mse", "mae", "mse"])
    losses = model.test_on_batch(np.ones((1, 2)), [np.zeros((1, 1))] * 3)
    assert model.output_names == ["critic", "critic_1", "critic_2"]
    assert np.isclose(sum(losses[1:]), losses[0])


@probe_of_keras3
def layer_arguments():
    model = keras.Sequential([layers.SimpleRNN(2, batch_input_shape=(4, 3, 1), stateful=True)])
    dense = layers.Dense(1, weights=[np.array([[2.0]]), np.array([1.0])])
    assert model.input_shape == (4, 3, 1)
    assert dense(np.ones((1, 1)))[0, 0] == 3.0


@probe
def weight_values():
    dense = layers.Dense(1, kernel_initializer=lambda shape, dtype=None: K.ones(shape) * 0.5)
    dense.build((None, 2))
    dense.kernel.assign(K.variable([[1.0], [2.0]]) * 2.0)
    assert dense.kernel.numpy().tolist() == [[2.0], [4.0]]


@probe_of_keras3
def pool_size():
    x = np.arange(4.0, dtype="float32")
    pooled = layers.AveragePooling1D()(x[None, :, None])
    sizes = [getattr(layers, f"AveragePooling{rank}D")().pool_size for rank in (2, 3)]
    assert np.allclose(K.eval(pooled).ravel(), [0.5, 2.5])
    assert [tuple(size) for size in sizes] == [(2, 2), (2, 2, 2)]


@probe
def masked_bidirectional():
    x = layers.Input((2, 1))
    inner = layers.SimpleRNN(1, return_sequences=True, go_backwards=True)
    forwards, backwards = layers.SimpleRNN(1, return_sequences=True), layers.Bidirectional(inner)
    masked = layers.Masking()(x)
    model = keras.Model(x, [layers.Bidirectional(forwards)(masked), backwards(masked)])
    model.set_weights([np.ones_like(w) for w in model.get_weights()])  # the bias, too: tanh(1 + 1) at the first step
    found, turned = model.predict(np.array([[[1.0], [0.0]]]), verbose=0)
    expected = np.tanh(2) * np.array([[[1, 1], [1, 0]]])
    assert np.allclose(found, expected)
    assert np.allclose(turned, expected[:, ::-1, ::-1])


@probe
def bilinear_upsampling():
    layer = layers.UpSampling2D((2, 1), interpolation="bilinear")
    assert np.allclose(K.eval(layer(K.constant(np.arange(3.0).reshape(1, 3, 1, 1)))).ravel(), [0, 0.5, 1, 1.5, 2, 2])


@probe
def layer_weights():
    class Scaled(layers.Layer):
        def __init__(self):
            super().__init__()
            self.scale = K.variable(2.0, name="scale")

        def call(self, inputs):
            return inputs * self.scale

    class Old(layers.Layer):
        def build(self, shape):
            self.kernel = K.variable(np.ones((1, 1)))
            self.trainable_weights = [self.kernel]
            super().build(shape)

        def call(self, inputs):
            return K.dot(inputs, self.kernel)

    x = layers.Input((1,))
    model = keras.Model(x, Old()(Scaled()(x)))
    assert [w.tolist() for w in model.get_weights()] == [2.0, [[1.0]]]
    assert len(model.trainable_weights) == 2


@probe_of_keras3
def layer_names():
    x = layers.Input((2,))
    model = keras.Model(x, layers.Dense(1, name="conv1/conv")(x))
    found = model.get_layer("conv1/conv").output
    assert found is model.output
    assert model.predict(np.ones((1, 2)), verbose=0).shape == (1, 1)


@probe_of_keras3
def model_of_one():
    x = layers.Input((2,))
    model = keras.Model([x], [layers.Dense(3)(x)])
    assert K.int_shape(model.output[:, 0]) == (None,)
    assert K.int_shape(model([x])) == (None, 3)


@probe
def predicted_list():
    x = layers.Input((2,))
    model = keras.Model(x, (layers.Dense(3)(x), layers.Dense(4)(x)))
    rows = np.ones((5, 2), "float32")
    assert all(type(predict(rows)) is list for predict in (model.predict, model.predict_on_batch))


@probe
def model_arguments():
    x = layers.Input((2,))
    model = keras.Model(input=x, output=layers.Dense(3)(x))
    assert model.output_shape == (None, 3)
    assert model.input is x


@probe
def model_nodes():
    inner, x = dense_model(), layers.Input((4,))
    called = inner(x)
    assert inner.get_output_at(0) is inner.output
    assert inner.get_output_at(1) is called
    assert inner.get_input_at(1) is x


@probe
def forward_pass():
    model = dense_model()
    hidden = model.get_layer("hidden").output
    model.compile("sgd", lambda y_true, y_pred: K.mean(K.square(y_pred - y_true)) + K.sum(K.square(hidden)))
    trained = model.fit(normal(4, 4), normal(4, 3), epochs=1, verbose=0)
    assert np.isfinite(trained.history["loss"]).all()


@probe
def silent_predict():
    model, lines = dense_model(), []
    callback = keras.callbacks.LambdaCallback(on_predict_begin=lambda logs: lines.append(callback.params["verbose"]))
    model.predict(normal(1, 4), callbacks=[callback])
    assert lines == [0]


@probe_of_keras3
def sequential_output():
    model = keras.Sequential([layers.Input((2,)), layers.Dense(3), layers.Dense(4)])
    assert model.output is model.layers[-1].output
    assert K.int_shape(model.input) == (None, 2)


@probe_of_keras3
def sequential_rebuild():
    model = keras.Sequential([layers.Input((2,)), layers.Dense(3)])
    tensor = model.layers[0].output
    model.add(layers.Dense(4))
    assert model.layers[0].output is tensor
    assert K.gradients(model.outputs[0], tensor)[0] is not None


@probe_of_keras3
def legacy_config():
    model = keras.models.load_model(MODELS / "forecast.h5", compile=False)
    assert model.get_layer("gru").reset_after is False
    assert keras.models.load_model(MODELS / "nested.h5", compile=False).built


@probe_of_keras3
def phase_of_saved_calls():
    x = layers.Input((200,))
    model = keras.Model(x, layers.Dropout(0.5)(x))

    def drops(model):
        f = K.function([model.input, K.learning_phase()], [model.output])
        return [bool((f([np.ones((1, 200)), phase])[0] == 0).any()) for phase in (0, 1)]

    assert drops(keras.Model.from_config(model.get_config())) == drops(keras.models.clone_model(model)) == [False, True]


@probe_of_keras3
def legacy_json():
    dense = {"class_name": "Dense", "config": {"name": "d", "units": 2, "batch_input_shape": [None, 3]}}
    text = json.dumps(
        {"class_name": "Sequential", "config": {"name": "s", "layers": [dense]}, "keras_version": "2.3.1"}
    )
    readers = (keras.models.model_from_json, tf.keras.models.model_from_json)
    assert all(read(text).output_shape == (None, 2) for read in readers)


@probe_of_keras3
def legacy_weights():
    model = keras.Sequential([layers.Input((3,)), layers.Dense(4), layers.Dense(2)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.weights.h5"
        with h5py.File(DATA / "adam.h5", "r") as old, h5py.File(path, "w") as new:
            weights = old["model_weights"]
            for name in weights:
                weights.copy(name, new)
            new.attrs.update(weights.attrs)
        model.load_weights(path)
    expected = keras.models.load_model(DATA / "adam.h5", compile=False).get_weights()
    assert all(np.array_equal(*pair) for pair in zip(model.get_weights(), expected, strict=True))


@probe_of_keras3
def legacy_training():
    model = keras.models.load_model(DATA / "sgd.h5")
    assert len(model.evaluate(np.ones((2, 3)), np.eye(2), verbose=0)) == 3


@probe_of_keras3
def legacy_optimizer():
    model = keras.models.load_model(DATA / "adam.h5")
    steps, moments = int(model.optimizer.iterations.numpy()), model.optimizer._velocities
    model.train_on_batch(np.ones((2, 3)), np.eye(2))
    assert steps == 2
    assert all(np.max(moment.numpy()) > 0 for moment in moments)


@probe_of_keras3
def old_modules():
    from keras.backend.tensorflow_backend import set_session
    from keras.engine.topology import InputSpec, Layer
    from keras.layers.core import Dense
    from keras.utils import np_utils

    assert (Layer, InputSpec, Dense, set_session, np_utils.to_categorical) == (
        keras.Layer,
        keras.InputSpec,
        keras.layers.Dense,
        K.set_session,
        keras.utils.to_categorical,
    )


@probe_of_keras3
def old_names():
    from keras.constraints import maxnorm
    from keras.layers import initializers
    from keras.layers.merge import _Merge
    from keras.losses import mse
    from keras.models import Input
    from keras.optimizers import adam
    from keras.preprocessing.image import ImageDataGenerator

    pictures = ImageDataGenerator(rescale=0.5).flow(np.full((1, 2, 2, 3), 4.0))
    assert mse([0.0], [2.0]) == 4.0
    assert next(pictures).max() == 2.0
    assert (adam, maxnorm) == (keras.optimizers.Adam, keras.constraints.MaxNorm)
    assert initializers is keras.initializers
    assert issubclass(layers.Add, _Merge)
    assert tf.keras.utils.OrderedEnqueuer is keras.utils.OrderedEnqueuer
    assert Input((2,)).shape == (None, 2)


@probe
def weights_order():
    x = layers.Input((2,))
    inner = keras.Model(x, layers.Dense(3)(layers.BatchNormalization()(x)))
    outer = keras.Model(x, inner(x))
    outer.set_weights(outer.get_weights())
    order = [(2,), (2,), (2, 3), (3,), (2,), (2,)]
    assert [w.shape for w in outer.get_weights()] == [tuple(w.shape) for w in outer.weights] == order
