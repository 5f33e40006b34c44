"""Recurrent cells of a script's own in RNN, constants, subclasses of RNN and LSTM, states that are set."""

import os
import tempfile
import warnings

import numpy as np

from ..registry import case
from ..tools import drawn, normal, numbered, outcome


def trained(K, keras, model, values, targets):
    """What two steps of training make of a model."""
    model.compile(keras.optimizers.SGD(0.1), "mse")
    found = {"predicted": model.predict(values)}
    found["losses"] = np.array([model.train_on_batch(values, targets) for _ in range(2)], "float32")
    found.update(numbered(model.get_weights(), "weight"))
    return found


def gate(keras, K):
    """A cell with two states of different sizes, which takes constants if there are some."""

    class Gate(keras.layers.Layer):
        def __init__(self, units, **kwargs):
            super(Gate, self).__init__(**kwargs)
            self.units = units
            self.state_size = (units, 2)
            self.output_size = units

        def build(self, input_shape):
            shapes = input_shape if isinstance(input_shape, list) else [input_shape]
            self.constant_shapes = shapes[1:]
            self.kernel = self.add_weight(name="kernel", shape=(shapes[0][-1], self.units), initializer="uniform")
            self.keep = self.add_weight(name="keep", shape=(2, self.units), initializer="uniform")
            for number, shape in enumerate(self.constant_shapes):
                weight = self.add_weight(name="extra%d" % number, shape=(shape[-1], self.units), initializer="ones")
                setattr(self, "extra%d" % number, weight)
            super(Gate, self).build(input_shape)

        def call(self, inputs, states, constants=None, training=None):
            wide, narrow = states
            level = K.dot(inputs, self.kernel) + K.dot(narrow, self.keep) + 0.5 * wide
            for number, constant in enumerate(constants or []):
                level = level + K.dot(constant, getattr(self, "extra%d" % number))
            level = K.tanh(level)
            level = K.in_train_phase(0.5 * level, level, training=training)
            return level, [level, narrow + level[:, :2]]

        def get_config(self):
            return dict(super(Gate, self).get_config(), units=self.units)

    return Gate


@case()
def cells_of_plain_objects(K, keras, load):
    """A cell is any object with call and state_size: masked, backwards, unrolled, with states given out and given."""
    layers = keras.layers

    class Average(object):
        def __init__(self, size, share):
            self.state_size, self.share = size, share

        def call(self, inputs, states):
            level = self.share * states[0] + (1.0 - self.share) * inputs
            return 2.0 * level, [level]

    x, start = layers.Input((5, 3)), layers.Input((3,))
    masked = layers.Masking()(x)
    whole = layers.RNN(Average(3, 0.5), return_sequences=True, return_state=True)(masked)
    back = layers.RNN(Average(3, 0.25), go_backwards=True, unroll=True)(x)
    begun = layers.RNN(Average(3, 0.75))(x, initial_state=start)
    two = layers.RNN([Average(3, 0.5), Average(3, 0.1)], return_state=True)(x)
    values = normal(2, 5, 3)
    values[1, 3:] = 0
    outputs = [whole[0], whole[1], back, begun] + two
    found = K.function([x, start], outputs)([values, normal(2, 3, seed=1)])
    shapes = [str(K.int_shape(output)) for output in outputs]
    model = keras.models.Model([x, start], [layers.Dense(1)(begun), layers.LSTM(2)(whole[0])])
    drawn(model)
    found += model.predict([values, normal(2, 3, seed=1)])
    return dict(numbered(found), shapes=shapes, lists=[isinstance(whole, list), isinstance(two, list)])


@case()
def cells_with_constants(K, keras, load):
    """constants= by keyword, beside states, one or several; a second call of the layer, which has its weights."""
    layers = keras.layers
    Gate = gate(keras, K)
    x, other = layers.Input((4, 3)), layers.Input((6, 3))
    one, two = layers.Input((2,)), layers.Input((5,))
    wide, narrow = layers.Input((4,)), layers.Input((2,))
    layer = layers.RNN(Gate(4), return_sequences=True)
    first = layer(x, constants=[one, two])
    second = layer(other, initial_state=[wide, narrow], constants=[one, two])
    third = layers.RNN(Gate(4), return_state=True)(x, constants=one)
    together = layers.concatenate([first, second], axis=1)
    inputs = [x, other, one, two, wide, narrow]
    model = drawn(keras.models.Model(inputs, [together, third[0], third[2]]))
    values = [normal(3, *K.int_shape(tensor)[1:], seed=number) for number, tensor in enumerate(inputs)]
    model.compile(keras.optimizers.SGD(0.1), "mse")
    predicted = model.predict(values)
    losses = [model.train_on_batch(values, [0 * p for p in predicted])]
    losses.append(model.train_on_batch(values, [0 * p for p in predicted]))
    found = dict(numbered(predicted, "predicted"), losses=np.array(losses, "float32"))
    found["parameters"] = [layer.count_params(), len(layer.get_weights())]
    found.update(numbered(model.get_weights(), "weight"))
    return found


@case()
def cells_with_constants_in_lists(K, keras, load):
    """A layer that knows how many constants it has takes all in one list; from its configuration and a file, too."""
    layers = keras.layers
    Gate = gate(keras, K)
    x, constant = layers.Input((4, 3)), layers.Input((2,))
    wide, narrow = layers.Input((4,)), layers.Input((2,))
    layer = layers.RNN(Gate(4))
    y = layer(x, initial_state=[wide, narrow], constants=constant)
    with_all = drawn(keras.models.Model([x, wide, narrow, constant], y))
    without = keras.models.Model([x, constant], layer([x, constant]))
    values = [normal(3, 4, 3), normal(3, 4), normal(3, 2), normal(3, 2, seed=4)]
    found = {"all": with_all.predict(values), "without": without.predict([values[0], values[3]])}
    custom = {"Gate": Gate}
    copied = layers.RNN.from_config(dict(layer.get_config()), custom_objects=custom)
    again = keras.models.Model([x, wide, narrow, constant], copied([x, wide, narrow, constant]))
    again.set_weights(with_all.get_weights())
    found["copied"] = again.predict(values)
    found["number"] = layer.get_config()["num_constants"]
    path = os.path.join(tempfile.mkdtemp(), "model.h5")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with_all.save(path)
        found["loaded"] = keras.models.load_model(path, custom_objects=custom).predict(values)
    return found


@case()
def stacks_of_own_cells(K, keras, load):
    """Cells of a script's own beside those of Keras, constants for those that take them, states in one flat list."""
    layers = keras.layers
    Gate = gate(keras, K)
    x, constant = layers.Input((4, 3)), layers.Input((2,))
    stack = [Gate(4), layers.LSTMCell(3), layers.GRUCell(2, reset_after=False)]
    found = layers.RNN(stack, return_state=True)(x, constants=constant)
    model = drawn(keras.models.Model([x, constant], found))
    values = [normal(3, 4, 3), normal(3, 2)]
    model.compile(keras.optimizers.SGD(0.1), "mse")
    predicted = model.predict(values)
    losses = np.array([model.train_on_batch(values, [0 * p for p in predicted]) for _ in range(2)], "float32")
    return dict(numbered(predicted, "predicted"), losses=losses, **numbered(model.get_weights(), "weight"))


@case()
def states_of_own_cells(K, keras, load):
    """A stateful layer of an own cell: its states move, are set and emptied."""
    layers = keras.layers
    Gate = gate(keras, K)
    model = keras.models.Sequential()
    model.add(layers.RNN(Gate(4), stateful=True, return_sequences=True, batch_input_shape=(2, 3, 3)))
    model.add(layers.LSTM(2, stateful=True))
    drawn(model)
    layer, values = model.layers[0], normal(2, 3, 3)
    found = numbered([model.predict(values) for _ in range(2)])
    found["states"] = np.concatenate([K.get_value(state) for state in layer.states], axis=1)
    layer.reset_states([np.ones((2, 4)), np.zeros((2, 2))])
    found["set"] = model.predict(values)
    model.reset_states()
    found["emptied"] = model.predict(values)
    model.layers[1].reset_states(states=[np.ones((2, 2)), 2 * np.ones((2, 2))])
    found["inner"] = np.concatenate([K.get_value(state) for state in model.layers[1].states], axis=1)
    found["refused"] = [
        outcome(lambda: layer.reset_states([np.ones((2, 4))]), ValueError),
        outcome(lambda: layer.reset_states([np.ones((2, 4)), np.ones((2, 3))]), ValueError),
        outcome(lambda: layers.RNN(Gate(2)).reset_states(), AttributeError),
        outcome(lambda: layers.LSTM(2).reset_states(), AttributeError),
    ]
    return found


@case()
def subclasses_of_recurrent_layers(K, keras, load):
    """Subclasses of RNN and LSTM with call, get_initial_state, build and cells of their own."""
    layers = keras.layers

    class Leaky(layers.SimpleRNNCell):
        def call(self, inputs, states, training=None):
            output, new = super(Leaky, self).call(inputs, states, training=training)
            output = 0.5 * output + 0.5 * states[0]
            return output, [output]

    class Started(layers.RNN):
        def __init__(self, units, **kwargs):
            self.units = units
            super(Started, self).__init__(Leaky(units), **kwargs)

        def get_initial_state(self, inputs):
            states = super(Started, self).get_initial_state(inputs)
            return [state + K.mean(inputs, axis=(1, 2))[:, None] for state in states]

        def call(self, inputs, mask=None, training=None, initial_state=None, constants=None):
            return super(Started, self).call(2 * inputs, mask, training, initial_state, constants)

    class Doubled(layers.LSTM):
        def call(self, inputs, mask=None, training=None, initial_state=None):
            return 2 * super(Doubled, self).call(inputs, mask=mask, training=training, initial_state=initial_state)

    class Short(layers.GRU):
        def call(self, inputs):
            return super(Short, self).call(inputs[:, :2])

    x = layers.Input((4, 3))
    y = Started(3, return_sequences=True)(layers.Masking()(x))
    outputs = [Doubled(2)(y), Short(2, reset_after=False)(y), layers.Bidirectional(layers.LSTM(2))(y)]
    model = drawn(keras.models.Model(x, layers.concatenate(outputs)))
    values = normal(3, 4, 3)
    values[0, 3:] = 0
    found = trained(K, keras, model, values, normal(3, 8, seed=2))
    for number, output in enumerate([y] + outputs):
        found["part%d" % number] = K.function([x], [output])([values])[0]
    return found


@case()
def attention_over_steps(K, keras, load):
    """A decoder that is an RNN of an LSTM cell with attention over constants, begun with the states of an encoder."""
    layers = keras.layers

    class Attending(layers.LSTMCell):
        def build(self, input_shape):
            step, memory = input_shape
            self.look = self.add_weight(name="look", shape=(self.units, memory[-1]), initializer="glorot_uniform")
            super(Attending, self).build((step[0], step[-1] + memory[-1]))

        def call(self, inputs, states, constants=None, training=None):
            memory = constants[0]
            weights = K.softmax(K.batch_dot(memory, K.dot(states[0], self.look), axes=(2, 1)))
            context = K.batch_dot(weights, memory, axes=(1, 1))
            return super(Attending, self).call(K.concatenate([inputs, context]), states, training=training)

    source, target = layers.Input((5, 3)), layers.Input((4, 2))
    memory, hidden, carry = layers.LSTM(3, return_sequences=True, return_state=True)(source)
    decoder = layers.RNN(Attending(3), return_sequences=True, return_state=True)
    outputs = decoder(target, initial_state=[hidden, carry], constants=memory)
    scores = layers.TimeDistributed(layers.Dense(2, activation="softmax"))(outputs[0])
    model = drawn(keras.models.Model([source, target], scores))
    values = [normal(3, 5, 3), normal(3, 4, 2)]
    found = trained(K, keras, model, values, np.abs(normal(3, 4, 2, seed=3)))
    states = keras.models.Model([source, target], outputs[1:])
    found.update(numbered(states.predict(values), "state"))
    return found
