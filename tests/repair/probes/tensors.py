"""Probes of the repairs of TensorFlow, of symbolic tensors and of layers: whether Keras behaves as Keras 2 did."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import LeftToKeras, dense_model, normalized_model
from kerases import keras, layers
from optimized_graphs import graphs_of, unordered, writes

import k2compat
from k2compat import backend as K
from repair.probes import probe, probe_of_keras3


@probe
def tensorflow_records():
    assert K.is_tensor(tf.square(K.placeholder((2,))))
    assert K.is_tensor(tf.square(K.variable(2.0)))


@probe
def tensorflow_gradients():
    p = K.placeholder((2,))
    assert K.is_tensor(tf.gradients(p * p, p)[0])
    assert K.is_tensor(tf.compat.v1.gradients(p * p, p)[0])


@probe
def tensorflow_loops():
    p = K.placeholder((2,))
    assert K.is_tensor(tf.map_fn(lambda t: t * 2.0, p))
    assert K.is_tensor(tf.scan(lambda a, t: a + t, p))


@probe
def tensorflow_custom_gradient():
    doubled = tf.custom_gradient(lambda x: (x * 2.0, lambda upstream: upstream * 5.0))
    p = K.placeholder((2,))
    assert K.function([p], K.gradients(doubled(p), p))([[1.0, 1.0]])[0].tolist() == [5.0, 5.0]


@probe
def tensorflow_assign():
    v = K.variable(1.0)
    updates = [tf.compat.v1.assign(v, 3.0), tf.compat.v1.assign_add(v, 2.0), tf.compat.v1.assign_sub(v, 1.0)]
    before = K.get_value(v)
    K.get_session().run(updates)
    grouped = tf.group(tf.assign_add(v, 2.0), tf.assign(K.variable(0.0), 1.0))
    K.get_session().run(grouped)
    assert [before, K.get_value(v)] == [1.0, 6.0]


@probe
def tensorflow1_names():
    p = K.placeholder((2,))
    made = tf.to_float(tf.floordiv(p, 2.0)) + tf.log(tf.div(p, p)) + 0.0 * tf.random_normal((2,))
    assert K.function([p], [made])([[4.0, 5.0]])[0].tolist() == [2.0, 2.0]


@probe
def single_replica_sum():
    gradients = [tf.ones(2), tf.ones(3)]
    summed = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, gradients)
    assert all(one is other for one, other in zip(gradients, summed, strict=True))


@probe
def tensorflow_update_order():
    total = next(repair for repair in k2compat.repairs() if repair.name == "single_replica_sum")
    total.undo()  # without that sum the order is kept in this model
    try:
        check_order()
    finally:
        total.apply()


def check_order():
    critic = keras.Sequential([layers.Dense(5, activation="tanh"), layers.Dense(1)])
    first, second = layers.Input((4,)), layers.Input((4,))
    model = LeftToKeras([first, second], [critic(first), critic(second)])
    model.compile("sgd", lambda target, output: tf.reduce_mean(target * output))
    ones = np.ones((2, 1), "float32")
    graphs = graphs_of(lambda: model.train_on_batch([np.ones((2, 4), "float32")] * 2, [ones, -ones]))
    assert any(len(list(writes(graph))) >= 4 for graph in graphs)
    assert not any(map(unordered, graphs))


@probe
def value_inside_evaluation():
    p, q = K.placeholder((2,)), K.placeholder((2,))
    mapped = K.map_fn(lambda t: q, p)
    assert K.function([p, q], [mapped])([[1.0, 2.0], [3.0, 4.0]])[0].tolist() == [[3.0, 4.0]] * 2


@probe_of_keras3
def tensor_index():
    x = layers.Input((3,))
    layer = layers.Dense(3)
    column = layer(x)[:, np.argmax([0, 5, 1])]
    assert K.int_shape(column) == (None,)
    assert layer._outbound_nodes == []


@probe_of_keras3
def tensor_operators():
    layer = layers.Dense(3)
    y = layer(layers.Input((3,)))
    sums = [y + np.ones(3), np.ones(3) - y, y * np.float64(2)]
    assert {K.dtype(t) for t in sums} == {"float32"}
    assert layer._outbound_nodes == []


@probe
def weight_operators():
    weight = dense_model().get_layer("hidden").bias
    expressions = [weight * 2.0, 2.0 * weight, tf.multiply(weight, 2.0)]
    K.set_value(weight, np.ones(5))
    assert [K.eval(e).tolist() for e in expressions] == [[2.0] * 5] * 3


@probe
def tensor_shape():
    p = K.placeholder((None, 3))
    lists = [p.get_shape().as_list(), p.shape.as_list(), list(p._keras_shape)]
    assert lists == [[None, 3]] * 3
    assert p.shape[1].value == 3


@probe
def tensor_eval():
    p = K.placeholder((2,))
    assert p.eval(feed_dict={p: [1.0, 2.0]}).tolist() == [1.0, 2.0]


@probe
def tensor_identity():
    p, q = K.placeholder((2,)), K.placeholder((2,))
    assert (p != q) is True
    assert (p != p) is False  # noqa: PLR0124


@probe
def tensor_value():
    for use in (float, int, bool, list, np.array):
        with pytest.raises(TypeError, match=r"K\."):
            use(K.placeholder((2,)))


@probe_of_keras3
def input_layer_input():
    model = dense_model()
    assert model.layers[0].input is model.input


@probe_of_keras3
def layer_shapes():
    layer = dense_model().get_layer("hidden")
    shapes = [layer.input_shape, layer.output_shape, layer.get_input_shape_at(0), layer.get_output_shape_at(0)]
    tensors = layer.get_output_at(0) is layer.output and layer.get_input_at(0) is layer.input
    assert shapes == [(None, 4), (None, 5)] * 2
    assert tensors
    assert len(layer.inbound_nodes) == 1


@probe
def layer_updates():
    model = normalized_model()
    bn = model.get_layer("bn")
    counts = [len(found) for found in (model.updates, bn.get_updates_for(bn.input), model.state_updates)]
    unconditional = bn.get_updates_for(None)
    stateful = keras.Sequential([layers.Input(batch_shape=(1, 2, 3)), layers.LSTM(2, stateful=True)])
    assert counts == [2, 2, 0]
    assert unconditional == []
    assert len(stateful.updates) == len(stateful.state_updates) == 2


@probe_of_keras3
def weight_losses():
    x = layers.Input((1,))
    dense = layers.Dense(1, use_bias=False, kernel_regularizer="l2", weights=[np.array([[3.0]])])
    model = keras.Model(x, dense(x))
    gradient = K.function([x], K.gradients(K.mean(model.output) + model.losses[0], [dense.kernel]))
    with tf.GradientTape():
        values = model.losses + dense.losses
    assert np.allclose(gradient([[[2.0]]])[0], 2.0 + 0.06)
    assert np.allclose(values, 0.09)
    dense.trainable = False
    model.compile("sgd", "mse")
    assert np.allclose([K.eval(model.losses[0]), model.evaluate([[0.0]], [[0.0]], verbose=0)], 0.09)


@probe
def uses_learning_phase():
    plain = dense_model()
    before = plain.uses_learning_phase
    plain.get_layer("hidden").uses_learning_phase = True
    assert normalized_model().uses_learning_phase is True
    assert before is False
    assert plain.uses_learning_phase is True


@probe_of_keras3
def layer_call():
    x = layers.Input((100,))
    model = keras.Model(x, layers.Dropout(0.5)(x, training=True))
    drawn = K.function([model.input], [model.output])([np.ones((1, 100))])[0]
    assert (drawn == 0).any()
    assert K.eval(layers.Dense(2)(K.variable(np.ones((1, 3))))).shape == (1, 2)


@probe
def input_tensor():
    v = K.variable([[1.0, 2.0]])
    inputs = [
        keras.Input(tensor=v),
        layers.Input(tensor=v * 2.0),
        tf.keras.Input(tensor=v),
        tf.keras.layers.Input(tensor=v),
    ]
    assert [K.eval(x * 1.0).tolist() for x in inputs] == [[[1.0, 2.0]], [[2.0, 4.0]], [[1.0, 2.0]], [[1.0, 2.0]]]


@probe
def initializer_reuse():
    for initializer in (keras.initializers.RandomNormal(), keras.initializers.HeUniform(seed=3)):
        first, second = (layers.Dense(3, kernel_initializer=initializer) for _ in range(2))
        first.build((None, 4))
        second.build((None, 4))
        assert not np.array_equal(K.get_value(first.kernel), K.get_value(second.kernel))
    called = keras.initializers.RandomUniform()
    assert not np.array_equal(K.eval(called((3,))), K.eval(called((3,))))


@probe_of_keras3
def l1_l2():
    made = [keras.regularizers.l1_l2(), keras.regularizers.get("l1_l2"), keras.regularizers.l1_l2(l2=0.5)]
    kernel = tf.ones((2, 2))
    made += [keras.regularizers.l1(l=2.0), keras.regularizers.l1l2(), keras.regularizers.activity_l1(l=2.0)]
    penalties = [float(K.eval(regularizer(kernel))) for regularizer in made]
    assert np.allclose(penalties, [0.08, 0.08, 2.04, 8.0, 0.08, 8.0])
