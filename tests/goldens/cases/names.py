"""The names of layers, weights and tensors."""

import numpy as np

from ..registry import case


def sequences(layers):
    """Layers that take a sequence."""
    return [
        layers.Conv1D(4, 3, activation="relu"),
        layers.Conv1D(4, 3),
        layers.SeparableConv1D(4, 3),
        layers.LSTM(3),
        layers.LSTM(3, return_sequences=True),
        layers.GRU(3),
        layers.SimpleRNN(3),
        layers.RNN(layers.SimpleRNNCell(3)),
        layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)]),
        layers.Bidirectional(layers.LSTM(3)),
        layers.Bidirectional(layers.GRU(3, return_sequences=True), merge_mode="sum"),
        layers.TimeDistributed(layers.Dense(3)),
        layers.LSTM(3, name="last"),
        layers.Bidirectional(layers.LSTM(3), name="both"),
        layers.TimeDistributed(layers.BatchNormalization()),
        layers.BatchNormalization(),
        layers.Dense(2),
    ]


def pictures(layers):
    """Layers that take a picture."""
    return [
        layers.Conv2D(4, 3, activation="relu"),
        layers.Conv2D(4, 3),
        layers.Conv2D(4, 3, use_bias=False, padding="same"),
        layers.SeparableConv2D(4, 3),
        layers.DepthwiseConv2D(3),
        layers.Conv2DTranspose(4, 3),
        layers.MaxPooling2D(),
        layers.AveragePooling2D(),
        layers.GlobalAveragePooling2D(),
        layers.GlobalMaxPooling2D(),
        layers.ZeroPadding2D(),
        layers.Cropping2D(),
        layers.UpSampling2D(),
        layers.UpSampling2D(interpolation="bilinear"),
        layers.SpatialDropout2D(0.2),
        layers.BatchNormalization(),
        layers.Flatten(),
        layers.Dense(2),
        layers.BatchNormalization(scale=False),
        layers.PReLU(),
        layers.Conv2D(4, 3, dilation_rate=2),
    ]


def rows(layers):
    """Layers that take a row of numbers."""
    activations = [
        "softmax",
        "sigmoid",
        "tanh",
        "elu",
        "selu",
        "softplus",
        "softsign",
        "hard_sigmoid",
        "exponential",
        "linear",
    ]
    return [
        layers.Dense(4, activation="relu"),
        layers.Dense(4),
        layers.Dense(4, use_bias=False),
        layers.BatchNormalization(),
        layers.Dropout(0.5),
        layers.LeakyReLU(),
        layers.PReLU(),
        layers.ELU(),
        layers.ReLU(max_value=6),
        layers.ReLU(),
        layers.Softmax(),
        layers.GaussianNoise(0.1),
        layers.GaussianDropout(0.1),
        layers.ActivityRegularization(l2=0.1),
        layers.RepeatVector(3),
        layers.Reshape((2, 4)),
        layers.Lambda(lambda x: x * 2),
    ] + [kind for name in activations for kind in (layers.Dense(3, activation=name), layers.Activation(name))]


SHAPES = [("sequences", sequences, (8, 6)), ("pictures", pictures, (12, 12, 3)), ("rows", rows, (8,))]


def names(things):
    return np.array([thing.name for thing in things])


@case()
def names_of_weights(K, keras, load):
    """Each weight has the name of its layer in front; those of wrapped layers that of the wrapper."""
    results = {}
    for kind, make, shape in SHAPES:
        x = keras.layers.Input(shape)
        model = keras.models.Model(x, [layer(x) for layer in make(keras.layers)])
        results[kind] = names(weight for layer in model.layers for weight in layer.weights)
        results[kind + "_layers"] = names(model.layers)
    tokens = keras.layers.Input((4,))
    results["embedding"] = names(keras.models.Model(tokens, keras.layers.Embedding(9, 2)(tokens)).weights)
    film = keras.layers.Input((4, 6, 6, 2))
    results["film"] = names(keras.models.Model(film, keras.layers.ConvLSTM2D(2, 2)(film)).weights)
    return results


@case()
def names_without_a_name(K, keras, load):
    """Layers, models and metrics are numbered from 1, each class by itself, and anew after clear_session."""
    layers, models = keras.layers, keras.models

    class OwnLayer(layers.Layer):
        """A layer of the script."""

    class _Hidden(layers.Layer):
        """A private one."""

    class OwnModel(models.Model):
        """A model of the script."""

    found = []
    first = models.Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2, activation="relu")])
    found += [first.name, *names(first.layers), *first.input_names, *first.output_names]
    x = layers.Input((4,))
    outer = models.Model(x, first(x))
    found += [outer.name, *names(outer.layers), *outer.input_names, *outer.output_names]
    nested = models.Sequential()
    nested.add(first)
    nested.add(layers.Dense(1))
    found += [nested.name, *names(nested.layers), *nested.input_names]
    stateful = models.Sequential([layers.LSTM(2, batch_input_shape=(2, 3, 4), stateful=True)])
    found += [stateful.name, *names(stateful.layers), *stateful.input_names]
    found += [OwnLayer().name, OwnLayer().name, _Hidden().name, OwnModel(x, layers.Dense(1)(x)).name]
    found += [layers.add([x, x]).name.split("/")[0], layers.ConvLSTM2D(1, 1).name, layers.Conv2D(1, 1).name]
    found += [layers.Bidirectional(layers.GRU(2)).forward_layer.name, layers.TimeDistributed(layers.Dense(1)).name]
    found += [keras.metrics.AUC().name, keras.metrics.AUC().name, keras.metrics.Precision().name]
    found += [keras.metrics.Mean().name, keras.metrics.MeanSquaredError().name]
    found += [str(K.get_uid("Dense")), layers.Dense(1).name, str(K.get_uid("own")), str(K.get_uid("own"))]
    copied = models.model_from_json(first.to_json())
    found += [copied.name, *names(copied.layers), layers.Dense(1).name, layers.Input((2,)).name.split(":")[0]]
    K.reset_uids()
    found += [layers.Dense(1).name]
    K.clear_session()
    found += [layers.Dense(1).name, layers.Input((2,)).name.split(":")[0]]
    return {"names": np.array(found)}


def own_layers(K, layers):
    """Two layers of a script: one with weights of its own, one of other layers."""

    class Scale(layers.Layer):
        def build(self, input_shape):
            self.gamma = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="gamma")
            self.first = self.add_weight(shape=(input_shape[-1],), initializer="ones", name=None)
            self.second = self.add_weight(shape=(input_shape[-1],), initializer="ones", name=None)
            self.kept = K.variable(np.ones(2), name="kept")
            super(Scale, self).build(input_shape)

        def call(self, inputs):
            return inputs * self.gamma

        def compute_output_shape(self, input_shape):
            return input_shape

    class Block(layers.Layer):
        def __init__(self, **kwargs):
            super(Block, self).__init__(**kwargs)
            self.inner, self.outer = layers.Dense(3), layers.Dense(2)

        def build(self, input_shape):
            self.inner.build(input_shape)
            super(Block, self).build(input_shape)

        def call(self, inputs):
            return self.outer(self.inner(inputs))

        def compute_output_shape(self, input_shape):
            return (input_shape[0], 2)

    return Scale, Block


@case()
def names_of_weights_in_a_script(K, keras, load):
    """Weights of a script's own layers, of layers in layers, of copies, and in a name scope."""
    layers, models = keras.layers, keras.models
    Scale, Block = own_layers(K, layers)
    x = layers.Input((2,))
    results = {}
    scales = [Scale(), Scale(), Scale(name="own")]
    results["outputs"] = names(scale(x) for scale in scales)
    results["scales"] = names(w for s in scales for w in (s.gamma, s.first, s.second, s.kept))
    block = Block()
    results["block_output"] = names([block(x)])
    results["block"] = names(block.inner.weights + block.outer.weights)
    built = [layers.Dense(3), layers.Dense(3)]
    for layer in built:
        layer.build((None, 2))
    results["built"] = names(built[0].weights + built[1].weights)
    model = models.Sequential([layers.Dense(3, input_shape=(2,)), layers.BatchNormalization(name="bn_1")])
    copies = [models.clone_model(model), models.model_from_json(model.to_json())]
    results["copies"] = names(weight for copy in copies for weight in copy.weights)
    results["same_name"] = names(w for _ in range(2) for w in with_weights(layers.Dense(2, name="twice"), x).weights)
    with K.name_scope("scope"):
        scoped = with_weights(layers.Dense(2), x)
        results["in_scope"] = names(scoped.weights + [K.variable(1.0, name="v"), K.variable(1.0)])
    results["inner_models"] = names(models.Model(x, models.Sequential([model, layers.Dense(1)])(x)).weights)
    results["operations"] = np.array([weight.op.name for weight in scoped.weights])
    return results


def with_weights(layer, x):
    layer(x)
    return layer


@case()
def names_of_variables(K, keras, load):
    """Variables are named after their argument, or Variable, each name once."""
    found = [K.variable(1.0), K.variable(1.0, name="v"), K.variable(1.0, name="v"), K.variable(2.0), K.zeros((2,))]
    return {"names": names(found), "operations": np.array([variable.op.name for variable in found])}


@case()
def names_of_outputs(K, keras, load):
    """The tensors that layers make are named after the layer and the operation that made them."""
    results = {}
    for kind, make, shape in SHAPES:
        x = keras.layers.Input(shape)
        model = keras.models.Model(x, [layer(x) for layer in make(keras.layers)])
        results[kind] = names([*model.inputs, *model.outputs])
        results[kind + "_outputs"] = np.array(model.output_names)
    a, b = keras.layers.Input((4,)), keras.layers.Input((4,), name="named")
    kinds = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"]
    merged = [getattr(keras.layers, kind)()([a, b]) for kind in kinds] + [keras.layers.Dot(1)([a, b])]
    merged += [keras.layers.add([a, b, a]), keras.layers.concatenate([a, b], name="joined")]
    results["merged"] = names([a, b, *merged])
    embedded = keras.layers.Embedding(9, 4)(a)
    results["embedding"] = names([embedded, keras.layers.Permute((2, 1))(embedded), keras.layers.Flatten()(embedded)])
    results["states"] = names(keras.layers.LSTM(3, return_state=True)(embedded))
    results["operations"] = np.array([merged[0].op.name, a.op.name, a.op.type, merged[0].op.type])
    return results


@case()
def names_of_shared_outputs(K, keras, load):
    """A second call of a layer has a name of its own; models in models stand before their layers."""
    layers, models = keras.layers, keras.models
    x, y = layers.Input((4,)), layers.Input((4,))
    shared = layers.Dense(3, activation="relu", name="shared")
    results = {"calls": names([shared(x), shared(y), shared(x)])}
    inner = models.Model(x, layers.Dense(2, activation="tanh")(shared(x)))
    stack = models.Sequential([layers.Dense(3, input_shape=(4,)), layers.Dense(2)])
    results["inner"] = names([inner(x), inner(y), stack(x), stack(y)])
    outer = models.Model(y, stack(layers.Dense(4)(y)))
    results["outer"] = names([outer.output, outer.input, outer(x), stack.inputs[0], stack.outputs[0]])
    results["at"] = np.array([shared.get_output_at(node).name for node in range(4)])
    other = models.clone_model(stack)
    results["copy"] = names([other.inputs[0], other.outputs[0]])
    return results


@case()
def names_of_placeholders(K, keras, load):
    """Placeholders without a name are numbered, too."""
    found = [K.placeholder((2,)), K.placeholder((2,)), K.placeholder((2,), name="p"), K.placeholder((2,), name="p")]
    first, second = K.placeholder((2, 3)), K.placeholder((2, 3))
    computed = [K.mean(first), K.mean(second), K.exp(first), first * second, K.sum(first)]
    with K.name_scope("scope"):
        scoped = [K.placeholder((2,)), K.mean(first)]
    return {"names": names(found), "computed": names(computed), "scoped": names(scoped)}
