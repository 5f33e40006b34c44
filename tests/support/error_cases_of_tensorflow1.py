"""Errors of names of TensorFlow 1 that have no meaning any more, for test_errors.py."""

import tensorflow as tf
from error_cases import case, named

from k2compat import backend as K


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
