"""Probes of the repairs of TensorFlow 1's names and arguments, and of sessions, graphs and weights beside Keras."""

import sys
import warnings
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf
from kerases import KIND, keras, layers

from k2compat import backend as K
from k2compat.naming.programs import Program
from k2compat.repair.table import is_applied
from k2compat.repair.tensorflow1 import graph_mode, live_variables
from repair.probes import probe, probe_of_keras3

ROWS = np.array([[1.0, 2.0], [3.0, 5.0]], "float32")


@probe
def tensorflow_modules():
    assert sys.modules.get("tensorflow.compat.v1") is tf.compat.v1
    assert all(sys.modules.get(f"tensorflow.{name}") is getattr(tf, name) for name in ("nn", "summary", "train"))


@probe
def tensorflow1_arguments():
    x = K.placeholder((None, 2))
    found = [tf.reduce_sum(x, reduction_indices=[1], keep_dims=True), tf.nn.softmax(x, dim=0), tf.expand_dims(x, dim=1)]
    total, share, wide = K.function([x], found)([ROWS])
    assert total.tolist() == [[3.0], [8.0]]
    np.testing.assert_allclose(share.sum(0), 1.0, rtol=1e-6)
    assert wide.shape == (2, 1, 2)
    assert tf.nn.dropout(tf.ones((2,)), keep_prob=1.0).numpy().tolist() == [1.0, 1.0]


@probe
def tensorflow1_contrib():
    weights = tf.contrib.layers.xavier_initializer(seed=1)((2, 3))
    assert weights.shape == (2, 3)
    assert K.eval(tf.contrib.layers.l2_regularizer(2.0)(K.variable(ROWS))) == 39.0
    assert not hasattr(tf.contrib, "slim")


@probe
def tensorflow1_graph_mode():
    with mock.patch.object(Program, "unmodified", True), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if is_applied("tensorflow1_graph_mode"):
            tf.compat.v1.disable_eager_execution()  # in a file that names keras
            graph_mode._postponed.clear()
        else:  # it would last
            assert tf.compat.v1.disable_eager_execution.__module__ == graph_mode.__name__
    assert tf.executing_eagerly()


@probe
def tensorflow1_sessions():
    x = tf.placeholder(tf.float32, shape=[None, 2], name="x")
    scale = tf.placeholder_with_default(2.0, shape=())
    with tf.Session(config=tf.ConfigProto()) as session:
        assert tf.get_default_session() is session
        assert session.run(x * scale, {x: ROWS}).tolist() == (2 * ROWS).tolist()
        assert session.run(x * scale, {x: ROWS, scale: 3.0}).tolist() == (3 * ROWS).tolist()
        assert tf.constant(2.0).eval(session=session) == 2.0


@probe
def tensorflow1_variables():
    with tf.variable_scope("probe"):
        weight = tf.get_variable("weight", shape=[2], initializer=tf.ones_initializer())
    assert weight.name == "probe/weight:0"
    assert [one.name for one in tf.trainable_variables(scope="probe/")] == ["probe/weight:0"]
    session, tripled = K.get_session(), weight * 3.0
    session.run(tf.assign(weight, [4.0, 5.0]))
    assert session.run(tripled).tolist() == [12.0, 15.0]
    assert session.run(tf.variables_initializer([weight])) is None
    assert session.run(tripled).tolist() == [3.0, 3.0]


@probe
def tensorflow1_train():
    weight = K.variable([1.0, 2.0])
    loss = K.sum(K.square(weight))
    step = tf.train.MomentumOptimizer(0.25, 0.5).minimize(loss, var_list=[weight])
    assert K.get_value(weight).tolist() == [1.0, 2.0]
    found = [K.get_session().run([step, loss])[1] for _ in range(2)]
    assert found == [5.0, 1.25]
    assert K.get_value(weight).tolist() == [0.0, 0.0]


@probe
def tf_optimizers():
    model = keras.Sequential([layers.Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(tf.compat.v1.train.MomentumOptimizer(0.125, 0.5), "mse")
    assert isinstance(model.optimizer, keras.optimizers.TFOptimizer)
    losses = [float(model.train_on_batch(ROWS[:1], [0.0])) for _ in range(2)]
    assert losses == [9.0, 2.25]
    assert K.get_value(model.optimizer.iterations) == 4


@probe
def tensorflow1_graph_only():
    x = K.placeholder((1, 2))
    (second,) = tf.hessians(K.sum(x * x * x) + x[0, 0] * x[0, 1], [x])
    assert K.get_session().run(second, {x: ROWS[:1]}).tolist() == [[[[6.0, 1.0]], [[1.0, 12.0]]]]
    assert not hasattr(tf.data.Dataset.range(3), "make_one_shot_iterator")
    with pytest.raises(KeyError, match="model.get_layer"):
        tf.get_default_graph().get_tensor_by_name("dense/kernel:0")
    with pytest.raises(RuntimeError, match=r"Received get_operations\(\) of .*\n.* model.layers"):
        tf.get_default_graph().get_operations()
    with tf.Graph().as_default() as graph:
        tf.constant(1.0)
    assert len(graph.get_operations()) == len(graph.as_graph_def().node) == 1


@probe
def tensorflow1_own_variables():
    x, scale = K.placeholder((None, 2)), tf.Variable(2.0)
    made = [scale * x, scale - x, x**scale, tf.cast(scale > x, "float32")]
    scale.assign(3.0)
    product, difference, power, larger = K.get_session().run(made, {x: ROWS})
    assert product.tolist() == [[3.0, 6.0], [9.0, 15.0]]
    assert difference.tolist() == [[2.0, 1.0], [0.0, -2.0]]
    assert power.tolist() == [[1.0, 8.0], [27.0, 125.0]]
    assert larger.tolist() == [[1.0, 1.0], [0.0, 0.0]]


@probe
def tensorflow1_live_variables():
    program = {}
    with mock.patch.object(Program, "unmodified", True), mock.patch.object(live_variables, "is_graph_code", bool):
        exec("import tensorflow as tf\nv = tf.Variable([1.0, 2.0])\nrow = tf.reshape(v * 2.0, [1, 2])", program)
    program["v"].assign([3.0, 4.0])
    assert K.eval(program["row"]).tolist() == [[6.0, 8.0]]


@probe
def tensorflow1_metrics():
    truth, score = K.placeholder((None,), dtype="int32"), K.placeholder((None,))
    value, update = tf.metrics.recall(truth, tf.to_int32(score > 0.5))
    session = K.get_session()
    assert session.run(update, {truth: [1, 0, 1], score: [0.9, 0.9, 0.1]}) == 0.5
    assert session.run(update, {truth: [1, 1, 0], score: [0.9, 0.9, 0.9]}) == 0.75
    assert session.run(value) == 0.75
    session.run(tf.local_variables_initializer())
    assert session.run(value) == 0.0
    assert isinstance(tf.metrics.Mean(), keras.metrics.Metric) or KIND == "keras2"


@probe
def weight_initializers():
    layer = layers.Dense(2, kernel_initializer="ones")
    layer(layers.Input((2,)))
    layer.set_weights([ROWS, np.ones(2)])
    kernel = layer.kernel
    assert kernel.eval(session=K.get_session()).tolist() == K.eval(kernel.read_value()).tolist() == ROWS.tolist()
    kernel.initializer.run(session=K.get_session())
    assert [weight.tolist() for weight in layer.get_weights()] == [[[1.0, 1.0], [1.0, 1.0]], [1.0, 1.0]]
    assert kernel.get_shape().as_list() == [2, 2]


@probe_of_keras3
def own_graphs():
    graph = tf.Graph()
    with graph.as_default(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = keras.Sequential([layers.Input((2,)), layers.Dense(1, kernel_initializer="ones")])
        assert K.eval(K.constant(1.0) + 1.0) == 2.0
    with graph.as_default():
        assert model.predict(ROWS).tolist() == [[3.0], [8.0]]
        model.set_weights([2 * np.ones((2, 1)), np.ones(1)])
    assert model.predict(ROWS).tolist() == [[7.0], [17.0]]


@probe
def tensorflow1_layers():
    x = K.placeholder((None, 2))
    with tf.variable_scope("probe_layers"):
        y = tf.layers.dense(x, 3, kernel_initializer=tf.ones_initializer(), name="fc")
    with tf.variable_scope("probe_layers", reuse=True):
        twice = tf.layers.dense(x * 2.0, 3, name="fc")
    assert [one.name for one in tf.trainable_variables("probe_layers")] == [
        "probe_layers/fc/kernel:0",
        "probe_layers/fc/bias:0",
    ]
    found, doubled = K.function([x], [y, twice])([ROWS])
    assert found[:, 0].tolist() == [3.0, 8.0]
    assert doubled.tolist() == (2.0 * found).tolist()


@probe
def tensorflow1_summary():
    x = K.placeholder((None, 2))
    summary = tf.summary.scalar("probe_mean", tf.reduce_mean(x))
    written = K.get_session().run(tf.summary.merge([summary]), {x: ROWS})
    (value,) = tf.compat.v1.Summary.FromString(written).value
    assert value.tag.startswith("probe_mean")  # numbered, where the name is in use
    assert value.simple_value == 2.75


@probe
def tensorflow1_positions():
    x, chosen = K.placeholder((None, 2)), K.placeholder((None,), dtype="bool")
    found = [tf.nn.in_top_k(x, tf.constant([1, 0]), 1), tf.where(chosen, x, -x)]
    top, rows = K.function([x, chosen], found)([ROWS, [True, False]])
    assert top.tolist() == [True, False]
    assert rows.tolist() == [[1.0, 2.0], [-3.0, -5.0]]
    assert K.function([x], [tf.concat(1, [x, -x])])([ROWS])[0].tolist() == [[1, 2, -1, -2], [3, 5, -3, -5]]


@probe
def tensorflow1_variables_once():
    made = []

    def shifted(t):
        made.append(tf.Variable(np.array([1.0, 2.0], "float32"), name="shift"))
        return t + made[-1]

    x = layers.Input((2,))
    model = keras.Model(x, layers.Lambda(shifted)(x))
    given = np.zeros((3, 2), "float32")
    assert np.allclose(model.predict(given, verbose=0), [[1.0, 2.0]] * 3)
    assert np.allclose(K.function([x], [model.output])([given])[0], [[1.0, 2.0]] * 3)
    model.compile("sgd", "mse")
    assert np.isclose(model.test_on_batch(given, given), 2.5)
    assert len({id(one) for one in made[1:]}) == 1
