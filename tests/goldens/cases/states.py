"""Stateful layers: what moves their states, and what does not; initial values that are lists."""

import numpy as np

from ..registry import case
from ..tools import drawn, normal, numbered


def stack(keras):
    layers = keras.layers
    model = keras.models.Sequential()
    model.add(layers.LSTM(3, stateful=True, return_sequences=True, batch_input_shape=(2, 4, 3)))
    model.add(layers.GRU(3, stateful=True, return_sequences=True))
    model.add(layers.SimpleRNN(2, stateful=True))
    model.add(layers.Dense(1))
    return drawn(model)


@case()
def states_move(K, keras, load):
    """predict, train_on_batch, evaluate and fit move them, K.function alone does not, reset_states empties them."""
    model, x = stack(keras), normal(2, 4, 3)
    found = numbered([model.predict(x, batch_size=2) for _ in range(2)], "predicted")
    plain = K.function([model.input], [model.output])
    found.update(numbered([plain([x])[0] for _ in range(3)], "plain"))
    found["after_plain"] = model.predict(x, batch_size=2)
    model.reset_states()
    found["reset"] = model.predict(x, batch_size=2)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    found["losses"] = np.array([model.train_on_batch(x, np.ones((2, 1))) for _ in range(2)], "float32")
    found["tested"] = np.array([model.test_on_batch(x, np.ones((2, 1))) for _ in range(2)], "float32")
    history = model.fit(x, np.ones((2, 1)), batch_size=2, epochs=2, shuffle=False, verbose=0).history
    found["history"] = np.array(history["loss"])
    found["end"] = model.predict(x, batch_size=2)
    return found


@case()
def states_updates(K, keras, load):
    """The updates of a model and of its layers move them, those of one layer only its own."""
    model, x = stack(keras), normal(2, 4, 3)
    found = {"counts": [len(model.updates), len(model.state_updates), len(model.layers[0].updates)]}
    found["stateful"] = bool(model.stateful)
    for label, updates in (("states", model.state_updates), ("all", model.updates), ("one", model.layers[0].updates)):
        model.reset_states()
        moving = K.function([model.input], [model.output], updates=updates)
        found.update(numbered([moving([x])[0] for _ in range(3)], label))
        found[label + "_then"] = K.function([model.input], [model.output])([x])[0]
    return found


@case()
def states_beside_averages(K, keras, load):
    """The averages of batch normalization are updates, but no updates of states."""
    layers = keras.layers
    x = layers.Input(batch_shape=(3, 4, 2))
    y = layers.BatchNormalization()(layers.LSTM(3, stateful=True)(x))
    model = drawn(keras.models.Model(x, y))
    plain = keras.models.Sequential([layers.Dense(2, input_shape=(2,)), layers.BatchNormalization()])
    counts = [len(m) for m in (model.updates, model.state_updates, plain.updates, plain.state_updates)]
    moving = K.function([x, K.learning_phase()], [model.output], updates=model.updates)
    outputs = [moving([normal(3, 4, 2), 1])[0] for _ in range(2)]
    return dict(numbered(model.get_weights(), "weight"), counts=counts, **numbered(outputs, "output"))


@case()
def states_from_outside(K, keras, load):
    """A text generator: states set by reset_states(...), and read after each step."""
    layers = keras.layers
    model = keras.models.Sequential()
    model.add(layers.Embedding(5, 4, batch_input_shape=(1, 1)))
    model.add(layers.LSTM(3, stateful=True))
    model.add(layers.Dense(5, activation="softmax"))
    drawn(model)
    recurrent = model.layers[1]
    recurrent.reset_states([np.full((1, 3), 0.5), np.full((1, 3), -0.5)])
    word, found = 1, {}
    for step in range(4):
        scores = model.predict(np.array([[word]]))
        word = int(np.argmax(scores))
        found["scores%d" % step] = scores
        found["states%d" % step] = np.array([K.get_value(state) for state in recurrent.states])
    return found


@case()
def constants_from_lists(K, keras, load):
    """Constant of a list fills a weight in its order; of one number, everywhere; of any other number, it is refused."""
    found = {}
    for label, value in (
        ("flat", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ("turned", np.arange(6.0).reshape((2, 3))),
        ("one", [7.0]),
        ("integer", 3),
    ):
        layer = keras.layers.Dense(2, kernel_initializer=keras.initializers.Constant(value), bias_initializer="ones")
        layer(keras.layers.Input((3,)))
        found[label] = layer.get_weights()[0]
    try:
        keras.layers.Dense(2, kernel_initializer=keras.initializers.Constant([1.0, 2.0]))(keras.layers.Input((3,)))
        found["refused"] = False
    except (TypeError, ValueError):
        found["refused"] = True
    return found


@case()
def convolutional_recurrence(K, keras, load):
    """ConvLSTM2D has hard_sigmoid gates unless told otherwise, as LSTM and GRU do not."""
    layers = keras.layers
    x = layers.Input((3, 4, 4, 1))
    y = layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True)(x)
    y = layers.TimeDistributed(layers.BatchNormalization())(y)
    y = layers.ConvLSTM2D(2, 2, recurrent_activation="sigmoid")(y)
    model = drawn(keras.models.Model(x, layers.Flatten()(y)))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    values = 3 * normal(2, 3, 4, 4, 1)
    found = {"predicted": model.predict(values), "loss": np.float32(model.train_on_batch(values, np.ones((2, 18))))}
    found.update(numbered(model.get_weights(), "weight"))
    return found
