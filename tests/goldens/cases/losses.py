"""Losses, metrics and other expressions of K functions, as custom losses of those years wrote them."""

import numpy as np
import tensorflow as tf

from ..registry import case
from ..tools import integers, normal, numbered, one_hot

TARGETS = one_hot(integers(4, 6, seed=1), 4)
SCORES = normal(6, 4, seed=2)
POWERS = np.exp(SCORES + 2 * TARGETS)
PROBABILITIES = (POWERS / POWERS.sum(axis=-1, keepdims=True)).astype("float32")


def both(K):
    """A pair of placeholders and a runner: outputs and gradients of every loss with respect to the prediction."""
    y_true, y_pred = K.placeholder((None, 4), name="y_true"), K.placeholder((None, 4), name="y_pred")

    def run(losses, predicted=PROBABILITIES):
        grads = [K.gradients(loss, y_pred)[0] for _, loss in losses]
        values = K.function([y_true, y_pred], [loss for _, loss in losses] + grads)([TARGETS, predicted])
        names = [name for name, _ in losses]
        return dict(zip(names + [name + "_grad" for name in names], values))

    return y_true, y_pred, run


@case()
def classification_losses(K, keras, load):
    """Cross-entropies of K, from probabilities and logits, label smoothing, focal loss, weighted cross-entropy."""
    y_true, y_pred, run = both(K)
    clipped = K.clip(y_pred, K.epsilon(), 1 - K.epsilon())
    smooth = y_true * 0.9 + 0.1 / 4
    weights = K.variable([1.0, 2.0, 0.5, 3.0])
    focal = -K.sum(y_true * K.pow(1.0 - clipped, 2.0) * 0.25 * K.log(clipped), axis=-1)
    return run(
        [
            ("categorical", K.categorical_crossentropy(y_true, y_pred)),
            ("binary", K.mean(K.binary_crossentropy(y_true, y_pred), axis=-1)),
            ("logits", K.categorical_crossentropy(y_true, K.log(y_pred) * 2.0, from_logits=True)),
            ("sigmoid", K.binary_crossentropy(y_true, K.log(y_pred), from_logits=True)),
            ("smooth", K.categorical_crossentropy(smooth, y_pred)),
            ("focal", focal),
            ("weighted", -K.sum(y_true * K.log(clipped) * weights, axis=-1)),
        ]
    )


@case()
def sparse_crossentropy_and_top_k(K, keras, load):
    """Integer labels: K.sparse_categorical_crossentropy and K.in_top_k."""
    y_true, y_pred = K.placeholder((None,), dtype="int32", name="labels"), K.placeholder((None, 4), name="y_pred")
    loss = K.sparse_categorical_crossentropy(y_true, y_pred)
    f = K.function([y_true, y_pred], [loss, K.gradients(loss, y_pred)[0], K.in_top_k(y_pred, y_true, 2)])
    loss, grads, hit = f([integers(4, 6, seed=1), PROBABILITIES])
    return {"loss": loss, "grads": grads, "hit": hit}


@case()
def segmentation_losses(K, keras, load):
    """Dice, Jaccard and Tversky, on flattened masks."""
    y_true, y_pred, run = both(K)
    t, p = K.flatten(y_true), K.flatten(y_pred)
    overlap = K.sum(t * p)
    return run(
        [
            ("dice", 1 - (2.0 * overlap + 1.0) / (K.sum(t) + K.sum(p) + 1.0)),
            ("jaccard", 1 - (overlap + 100) / (K.sum(K.abs(y_true) + K.abs(y_pred)) - overlap + 100)),
            ("tversky", (overlap + 1) / (overlap + 0.7 * K.sum(t * (1 - p)) + 0.3 * K.sum((1 - t) * p) + 1)),
            ("per_row", (2.0 * K.sum(y_true * y_pred, axis=-1)) / K.sum(y_true + y_pred, axis=-1)),
        ]
    )


@case()
def regression_losses(K, keras, load):
    """Huber, log-cosh, quantile, root mean square, R squared and Pearson correlation."""
    y_true, y_pred, run = both(K)
    error = y_true - y_pred
    small = 0.5 * K.square(K.minimum(K.abs(error), 1.0)) + K.maximum(K.abs(error) - 1.0, 0.0)
    xm, ym = y_true - K.mean(y_true), y_pred - K.mean(y_pred)
    pearson = K.sum(xm * ym) / K.sqrt(K.sum(K.square(xm)) * K.sum(K.square(ym)))
    residual, total = K.sum(K.square(error)), K.sum(K.square(y_true - K.mean(y_true)))
    return run(
        [
            ("huber", K.mean(small)),
            ("log_cosh", K.mean(error + K.softplus(-2.0 * error) - K.log(K.constant(2.0)), axis=-1)),
            ("quantile", K.mean(K.maximum(0.9 * error, -0.1 * error), axis=-1)),
            ("rmse", K.sqrt(K.mean(K.square(error)))),
            ("r2", 1 - residual / (total + K.epsilon())),
            ("pearson", K.maximum(K.minimum(pearson, 1.0), -1.0)),
        ],
        SCORES,
    )


@case()
def knowledge_distillation(K, keras, load):
    """Temperature-softened probabilities of a teacher as targets for a student, gradients to the student only."""
    teacher, student = load("dqn"), load("dqn")
    student.set_weights([0.5 * w for w in student.get_weights()])
    soft = K.softmax(teacher.output / 4.0)
    loss = 16.0 * K.mean(K.categorical_crossentropy(soft, K.softmax(student.output / 4.0)))
    grads = K.gradients(loss, student.trainable_weights)
    x = normal(5, 4, seed=4)
    values = K.function([teacher.input, student.input], [soft, loss] + grads)([x, x])
    return numbered(values)


@case()
def metrics_evaluated_on_arrays(K, keras, load):
    """Custom metrics tried out with K.eval on K.variable and K.constant arrays: precision, recall, F1, accuracy."""
    y_true, y_pred = K.variable(TARGETS), K.constant(PROBABILITIES)
    positives = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    precision = positives / (K.sum(K.round(K.clip(y_pred, 0, 1))) + K.epsilon())
    recall = positives / (K.sum(K.round(K.clip(y_true, 0, 1))) + K.epsilon())
    accuracy = K.mean(K.cast(K.equal(K.argmax(y_true, axis=-1), K.argmax(y_pred, axis=-1)), K.floatx()))
    return {
        "precision": K.eval(precision),
        "recall": K.eval(recall),
        "f1": K.eval(2 * precision * recall / (precision + recall + K.epsilon())),
        "accuracy": K.eval(accuracy),
        "any": K.eval(K.any(K.greater(y_pred, 0.9), axis=-1)),
        "all": K.eval(K.all(K.less(y_pred, 0.9))),
    }


@case()
def yolo_like_grid(K, keras, load):
    """The grid arithmetic of YAD2K: K.arange, K.tile, K.stack, K.transpose, K.reshape with dynamic shapes."""
    features = K.placeholder((None, 3, 5, 14), name="features")
    anchors = K.reshape(K.variable([[1.0, 2.0], [3.0, 1.5]]), [1, 1, 1, 2, 2])
    dims = K.shape(features)[1:3]
    rows, columns = K.arange(0, stop=dims[0]), K.arange(0, stop=dims[1])
    index = K.tile(rows, [dims[1]])
    columns = K.flatten(K.transpose(K.tile(K.expand_dims(columns, 0), [dims[0], 1])))
    index = K.reshape(K.transpose(K.stack([index, columns])), [1, dims[0], dims[1], 1, 2])
    index = K.cast(index, K.dtype(features))
    shaped = K.reshape(features, [-1, dims[0], dims[1], 2, 7])
    scale = K.cast(K.reshape(dims, [1, 1, 1, 1, 2]), K.dtype(features))
    xy = (K.sigmoid(shaped[..., :2]) + index) / scale
    wh = K.exp(shaped[..., 2:4]) * anchors / scale
    boxes = K.concatenate([xy - wh / 2.0, xy + wh / 2.0])
    scores = K.sigmoid(shaped[..., 4:5]) * K.softmax(shaped[..., 5:])
    f = K.function([features], [boxes, K.max(scores, axis=-1), K.argmax(scores, axis=-1)])
    boxes, best, classes = f([normal(2, 3, 5, 14, seed=5)])
    return {"boxes": boxes, "best": best, "classes": classes}


@case()
def control_flow_of_the_backend(K, keras, load):
    """K.switch by element and by functions, K.map_fn, K.foldl, K.foldr, with closures over symbolic tensors."""
    p, s = K.placeholder((None, 3), name="p"), K.placeholder((), name="s")
    outputs = [
        K.switch(K.greater(p, 0.0), p, 10.0 * p),
        K.switch(K.greater(s, 0.0), lambda: p + s, lambda: p * s),
        K.map_fn(lambda row: row * s + K.sum(row), p),
        K.foldl(lambda total, row: total * 0.5 + row, p),
        K.foldr(lambda total, row: total * s + row, p),
    ]
    outputs += [K.gradients(output, p)[0] for output in outputs[:4]]
    f = K.function([p, s], outputs)
    values = list(f([normal(4, 3, seed=6), 0.5])) + [f([normal(4, 3, seed=6), -0.5])[1]]
    return numbered(values)


@case()
def recurrence_by_k_rnn(K, keras, load):
    """K.rnn with a step that closes over a variable and a symbolic tensor."""
    x, gain = K.placeholder((None, 6, 3), name="x"), K.placeholder((), name="gain")
    kernel = K.variable(normal(3, 3, seed=7))

    def step(inputs, states):
        state = K.tanh(K.dot(states[0], kernel) + gain * inputs)
        return state, [state]

    last, outputs, states = K.rnn(step, x, [K.zeros_like(x[:, 0, :])])
    grads = K.gradients(K.sum(last), [x, kernel])
    values = K.function([x, gain], [last, outputs, states[0]] + grads)([normal(2, 6, 3, seed=8), 0.7])
    return numbered(values)


@case()
def tensorflow_functions_on_symbolic_tensors(K, keras, load):
    """Plain TensorFlow functions that have kept their names record as K's do."""
    model = load("m")
    x = model.output
    outputs = [
        tf.reduce_mean(x),
        tf.reduce_sum(x, axis=-1),
        tf.nn.softmax(x * 5.0),
        tf.multiply(x, 2.0),
        tf.exp(x),
        tf.cast(x > 0.2, "float32"),
        tf.where(tf.greater(x, 0.2), x, tf.zeros_like(x)),
        tf.concat([x, x], axis=1),
        tf.stack([x[:, 0], x[:, 1]], axis=1),
        tf.matmul(x, x, transpose_b=True),
        tf.nn.relu(x - 0.2),
        tf.expand_dims(x, 1),
        tf.tensordot(x, tf.ones((5, 2)), axes=1),
        tf.clip_by_value(x, 0.1, 0.3),
        tf.reshape(x, (-1,)),
        tf.shape(x),
        tf.norm(x, axis=1),
        tf.one_hot(tf.argmax(x, axis=1), 5),
        tf.maximum(x, K.variable(0.25)),
        tf.add_n([x, x, x]),
    ]
    loss = tf.reduce_sum(tf.square(x - tf.reduce_mean(x, axis=0)))
    f = K.function([model.input, K.learning_phase()], outputs + K.gradients(loss, model.input))
    return numbered(f([normal(3, 8, seed=9), 0]))
