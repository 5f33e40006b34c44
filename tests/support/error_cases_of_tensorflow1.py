"""Errors of names of TensorFlow 1 that have no meaning any more, for test_errors.py."""

import tensorflow as tf
from error_cases import case, named

from k2compat import backend as K
from k2compat.legacy.tf_optimizer import TFOptimizer


@case(AttributeError, received="tf.contrib.nothing", expected="tf.contrib left TensorFlow")
def name_of_contrib():
    tf.contrib.nothing  # noqa: B018


@case(AttributeError, received="has no attribute 'create_partitioned_variables'", expected="a name that TensorFlow 2")
def removed_name():
    tf.create_partitioned_variables  # noqa: B018


@case(AttributeError, received="tf.layers.nothing", expected="tf.layers left TensorFlow")
def name_of_tf_layers():
    tf.layers.nothing  # noqa: B018


@case(ValueError, received="tf.layers.dense of a tensor with the shape", expected="a known number of channels")
def layer_of_an_unknown_number_of_channels():
    tf.layers.dense(named((None, None)), 3)


@case(ValueError, received="a condition of 2 values and tensors of the shape (2, 2)", expected="one meaning")
def condition_of_rows_or_columns():
    tf.where(tf.constant([True, False]), K.placeholder(shape=(2, 2)), tf.zeros((2, 2)))


@case(AttributeError, received="the attribute 'make_one_shot_iterator' of", expected="a dataset that is iterated")
def iterator_of_a_graph():
    tf.data.Dataset.range(3).make_one_shot_iterator()


@case(AttributeError, received="has no attribute 'data.make_one_shot_iterator'", expected="a name that TensorFlow 2")
def function_that_makes_an_iterator_of_a_graph():
    tf.data.make_one_shot_iterator(tf.data.Dataset.range(3))


@case(KeyError, received="the name 'dense_1/kernel:0' in graph.get_tensor_by_name", expected="tensors themselves")
def tensor_by_its_name():
    tf.get_default_graph().get_tensor_by_name("dense_1/kernel:0")


@case(KeyError, received="the name 'dense_1' in graph.get_operation_by_name", expected="tensors themselves")
def operation_by_its_name():
    K.get_session().graph.get_operation_by_name("dense_1")


@case(RuntimeError, received="get_operations() of the default graph", expected="layers and tensors themselves")
def operations_of_the_default_graph():
    tf.get_default_graph().get_operations()


@case(TypeError, received="tf.TensorArray.write of the symbolic tensor", expected="a tensor with a value")
def array_of_symbolic_tensors():
    tf.TensorArray(tf.float32, size=1).write(0, named())


@case(TypeError, received="tf.TensorArray of the symbolic tensor", expected="a tensor with a value")
def array_of_a_symbolic_size():
    tf.TensorArray(tf.float32, size=tf.shape(named())[0])


@case(ValueError, received="tf.hessians by the symbolic tensor", expected="sizes are all known")
def hessian_of_an_unknown_size():
    x = named()
    tf.hessians(K.sum(K.square(x)), x)


@case(ValueError, received="tf.hessians of", expected="depends differentiably on it")
def hessian_of_what_does_not_depend():
    tf.hessians(K.sum(named()), named((1, 2)))


@case(NotImplementedError, received="the settings of AdamOptimizer", expected="an optimizer of Keras")
def settings_of_an_optimizer_of_tensorflow_1():
    TFOptimizer(tf.compat.v1.train.AdamOptimizer(0.1)).get_config()


@case(NotImplementedError, received="the weights of AdamOptimizer", expected="an optimizer of Keras")
def weights_of_an_optimizer_of_tensorflow_1():
    TFOptimizer(tf.compat.v1.train.AdamOptimizer(0.1)).weights  # noqa: B018
