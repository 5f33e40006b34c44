"""What is measured of the model of a description: measure -> named arrays."""

import json
import os
import tempfile

import numpy as np

from ..tools import drawn, normal
from .made import BATCH

RATE = 0.05
MEASURES = {}


def measure(function):
    MEASURES[function.__name__] = function
    return function


@measure
def initial(made):
    """Shapes and order of the weights, and the initial values of those that are not random."""
    found = {}
    for i, weight in enumerate(made.initial):
        values = np.unique(weight)
        found["%d" % i] = values if len(values) <= 2 < weight.size else np.zeros(0, "float32")
        found["%d shape" % i] = np.asarray(weight.shape, "int32")
    return found


@measure
def shape(made):
    """The static shapes of the outputs."""
    return {
        "%d" % i: np.asarray([-1 if size is None else size for size in made.K.int_shape(output)], "int32")
        for i, output in enumerate(made.outputs)
    }


def listed(values):
    return {"%d" % i: value for i, value in enumerate(values if isinstance(values, list) else [values])}


def settled(made):
    """The values of the inputs, with the states of a stateful model at zero."""
    if made.is_stateful():
        made.model.reset_states()
    return made.values if len(made.values) > 1 else made.values[0]


@measure
def predict(made):
    """predict; of a stateful layer the second call, which goes on."""
    values = settled(made)
    if made.is_stateful():
        made.model.predict(values)
    return listed(made.model.predict(values))


@measure
def training_phase(made):
    """The outputs in learning phase 1, if they are not random."""
    if made.draws():
        return {}
    settled(made)
    f = made.K.function(made.inputs + [made.K.learning_phase()], made.outputs)
    return listed(f(made.values + [1]))


def objective(made):
    """A weighted sum of the outputs."""
    K, total = made.K, 0.0
    for i, output in enumerate(made.outputs):
        sizes = made.K.int_shape(output)[1:]
        total += (
            K.sum(output * K.constant(normal(*sizes, seed=11 + i))) if None not in sizes else K.sum(K.square(output))
        )
    return total


@measure
def gradients(made):
    """The gradients of a weighted sum of the outputs, with respect to inputs and weights, in both phases."""
    K = made.K
    integers = "high" in made.description["inputs"]
    sources = ([] if integers else made.inputs) + made.model.trainable_weights
    grads = K.gradients(objective(made), sources)
    found = {"none": np.asarray([grad is None for grad in grads])}
    there = [(i, grad) for i, grad in enumerate(grads) if grad is not None]
    for phase in (0, 1)[: 1 if made.draws() or not any("moving" in w.name for w in made.model.weights) else 2]:
        if there:
            settled(made)
            f = K.function(made.inputs + [K.learning_phase()], [dense(K, grad) for _, grad in there])
            values = f(made.values + [phase])
            found.update({"%d in %d" % (i, phase): value for (i, _), value in zip(there, values)})
    return found


def dense(K, grad):
    """A gradient as an array: that of an embedding is made of slices."""
    if type(grad).__name__ == "IndexedSlices":
        import tensorflow as tf

        return tf.convert_to_tensor(grad)
    return grad + 0.0


@measure
def mask(made):
    """The mask that the layer hands on."""
    if not made.masked and made.description["class"] != "Masking":
        return {}
    K, keras = made.K, made.keras

    class Mask(keras.layers.Layer):
        """Gives the mask it receives."""

        supports_masking = True

        def __init__(self, **kwargs):
            super(Mask, self).__init__(**kwargs)
            self.supports_masking = True

        def call(self, inputs, mask=None):
            return K.sum(0.0 * inputs) - K.ones((1,)) if mask is None else K.cast(mask, "float32") + K.sum(0.0 * inputs)

        def compute_output_shape(self, input_shape):
            return input_shape[:2]

        def compute_mask(self, inputs, mask=None):
            return None

    settled(made)
    return {"0": K.function(made.inputs, [Mask()(made.outputs[0])])(made.values)[0]}


@measure
def training(made):
    """The losses of three steps, and the weights after the first and the third."""
    if made.draws():
        return {}
    model = made.trained()
    model.compile(made.keras.optimizers.SGD(lr=RATE), "mse")
    target, found = normal(BATCH, 2, seed=21), {"losses": []}
    if made.is_stateful():
        model.reset_states()
    for step in range(3):
        found["losses"].append(model.train_on_batch(made.values, target))
        if step in (0, 2):
            found.update({"%d: %d" % (step, i): weight for i, weight in enumerate(model.get_weights())})
    found["losses"] = np.asarray(found["losses"], "float32")
    return found


def portable(made):
    """Whether it is to be copied and saved, and can be: functions cannot."""
    return made.description["files"] and made.description["class"] != "Lambda"


def twin(made, model):
    """What another model gives with the same weights."""
    model.set_weights(drawn(made.model, seed=7).get_weights())
    return given_by(made, model)


def given_by(made, model):
    """What a copy of the model gives, from states of zero."""
    if made.is_stateful():
        model.reset_states()
    return listed(model.predict(made.values if len(made.values) > 1 else made.values[0]))


@measure
def json_again(made):
    """The model written as JSON and read again."""
    if not portable(made):
        return {}
    return twin(made, made.keras.models.model_from_json(made.model.to_json()))


@measure
def clone(made):
    """The model cloned."""
    if not portable(made):
        return {}
    return twin(made, made.keras.models.clone_model(made.model))


@measure
def saved(made):
    """The whole model written to a file and read again."""
    if not portable(made):
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.h5")
        drawn(made.model, seed=7).save(path)
        model = made.keras.models.load_model(path)
    return given_by(made, model)


@measure
def weights_again(made):
    """The weights written to a file and read again, after others were set."""
    if not portable(made) or not made.model.get_weights():
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.weights.h5")
        drawn(made.model, seed=7).save_weights(path)
        drawn(made.model, seed=8).load_weights(path)
    return given_by(made, made.model)


def plain(value):
    return (
        isinstance(value, (bool, int, float, str))
        or value is None
        or (isinstance(value, (list, tuple)) and all(plain(item) for item in value))
    )


def config_of(made):
    """The plain values of the layer's configuration."""
    config = made.layer.get_config()
    return {key: value for key, value in config.items() if plain(value) and key not in ("name", "dtype", "trainable")}


def as_json(config):
    return json.loads(json.dumps(config))
