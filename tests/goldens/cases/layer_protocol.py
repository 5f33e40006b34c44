"""What layers of a script's own may do: how they get weights, updates and shapes, and what can be read off them."""

import numpy as np

from ..registry import case
from ..tools import drawn, normal, numbered, outcome


def trained(keras, model, values, targets):
    """What two steps of training make of a model."""
    model.compile(keras.optimizers.SGD(0.1), "mse")
    found = {"predicted": model.predict(values)}
    found["losses"] = np.array([model.train_on_batch(values, targets) for _ in range(2)], "float32")
    found.update(numbered(model.get_weights(), "weight"))
    return found


@case()
def updates_of_a_layer(K, keras, load):
    """K.moving_average_update and K.update_add given to add_update: in training alone, and not of a frozen layer."""
    layers = keras.layers

    class Whitened(layers.Layer):
        def build(self, input_shape):
            self.mean = self.add_weight("mean", (input_shape[1],), initializer="zeros", trainable=False)
            self.spread = self.add_weight("spread", (input_shape[1],), initializer="ones", trainable=False)
            self.count = self.add_weight("count", (1,), initializer="zeros", trainable=False)
            super(Whitened, self).build(input_shape)

        def call(self, x, training=None):
            mean, spread = K.mean(x, axis=0), K.var(x, axis=0)
            moves = [K.moving_average_update(self.mean, mean, 0.9), K.moving_average_update(self.spread, spread, 0.9)]
            self.add_update(moves, x)
            self.add_update(K.update_add(self.count, [1.0]), x)
            K.update(self.count, [7.0])  # which nothing runs

            def tested():
                return (x - self.mean) / K.sqrt(self.spread + 0.1)

            return K.in_train_phase((x - mean) / K.sqrt(spread + 0.1), tested, training=training)

    x, layer = layers.Input((4,)), Whitened()
    model = keras.models.Model(x, layers.Dense(1, kernel_initializer="ones")(layer(x)))
    values, targets = normal(8, 4), normal(8, 1, seed=1)

    def state():
        return np.concatenate(layer.get_weights())

    model.compile(keras.optimizers.SGD(0.1), "mse")
    found = {"predicted": model.predict(values), "after_predict": state()}
    found["losses"] = np.array([model.train_on_batch(values, targets) for _ in range(2)], "float32")
    found["trained"] = state()
    found["tested"] = np.float32(model.test_on_batch(values, targets))
    model.fit(values, targets, batch_size=4, epochs=2, verbose=0, shuffle=False)
    found["fitted"] = state()
    layer.trainable = False
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.train_on_batch(values, targets)
    found["frozen"] = state()
    return found


@case()
def updates_of_a_stateful_layer(K, keras, load):
    """What a layer with stateful = True keeps moves in every step of its model, frozen or not, and in no K.function."""
    layers = keras.layers

    class Remembering(layers.Layer):
        def build(self, input_shape):
            self.stateful = True
            self.memory = self.add_weight("memory", (2, 3), initializer="zeros", trainable=False)
            super(Remembering, self).build(input_shape)

        def call(self, x):
            self.add_update(K.update(self.memory, 0.5 * self.memory + x), x)
            return x + 2.0

        def compute_output_shape(self, input_shape):
            return input_shape

    x, layer = layers.Input(batch_shape=(2, 3)), Remembering()
    model = keras.models.Model(x, layers.Dense(1, kernel_initializer="ones")(layer(x)))
    values, targets = normal(4, 3), normal(4, 1, seed=1)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    K.function([x], [model.output])([values[:2]])
    found = {"function": K.get_value(layer.memory), "stateful": model.stateful}
    steps = [
        ("predict", lambda: model.predict(values, batch_size=2)),
        ("predict_on_batch", lambda: model.predict_on_batch(values[:2])),
        ("evaluate", lambda: model.evaluate(values, targets, batch_size=2, verbose=0)),
        ("fit", lambda: model.fit(values, targets, batch_size=2, verbose=0, shuffle=False)),
        ("frozen", lambda: model.fit(values, targets, batch_size=2, verbose=0, shuffle=False)),
        ("frozen_predict", lambda: model.predict(values, batch_size=2)),
    ]
    for name, step in steps:
        if name == "frozen":
            layer.trainable = False
            model.compile(keras.optimizers.SGD(0.1), "mse")
        step()
        found[name] = K.get_value(layer.memory)
    return found


@case()
def weights_set_as_lists(K, keras, load):
    """Layers that set trainable_weights, _trainable_weights and _non_trainable_weights, and add to them."""
    layers = keras.layers

    class Replaced(layers.Layer):
        def build(self, input_shape):
            self.kernel, self.shift = K.variable(np.ones((input_shape[1], 2))), K.zeros((2,))
            self._trainable_weights = [self.kernel]
            self._non_trainable_weights = [self.shift]
            self.built = True

        def call(self, x):
            return K.dot(x, self.kernel) + self.shift

        def compute_output_shape(self, input_shape):
            return (input_shape[0], 2)

    class Added(layers.Layer):
        def build(self, input_shape):
            self.kernel = K.variable(np.ones((input_shape[1], 3)))
            self.trainable_weights.append(self.kernel)
            self.trainable_weights += [K.variable(np.ones((3,)) * 2)]
            self.non_trainable_weights = [K.variable(np.ones(5))]
            super(Added, self).build(input_shape)

        def call(self, x):
            return K.dot(x, self.kernel) + self.trainable_weights[-1]

        def compute_output_shape(self, input_shape):
            return (input_shape[0], 3)

    x = layers.Input((4,))
    first, second = Replaced(), Added()
    model = drawn(keras.models.Model(x, second(first(x))))
    counts = [len(part) for layer in (first, second) for part in (layer.trainable_weights, layer.non_trainable_weights)]
    return dict(trained(keras, model, normal(6, 4), normal(6, 3, seed=2)), counts=counts, size=model.count_params())


@case()
def weights_made_late(K, keras, load):
    """Weights added behind super().build, in call, to a layer that is built, and by every order of arguments."""
    layers = keras.layers

    class Late(layers.Layer):
        def build(self, input_shape):
            super(Late, self).build(input_shape)
            self.kernel = self.add_weight("kernel", (input_shape[-1], 2), None, "ones", keras.regularizers.l2(0.1))
            self.shift = self.add_weight(shape=[2], initializer="zero", name="shift", trainable=False)

        def call(self, x):
            self.scale = self.add_weight(name="scale", shape=(K.int_shape(x)[-1],), initializer="one")
            return K.dot(x * self.scale, self.kernel) + self.shift

        def compute_output_shape(self, input_shape):
            return input_shape[:-1] + (2,)

    x, layer = layers.Input((4,)), Late(name="late")
    model = keras.models.Model(x, layer(x))
    layer.added = layer.add_weight(name="added", shape=(1,), initializer="zeros", trainable=False)
    found = trained(keras, drawn(model), normal(6, 4), normal(6, 2, seed=2))
    return dict(found, names=[weight.name for weight in model.weights], losses_of_weights=len(model.losses))


@case()
def attributes_of_a_layer(K, keras, load):
    """name and dtype set after super().__init__, and names that are properties of later versions."""
    layers = keras.layers

    class Named(layers.Layer):
        def __init__(self, **kwargs):
            super(Named, self).__init__(**kwargs)
            self.name, self.dtype = "mine", "float64"
            self.path, self.variables, self.dynamic = "there", [1, 2], 3

        def build(self, input_shape):
            self.kernel = self.add_weight(name="kernel", shape=(4, 2), initializer="ones")
            super(Named, self).build(input_shape)

        def call(self, x):
            return K.dot(K.cast(x, "float64"), self.kernel) + len(self.path) + len(self.variables)

        def compute_output_shape(self, input_shape):
            return (input_shape[0], 2)

    x, layer = layers.Input((4,)), Named()
    model = keras.models.Model(x, layer(x))
    names = [layer.name, layer.path, str(layer.variables), str(layer.dynamic), layer.dtype, K.dtype(layer.kernel)]
    return {"predicted": model.predict(normal(2, 4)), "names": names, "layer": model.get_layer("mine") is layer}


@case()
def shapes_that_layers_get(K, keras, load):
    """The shape of one tensor for a list of one, of all for several; compute_output_shape reads what call has set."""
    layers, seen = keras.layers, {}

    class Doubled(layers.Layer):
        def build(self, input_shape):
            seen[self.name] = str([tuple(shape) for shape in input_shape] if self.many else tuple(input_shape))
            super(Doubled, self).build(input_shape)

        @property
        def many(self):
            return self.name == "many"

        def call(self, x):
            seen[self.name + "_list"] = isinstance(x, list)
            x = K.concatenate(x) if isinstance(x, list) else x
            self.width = 2 * K.int_shape(x)[-1]
            return K.concatenate([x, x])

        def compute_output_shape(self, input_shape):
            return (None, self.width)

    x, y = layers.Input((4,)), layers.Input((3,))
    outputs = [Doubled(name="plain")(x), Doubled(name="one")([x]), Doubled(name="many")([x, y])]
    model = keras.models.Model([x, y], outputs)
    found = numbered(model.predict([normal(2, 4), normal(2, 3)]))
    found["seen"] = sorted("%s %s" % item for item in seen.items())
    found["shapes"] = [str(K.int_shape(output)) for output in outputs]
    lists = layers.Lambda(lambda t: t[:, :2], output_shape=[2])(x)
    found["lambda"] = keras.models.Model(x, lists).predict(normal(2, 4))
    return found


@case()
def graph_of_a_model(K, keras, load):
    """Nodes, and what they have in lists; shapes, masks and the learning phase of tensors."""
    layers = keras.layers
    x = layers.Input((4,))
    dense = layers.Dense(2)
    y = dense(x)
    dropped = layers.Dropout(0.5)(y)
    total = layers.add([y, dropped])
    model = keras.models.Model(x, total)
    text = []
    for layer in model.layers:
        for node in layer._inbound_nodes:
            makers = [type(maker).__name__ for maker in node.inbound_layers]
            text.append("%s < %s" % (type(node.outbound_layer).__name__, " ".join(makers)))
            text.append("%s %s %s" % (node.input_shapes, node.output_shapes, node.node_indices))
            text.append("%d %d" % (len(node.input_tensors), len(node.output_tensors)))
        text += [type(node.outbound_layer).__name__ for node in layer._outbound_nodes]
    phases = [tensor._uses_learning_phase for tensor in (x, y, dropped, total)]
    shapes = [str(shape) for shape in (x._keras_shape, total._keras_shape, model.layers[0].batch_input_shape)]
    masks = [dense.get_input_mask_at(0) is None, dense.get_output_mask_at(0) is None]
    first = keras.models.Sequential([layers.LSTM(2, batch_input_shape=(3, 5, 4), stateful=True)])
    return {
        "text": text,
        "phases": phases,
        "shapes": shapes + [str(first.layers[-1].batch_input_shape)],
        "masks": masks,
    }


@case()
def numbers_of_numpy(K, keras, load):
    """Integers of NumPy as units, filters, sizes and shapes."""
    layers, n = keras.layers, np.int64
    x, pictures = layers.Input((n(4),)), layers.Input((n(8), n(8), 3))
    y = layers.Reshape((n(6),))(layers.RepeatVector(n(2))(layers.Dense(n(3))(x)))
    y = layers.Dense(units=np.max([2, 3]))(y)
    z = layers.Conv2D(np.int32(2), (n(3), n(3)))(pictures)
    z = layers.Flatten()(layers.MaxPooling2D((n(2), 2))(z))
    words = layers.Embedding(n(10), np.int32(2))(layers.Input((5,)))
    steps = layers.LSTM(n(2), return_sequences=True)(layers.Input(shape=np.array([5, 4])))
    turned = layers.Permute((n(2), 1))(steps)
    first = keras.models.Sequential([layers.Dense(n(3), input_dim=n(4))])
    stateful = keras.models.Sequential([layers.LSTM(2, batch_input_shape=(n(2), n(5), 4), stateful=True)])
    stateful.add(layers.Dense(n(4)))
    shapes = [K.int_shape(tensor) for tensor in (y, z, words, steps, turned)]
    shapes += [first.output_shape, stateful.input_shape, stateful.output_shape]
    saved = outcome(keras.models.Model(x, y).to_json)
    found = drawn(keras.models.Model([x, pictures], [y, z])).predict([normal(2, 4), normal(2, 8, 8, 3)])
    return dict(numbered(found), shapes=[str(shape) for shape in shapes], saved=saved)
