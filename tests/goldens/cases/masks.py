"""Masks: what merging layers, layers of the user's own, wrappers and models make of those they get."""

import numpy as np

from ..registry import case
from ..tools import drawn, normal, numbered

FIRST = np.array([[1, 2, 0, 0, 3], [4, 0, 5, 1, 2], [2, 2, 2, 2, 2]])
SECOND = np.array([[1, 0, 2, 0, 0], [2, 2, 2, 0, 1], [0, 3, 3, 0, 2]])
SEQUENCES = normal(3, 5, 4, seed=3)


def inputs_of(keras, masked=(True, True)):
    """Two inputs of word numbers and their embeddings, with masks or without."""
    tokens = [keras.layers.Input((5,)) for _ in masked]
    return tokens, [keras.layers.Embedding(6, 4, mask_zero=zero)(x) for zero, x in zip(masked, tokens)]


def used(K, keras, inputs, ends, values, seed=1):
    """What a model computes in all ways: predicted, through K.function, and after a step of training.

    Args:
        ends: label -> the output of that label.
    """
    labels = sorted(ends)
    model = drawn(keras.models.Model(inputs, [ends[label] for label in labels]), seed)
    values = values[0] if len(values) == 1 else values
    predicted = model.predict(values)
    predicted = [predicted] if len(labels) == 1 else predicted
    function = K.function(model.inputs, model.outputs)(values if isinstance(values, list) else [values])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.train_on_batch(values, [np.ones(array.shape) for array in predicted])
    found = {"predicted_%s" % label: value for label, value in zip(labels, predicted)}
    found.update({"function_%s" % label: value for label, value in zip(labels, function)})
    found.update(numbered([np.sum(np.abs(weight)) for weight in model.get_weights()], "moved"))
    return found


def read(K, keras, y):
    """The sum of what the mask of a sequence lets through."""

    class Read(keras.layers.Layer):
        def call(self, x, mask=None):
            return K.sum(x if mask is None else x * K.expand_dims(K.cast(mask, K.floatx())), axis=1)

        def compute_mask(self, inputs, mask=None):
            return None

        def compute_output_shape(self, shape):
            return shape[0], shape[2]

    return Read()(y)


MERGED = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate")


@case()
def masks_of_merging_layers(K, keras, load):
    """Those masks that are there have to agree; missing ones are passed over."""
    tokens, masked = inputs_of(keras)
    plain = [keras.layers.Embedding(6, 4)(x) for x in tokens]
    both = {"11": masked, "10": [masked[0], plain[1]], "01": [plain[0], masked[1]], "00": plain}
    ends = {
        kind + label: read(K, keras, getattr(keras.layers, kind)()(merged))
        for kind in MERGED
        for label, merged in both.items()
    }
    three = [masked[0], plain[1], masked[1]]
    ends.update(
        {kind + "_three": read(K, keras, getattr(keras.layers, kind)()(three)) for kind in MERGED if kind != "Subtract"}
    )
    ends["along"] = read(K, keras, keras.layers.Concatenate(axis=1)(masked))
    ends["dot"] = read(K, keras, keras.layers.Dot(axes=2)(masked))
    return used(K, keras, tokens, ends, [FIRST, SECOND])


@case()
def values_of_merged_layers(K, keras, load):
    """What is merged are the values, also at the steps that a mask takes out."""
    layers = keras.layers
    tokens, masked = inputs_of(keras)
    plain = [layers.Embedding(6, 4)(x) for x in tokens]
    both = {"11": masked, "10": [masked[0], plain[1]], "three": [masked[0], plain[1], masked[1]]}
    ends = {
        kind + label: layers.Lambda(lambda x: x * 1.0)(getattr(layers, kind)()(merged))
        for kind in MERGED
        for label, merged in both.items()
        if len(merged) == 2 or kind != "Subtract"
    }
    return used(K, keras, tokens, ends, [FIRST, SECOND])


@case()
def layers_beside_masks(K, keras, load):
    """A mask does not move the layers of a branch before those of another."""
    layers = keras.layers
    x = layers.Input((5, 4))
    y = layers.Dense(3, name="first")(x)
    masked = layers.Masking(0.0, name="masking")(y)
    left = layers.SimpleRNN(2, name="left")(layers.Dense(3, name="plain")(layers.Dense(3, name="before")(y)))
    right = layers.SimpleRNN(2, name="right")(layers.Dense(3, name="masked")(masked))
    model = drawn(keras.models.Model(x, layers.Add(name="sum")([left, right])))
    order = ["first", "masking", "before", "plain", "masked", "left", "right", "sum"]
    found = numbered(model.get_weights(), "weight")
    found["order"] = [order.index(layer.name) for layer in model.layers if layer.name in order]
    found["predicted"] = model.predict(SEQUENCES)
    return found


@case()
def masks_through_layers(K, keras, load):
    """What keeps a mask: activations, noise, normalization, dense layers, wrappers."""
    layers = keras.layers
    kept = {
        "dense": [layers.Dense(3)],
        "activation": [layers.Activation("tanh")],
        "dropout": [layers.Dropout(0.0), layers.SpatialDropout1D(0.0)],
        "noise": [layers.GaussianNoise(0.0), layers.GaussianDropout(0.0)],
        "leaky": [layers.LeakyReLU(), layers.ELU(), layers.ReLU()],
        "prelu": [layers.PReLU(shared_axes=[1])],
        "softmax": [layers.Softmax()],
        "normalization": [layers.BatchNormalization()],
        "regularization": [layers.ActivityRegularization(l1=0.01)],
        "recurrent": [layers.GRU(3, return_sequences=True), layers.SimpleRNN(3, return_sequences=True)],
        "distributed": [layers.TimeDistributed(layers.Dense(3))],
        "masking": [layers.Masking(0.0)],
        "lambda": [layers.Lambda(lambda x: x * 2)],
        "lambda_same": [layers.Lambda(lambda x: x)],
        "lambda_mask": [layers.Lambda(lambda x: x * 2, mask=lambda x, mask: mask)],
    }
    tokens, (embedded, _) = inputs_of(keras)
    ends = {}
    for label in sorted(kept):
        y = embedded
        for layer in kept[label]:
            y = layer(y)
        ends[label] = read(K, keras, y)
    averaged = layers.GlobalAveragePooling1D()(embedded)
    ends["pooled"] = layers.Dense(2)(averaged)
    return used(K, keras, tokens[:1], ends, [FIRST])


def ending_layers(K, keras):
    """Layers that end a mask, pass it on and move it."""

    class NonMasking(keras.layers.Layer):
        def __init__(self, **kwargs):
            self.supports_masking = True
            super(NonMasking, self).__init__(**kwargs)

        def compute_mask(self, inputs, mask=None):
            return None

        def call(self, x, mask=None):
            return x

    class Passing(keras.layers.Layer):
        def __init__(self, **kwargs):
            super(Passing, self).__init__(**kwargs)
            self.supports_masking = True

        def call(self, x):
            return x

    class Later(keras.layers.Layer):
        """Masks one step more."""

        def call(self, x, mask=None):
            return x if mask is None else x * K.expand_dims(K.cast(mask, K.floatx()))

        def compute_mask(self, inputs, mask=None):
            return K.concatenate([mask[:, 1:], mask[:, :1]], axis=1)

    return NonMasking, Passing, Later


def using_layers(K, keras):
    """Layers that use a mask: of two inputs, and for an average."""

    class Pair(keras.layers.Layer):
        def __init__(self, **kwargs):
            super(Pair, self).__init__(**kwargs)
            self.supports_masking = True

        def call(self, inputs, mask=None):
            first, second = inputs
            assert mask is None or len(mask) == 2
            if mask is None:
                return first - second
            for known in mask:
                if known is not None:
                    first = first * K.expand_dims(K.cast(known, K.floatx()))
            return first + second

        def compute_mask(self, inputs, mask=None):
            return None if mask is None else mask[0]

        def compute_output_shape(self, shapes):
            return shapes[0]

    class Pooled(keras.layers.Layer):
        def __init__(self, **kwargs):
            self.supports_masking = True
            super(Pooled, self).__init__(**kwargs)

        def call(self, x, mask=None):
            if mask is None:
                return K.mean(x, axis=1)
            mask = K.cast(K.repeat_elements(K.expand_dims(mask, -1), 4, -1), K.floatx())
            return K.sum(x * mask, axis=1) / K.sum(mask, axis=1)

        def compute_mask(self, inputs, mask=None):
            return None

        def compute_output_shape(self, shape):
            return shape[0], shape[2]

    return Pair, Pooled


@case()
def masks_of_own_layers(K, keras, load):
    """Layers of the user's own: a mask ends, is replaced, or is used."""
    Pair, Pooled = using_layers(K, keras)
    tokens, masked = inputs_of(keras)
    plain = [keras.layers.Embedding(6, 4)(x) for x in tokens]
    ends = {kind.__name__: read(K, keras, kind()(masked[0])) for kind in ending_layers(K, keras)}
    ends["Pooled"] = keras.layers.Dense(2)(Pooled()(masked[0]))
    ends["Pair11"] = read(K, keras, Pair()(masked))
    ends["Pair10"] = read(K, keras, Pair()([masked[0], plain[1]]))
    ends["Pair01"] = read(K, keras, Pair()([plain[0], masked[1]]))
    ends["Pair00"] = read(K, keras, Pair()(plain))
    return used(K, keras, tokens, ends, [FIRST, SECOND])


@case()
def masks_given_by_hand(K, keras, load):
    """A mask that is passed to a layer is its own alone: it does not go on."""
    layers = keras.layers
    x, other, words = layers.Input((5, 4)), layers.Input((5,)), layers.Input((5,))
    given = layers.Lambda(lambda t: K.greater(t, 0.0), output_shape=(5,))(other)
    embedded = layers.Embedding(6, 4, mask_zero=True)(words)
    ends = {
        "alone": read(K, keras, layers.LSTM(3, return_sequences=True)(x, mask=given)),
        "instead": read(K, keras, layers.LSTM(3, return_sequences=True)(embedded, mask=given)),
    }
    return used(K, keras, [x, other, words], ends, [SEQUENCES, SECOND.astype("float32"), FIRST])


@case()
def masks_beside_states(K, keras, load):
    """A decoder behind masked words that starts from the encoder's states."""
    layers = keras.layers
    tokens, (first, second) = inputs_of(keras)
    ends = {}
    for kind in (layers.LSTM, layers.GRU, layers.SimpleRNN):
        states = list(kind(3, return_state=True)(first))[1:]
        y = kind(3, return_sequences=True)(second, initial_state=states)
        ends[kind.__name__] = read(K, keras, y)
    states = list(layers.Bidirectional(layers.GRU(3, return_state=True))(first))[1:]
    y = layers.Bidirectional(layers.GRU(3, return_sequences=True))(second, initial_state=states)
    ends["both_ways"] = read(K, keras, y)
    return used(K, keras, tokens, ends, [FIRST, SECOND])


@case()
def masks_of_models(K, keras, load):
    """Masks go into nested models, out of them, and along when a model is called on other inputs."""
    layers = keras.layers
    tokens, masked = inputs_of(keras)
    plain = [layers.Embedding(6, 4)(x) for x in tokens]
    words = layers.Input((5,))
    encoder = keras.models.Model(words, layers.Dense(4)(layers.Embedding(6, 4, mask_zero=True)(words)))
    inside = layers.Input((5, 4))
    reader = keras.models.Model(inside, read(K, keras, layers.Dense(4)(inside)))
    first, second = layers.Input((5, 4)), layers.Input((5, 4))
    both = keras.models.Model([first, second], read(K, keras, layers.Add()([first, second])))
    stack = keras.models.Sequential()
    stack.add(layers.Dense(4, input_shape=(5, 4)))
    stack.add(layers.Dropout(0.0))
    masking = keras.models.Sequential()
    masking.add(layers.Masking(0.0, input_shape=(5, 4)))
    masking.add(layers.SimpleRNN(3, return_sequences=True))
    zeros = layers.Lambda(lambda x: K.expand_dims(x) * K.ones((1, 1, 4)), output_shape=(5, 4))(tokens[0])
    ends = {
        "out": read(K, keras, encoder(tokens[0])),
        "out_merged": read(K, keras, layers.Add()([encoder(tokens[0]), plain[1]])),
        "in": reader(masked[0]),
        "both11": both(masked),
        "both10": both([masked[0], plain[1]]),
        "both01": both([plain[0], masked[1]]),
        "stack": read(K, keras, stack(masked[0])),
        "masking": read(K, keras, masking(zeros)),
    }
    return used(K, keras, tokens, ends, [FIRST, SECOND])


@case()
def masks_both_ways(K, keras, load):
    """Bidirectional layers under masks, in each way to merge."""
    layers = keras.layers
    tokens, (embedded, _) = inputs_of(keras)
    ends = {}
    for mode in ("concat", "sum", "ave", "mul"):
        y = layers.Bidirectional(layers.SimpleRNN(2, return_sequences=True), merge_mode=mode)(embedded)
        ends[mode] = read(K, keras, y)
        ends[mode + "_last"] = layers.Bidirectional(layers.GRU(2), merge_mode=mode)(embedded)
    return used(K, keras, tokens[:1], ends, [FIRST])


@case()
def masks_as_tensors(K, keras, load):
    """The masks of layers can be asked for and computed."""
    tokens, embedded = inputs_of(keras)
    merged = keras.layers.Add(name="sum")(embedded)
    joined = keras.layers.Concatenate(name="joined")(embedded)
    model = keras.models.Model(tokens, [merged, joined])
    masks = [model.get_layer(name).output_mask for name in ("sum", "joined")]
    masks += [layer.compute_mask(tokens[0]) for layer in model.layers if type(layer).__name__ == "Embedding"][:1]
    computed = K.function(tokens, [K.cast(mask, "int32") for mask in masks])([FIRST, SECOND])
    return numbered(computed, "mask")


@case()
def attention_under_masks(K, keras, load):
    """A small transformer: embeddings of words and segments added, attention with a mask, residual sums; a tagger."""
    layers = keras.layers

    class Attention(layers.Layer):
        def __init__(self, **kwargs):
            super(Attention, self).__init__(**kwargs)
            self.supports_masking = True

        def build(self, shape):
            self.wq = self.add_weight(shape=(4, 4), initializer="uniform", name="wq")
            self.wk = self.add_weight(shape=(4, 4), initializer="uniform", name="wk")
            super(Attention, self).build(shape)

        def call(self, x, mask=None):
            q, k = K.dot(x, self.wq), K.dot(x, self.wk)
            scores = K.batch_dot(q, k, axes=2) / 2.0
            scores = K.exp(scores - K.max(scores, axis=-1, keepdims=True))
            if mask is not None:
                scores = scores * K.cast(K.expand_dims(mask, axis=-2), K.floatx())
            return K.batch_dot(scores / (K.sum(scores, axis=-1, keepdims=True) + K.epsilon()), x)

        def compute_output_shape(self, shape):
            return shape

    words, segments = layers.Input((5,)), layers.Input((5,))
    y = layers.Add()([layers.Embedding(6, 4, mask_zero=True)(words), layers.Embedding(6, 4)(segments)])
    for _ in range(2):
        y = layers.Add()([y, Attention()(y)])
        y = layers.Add()([y, layers.Dense(4)(layers.Dense(6, activation="relu")(y))])
    y = layers.Bidirectional(layers.GRU(3, return_sequences=True))(y)
    y = layers.TimeDistributed(layers.Dense(2, activation="softmax"))(y)
    y = layers.Lambda(lambda t: t * 1.0)(y)
    return used(K, keras, [words, segments], {"tags": y}, [FIRST, SECOND])
