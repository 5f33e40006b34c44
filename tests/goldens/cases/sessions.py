"""Sessions, shapes and other habits of old scripts."""

import numpy as np
import tensorflow as tf

from ..registry import case
from ..tools import normal, outcome, printed, told

UNFED = tf.errors.InvalidArgumentError


@case(rows=["session-run"])
def session_run(K, keras, load):
    """K.get_session().run(m.output, feed_dict=...) gives an array; a list of fetches gives a list."""
    model = load("m")
    x = normal(3, 8, seed=1)
    session = K.get_session()
    feed = {model.input: x, K.learning_phase(): 0}
    one = session.run(model.output, feed_dict=feed)
    several = session.run([model.output, model.get_layer("h").output], feed_dict=feed)
    grads = session.run(K.gradients(model.output[:, 1], model.input), feed_dict=feed)
    train = session.run(model.get_layer("bn").output, {model.input: x, K.learning_phase(): 1})
    v = K.variable(3.0)
    return {
        "one": one,
        "type": type(one).__name__,
        "list_type": type(several).__name__,
        "h": several[1],
        "grads": grads[0],
        "train": train,
        "variable": K.get_session().run(v),
        "expression": K.get_session().run(v * 2.0),
    }


@case(rows=["session-run"])
def session_run_of_an_intermediate_feed(K, keras, load):
    """A session takes intermediate tensors in feed_dict too, and names what is not fed."""
    model = load("m")
    h = model.get_layer("h").output
    session = K.get_session()
    value = session.run(model.output, feed_dict={h: normal(2, 16, seed=2)})
    return {"value": value, "unfed": outcome(lambda: session.run(model.output), UNFED, naming="model_input")}


@case(rows=["session-set"])
def session_with_a_configuration(K, keras, load):
    """K.set_session(tf.Session(config=...)) sets GPU memory growth; everything works afterwards."""
    config = tf.compat.v1.ConfigProto()
    config.gpu_options.allow_growth = True
    with told():
        K.set_session(tf.compat.v1.Session(config=config))
        model = load("dqn")
        value = K.function([model.input], [model.output])([normal(2, 4, seed=3)])[0]
    return {"value": value, "eval": K.eval(K.variable(2.0) + 1.0)}


@case(rows=["eval-unfed"])
def eval_of_what_needs_a_feed(K, keras, load):
    """K.eval of something that needs an unfed placeholder raises, naming the placeholder."""
    model = load("m")
    p = K.placeholder((None, 2), name="needed")
    return {
        "placeholder": outcome(lambda: K.eval(p), UNFED, naming="needed"),
        "expression": outcome(lambda: K.eval(K.sum(p) + 1.0), UNFED, naming="needed"),
        "model": outcome(lambda: K.eval(model.output), UNFED, naming="model_input"),
        "constant": K.eval(K.constant([1.0, 2.0]) * 2.0),
    }


@case(rows=["shape-spellings"])
def shapes_in_every_spelling(K, keras, load):
    """K.int_shape, get_shape().as_list(), _keras_shape, shape[1].value, K.shape, layer.output_shape."""
    model = load("vgg")
    conv, p = model.get_layer("block2_conv1"), K.placeholder((None, 5, 2), name="p")
    shapes = {
        "int_shape": K.int_shape(conv.output),
        "as_list": conv.output.get_shape().as_list(),
        "keras_shape": conv.output._keras_shape,
        "output_shape": conv.output_shape,
        "input_shape": conv.input_shape,
        "model_output_shape": model.output_shape,
        "placeholder": K.int_shape(p),
        "placeholder_list": p.get_shape().as_list(),
        "placeholder_keras": p._keras_shape,
        "expression": (p * 2.0).get_shape().as_list(),
        "reduced": K.int_shape(K.sum(p, axis=1, keepdims=True)),
    }
    arrays = {}
    for name, shape in shapes.items():
        arrays[name] = [-1 if size is None else int(size) for size in shape]
    arrays["value"] = [p.shape[1].value, conv.output.shape[3].value, int(conv.output.shape[1])]
    arrays["len"] = [len(p.shape), K.ndim(p), len(p.get_shape())]
    arrays["dynamic"] = K.function([p], [K.shape(p)])([np.zeros((3, 5, 2))])[0]
    return arrays


@case()
def value_of_an_unknown_size(K, keras, load):
    """shape[0].value of an axis whose size is not known."""
    return {"unknown": K.placeholder((None, 5), name="p").shape[0].value is None}


@case(rows=["is-keras-tensor"])
def what_is_a_keras_tensor(K, keras, load):
    """K.is_keras_tensor(K.placeholder(...)) is False; of a numpy array it raises ValueError."""
    model = load("m")
    x = keras.layers.Input((3,))
    return {
        "placeholder": K.is_keras_tensor(K.placeholder((None, 3))),
        "variable": K.is_keras_tensor(K.variable(1.0)),
        "input": K.is_keras_tensor(x),
        "output": K.is_keras_tensor(model.output),
        "layer_output": K.is_keras_tensor(keras.layers.Dense(2)(x)),
        "array": outcome(lambda: K.is_keras_tensor(np.ones(2)), ValueError),
    }


@case(rows=["tensor-identity"])
def equality_is_identity(K, keras, load):
    """t == u on symbolic tensors is identity: tensors are found in lists and are keys of dictionaries."""
    p, q = K.placeholder((None, 2), name="p"), K.placeholder((None, 2), name="q")
    e = p * 2.0
    same_p, same_e = p, e
    return {
        "same": [p == same_p, e == same_e, p in [q, p], {p: 1, q: 2}[p] == 1],
        "different": [p == q, e == p * 2.0, p in [q, e], p != same_p],
        "are_bools": [type(p == q).__name__, type(p == same_p).__name__],
    }


def run_print_tensor(K, *descriptors):
    p = K.placeholder((None,), name="p")
    with printed(*descriptors) as built:
        f = K.function([p], [K.print_tensor(p * 2.0, message="doubled = ") + 1.0])
    with printed(*descriptors) as ran:
        value = f([np.array([1.5, 2.5])])[0]
    with printed(*descriptors) as again:
        f([np.array([7.0, 8.0])])
    return {
        "value": value,
        "when_built": "doubled" in built[0],
        "when_run": "doubled = " in ran[0],
        "numbers": "[3 5]" in ran[0],
        "each_time": "[14 16]" in again[0],
    }


@case(rows=["print-tensor"])
def print_tensor_prints_and_passes_through(K, keras, load):
    """K.print_tensor prints at run time, not when it is called, and passes its input through. (2.3.1: to stdout.)"""
    return run_print_tensor(K, 1, 2)


@case(rows=["print-tensor"], keras="2.2.4")
def print_tensor_prints_to_stderr(K, keras, load):
    """K.print_tensor of 2.2.4 prints to stderr."""
    return run_print_tensor(K, 2)


@case(rows=["keras-2.1-names"], keras="2.2.4")
def names_of_keras_2_1(K, keras, load):
    """K.tf, K.image_dim_ordering() ('tf'/'th'), K.set_image_dim_ordering, K.get_variable_shape."""
    first = K.image_dim_ordering()
    K.set_image_dim_ordering("th")
    theano, as_format = K.image_dim_ordering(), K.image_data_format()
    K.set_image_dim_ordering("tf")
    v = K.variable(np.ones((2, 3)))
    p = K.placeholder((None, 2), name="p")
    squared = K.function([p], [K.tf.square(p), K.tf.reduce_mean(p)])([np.array([[1.0, 2.0], [3.0, 4.0]])])
    return {
        "ordering": [first, theano, as_format, K.image_dim_ordering()],
        "shape": list(K.get_variable_shape(v)),
        "squared": squared[0],
        "mean": squared[1],
    }


@case()
def backend_settings(K, keras, load):
    """K.backend, floatx, epsilon, image_data_format, get_uid, and that they can be set."""
    before = [K.backend(), K.floatx(), K.image_data_format()]
    K.set_epsilon(1e-5)
    epsilon = K.epsilon()
    K.set_epsilon(1e-7)
    K.set_floatx("float64")
    dtype = [K.dtype(K.variable(1.0)), K.dtype(K.placeholder((2,)))]
    K.set_floatx("float32")
    return {
        "before": before,
        "epsilon": epsilon,
        "dtype": dtype,
        "uids": [K.get_uid("golden"), K.get_uid("golden")],
        "cast": str(K.cast_to_floatx(np.ones(2, "float64")).dtype),
    }


@case()
def clear_session_starts_anew(K, keras, load):
    """Variables and models made after K.clear_session work; so do functions of them."""
    first = K.eval(K.variable(1.0) + 1.0)
    K.clear_session()
    model = load("m")
    f = K.function([model.input, K.learning_phase()], [model.output])
    return {"first": first, "value": f([normal(2, 8, seed=4), 0])[0], "phase": isinstance(K.learning_phase(), int)}
