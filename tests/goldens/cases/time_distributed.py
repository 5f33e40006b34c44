"""TimeDistributed: statistics over all steps together, any number of steps, masks, models inside."""

import numpy as np

from ..registry import case
from ..tools import drawn, integers, normal, numbered
from .masks import used


def trained(K, keras, model, values, targets):
    """What two steps of training make of a model."""
    model.compile(keras.optimizers.SGD(0.1), "mse")
    losses = [model.train_on_batch(values, targets) for _ in range(2)]
    found = numbered([np.sum(np.abs(weight)) for weight in model.get_weights()], "moved")
    tested = np.float32(model.test_on_batch(values, targets))
    found.update(losses=np.array(losses, "float32"), after=model.predict(values), tested=tested)
    return found


@case()
def distributed_normalization(K, keras, load):
    """Batch normalization in a wrapper takes the statistics of all steps together."""
    layers = keras.layers
    x = layers.Input((5, 4))
    y = layers.TimeDistributed(layers.BatchNormalization(), name="normal")(x)
    y = layers.TimeDistributed(layers.Dense(2))(y)
    model = drawn(keras.models.Model(x, y))
    values = normal(6, 5, 4, seed=1) * np.arange(1, 6).reshape((1, 5, 1))
    phases = [K.function([x, K.learning_phase()], [model.output])([values, phase])[0] for phase in (0, 1)]
    found = {"test": phases[0], "training": phases[1]}
    found.update(trained(K, keras, model, values, normal(6, 5, 2, seed=2)))
    model.fit(values, normal(6, 5, 2, seed=2), epochs=2, batch_size=3, shuffle=False, verbose=0)
    found["fitted"] = model.predict(values)
    return found


@case()
def distributed_any_steps(K, keras, load):
    """The number of steps may be unknown, and differ from that of the samples."""
    layers = keras.layers
    x = layers.Input((None, 4))
    y = layers.TimeDistributed(layers.Dense(3, activity_regularizer="l2"))(x)
    y = layers.TimeDistributed(layers.BatchNormalization())(y)
    model = drawn(keras.models.Model(x, y))
    found = numbered([model.predict(normal(batch, steps, 4)) for batch, steps in ((2, 8), (3, 1), (4, 4))], "predicted")
    found.update(numbered(K.function([x], [model.output])([normal(2, 8, 4)]), "function"))
    found.update(trained(K, keras, model, normal(2, 8, 4), normal(2, 8, 3, seed=4)))
    pictures = layers.Input((None, 6, 6, 1))
    y = layers.TimeDistributed(layers.Conv2D(2, 3, activation="relu"))(pictures)
    y = layers.TimeDistributed(layers.MaxPooling2D())(y)
    y = layers.TimeDistributed(layers.Flatten())(y)
    model = drawn(keras.models.Model(pictures, layers.GRU(3)(y)))
    found["pictures"] = model.predict(normal(2, 7, 6, 6, 1))
    return found


@case()
def distributed_models(K, keras, load):
    """Sentences of words: a model inside, with batch normalization and masks of its own."""
    layers = keras.layers
    words = layers.Input((4,))
    y = layers.Embedding(6, 4, mask_zero=True)(words)
    sentence = keras.models.Model(words, layers.GRU(3)(y))
    features = keras.models.Sequential()
    features.add(layers.Dense(3, input_shape=(3,), activation="relu"))
    features.add(layers.BatchNormalization())
    features.add(layers.Dropout(0.0))
    x = layers.Input((5, 4))
    encoded = layers.TimeDistributed(sentence)(x)
    ends = {
        "recurrent": layers.SimpleRNN(2)(layers.TimeDistributed(features)(encoded)),
        "dense": layers.TimeDistributed(layers.Dense(2))(encoded),
    }
    return used(K, keras, [x], ends, [integers(6, 3, 5, 4)])


@case()
def distributed_masks(K, keras, load):
    """Masks made by the layer inside, and those that pass it."""
    layers = keras.layers
    x = layers.Input((5, 4))
    embedded = layers.TimeDistributed(layers.Embedding(6, 3, mask_zero=True))(x)
    read = layers.TimeDistributed(layers.SimpleRNN(2))(embedded)
    reread = layers.TimeDistributed(layers.SimpleRNN(2, return_sequences=True))(embedded)
    ends = {
        "on": layers.SimpleRNN(2)(read),
        "reread_on": layers.SimpleRNN(2)(layers.TimeDistributed(layers.SimpleRNN(2))(reread)),
        "both": layers.SimpleRNN(2)(layers.TimeDistributed(layers.Bidirectional(layers.SimpleRNN(2)))(embedded)),
    }
    values = integers(6, 3, 5, 4) * np.array([[1, 0, 1, 1, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])[:, :, None]
    return used(K, keras, [x], ends, [values])


@case()
def distributed_fixed_batch(K, keras, load):
    """A batch of a fixed size is run step by step, and the mask goes on as it is."""
    layers = keras.layers
    x = layers.Input(batch_shape=(3, 5, 4))
    masked = layers.Masking(0.0)(x)
    y = layers.TimeDistributed(layers.Dense(3))(masked)
    ends = {"last": layers.LSTM(2)(y), "all": layers.TimeDistributed(layers.Dense(2))(x)}
    ends["noise"] = layers.TimeDistributed(layers.Dropout(0.0))(x)
    values = normal(3, 5, 4) * np.array([[1, 0, 1, 1, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])[:, :, None]
    return used(K, keras, [x], ends, [values])


@case()
def distributed_fixed_normalization(K, keras, load):
    """Step by step each step is normalized by itself."""
    layers = keras.layers
    x = layers.Input(batch_shape=(3, 5, 4))
    y = layers.TimeDistributed(layers.BatchNormalization())(x)
    model = drawn(keras.models.Model(x, layers.TimeDistributed(layers.Dense(2))(y)))
    values = normal(3, 5, 4) * np.arange(1, 6).reshape((1, 5, 1))
    phases = [K.function([x, K.learning_phase()], [model.output])([values, phase])[0] for phase in (0, 1)]
    found = {"test": phases[0], "training": phases[1]}
    return found


@case()
def distributed_updates(K, keras, load):
    """model.updates move the averages inside a wrapper by all steps together."""
    layers = keras.layers
    x = layers.Input((5, 4))
    model = drawn(keras.models.Model(x, layers.TimeDistributed(layers.BatchNormalization())(x)))
    step = K.function([x, K.learning_phase()], [model.output], updates=model.updates)
    values = normal(6, 5, 4, seed=1) * np.arange(1, 6).reshape((1, 5, 1))
    outputs = [step([values, 1])[0] for _ in range(2)]
    return dict(numbered(model.get_weights(), "weight"), count=len(model.updates), **numbered(outputs, "output"))
