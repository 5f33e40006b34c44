"""Ways to provoke the errors of models: optimizers of users, weights of classes and samples, states, files."""

import numpy as np
import tensorflow as tf
from error_cases import INVALID, case
from helpers import dense_model, normal
from kerases import KIND, keras, layers

from k2compat import backend as K

X, Y = normal(6, 4).astype("float32"), np.eye(3, dtype="float32")[[0, 1, 2, 0, 1, 2]]


class Own(keras.optimizers.Optimizer):
    """Gradient descent as a Keras 2 program wrote it."""

    def get_updates(self, loss, params):
        return [(p, p - 0.5 * g) for p, g in zip(params, self.get_gradients(loss, params), strict=True)]


class Second(Own):
    """Follows the gradient of the gradients' norm."""

    def get_updates(self, loss, params):
        norm = sum(K.sum(K.square(g)) for g in self.get_gradients(loss, params))
        return [(p, p - g) for p, g in zip(params, K.gradients(norm, params), strict=True)]


class WithStep(keras.Model):
    """A model with a step of its own, whose data nobody else knows."""

    def train_step(self, data):
        return super().train_step(data)


def compiled(optimizer, model=None):
    """A model that is trained in this thread, outside of traced functions."""
    model = model or dense_model()
    model.compile(optimizer, "mse", run_eagerly=True)
    return model


@case(RuntimeError, received="Own, an optimizer with a get_updates of its own", expected="training on one device")
def own_optimizer_in_a_strategy():
    with tf.distribute.OneDeviceStrategy("CPU:0").scope():
        compiled(Own()).train_on_batch(X, Y)


@case(
    ValueError, received="`None` for gradient: the loss does not depend on", expected="differentiably on every weight"
)
def own_optimizer_of_a_weight_beside_the_loss():
    x = layers.Input((4,))
    stopped = layers.Lambda(K.stop_gradient, output_shape=(3,))(layers.Dense(3)(x))
    model = compiled(Own(), keras.Model(x, layers.Add()([layers.Dense(3)(x), stopped])))
    model._make_train_function()  # as in Keras 2: the updates are made for all weights
    model.train_on_batch(X, Y)


@case(RuntimeError, received="gradient of the training loss's gradient", expected="first order")
def own_optimizer_of_second_order():
    compiled(Second()).train_on_batch(X, Y)


@case(TypeError, received="the argument decay for Optimizer.__init__ of Own", expected="clipnorm and clipvalue")
def argument_that_no_base_class_has():
    Own(decay=0.1)


def trained_adam():
    model = compiled(keras.optimizers.Adam())
    model.train_on_batch(X, Y)
    return model.optimizer


@case(ValueError, received="Length of the specified weight list (1) does not match", expected="get_weights()")
def optimizer_weights_of_another_number():
    trained_adam().set_weights([np.zeros(3)])


@case(ValueError, received="shape () not compatible with provided weight shape (2,)", expected="get_weights()")
def optimizer_weights_of_another_shape():
    optimizer = trained_adam()
    optimizer.set_weights([np.zeros(2), *optimizer.get_weights()[1:]])


if KIND == "keras3":  # Keras 2 has rules, and errors, of its own for these

    @case(TypeError, received="Expected Tensor's shape: (4,), got (3,)", expected="as many numbers")
    def constants_that_do_not_fill_a_weight():
        keras.initializers.Constant([1.0, 2.0, 3.0])((4,))

    @case(ValueError, received="arrays of shapes [(1, 3)]", expected="shapes [(1, 2)]")
    def states_of_another_shape():
        x = layers.Input(batch_shape=(1, 3, 4))
        layer = layers.SimpleRNN(2, stateful=True)
        layer(x)
        layer.reset_states(np.ones((1, 3)))


@case(ValueError, received="with 1 arrays", expected="1 inputs, 1 targets and 1 weights")
def training_function_without_targets():
    model = dense_model()
    model.compile("sgd", "mse")
    model._make_train_function()
    model.train_function([X])


@case(ValueError, received="whose arrays are not checked", expected="without steps of its own")
def standardized_data_of_a_model_with_its_own_step():
    x = layers.Input((4,))
    model = WithStep(x, layers.Dense(3)(x))
    model.compile("sgd", "mse")
    model._standardize_user_data(X, Y)


@case(ValueError, received="in a call that Keras runs", expected="arrays, or nothing")
def replaced_function_in_a_call_of_keras():
    model = dense_model()
    model.compile("sgd", "mse")
    model._make_train_function()
    original = model.train_function
    model.train_function = lambda arrays: [float(value) for value in original(arrays)]
    model.fit(tf.data.Dataset.from_tensor_slices((X, Y)).batch(2), verbose=0)


@case(ValueError, INVALID, received="same number of samples. Got array shapes", expected="one number of samples")
def unequal_batches():
    a, b = layers.Input((3,)), layers.Input((3,))
    K.function([a, b], [layers.add([a, b])])([np.ones((2, 3)), np.ones((4, 3))])


@case(ValueError, INVALID, received="shape (2, 0, 3)", expected="a step for a recurrent layer")
def no_steps():
    x = layers.Input((None, 3))
    K.function([x], [layers.SimpleRNN(2)(x)])([np.zeros((2, 0, 3))])


@case(INVALID, received="5 at [1] of the input 'words', which is no row of a table", expected="0 to 4")
def a_word_that_the_table_does_not_have():
    words = layers.Input((), dtype="int32", name="words")
    K.function([words], [layers.Embedding(5, 3)(words)])([np.array([4, 5])])


@case(ValueError, received="(0, 4) for the input 'features', which has no samples", expected="at least one sample")
def training_on_nothing():
    x = layers.Input((4,), name="features")
    compiled("sgd", keras.Model(x, layers.Dense(3)(x))).train_on_batch(X[:0], Y[:0])


# lambda t: t * 2.0, as Keras 2.3.1 wrote it into a file under Python 3.7.
BYTECODE = (
    "4wEAAAAAAAAAAQAAAAIAAABDAAAAcwgAAAB8AGQBFABTACkCTucAAAAAAAAAQKkAKQHaAXRyAgAA\n"
    "AHICAAAA+gtsYW1fc2F2ZS5wedoIPGxhbWJkYT4DAAAA8wAAAAA=\n"
)


@case(ValueError, received="the function of a Lambda layer as bytecode", expected="can read")
def bytecode_of_another_python():
    if KIND == "keras3":
        function = {"class_name": "__lambda__", "config": {"code": BYTECODE, "defaults": None, "closure": None}}
        layers.Lambda.from_config({"name": "twice", "function": function}, safe_mode=False)
    else:
        function = {"function": [BYTECODE, None, None], "function_type": "lambda", "module": "__main__"}
        shape = {"output_shape": None, "output_shape_type": "raw", "output_shape_module": None}
        layers.Lambda.from_config({"name": "twice", **function, **shape, "arguments": {}})


@case(ValueError, received="'factor'", expected="of its first call")
def layer_called_again_with_another_closure():
    x, factor = layers.Input((3,)), 2.0
    layer = layers.Lambda(lambda t: t * factor)
    layer(x)
    factor = 3.0
    layer(x)
