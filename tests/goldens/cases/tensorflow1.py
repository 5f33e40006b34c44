"""Names and arguments of TensorFlow 1 beside Keras."""

import os
import tempfile

import numpy as np
import tensorflow as tf

from ..registry import case
from ..tools import normal

X = normal(6, 3, seed=1)
FLAGS, SCORES = np.array([1, 0, 1, 1, 0]), [np.array([0.9, 0.1, 0.2, 0.5, 0.4]), np.array([0.9, 0.6, 0.2, 0.3, 0.4])]


def rows():
    return tf.placeholder(tf.float32, [None, 3])


def dense(keras):
    return keras.models.Sequential(
        [
            keras.layers.Dense(4, activation="tanh", input_shape=(3,), kernel_initializer="ones"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(2, kernel_initializer="ones"),
        ]
    )


@case()
def old_arguments(K, keras, load):
    """keep_dims, reduction_indices, dim, dimension, squeeze_dims, keep_prob and others by their old names."""
    x = rows()
    fetches = {
        "keep_dims": tf.reduce_sum(x, 1, keep_dims=True),
        "indices": tf.reduce_mean(x, reduction_indices=[1]),
        "softmax": tf.nn.softmax(x, dim=0),
        "expanded": tf.expand_dims(x, dim=0),
        "largest": tf.argmax(x, dimension=1),
        "squeezed": tf.squeeze(tf.expand_dims(x, 1), squeeze_dims=[1]),
        "gathered": tf.gather(x, [0], validate_indices=True),
        "normalized": tf.nn.l2_normalize(x, dim=1),
        "moments": tf.nn.moments(x, [0], keep_dims=True)[1],
        "kept": tf.nn.dropout(x, keep_prob=1.0),
        "chosen": tf.cond(tf.constant(True), fn1=lambda: x, fn2=lambda: -x),
    }
    return K.get_session().run(fetches, {x: X})


@case()
def gradients_that_hold_tensors_constant(K, keras, load):
    """tf.gradients(..., stop_gradients=)."""
    x = rows()
    a = tf.square(x)
    b = a * 2.0
    loss = tf.reduce_sum(a * b)
    partial = tf.gradients(loss, [a, b], stop_gradients=[a, b])
    whole, through = tf.gradients(loss, [a, b]), tf.gradients(loss, [x], stop_gradients=b)
    values = K.get_session().run(partial + whole + through, {x: X})
    return {str(number): value for number, value in enumerate(values)}


@case()
def optimizers_of_tensorflow_1(K, keras, load):
    """Three steps of each tf.train optimizer, of clipped gradients."""
    makers = {
        "adam": lambda: tf.train.AdamOptimizer(0.1),
        "descent": lambda: tf.train.GradientDescentOptimizer(0.1),
        "momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
        "rmsprop": lambda: tf.train.RMSPropOptimizer(0.05, momentum=0.5, centered=True),
        "adagrad": lambda: tf.train.AdagradOptimizer(0.3),
        "adadelta": lambda: tf.train.AdadeltaOptimizer(0.5),
        "ftrl": lambda: tf.train.FtrlOptimizer(0.1),
        "proximal": lambda: tf.train.ProximalGradientDescentOptimizer(0.1, 0.01),
    }
    session, x, found = K.get_session(), rows(), {}
    for name, make in makers.items():
        w, b = K.variable(np.full((3, 2), 0.5)), K.zeros((2,))
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - 1.0))
        optimizer = make()
        pairs = optimizer.compute_gradients(loss, [w, b])
        step = optimizer.apply_gradients([(tf.clip_by_value(g, -0.5, 0.5), v) for g, v in pairs])
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(step, {x: X})
        found[name + "_w"], found[name + "_b"] = session.run([w, b])
    return found


@case()
def a_model_minimized_by_a_session(K, keras, load):
    """minimize(loss) with and without var_list, a falling rate, and weights initialized again."""
    session, model, target = K.get_session(), dense(keras), tf.placeholder(tf.float32, (None, 2))
    loss = tf.reduce_mean(tf.square(model.output - target))
    counter = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.05, counter, 2, 0.5, staircase=True)
    step = tf.train.AdamOptimizer(rate).minimize(loss, var_list=model.trainable_weights, global_step=counter)
    every = tf.train.GradientDescentOptimizer(0.05).minimize(loss)
    session.run(tf.global_variables_initializer())
    feed = {model.input: X, target: X[:, :2], K.learning_phase(): 0}
    for _ in range(3):
        session.run(step, feed)
    found = {"loss": session.run(loss, feed), "steps": session.run(counter), "rate": session.run(rate)}
    session.run(every, feed)
    found.update({f"trained_{n}": value for n, value in enumerate(model.get_weights())})
    session.run(tf.global_variables_initializer())
    found.update({f"again_{n}": value for n, value in enumerate(model.get_weights())})
    return found


@case()
def variables_by_name(K, keras, load):
    """tf.get_variable, variable_scope, assign, scatter_update, collections and their initializers."""
    session, x = K.get_session(), rows()
    with tf.variable_scope("golden"):
        w = tf.get_variable("w", shape=[3, 2], initializer=tf.constant_initializer(0.5))
        with tf.variable_scope("inner"):
            b = tf.get_variable("b", initializer=np.zeros(2, "float32"))
    with tf.variable_scope("golden", reuse=True):
        same = tf.get_variable("w", shape=[3, 2])
    session.run(tf.variables_initializer([w, b]))
    y = tf.matmul(x, w) + b
    session.run(tf.assign(w, w * 2.0))
    session.run(tf.assign_add(b, [1.0, 2.0]))
    session.run(tf.scatter_update(w, [0], [[7.0, 8.0]]))
    return {
        "names": [w.name, b.name],
        "same": same is w,
        "trainable": [one.name for one in tf.trainable_variables(scope="golden")],
        "value": session.run(y, {x: X}),
    }


@case()
def changes_of_what_is_assigned(K, keras, load):
    """Rows are changed of what tf.assign gives, and tf.assign of tf.assign_add; each gives the variable's value."""
    session, places = K.get_session(), tf.placeholder(tf.int32, (2,))
    w = tf.get_variable("chained", shape=[3], initializer=tf.zeros_initializer())
    session.run(tf.variables_initializer([w]))
    chained = tf.scatter_update(tf.assign(w, [1.0, 2.0, 3.0]), [1], [9.0])
    found = {"made": session.run(w), "chained": session.run(chained), "kept": session.run(w)}
    added = tf.scatter_add(tf.assign(w, w * 2.0), places, tf.cast(places, "float32"))
    found["added"] = session.run(added, {places: [0, 2]})
    found["less"] = session.run(tf.scatter_sub(w, [0], [1.0]))
    found["assigned"] = session.run(tf.assign(tf.assign_add(w, [1.0, 1.0, 1.0]), [5.0, 6.0, 7.0]))
    found["on_top"] = session.run(tf.assign_add(tf.assign(w, [1.0, 1.0, 1.0]), [0.5, 0.5, 0.5]))
    return found


@case()
def weights_initialized_again(K, keras, load):
    """weight.initializer.run(session=), read_value, initialized_value, eval."""
    session, model = K.get_session(), dense(keras)
    model.set_weights([weight + 5.0 for weight in model.get_weights()])
    kernel = model.layers[0].kernel
    values = {"moved": kernel.eval(session=session), "read": session.run(kernel.read_value())}
    kernel.initializer.run(session=session)
    values["again"] = session.run(kernel)
    session.run([weight.initializer for weight in model.weights])
    values.update({str(n): value for n, value in enumerate(model.get_weights())})
    return values


@case()
def streaming_metrics(K, keras, load):
    """tf.metrics: updates over two batches, values after them, and after their initializer."""
    session, y, p = K.get_session(), tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None])
    above = tf.to_int32(p > 0.35)
    metrics = [
        tf.metrics.recall(y, above),
        tf.metrics.auc(y, p),
        tf.metrics.accuracy(y, above),
        tf.metrics.mean(p),
        tf.metrics.precision(y, above, name="exact"),
        tf.metrics.mean_iou(y, above, 2),
        tf.metrics.root_mean_squared_error(tf.to_float(y), p),
        tf.metrics.precision_at_thresholds(y, p, [0.3, 0.6]),
    ]
    session.run(tf.local_variables_initializer())
    found = {}
    for batch, scores in enumerate(SCORES):
        for number, (_, update) in enumerate(metrics):
            found[f"update_{number}_{batch}"] = session.run(update, {y: FLAGS, p: scores})
    found.update({f"value_{number}": session.run(value) for number, (value, _) in enumerate(metrics)})
    local = tf.get_collection(tf.GraphKeys.LOCAL_VARIABLES, scope="exact")
    session.run(tf.variables_initializer(local))
    return {**found, "reset": session.run(metrics[4][0]), "local": [one.name for one in local]}


def constant(value):
    return tf.constant_initializer(value)


@case()
def functional_layers(K, keras, load):
    """tf.layers by name and by number, found again with reuse=True, with strides, biases and poolings."""
    session = K.get_session()
    image, series = tf.placeholder(tf.float32, [None, 6, 6, 2]), tf.placeholder(tf.float32, [None, 6, 2])
    with tf.variable_scope("functional"):
        first = tf.layers.dense(series, 3, tf.nn.tanh, kernel_initializer=constant(0.2), name="shared")
        tf.layers.dense(series, 2, kernel_initializer=constant(0.1), bias_initializer=constant(0.3))
        last = tf.layers.dense(series, 2, use_bias=False, kernel_initializer=constant(0.1))
    with tf.variable_scope("functional", reuse=True):
        again = tf.layers.dense(series * 2.0, 3, name="shared")
    fetches = {
        "first": first,
        "last": last,
        "again": again,
        "strided": tf.layers.conv2d(
            image, 3, [3, 3], 2, "SAME", activation=tf.nn.relu, kernel_initializer=constant(0.1)
        ),
        "dilated": tf.layers.conv2d(image, 2, 2, dilation_rate=2, kernel_initializer=constant(0.1)),
        "series": tf.layers.conv1d(series, 2, 3, kernel_initializer=constant(0.1)),
        "larger": tf.layers.conv2d_transpose(image, 2, 3, strides=2, kernel_initializer=constant(0.1)),
        "same": tf.layers.conv2d_transpose(image, 2, 3, 2, "same", kernel_initializer=constant(0.1)),
        "separable": tf.layers.separable_conv2d(
            image, 2, 3, depth_multiplier=2, depthwise_initializer=constant(0.1), pointwise_initializer=constant(0.2)
        ),
        "most": tf.layers.max_pooling2d(image, 2, 2),
        "mean": tf.layers.average_pooling1d(series, 3, 2, padding="same"),
        "flat": tf.layers.flatten(image),
        "kept": tf.layers.dropout(series, 0.5, training=tf.constant(False)),
    }
    session.run(tf.global_variables_initializer())
    pixels = normal(2, 6, 6, 2, seed=2)
    found = session.run(fetches, {image: pixels, series: pixels[:, 0]})
    return {**found, "names": [one.name for one in tf.trainable_variables("functional")]}


@case()
def normalized_batches(K, keras, load):
    """tf.layers.batch_normalization: its updates, under control dependencies of a step, with a penalty."""
    session, x = K.get_session(), rows()
    training = tf.placeholder_with_default(False, [])
    hidden = tf.layers.dense(
        x, 4, tf.nn.tanh, kernel_initializer=constant(0.3), kernel_regularizer=tf.contrib.layers.l2_regularizer(0.1)
    )
    hidden = tf.layers.batch_normalization(hidden, training=training, momentum=0.9)
    y = tf.layers.dense(hidden, 1, kernel_initializer=constant(0.3))
    loss = tf.losses.mean_squared_error(labels=x[:, :1], predictions=y) + tf.losses.get_regularization_loss()
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    with tf.control_dependencies(updates):
        step = tf.train.AdamOptimizer(0.05).minimize(loss)
    session.run(tf.global_variables_initializer())
    losses = [session.run([loss, step], {x: X, training: True})[0] for _ in range(3)]
    image = tf.placeholder(tf.float32, [None, 2, 2, 3])  # of pictures TensorFlow's fused operation counts otherwise
    pictures = tf.layers.batch_normalization(image, training=True, name="of_pictures")
    session.run(tf.variables_initializer(tf.global_variables("of_pictures")))
    moved = tf.get_collection(tf.GraphKeys.UPDATE_OPS, "of_pictures")
    pixels = {image: normal(3, 2, 2, 3, seed=3)}
    normalized = session.run(pictures, pixels)
    session.run(moved, pixels)
    found = {"losses": losses, "y": session.run(y, {x: X}), "updates": len(updates), "pictures": normalized}
    found["moving"] = session.run([one for one in tf.global_variables("of_pictures") if "moving" in one.name])
    return found


@case()
def summaries(K, keras, load):
    """tf.summary.scalar, histogram and merge_all, run by a session, and what a FileWriter wrote."""
    session, x = K.get_session(), rows()
    tf.summary.scalar("golden", tf.reduce_sum(x))
    tf.summary.scalar("golden", tf.reduce_max(x))
    tf.summary.histogram("of_x", x)
    own = tf.summary.scalar("own", tf.reduce_min(x), collections=["own"])
    merged, folder = tf.summary.merge_all(), tempfile.mkdtemp()
    with tf.summary.FileWriter(folder, session.graph) as writer:
        for number in range(2):
            written = session.run(merged, {x: X + number})
            writer.add_summary(written, number)
        value = tf.Summary.Value(tag="by_hand", simple_value=0.25)
        writer.add_summary(tf.Summary(value=[value]), 2)
    events = [event for name in os.listdir(folder) for event in summary_events(os.path.join(folder, name))]
    last, alone = tf.Summary.FromString(written), tf.Summary.FromString(session.run(own, {x: X}))
    return {
        "tags": [one.tag for one in last.value] + [alone.value[0].tag],
        "values": [one.simple_value for one in list(last.value)[:2]] + [alone.value[0].simple_value],
        "count": last.value[2].histo.num,
        "buckets": list(last.value[2].histo.bucket),
        "events": [(event.step, len(event.summary.value)) for event in events if event.summary.value],
    }


def summary_events(path):
    return tf.train.summary_iterator(path)


@case()
def orders_of_arguments(K, keras, load):
    """Functions whose arguments stood in another order, and tf.where by rows."""
    x, chosen = rows(), tf.placeholder(tf.bool, [None])
    image = tf.placeholder(tf.float32, [None, 4, 4, 1])
    logits = tf.transpose(tf.reshape(x, (2, 3, 3)), (1, 0, 2))
    labels = tf.SparseTensor([[0, 0], [1, 0]], tf.constant([1, 0], tf.int32), [2, 1])
    fetches = {
        "top": tf.nn.in_top_k(x, tf.constant([0, 1, 2, 0, 1, 2]), 2),
        "pooled": tf.nn.pool(image, [2, 2], "AVG", "VALID", strides=[2, 2]),
        "ctc": tf.nn.ctc_loss(labels, logits, tf.constant([3, 3])),
        "looked_up": tf.nn.embedding_lookup(x, [1, 3], "mod"),
        "blocks": tf.space_to_batch(image, [[0, 0], [0, 0]], 2),
        "rows": tf.where(chosen, x, -x),
        "cells": tf.where(x > 0.0, x, tf.zeros_like(x)),
        "found": tf.where(chosen),
        "decoded": tf.sparse_tensor_to_dense(tf.nn.ctc_greedy_decoder(logits, tf.constant([3, 3]))[0][0]),
        "product": tf.sparse_tensor_dense_matmul(tf.SparseTensor([[0, 1]], [2.0], [2, 6]), x),
    }
    feed = {x: X, chosen: X[:, 0] > 0.0, image: normal(2, 4, 4, 1, seed=4)}
    return K.get_session().run(fetches, feed)


@case()
def hessians_of_symbolic_tensors(K, keras, load):
    """tf.hessians by placeholders and variables; of a list its sum."""
    x, w = K.placeholder((1, 3)), K.variable(X[:3, :2])
    y = K.dot(K.tanh(x), w)
    found = tf.hessians(K.sum(K.square(y)), [x, w]) + tf.hessians([K.sum(y), K.sum(x * x)], x)
    return {str(number): value for number, value in enumerate(K.get_session().run(found, {x: X[:1]}))}


@case()
def variables_of_a_program_stay_live(K, keras, load):
    """Expressions of a tf.Variable and a placeholder, before and after the variable is assigned."""
    session, x = K.get_session(), rows()
    v, w = tf.Variable(2.0), tf.Variable(np.ones((3, 3), "float32"))
    session.run(tf.global_variables_initializer())
    made = [v * x, v - x, v / (x + 9.0), x * v, tf.matmul(x, w), v + K.square(x), tf.where(x > 0.0, v * x, x)]
    made += [tf.cast(v > x, "float32"), K.dot(x, w), tf.maximum(v, x)]
    found = {"before_%d" % number: value for number, value in enumerate(session.run(made, {x: X}))}
    session.run([tf.assign(v, 0.5), tf.assign(w, np.eye(3))])
    found.update({"after_%d" % number: value for number, value in enumerate(session.run(made, {x: X}))})
    return found


@case()
def clear_session_empties_the_collections(K, keras, load):
    """What a program collected, and variables by their names, are those of a graph that is gone."""
    tf.summary.scalar("of_another_graph", tf.reduce_sum(rows()))
    tf.add_to_collection("own", 1)
    alive = [tf.get_variable("kept", (2,)), K.variable(0.0)]
    K.clear_session()
    found = {"merged": tf.summary.merge_all() is None, "own": len(tf.get_collection("own")), "alive": len(alive)}
    found["listed"] = len(tf.global_variables()) + len(tf.trainable_variables())
    return dict(found, again=K.int_shape(tf.get_variable("kept", (3,))))
