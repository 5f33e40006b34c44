"""Softmax, crossentropies, batch normalisation."""

import numpy as np

from ..table import table
from ..tools import integers, normal, one_hot

row = table(__name__)

LOGITS = 3 * normal(4, 3, seed=1)
CLASSES = np.array([0, 2, 1, 2], "int32")
SURE = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.2, 0.3, 0.5], [1.0, 1.0, 2.0]], "float32")


def positive(*shape, **kwargs):
    return np.abs(normal(*shape, **kwargs)) + 0.1


for shape, axes in (((2, 3), (0, 1, -1)), ((2, 3, 4), (0, 1, 2, -2)), ((1, 2, 2, 3), (1, -1))):
    for axis in axes:
        row("softmax", normal(*shape), axis=axis)
for dtype in ("float16", "float64"):
    row("softmax", LOGITS.astype(dtype))
row("softmax", 50 * LOGITS, tag="far out")
row("softmax", normal(3))


def of_softmax(K, target, logits, **kwargs):
    return K.categorical_crossentropy(target, K.softmax(logits), **kwargs)


def of_sigmoid(K, target, logits):
    return K.binary_crossentropy(target, K.sigmoid(logits))


def sparse_of_softmax(K, target, logits):
    return K.sparse_categorical_crossentropy(target, K.softmax(logits))


def softmax_of(logits):
    e = np.exp(logits)
    return e / e.sum(-1, keepdims=True)


for dtype in ("float32", "float64", "float16"):
    target, logits = one_hot(CLASSES, 3).astype(dtype), LOGITS.astype(dtype)
    row("categorical_crossentropy", target, softmax_of(logits))
    row("categorical_crossentropy", target, logits, from_logits=True)
    row("binary_crossentropy", target, softmax_of(logits))
    row("binary_crossentropy", target, logits, from_logits=True)
    row("sparse_categorical_crossentropy", CLASSES, softmax_of(logits))
    row("sparse_categorical_crossentropy", CLASSES, logits, from_logits=True)
for target in (one_hot(CLASSES, 3), np.full((4, 3), 0.3, "float32")):
    row("categorical_crossentropy", target, SURE, tag="sure, sum %g" % target[0].sum())
    row("binary_crossentropy", target, np.minimum(SURE, 1), tag="sure, sum %g" % target[0].sum())
row("sparse_categorical_crossentropy", CLASSES, SURE, tag="sure")
row("categorical_crossentropy", one_hot(CLASSES, 3), 20 * LOGITS, compute=of_softmax, tag="of a softmax")
row("sparse_categorical_crossentropy", CLASSES, 20 * LOGITS, compute=sparse_of_softmax, tag="of a softmax")
row("binary_crossentropy", one_hot(CLASSES, 3), 20 * LOGITS, compute=of_sigmoid, tag="of a sigmoid")
for axis in (1, 2, -1, -2):
    shape = (2, 3, 4)
    target = np.moveaxis(
        np.eye(shape[axis], dtype="float32")[integers(shape[axis], 12 * 2 // shape[axis], seed=2)], -1, 0
    )
    target = np.moveaxis(target.T.reshape([n for i, n in enumerate(shape) if i != axis % 3] + [shape[axis]]), -1, axis)
    row("categorical_crossentropy", target, positive(*shape), axis=axis)
    row("categorical_crossentropy", target, normal(*shape), axis=axis, from_logits=True, error=axis == -2)
    labels = integers(shape[axis], *[n for i, n in enumerate(shape) if i != axis % 3], seed=3)
    row("sparse_categorical_crossentropy", labels, softmax_of(normal(*shape)), axis=axis)
    row("sparse_categorical_crossentropy", labels, normal(*shape), axis=axis, from_logits=True)
row("sparse_categorical_crossentropy", CLASSES[:, None], softmax_of(LOGITS))
row("sparse_categorical_crossentropy", CLASSES.astype("float32")[:, None], softmax_of(LOGITS))
row("sparse_categorical_crossentropy", integers(4, 2, 3, 1), softmax_of(normal(2, 3, 4)))
row("categorical_crossentropy", one_hot(CLASSES, 3), normal(4, 2), error=True)
row("binary_crossentropy", one_hot(CLASSES, 3), normal(4, 2), error=True)

for k in (1, 2, 3):
    row("in_top_k", LOGITS, CLASSES, k)
row("in_top_k", LOGITS, CLASSES.astype("int64"), 1)
row("in_top_k", np.zeros((4, 3), "float32"), CLASSES, 1, tag="among equals")
row("in_top_k", LOGITS.astype("float64"), CLASSES, 1, error=True)

for shape in ((4, 3), (2, 3, 3), (2, 2, 2, 3), (1, 2, 1, 2, 3)):
    mean, var, beta, gamma = normal(3, seed=4), positive(3, seed=5), normal(3, seed=6), positive(3, seed=7)
    x = normal(*shape, seed=8)
    row("batch_normalization", x, mean, var, beta, gamma)
    row("batch_normalization", x, mean, var, None, gamma, axis=-1, epsilon=0.1)
    row("batch_normalization", x, mean, var, beta, None, axis=len(shape) - 1)
    row("batch_normalization", x, mean, var, None, None)
    broadcast = [1] * (len(shape) - 1) + [3]
    row("batch_normalization", x, *(v.reshape(broadcast) for v in (mean, var, beta, gamma)))
    if len(shape) != 4:
        row("batch_normalization", x, mean, var, beta, gamma, axis=1, tag="axis without effect")
        row("batch_normalization", *(v.astype("float64") for v in (x, mean, var, beta, gamma)))
for axis in (1, -3):
    arguments = [v.reshape(1, 3, 1, 1) for v in (normal(3), positive(3), normal(3, seed=6), positive(3, seed=7))]
    row("batch_normalization", normal(2, 3, 2, 2), *arguments, axis=axis)
row("batch_normalization", normal(2, 2, 2, 3), normal(3), 1e-6 * positive(3), None, None, -1, 1e-7, tag="small epsilon")
row("batch_normalization", normal(4, 3), normal(3), 1e-6 * positive(3), None, None, -1, 1e-7, tag="small epsilon")
half = [
    v.astype("float16") for v in (normal(2, 2, 2, 3), normal(3), positive(3), normal(3, seed=6), positive(3, seed=7))
]
row("batch_normalization", *half)
row(
    "batch_normalization",
    *(v.astype("float64") for v in (normal(2, 2, 2, 3), normal(3), positive(3), normal(3), positive(3))),
    lenient="float64 pictures",
)
row(
    "batch_normalization",
    normal(2, 3, 2, 4),
    normal(3),
    positive(3),
    normal(3),
    positive(3),
    axis=1,
    lenient="vectors for channels first, as on graphics cards",
)

for shape, axes in (
    ((4, 3), ([0], [1])),
    ((2, 3, 4), ([0, 1], [0, 2], [0])),
    ((2, 2, 2, 3), ([0, 1, 2], (0, 1, 2), [0, 2, 3], [0, 1], [2, 1, 0])),
    ((1, 2, 1, 2, 3), ([0, 1, 2, 3], [0, 2, 3, 4])),
):
    for over in axes:
        left = int(np.prod([n for i, n in enumerate(shape) if i not in over]))
        if len(shape) - len(over) > 1:
            row("normalize_batch_in_training", normal(*shape), None, None, over)
            continue
        gamma, beta = positive(left, seed=1), normal(left, seed=2)
        row("normalize_batch_in_training", normal(*shape), gamma, beta, over)
        row("normalize_batch_in_training", normal(*shape), gamma, None, over, epsilon=0.1)
        row("normalize_batch_in_training", normal(*shape), None, beta, over)
row("normalize_batch_in_training", normal(4, 3).astype("float64"), None, None, [0])
row("normalize_batch_in_training", 1e-3 * normal(2, 2, 2, 3), None, None, [0, 1, 2], 1e-7, tag="small epsilon")
