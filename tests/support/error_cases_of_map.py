"""Ways to provoke the errors of f.map and of training; see error_cases.py."""

import numpy as np
import tensorflow as tf
from error_cases import case, named
from kerases import keras, layers

from k2compat import backend as K


def doubled(shape=(None, 2), **how):
    p = named(shape)
    return K.function([p], [p * 2.0], **how)


ONE_REPLICA = tf.distribute.OneDeviceStrategy("CPU:0")


@case(ValueError, received="Item 1 of f.map(...) could not be fed", expected="without a batch axis")
def item_that_cannot_be_fed():
    list(doubled().map([[1.0, 2.0], [1.0, 2.0, 3.0]], batch_size=1))


@case(ValueError, received="Item 0 of f.map(...) could not be computed: InvalidArgumentError")
def item_that_cannot_be_computed():
    p = named((None, 1, 1))
    list(K.function([p], [tf.linalg.inv(p)]).map(np.zeros((1, 1, 1))))


@case(TypeError, received="type int", expected="iterable")
def data_without_items():
    doubled().map(5)


@case(TypeError, received="type dict", expected="iterable")
def data_by_name():
    doubled().map({"p": np.ones((3, 2))})


@case(ValueError, received="batch_size=0", expected="from 1 on")
def batch_size_of_zero():
    doubled().map([], batch_size=0)


@case(ValueError, received="on_error='ignore'", expected="raise, skip")
def unknown_way_to_go_on():
    doubled().map([], on_error="ignore")


@case(TypeError, received="a str", expected="tf.distribute.Strategy")
def strategy_that_is_none():
    doubled().map([], strategy="mirrored")


@case(ValueError, received="stranger", expected="'p'")
def fixed_value_of_a_stranger():
    doubled().map([], fixed={named(name="stranger"): 1.0})


@case(ValueError, received="batch size of 4", expected="up to 4")
def batch_larger_than_the_input():
    doubled((4, 2)).map([])


@case(ValueError, received="with a strategy", expected="without a strategy")
def fixed_batch_with_a_strategy():
    doubled((4, 2)).map([], batch_size=4, strategy=ONE_REPLICA)


@case(ValueError, received="an input without a batch axis", expected="first axis")
def item_without_a_batch_axis():
    doubled(()).map([1.0])


@case(ValueError, received="a sparse input", expected="first axis")
def sparse_items():
    p = K.placeholder((None, 2), sparse=True, name="p")
    K.function([p], [K.dot(p, K.ones((2, 1)))]).map([])


@case(ValueError, received="output 0 of shape ()", expected="first axis")
def output_that_is_not_by_item():
    p = named()
    K.function([p], [K.sum(p)]).map([])


@case(ValueError, received="1 updates", expected="stay as they are")
def updates_with_a_strategy():
    p, counter = named(), K.variable(0.0)
    K.function([p], [p * 2.0], updates=[K.update_add(counter, 1.0)]).map([], strategy=ONE_REPLICA)


@case(ValueError, received="changes variables", expected="stay as they are")
def counter_with_a_strategy():
    x, counter = keras.Input((4,)), tf.Variable(0.0)
    counted = layers.Lambda(lambda t: t * counter.assign_add(1.0), output_shape=(4,))(x)
    list(K.function([x], [counted]).map(np.ones((1, 4)), strategy=ONE_REPLICA))


@case(TypeError, received="complex64", expected="real numbers")
def complex_numbers_with_a_strategy():
    p = named()
    list(K.function([p], [tf.cast(p, "complex64")]).map(np.ones((1, 2)), strategy=ONE_REPLICA))


def eager_model_with_an_added_loss():
    x = keras.Input((2,))
    model = keras.Model(x, layers.Dense(1)(x))
    model.add_loss(K.mean(model.output))
    model.compile("sgd", "mse", run_eagerly=True)
    return model


@case(RuntimeError, received="as a symbolic tensor, in an eager step", expected="a step that is traced")
def added_loss_in_an_eager_step():
    eager_model_with_an_added_loss().train_on_batch(np.ones((3, 2)), np.ones((3, 1)))


@case(RuntimeError, received="as a symbolic tensor, in an eager step", expected="a step that is traced")
def added_loss_in_an_eager_evaluation():
    eager_model_with_an_added_loss().evaluate(np.ones((3, 2)), np.ones((3, 1)), verbose=0)
