"""Every way to provoke an error of the engine: what it says was received and expected, and the classes it is of."""

from unittest import mock

import numpy as np
import tensorflow as tf
from helpers import dense_model, normal
from kerases import KIND, NAMED_P, keras, layers

import k2compat
from k2compat import backend as K
from k2compat.adapters import registry

INVALID = tf.errors.InvalidArgumentError

# Name -> (what provokes it, the classes it is caught as, what its first part names, what its second part names).
CASES = {}


def case(*classes, received, expected=""):
    """Registers a function that provokes an error."""

    def register(function):
        CASES[function.__name__] = (function, classes, received, expected)
        return function

    return register


def named(shape=(None, 2), name="p"):
    return K.placeholder(shape, name=name)


# Feeds.


@case(ValueError, INVALID, received="'p'", expected="(None, 2)")
def wrong_shape():
    p = named()
    K.function([p], [p * 2.0])([np.ones((1, 3))])


@case(ValueError, INVALID, received="'model_input'", expected="(None, 4)")
def wrong_shape_of_a_model_input():
    model = dense_model()
    K.function([model.input], [model.output])([np.ones((1, 5))])


@case(ValueError, received="The learning phase was fed [0, 1]", expected="one number or truth value")
def two_learning_phases():
    p = named()
    K.function([p, K.learning_phase()], [K.in_train_phase(p, -p)])([np.ones((1, 2)), [0, 1]])


@case(ValueError, TypeError, received="'p'", expected="float32")
def text_for_numbers():
    p = named()
    K.function([p], [p * 2.0])([[["a", "b"]]])


@case(ValueError, TypeError, received="'p'", expected="float32")
def rows_of_unequal_length():
    p = named()
    K.function([p], [p * 2.0])([[[1.0, 2.0], [3.0]]])


@case(ValueError, TypeError, received="numbers", expected="string")
def numbers_for_text():
    p = K.placeholder((None,), dtype="string", name="words")
    K.function([p], [K.identity(p)])([[1.0, 2.0]])


@case(ValueError, TypeError, received="complex numbers", expected="float32")
def complex_numbers_for_real_ones():
    p = named()
    K.function([p], [p * 2.0])([[[1j, 2.0]]])


@case(ValueError, TypeError, received="None in an array", expected="float32")
def none_among_the_values():
    p = named()
    K.function([p], [p * 2.0])([[[None, 2.0]]])


@case(ValueError, TypeError, received="no value yet", expected="float32")
def symbolic_tensor_for_a_value():
    p = named()
    K.function([p], [p * 2.0])([named()])


@case(ValueError, INVALID, received="'labels'", expected="'labels'")
def unfed_placeholder():
    K.function([], [named(name="labels") * 2.0])([])


@case(ValueError, INVALID, received="'labels'")
def unfed_placeholder_in_a_session():
    K.get_session().run(named(name="labels") * 2.0)


@case(ValueError, INVALID, received="'labels'")
def eval_of_what_needs_a_feed():
    K.eval(K.sum(named(name="labels")))


@case(ValueError, INVALID, received="'other_input'")
def tensor_of_another_model():
    model, other = dense_model(), dense_model(name="other_input")
    K.function([model.input], [other.output])([normal(1, 4)])


@case(ValueError, INVALID, received=NAMED_P)
def placeholder_inside_a_traced_function():
    p = named()
    tf.function(lambda x: x + K.square(p), autograph=False)(tf.ones((1, 2)))


# Functions.


@case(ValueError, received="'givens'", expected="feed_dict")
def unknown_keyword():
    K.function([], [K.constant(1.0)], givens=[])


@case(TypeError, received="5 of type int", expected="placeholder")
def input_that_is_a_number():
    K.function([5], [K.constant(1.0)])


@case(TypeError, received="object", expected="symbolic")
def output_that_is_an_object():
    K.function([], [object()])


@case(ValueError, TypeError, received="None among its outputs")
def none_among_the_outputs():
    K.function([], [None])


@case(AttributeError, received="'get_operations'", expected="gradient_override_map")
def operations_of_the_graph_of_a_session():
    _ = K.get_session().graph.get_operations


# Gradients.


@case(TypeError, received="loss=array", expected="symbolic")
def gradients_of_an_array():
    K.gradients(np.ones(2), named())


@case(TypeError, received="variables='p'", expected="symbolic")
def gradients_with_respect_to_text():
    K.gradients(named(), "p")


@case(TypeError, received="variables=None", expected="symbolic")
def gradients_with_respect_to_none():
    K.gradients(named(), None)


@case(RuntimeError, received="has a value already", expected="symbolic loss")
def gradients_of_an_eager_tensor():
    K.gradients(tf.ones(2), tf.ones(2))


@case(ValueError, received="with respect to", expected="differentiable path")
def gradient_stopped_inside_a_layer():
    p = named()

    class Stopped(layers.Layer):
        def call(self, inputs, training=None):
            return tf.stop_gradient(inputs) if training else inputs * 1.0

    K.function([p, K.learning_phase()], K.gradients(Stopped()(p), p))([np.ones((1, 2)), 1])


@case(ValueError, AttributeError, TypeError, received="stranger", expected="a tensor")
def absent_gradient_in_a_k_function():
    K.mean(K.gradients(K.sum(named()), named(name="stranger"))[0])


@case(ValueError, TypeError, received="stranger", expected="symbolic tensors")
def absent_gradient_among_the_outputs():
    K.function([], K.gradients(K.sum(named()), named(name="stranger")))


@case(ValueError, received="stranger", expected="a new value")
def absent_gradient_in_an_update():
    K.update(K.variable(1.0), K.gradients(K.sum(named()), named(name="stranger"))[0])


@case(ValueError, received="stranger", expected="depends")
def absent_gradient_of_an_optimizer():
    keras.optimizers.SGD().get_updates(K.variable(1.0) * 2.0, [K.variable(1.0, name="stranger")])


# Updates, variables and their values.


@case(TypeError, received="type int", expected="variable")
def update_of_a_number():
    K.update(5, 1.0)


@case(TypeError, received="KerasTensor", expected="variable")
def update_of_a_placeholder():
    K.function([], [], updates=[(named(), 1.0)])


@case(TypeError, received="5 of type int", expected="K.update")
def number_among_the_updates():
    K.function([], [], updates=[5])


@case(ValueError, received="(3,)", expected="(2,)")
def update_of_another_shape():
    K.update(K.variable([1.0, 2.0]), K.variable([1.0, 2.0, 3.0]) * 2.0)


@case(ValueError, received="(3,)", expected="(2,)")
def value_of_another_shape():
    K.set_value(K.variable([1.0, 2.0]), [1.0, 2.0, 3.0])


@case(ValueError, received="KerasTensor", expected="K.variable")
def value_of_a_placeholder():
    K.set_value(named(), 1.0)


@case(ValueError, received="None")
def variable_of_none():
    K.variable(None)


@case(ValueError, received="ndarray")
def keras_tensor_of_an_array():
    K.is_keras_tensor(np.ones(2))


@case(TypeError, received="bool", expected="value")
def truth_of_a_symbolic_tensor():
    bool(named())


@case(TypeError, received="Variable")
def length_of_a_variable():
    len(K.variable([1.0]))


@case(TypeError, received="loss", expected="params")
def optimizer_without_parameters():
    keras.optimizers.SGD().get_updates(loss=K.variable(1.0) * 2.0)


@case(TypeError, received="Ftrl", expected="Adam")
def optimizer_without_a_rule():
    keras.optimizers.Ftrl().get_updates(K.variable(1.0) * 2.0, [K.variable(1.0)])


@case(AttributeError, received="not compiled", expected="compiled")
def targets_of_a_model_not_compiled():
    _ = dense_model().targets


@case(AttributeError, received="not compiled", expected="compiled")
def total_loss_of_a_model_not_compiled():
    _ = dense_model().total_loss


# Arguments of single functions.


@case(AttributeError, received="'gradient'")
def misspelled_name():
    _ = K.gradient


@case(ValueError, received="int8", expected="float32")
def float_type_that_is_none():
    K.set_floatx("int8")


@case(ValueError, received="NHWC", expected="channels_last")
def data_format_that_is_none():
    K.set_image_data_format("NHWC")


@case(ValueError, received="theano", expected="'th'")
def dim_ordering_that_is_none():
    K.set_image_dim_ordering("theano")


@case(ValueError, received="2", expected="1 (training)")
def learning_phase_that_is_none():
    K.set_learning_phase(2)


@case(ValueError, received="full", expected="same")
def padding_that_is_none():
    K.conv2d(K.placeholder((1, 4, 4, 1)), K.ones((2, 2, 1, 1)), padding="full")


@case(ValueError, received="mean", expected="avg")
def pool_mode_that_is_none():
    K.pool2d(K.placeholder((1, 4, 4, 1)), (2, 2), pool_mode="mean")


@case(ValueError, received="3 axes", expected="at most")
def condition_with_too_many_axes():
    K.switch(K.placeholder((2, 2, 2)) > 0.0, K.ones((2, 2)), K.ones((2, 2)))


@case(ValueError, received="(2, 3)", expected="axes")
def batch_dot_of_shapes_that_do_not_fit():
    K.batch_dot(K.placeholder((2, 3)), K.placeholder((2, 4)))


@case(ValueError, received="(3,)", expected="two axes")
def batch_dot_of_vectors():
    K.batch_dot(K.placeholder((3,)), K.placeholder((3,)))


@case(ValueError, received="axes", expected="one axis")
def batch_dot_over_several_axes():
    K.batch_dot(K.placeholder((2, 3, 4)), K.placeholder((2, 3, 4)), axes=[(1, 2), (1, 2)])


@case(ValueError, received="mask", expected="states")
def recurrence_with_a_mask_and_no_states():
    K.rnn(lambda i, s: (i, s), K.ones((1, 2, 3)), [], mask=K.ones((1, 2)))


@case(ValueError, received="unroll", expected="known")
def unrolled_recurrence_of_unknown_length():
    K.rnn(lambda i, s: (i, s), K.placeholder((1, None, 3)), [], unroll=True)


@case(ValueError, received="(1, 2, 3)", expected="1 or 2 axes")
def bias_of_the_wrong_rank():
    K.bias_add(K.placeholder((2, 3, 4)), K.placeholder((1, 2, 3)))


@case(ValueError, received="'cubic'", expected="bilinear")
def interpolation_that_is_none():
    K.resize_images(K.placeholder((1, 2, 2, 1)), 2, 2, "channels_last", "cubic")


@case(TypeError, received="'dense/Softmax:0'", expected="tensors")
def fetch_by_name():
    K.get_session().run(["dense/Softmax:0"])


@case(ValueError, received="keras1", expected="keras3")
def keras_that_is_none():
    k2compat.use("keras1")


@case(ImportError, received=KIND, expected="tf_keras")
def keras_that_is_not_installed():
    other = next(kind for kind in registry.ADAPTERS if kind != KIND)
    with mock.patch.object(registry, "is_installed", return_value=False):
        k2compat.use(other)


@case(ValueError, received="2 arrays", expected="4 arrays")
def weights_that_do_not_fit():
    dense_model().set_weights([np.zeros(2), np.zeros(3)])


@case(ValueError, received="1 updates", expected="frozen weights")
def frozen_updates():
    counter = K.variable(0.0)
    K.function([], [counter], updates=[K.update_add(counter, 1.0)], freeze=True)


@case(ValueError, received="freeze=True", expected="stay as they are")
def frozen_counter():
    x, counter = keras.Input((4,)), tf.Variable(0.0)
    counted = layers.Lambda(lambda t: t * counter.assign_add(1.0), output_shape=(4,))(x)
    K.function([x], [counted], freeze=True, tier="compiled")([np.ones((1, 4))])


@case(ValueError, received="'quick'", expected="auto, eager, compiled")
def unknown_tier():
    K.function([], [K.variable(1.0)], tier="quick")
