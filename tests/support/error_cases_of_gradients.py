"""Ways to provoke the errors of registered gradients."""

import contextlib

import tensorflow as tf
from error_cases import case
from kerases import KIND, layers

import k2compat
from k2compat import backend as K
from k2compat.repair.shared.default_graph import refuse_graph


@contextlib.contextmanager
def undone(name):
    found = [repair for repair in k2compat.repairs() if repair.name == name]
    [repair.undo() for repair in found]
    try:
        yield
    finally:
        [repair.apply() for repair in found]


def default_graph():
    return tf.compat.v1.get_default_graph()


@case(TypeError, received="['Relu']", expected="the name of a registered gradient")
def map_of_gradients_that_is_a_list():
    with default_graph().gradient_override_map(["Relu"]):
        pass


@case(RuntimeError, received="{'Relu': 'Identity'}", expected="tf.function")
def map_of_gradients_under_an_eager_tape():
    with tf.GradientTape(), default_graph().gradient_override_map({"Relu": "Identity"}):
        pass


@case(RuntimeError, received="tf.Graph().as_default()", expected="eager execution")
def model_in_a_graph():
    with tf.Graph().as_default(), undone("own_graphs"):
        layers.Input((2,)) if KIND == "keras3" else refuse_graph()  # Keras 2 makes models in graphs


class TestOnly(layers.Layer):
    """A layer with one inside that is not called in the training phase."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, x, training=False):
        return x if training else 2.0 * self.dense(x)


@case(ValueError, received="was not called when", expected="called in this learning phase")
def output_inside_of_a_layer_that_is_not_called():
    x, layer = layers.Input((2,)), TestOnly()
    layer(x)
    K.function([x, K.learning_phase()], [layer.dense.output])([[[1.0, 2.0]], 1])


class AddingInTraining(layers.Layer):
    """A layer that adds an update only where it is told that it is trained."""

    def __init__(self):
        super().__init__()
        self.count = self.add_weight(name="count", shape=(), initializer="zeros", trainable=False)

    def call(self, x, training=None):
        if training:
            self.add_update(K.update_add(self.count, K.sum(x)))
        return x * 1.0


@case(RuntimeError, received="give others to add_update in the learning phase 0", expected="the same updates")
def updates_that_are_added_in_the_training_phase_alone():
    x, layer = layers.Input((2,)), AddingInTraining()
    y = layer(x)
    K.function([x, K.learning_phase()], [y], updates=layer.updates)([[[1.0, 2.0]], 0])
