"""Layers, base classes, modules and wrappers that Keras 2 alone has."""

import importlib
import os
import tempfile
import warnings

import h5py
import numpy as np

from ..registry import case
from ..tools import drawn, integers, normal, numbered


def module(keras, name):
    return importlib.import_module(keras.__name__ + "." + name)


def trained(keras, model, values, targets):
    """What two steps of training make of a model."""
    model.compile(keras.optimizers.SGD(0.1), "mse")
    found = {"predicted": model.predict(values)}
    found["losses"] = np.array([model.train_on_batch(values, targets) for _ in range(2)], "float32")
    found.update(numbered(model.get_weights(), "weight"))
    return found


@case()
def locally_connected(K, keras, load):
    """A kernel for each place, in one and two dimensions, with strides, from a file too."""
    local = module(keras, "layers.local")
    layers = keras.layers
    model = keras.models.Sequential()
    model.add(local.LocallyConnected1D(4, 3, strides=2, activation="tanh", input_shape=(9, 2)))
    model.add(layers.Reshape((4, 4, 1)))
    model.add(local.LocallyConnected2D(2, (2, 3), strides=(1, 1), use_bias=True))
    model.add(layers.Flatten())
    model.add(layers.Dense(1))
    drawn(model)
    found = trained(keras, model, normal(3, 9, 2), normal(3, 1, seed=2))
    path = os.path.join(tempfile.mkdtemp(), "model.h5")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save(path)
        loaded = keras.models.load_model(path)
    found["loaded"] = loaded.predict(normal(2, 9, 2, seed=3))
    found["parameters"] = model.count_params()
    return found


@case()
def recurrent_base_class(K, keras, load):
    """An attention over the input on ``Recurrent``: states, constants, a mask, both directions of giving out."""
    recurrent = module(keras, "layers.recurrent")
    layers = keras.layers

    class Reader(recurrent.Recurrent):
        def __init__(self, units, **kwargs):
            self.units = units
            super(Reader, self).__init__(**kwargs)

        def build(self, input_shape):
            self.states = [None, None]
            self.enter = self.add_weight(shape=(input_shape[2], self.units), name="enter", initializer="ones")
            self.keep = self.add_weight(shape=(self.units, self.units), name="keep", initializer="ones")
            self.built = True

        def preprocess_input(self, inputs, training=None):
            return inputs * 0.5

        def get_constants(self, inputs, training=None):
            return [K.mean(inputs, axis=1)]

        def step(self, x, states):
            habit, count, whole = states
            habit = K.tanh(K.dot(x + whole, self.enter) + K.dot(habit, self.keep))
            return habit * count, [habit, count + 1.0]

        def get_config(self):
            return dict(super(Reader, self).get_config(), units=self.units)

    x = layers.Input((4, 3))
    masked = layers.Masking()(x)
    sequence = Reader(5, return_sequences=True)(masked)
    last = Reader(2, go_backwards=True)(x)
    model = drawn(keras.models.Model(x, layers.concatenate([layers.SimpleRNN(2)(sequence), last])))
    values = normal(3, 4, 3)
    values[1, 2:] = 0
    found = trained(keras, model, values, normal(3, 4, seed=2))
    found["config"] = sorted(Reader(3, return_state=True).get_config().items(), key=str).__len__()
    return found


@case()
def pooling_base_classes(K, keras, load):
    """Pooling layers of a program's own, on the base classes that Keras kept to itself."""
    pooling, convolutional = module(keras, "layers.pooling"), module(keras, "layers.convolutional")
    layers = keras.layers

    class MixedPooling(pooling._Pooling2D):
        def _pooling_function(self, inputs, pool_size, strides, padding, data_format):
            pooled = [K.pool2d(inputs, pool_size, strides, padding, data_format, mode) for mode in ("max", "avg")]
            return 0.7 * pooled[0] + 0.3 * pooled[1]

    class GlobalSum(pooling._GlobalPooling2D):
        def call(self, inputs):
            return K.sum(inputs, axis=[1, 2])

    class Doubled(convolutional._Conv):
        def __init__(self, filters, kernel_size, **kwargs):
            super(Doubled, self).__init__(rank=2, filters=filters, kernel_size=kernel_size, **kwargs)

        def call(self, inputs):
            return 2 * K.conv2d(inputs, self.kernel, padding=self.padding)

    x = layers.Input((7, 7, 2))
    y = Doubled(3, (3, 3), padding="same", use_bias=False)(x)
    model = drawn(keras.models.Model(x, GlobalSum()(MixedPooling((2, 2))(y))))
    found = trained(keras, model, normal(2, 7, 7, 2), normal(2, 3, seed=2))
    found["known"] = [
        isinstance(layers.MaxPooling2D(), pooling._Pooling2D),
        isinstance(layers.GlobalMaxPooling1D(), pooling._GlobalPooling1D),
        isinstance(layers.Conv2D(1, 1), convolutional._Conv),
        isinstance(layers.Dense(1), pooling._Pooling2D),
    ]
    return found


@case()
def first_embedding(K, keras, load):
    """A Sequential that begins with Embedding is built at once."""
    layers = keras.layers
    open_ended, fixed = keras.models.Sequential(), keras.models.Sequential()
    open_ended.add(layers.Embedding(6, 3))
    open_ended.add(layers.GRU(4, reset_after=False))
    open_ended.add(layers.Dense(2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fixed.add(layers.Embedding(6, 3, input_length=5, weights=[normal(6, 3)]))
    fixed.add(layers.Flatten())
    fixed.add(layers.Dense(2))
    found = {"open": str(open_ended.output_shape), "fixed": str(fixed.output_shape), "input": str(fixed.input_shape)}
    found["names"] = [open_ended.input_names[0].rstrip("0123456789_"), str(len(open_ended.layers))]
    found["table"] = fixed.layers[0].get_weights()[0]
    found.update(numbered([drawn(model).predict(integers(6, 2, 5)) for model in (open_ended, fixed)], "predicted"))
    found["function"] = K.function([open_ended.input], [open_ended.layers[1].output])([integers(6, 2, 3)])[0]
    batch = keras.models.Sequential()
    batch.add(layers.LSTM(2, input_shape=(3, 4), batch_size=2, stateful=True))
    found["batch"] = str(batch.input_shape)
    return found


@case()
def model_of_config(K, keras, load):
    """How agents copied a model: its class name, its configuration, its weights."""
    layers, models = keras.layers, keras.models
    sequential = drawn(models.Sequential([layers.Dense(3, input_shape=(4,), activation="relu"), layers.Dense(2)]))
    x = layers.Input((4,))
    functional = drawn(models.Model(x, layers.add([layers.Dense(2)(x), layers.Dense(2)(x)])))
    found = []
    for model in (sequential, functional):
        config = {"class_name": model.__class__.__name__, "config": model.get_config()}
        copied = models.model_from_config(config, custom_objects={})
        copied.set_weights(model.get_weights())
        found.append(copied.predict(normal(2, 4)))
    return numbered(found)


@case()
def weights_read_by_layer(K, keras, load):
    """Programs read weight files themselves, with the functions of keras.engine.topology and saving."""
    saving, topology = module(keras, "engine.saving"), module(keras, "engine.topology")
    layers = keras.layers

    def made(units):
        return drawn(
            keras.models.Sequential(
                [
                    layers.Dense(3, input_shape=(4,), name="first"),
                    layers.BatchNormalization(name="second"),
                    layers.Dense(units, name="head"),
                ]
            ),
            units,
        )

    path = os.path.join(tempfile.mkdtemp(), "weights.h5")
    one, other, third = made(2), made(2), made(5)
    with h5py.File(path, "w") as file:
        saving.save_weights_to_hdf5_group(file, one.layers)
    with h5py.File(path, "r") as file:
        saving.load_weights_from_hdf5_group(file, other.layers)
        saving.load_weights_from_hdf5_group_by_name(file, third.layers[:2])
        names = saving.load_attributes_from_hdf5_group(file, "layer_names")
    found = numbered([model.predict(normal(2, 4)) for model in (one, other, third)])
    found["names"] = [name if isinstance(name, str) else name.decode() for name in names]
    found["same"] = topology.Layer is layers.Layer
    return found


@case()
def scikit_learn_wrappers(K, keras, load):
    """Estimators of scikit-learn: classes, probabilities and scores."""
    wrappers = module(keras, "wrappers.scikit_learn")
    layers = keras.layers

    def classifier(units=3, classes=3):
        model = keras.models.Sequential([layers.Dense(units, input_dim=4), layers.Dense(classes, activation="softmax")])
        model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy", metrics=["accuracy"])
        return drawn(model)

    def binary():
        model = keras.models.Sequential([layers.Dense(1, input_dim=4, activation="sigmoid")])
        model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy", metrics=["accuracy"])
        return drawn(model)

    def regressor():
        model = keras.models.Sequential([layers.Dense(1, input_dim=4)])
        model.compile(keras.optimizers.SGD(0.1), "mse")
        return drawn(model)

    x, classes = normal(12, 4), np.array([3, 5, 9] * 4)
    options = {"epochs": 2, "batch_size": 4, "verbose": 0, "shuffle": False}
    found = {}
    many = wrappers.KerasClassifier(build_fn=classifier, units=5, **options)
    history = many.fit(x, classes)
    found["history"] = np.array(history.history["loss"])
    found["classes"], found["likely"] = many.predict(x), many.predict_proba(x)
    found["score"] = many.score(x, classes)
    two = wrappers.KerasClassifier(binary, **options)
    two.fit(x, classes > 4)
    found["two"], found["likely_two"] = two.predict(x).astype("int"), two.predict_proba(x)
    numbers = wrappers.KerasRegressor(regressor, **options)
    numbers.fit(x, x[:, 0])
    found["numbers"], found["loss"] = numbers.predict(x), numbers.score(x, x[:, 0])
    found["parameters"] = sorted(many.get_params())
    many.set_params(units=2)
    many.fit(x, classes)
    found["changed"] = many.model.count_params()
    try:
        wrappers.KerasClassifier(build_fn=classifier, unit=3)
    except ValueError as error:
        found["refused"] = str(error)
    return found


@case()
def utilities(K, keras, load):
    """Functions of keras.utils that programs took from its files."""
    conv, generic = (module(keras, "utils." + name) for name in ("conv_utils", "generic_utils"))
    sizes = [
        (10, 3, padding, stride, dilation)
        for padding in ("same", "valid", "full", "causal")
        for stride in (1, 2)
        for dilation in (1, 2)
    ]
    found = {"lengths": [conv.conv_output_length(*size) for size in sizes]}
    found["inputs"] = [conv.conv_input_length(5, 3, padding, 2) for padding in ("same", "valid", "full")]
    found["transposed"] = [
        conv.deconv_length(5, stride, 3, padding, more)
        for padding in ("same", "valid", "full")
        for stride in (1, 2)
        for more in (None, 1)
    ]
    found["kernel"] = conv.convert_kernel(normal(2, 3, 4, 5))
    found["tuples"] = [conv.normalize_tuple(2, 2, "x"), conv.normalize_tuple([1, 3], 2, "x")]
    code = generic.func_dump(lambda value, more=2: value * more)
    found["loaded"] = generic.func_load(code)(4)
    found["arguments"] = [
        generic.has_arg(lambda a, b=1, **more: 0, name, accept_all=accept) for name in "abc" for accept in (True, False)
    ]
    found["lists"] = [str(generic.to_list(value)) for value in (1, [1], (1,))] + [
        str(generic.to_list((1,), allow_tuple=True)),
        str(generic.unpack_singleton([3])),
        str(generic.is_all_none([None])),
    ]
    found["transposed_shape"] = generic.transpose_shape((2, 8, 9, 3), "channels_first", (1, 2))
    found["slices"] = generic.slice_arrays([np.arange(5), np.arange(5) * 2], 1, 3)

    return found


@case()
def readers(K, keras, load):
    """Batches read ahead, and rows of a file."""
    data = module(keras, "utils.data_utils")
    found = {}

    class Batches(keras.utils.Sequence):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return index * 10

    reader = data.OrderedEnqueuer(Batches())
    reader.start(workers=2, max_queue_size=4)
    batches = reader.get()
    found["batches"] = [next(batches) for _ in range(7)]
    reader.stop()
    reader = data.GeneratorEnqueuer(iter(range(4)))
    reader.start(workers=1)
    found["read"] = list(reader.get())
    reader.stop()
    path = os.path.join(tempfile.mkdtemp(), "rows.h5")
    with h5py.File(path, "w") as file:
        file["rows"] = np.arange(12.0).reshape((6, 2))
    rows = module(keras, "utils.io_utils").HDF5Matrix(path, "rows", 1, 5, normalizer=lambda part: part * 2)
    found["rows"] = np.concatenate([rows[0:2], rows[[0, 3]], rows[2][None]])
    found["shape"] = list(rows.shape)
    return found


@case()
def legacy_interfaces(K, keras, load):
    """Decorators by which methods take the arguments of Keras 1."""
    interfaces = module(keras, "legacy.interfaces")

    class Image(object):
        @interfaces.legacy_conv2d_support
        def __init__(self, filters, kernel_size, strides=1, data_format=None, use_bias=True):
            self.given = (filters, kernel_size, strides, data_format, use_bias)

    class Steps(object):
        @interfaces.legacy_recurrent_support
        def __init__(self, units, recurrent_activation="tanh", input_shape=None, implementation=0):
            self.given = (units, recurrent_activation, input_shape, implementation)

    class Descent(object):
        @interfaces.legacy_get_updates_support
        def get_updates(self, loss, params):
            return loss, params

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = [
            Image(3, 4, 5),
            Image(3, 4, nb_col=5),
            Image(nb_filter=3, nb_row=2, nb_col=1, subsample=(2, 2), dim_ordering="th", bias=False),
            Image(3, (1, 2)),
            Steps(output_dim=4, inner_activation="relu", input_dim=3, consume_less="gpu"),
            Steps(4),
        ]
    found = {"given": [str(one.given) for one in made]}
    found["updates"] = [str(Descent().get_updates([1], {}, 2)), str(Descent().get_updates(2, [1]))]
    return found


@case()
def own_wrapper(K, keras, load):
    """A wrapper that adds a weight and a loss to the layer inside: concrete dropout."""
    from_wrappers = module(keras, "layers.wrappers").Wrapper
    layers = keras.layers

    class Scaled(from_wrappers):
        def build(self, input_shape=None):
            self.input_spec = layers.InputSpec(shape=input_shape)
            if not self.layer.built:
                self.layer.build(input_shape)
                self.layer.built = True
            super(Scaled, self).build()
            self.scale = self.layer.add_weight(name="scale", shape=(1,), initializer="ones", trainable=True)

        def compute_output_shape(self, input_shape):
            return self.layer.compute_output_shape(input_shape)

        def call(self, inputs):
            return self.layer.call(inputs) * K.sigmoid(self.scale)

    x = layers.Input((4,))
    model = drawn(keras.models.Model(x, Scaled(layers.Dense(3))(x)))
    return trained(keras, model, normal(2, 4), normal(2, 3, seed=2))
