"""What layers of a script's own give to add_update, in model.updates, layer.updates and get_updates_for."""

import numpy as np

from ..registry import case
from ..tools import drawn, normal


def counted(K, keras):
    """A class of layers that keep the mean of what they are called on, and count their calls."""

    class Counted(keras.layers.Layer):
        def build(self, input_shape):
            shape = (input_shape[-1],)
            self.mean = self.add_weight(name="mean", shape=shape, initializer="zeros", trainable=False)
            self.count = self.add_weight(name="count", shape=(), initializer="zeros", trainable=False)
            super(Counted, self).build(input_shape)

        def call(self, x):
            self.add_update([(self.mean, 0.5 * self.mean + K.mean(x, axis=0))], x)
            self.add_update(K.update_add(self.count, 1.0), x)
            return x - 2.0

        def compute_output_shape(self, input_shape):
            return input_shape

    return Counted


def state(K, *layers):
    """The weights of layers in one array."""
    return np.concatenate([np.ravel(K.get_value(weight)) for layer in layers for weight in layer.weights])


@case()
def added_updates_in_a_training_function(K, keras, load):
    """Optimizer's updates and model.updates together, as custom loops have it; the values are those before the step."""
    layers = keras.layers
    x, layer = layers.Input((4,)), counted(K, keras)()
    hidden = layers.Dense(3, activation="tanh")(x)
    model = drawn(keras.models.Model(x, layers.Dense(2)(layer(hidden))))
    target = K.placeholder((None, 2))
    loss = K.mean(K.square(model.output - target))
    updates = keras.optimizers.SGD(0.1).get_updates(loss=loss, params=model.trainable_weights)
    train = K.function([model.input, target], [loss], updates=model.updates + updates)
    found = {"count": len(model.updates), "pairs": [isinstance(update, tuple) for update in model.updates]}
    found["losses"] = [train([normal(5, 4, seed=step), normal(5, 2, seed=9)])[0] for step in range(4)]
    found["trained"] = state(K, layer)
    still = K.function([model.input], [model.output])
    found["tested"] = still([normal(5, 4)])[0]
    found["still"] = state(K, layer)
    moving = K.function(model.inputs, model.outputs, model.updates)
    moving([normal(2, 4)])
    found["moved"] = state(K, layer)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.train_on_batch(normal(5, 4), normal(5, 2))
    model.predict(normal(5, 4))
    found["fitted"] = state(K, layer)
    return found


@case()
def added_updates_in_either_phase(K, keras, load):
    """A layer that stops at training in {0, False} was told None: it moves in phase 0, too, and where none is fed."""
    layers = keras.layers

    class Renormalized(layers.Layer):
        def build(self, input_shape):
            self.mean = self.add_weight(name="mean", shape=(input_shape[-1],), initializer="zeros", trainable=False)
            super(Renormalized, self).build(input_shape)

        def call(self, x, training=None):
            if training in {0}:
                return x - self.mean
            mean = K.mean(K.in_train_phase(x, 3.0 * x, training=training), axis=0)
            self.add_update([K.moving_average_update(self.mean, mean, 0.9)], x)
            return K.in_train_phase(x - mean, x - self.mean, training=training)

        def compute_output_shape(self, input_shape):
            return input_shape

    x, layer = layers.Input((3,)), Renormalized()
    hidden = layers.BatchNormalization()(layer(x))
    model = keras.models.Model(x, layers.Dense(1, kernel_initializer="ones")(hidden))
    moving = K.function([x, K.learning_phase()], [model.output], updates=model.updates)
    found = {"count": len(model.updates)}
    for name, phase in (("train", 1), ("test", 0), ("train_again", 1), ("test_again", 0)):
        found[name] = moving([normal(6, 3, seed=len(found)), phase])[0]
        found[name + "_moved"] = np.concatenate(model.get_weights()[:3])
    K.function([x], [model.output], updates=layer.updates)([normal(6, 3)])
    found["unfed"] = np.concatenate(model.get_weights()[:3])
    return found


@case()
def added_updates_of_a_shared_layer(K, keras, load):
    """Each call of a layer adds its own; a model has those of its calls, get_updates_for those of some inputs."""
    layers = keras.layers
    x, z, layer = layers.Input((3,)), layers.Input((3,)), counted(K, keras)()
    first, second = layer(x), layer(z)
    both = keras.models.Model([x, z], layers.add([first, second]))
    one, other = keras.models.Model(x, first), keras.models.Model(z, second)
    found = {"counts": [len(part.updates) for part in (both, one, other, layer)]}
    found["for"] = [len(layer.get_updates_for(inputs)) for inputs in (x, [x], z, None)]
    found["for_model"] = [len(both.get_updates_for(inputs)) for inputs in ([x, z], None)]
    K.function([x], [first], updates=one.updates)([normal(4, 3)])
    found["one"] = state(K, layer)
    K.function([z], [second], updates=layer.get_updates_for(z))([normal(4, 3, seed=1)])
    found["for_z"] = state(K, layer)
    K.function([x, z], both.outputs, updates=[update for update in both.updates if not isinstance(update, tuple)])(
        [normal(4, 3), normal(4, 3)]
    )
    found["both"] = state(K, layer)
    layer.trainable = False
    found["frozen"] = [len(part.updates) for part in (both, layer)] + [len(layer.get_updates_for(x))]
    return found


@case()
def added_updates_in_nested_models(K, keras, load):
    """A model that is called in another one moves by what it is called on there, and batch normalization in it, too."""
    layers = keras.layers
    x, layer, batch = layers.Input((3,)), counted(K, keras)(), layers.BatchNormalization()
    inner = drawn(keras.models.Model(x, batch(layer(layers.Dense(4)(x)))))
    outside = layers.Input((3,))
    model = keras.models.Model(outside, layers.Dense(1, kernel_initializer="ones")(inner(outside)))
    scaled = layers.Dense(3, kernel_initializer="ones", input_shape=(2,))
    line = keras.models.Sequential([scaled, inner, counted(K, keras)()])
    found = {"counts": [len(model.updates), len(inner.updates), len(inner.get_updates_for(outside))]}
    moving = K.function([outside, K.learning_phase()], [model.output], updates=model.updates)
    for phase in (1, 0):
        found["outputs%d" % phase] = moving([normal(5, 3, seed=phase), phase])[0]
        found["moved%d" % phase] = state(K, inner)
    K.function([x], [layers.Lambda(lambda t: t)(x)], updates=inner.updates)([normal(5, 3, seed=2)])
    found["inner"] = state(K, inner)
    found["line_count"] = len(line.updates)
    K.function(line.inputs, line.outputs, line.updates)([normal(5, 2, seed=3)])
    found["line"] = state(K, inner, line.layers[-1])
    inner.trainable = False
    found["frozen"] = [len(model.updates), len(inner.updates), len(line.updates)]
    return found


@case()
def added_updates_inside_of_layers(K, keras, load):
    """Of the layers inside of another one the updates count that are for what that one was called on."""
    layers, Counted = keras.layers, counted(K, keras)

    class Pair(layers.Layer):
        def __init__(self, **kwargs):
            super(Pair, self).__init__(**kwargs)
            self.first, self.second = Counted(), Counted()

        def build(self, input_shape):
            self.first.build(input_shape)
            self.second.build(input_shape)
            self.built = True

        def call(self, x):
            return self.second(2.0 * self.first(x))

        def compute_output_shape(self, input_shape):
            return input_shape

    class Elsewhere(Counted):
        def call(self, x):
            hidden = 3.0 * x
            self.add_update([(self.mean, K.mean(hidden, axis=0))], hidden)
            self.add_update((self.count, self.count + 1.0), [x])
            return hidden

    x, pair, elsewhere = layers.Input((3,)), Pair(), Elsewhere()
    model = keras.models.Model(x, elsewhere(pair(x)))
    found = {"counts": [len(model.updates), len(elsewhere.updates)]}
    K.function([x], model.outputs, updates=model.updates)([normal(5, 3)])
    found["moved"] = state(K, pair.first, pair.second, elsewhere)
    steps, step = layers.Input((4, 3)), Counted()
    sequence = keras.models.Model(steps, layers.TimeDistributed(step)(steps))
    K.function([steps], sequence.outputs, updates=sequence.updates)([normal(2, 4, 3)])
    found["distributed"] = state(K, step)
    fixed = layers.Input(batch_shape=(2, 4, 3))
    found["fixed"] = len(keras.models.Model(fixed, layers.TimeDistributed(Counted())(fixed)).updates)
    return found


@case()
def added_updates_of_stateful_layers(K, keras, load):
    """They are state_updates, frozen or not, and a model with such a layer in it is stateful."""
    layers, Counted = keras.layers, counted(K, keras)

    class Kept(Counted):
        def build(self, input_shape):
            super(Kept, self).build(input_shape)
            self.stateful = True

    x, kept, plain = layers.Input((3,)), Kept(), Counted()
    model = keras.models.Model(x, plain(kept(x)))
    found = {"counts": [len(model.updates), len(model.state_updates), len(kept.updates)]}
    kept.trainable = plain.trainable = False
    found["frozen"] = [len(model.updates), len(model.state_updates), len(kept.updates), len(plain.updates)]
    moving = K.function([x], model.outputs, updates=model.state_updates)
    found["outputs"] = [moving([normal(5, 3)])[0] for _ in range(2)]
    found["moved"] = state(K, kept, plain)
    return found


@case()
def added_updates_outside_of_call(K, keras, load):
    """What build gives to add_update, and the program for symbolic tensors, moves in functions and in training."""
    layers = keras.layers

    class Counting(layers.Layer):
        def build(self, input_shape):
            self.count = self.add_weight(name="count", shape=(), initializer="zeros", trainable=False)
            self.add_update([(self.count, 2.0 * self.count + 1.0)])
            super(Counting, self).build(input_shape)

        def call(self, x):
            return x + 1.0

        def compute_output_shape(self, input_shape):
            return input_shape

    found, values, targets = {}, normal(6, 3), normal(6, 2)
    for name in ("build", "program", "plain"):
        x, layer, dense = layers.Input((3,)), Counting(), layers.Dense(2, kernel_initializer="ones")
        moved = K.variable(np.zeros(2), name="moved")
        hidden = layer(x) if name == "build" else x
        y = dense(hidden)
        if name == "program":
            dense.add_update([(moved, 0.5 * moved + K.mean(y, axis=0))], x)
        if name == "plain":
            dense.add_update(K.update_sub(moved, [1.0, 2.0]))
        model = keras.models.Model(x, y)
        kept = layer.count if name == "build" else moved
        found[name + "_count"] = len(model.updates)
        K.function([x], model.outputs, updates=model.updates)([values])
        found[name + "_function"] = K.get_value(kept)
        model.compile(keras.optimizers.SGD(0.1), "mse")
        found[name + "_loss"] = [model.train_on_batch(values, targets) for _ in range(2)]
        found[name + "_trained"] = K.get_value(kept)
        model.predict(values)
        model.test_on_batch(values, targets)
        found[name + "_tested"] = K.get_value(kept)
        dense.trainable = layer.trainable = False
        found[name + "_frozen"] = len(model.updates)
    return found


@case()
def added_updates_where_the_loss_is_symbolic(K, keras, load):
    """A step of training that is made of a program's own total_loss runs them, a step of evaluation does not."""
    layers = keras.layers
    x, layer = layers.Input((3,)), counted(K, keras)()
    model = keras.models.Model(x, layers.Dense(1, kernel_initializer="ones")(layer(x)))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.total_loss += 0.01 * K.sum(K.square(model.layers[-1].kernel))
    values, targets = normal(6, 3), normal(6, 1)
    found = {"losses": [model.train_on_batch(values, targets) for _ in range(2)]}
    found["trained"] = state(K, layer)
    found["tested_loss"] = model.test_on_batch(values, targets)
    found["tested"] = state(K, layer)
    return found


@case()
def added_updates_of_lists_and_masks(K, keras, load):
    """Of layers that are called on several tensors, on integers and masked ones; the output has the same draw."""
    layers = keras.layers

    class Summed(layers.Layer):
        def __init__(self, measure, **kwargs):
            super(Summed, self).__init__(**kwargs)
            self.measure, self.supports_masking = measure, True

        def build(self, input_shape):
            self.total = self.add_weight(name="total", shape=(), initializer="zeros", trainable=False)
            super(Summed, self).build(input_shape)

        def call(self, x, mask=None):
            output, change = self.measure(x, mask)
            self.add_update(K.update_add(self.total, change), x)
            return output

        def compute_output_shape(self, input_shape):
            return input_shape[0] if isinstance(input_shape, list) else input_shape

    def noisy(x, mask):
        noise = K.random_normal(K.shape(x))
        return x + noise, K.sum(noise)

    x, z, words = layers.Input((3,)), layers.Input((3,)), layers.Input((4,), dtype="int32")
    embedded = layers.Embedding(5, 2, mask_zero=True, embeddings_initializer="ones")(words)
    calls = {
        "list": ([x, z], [x, z], Summed(lambda both, mask: (both[0] + both[1], K.sum(both[0] * both[1])))),
        "integers": ([words], words, Summed(lambda x, mask: (x, K.mean(K.cast(x, "float32"))))),
        "masked": ([words], embedded, Summed(lambda x, mask: (x * 2.0, K.sum(K.cast(mask, "float32"))))),
    }
    fed = {"list": [normal(2, 3), normal(2, 3, seed=1)], "integers": [[[0, 1, 2, 0], [3, 0, 0, 1]]]}
    found = {}
    for name, (inputs, given, layer) in calls.items():
        model = keras.models.Model(inputs, layer(given))
        found[name + "_for"] = [len(model.updates), len(layer.get_updates_for(given)), len(layer.get_updates_for(x))]
        K.function(inputs, model.outputs, updates=model.updates)([np.array(a) for a in fed.get(name, fed["integers"])])
        found[name] = K.get_value(layer.total)
    drawing = Summed(noisy)
    model = keras.models.Model(x, drawing(x))
    output = K.function([x], model.outputs, updates=model.updates)([normal(2, 3)])[0]
    found["is_shared"] = abs(np.sum(output - normal(2, 3)) - K.get_value(drawing.total)) < 1e-4
    return found


@case()
def added_updates_of_two_networks(K, keras, load):
    """A generator is trained by its own updates and those of all averages on the way."""
    layers = keras.layers
    made = []
    for seed, (units, size) in enumerate(((3, 2), (1, 3))):
        network = keras.models.Sequential()
        network.add(layers.Dense(units, activation="tanh", input_shape=(size,)))
        network.add(layers.BatchNormalization())
        network.add(counted(K, keras)())
        made.append(drawn(network, seed))
    generator, discriminator = made
    z = layers.Input((2,))
    whole = keras.models.Model(z, discriminator(generator(z)))
    loss = K.mean(K.square(whole.output))
    updates = keras.optimizers.SGD(0.1).get_updates(loss=loss, params=generator.trainable_weights)
    train = K.function([z, K.learning_phase()], [loss], updates=updates + whole.updates)
    found = {"losses": [train([normal(6, 2, seed=step), 1])[0] for step in range(3)]}
    found["trained"] = state(K, generator, discriminator)
    critic = K.function(discriminator.inputs + [K.learning_phase()], discriminator.outputs, discriminator.updates)
    found["criticized"] = critic([normal(6, 3), 1])[0]
    found["moved"] = state(K, generator, discriminator)
    return found
