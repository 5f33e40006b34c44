"""Backend operations, checked on placeholders with their gradients."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered, pixels


def evaluate(K, inputs, feeds, outputs, differentiate=()):
    """Values of all outputs, and gradients of those numbered in ``differentiate``, by number."""
    grads = [K.gradients(outputs[i], inputs[0])[0] for i in differentiate]
    values = K.function(inputs, outputs + grads)(feeds)
    return numbered(values)


@case()
def reductions(K, keras, load):
    """Reductions over no axis, one, several, with keepdims and negative axes."""
    x = K.placeholder((None, 3, 4), name="x")
    outputs = [
        K.sum(x),
        K.mean(x, axis=1),
        K.max(x, axis=-1, keepdims=True),
        K.min(x, axis=[0, 2]),
        K.prod(x, axis=(1, 2)),
    ]
    outputs += [K.var(x, axis=1), K.std(x, axis=-1), K.logsumexp(x, axis=2), K.cumsum(x, axis=1), K.cumprod(x, axis=2)]
    outputs += [K.argmax(x, axis=1), K.argmin(x), K.any(x > 1.0, axis=1), K.all(x > -1.0, axis=-1)]
    return evaluate(K, [x], [normal(2, 3, 4, seed=1)], outputs, range(10))


@case()
def elementwise_functions(K, keras, load):
    """Elementwise functions and activations."""
    x = K.placeholder((None, 4), name="x")
    outputs = [
        K.abs(x),
        K.exp(x),
        K.square(x),
        K.sqrt(K.abs(x)),
        K.log(K.abs(x) + 1.0),
        K.pow(x, 3),
        K.sin(x),
        K.cos(x),
    ]
    outputs += [K.sigmoid(x), K.hard_sigmoid(x), K.tanh(x), K.softplus(x), K.softsign(x), K.elu(x, 0.7), K.relu(x)]
    outputs += [
        K.relu(x, alpha=0.1),
        K.relu(x, max_value=1.0),
        K.square(K.softmax(x)),
        K.square(K.softmax(x, axis=0)),
        K.clip(x, -0.5, 0.5),
    ]
    outputs += [K.maximum(x, 0.1), K.minimum(x, 0.1), K.l2_normalize(x, axis=1), K.round(x), K.sign(x)]
    return evaluate(K, [x], [normal(3, 4, seed=2)], outputs, range(23))


@case()
def shapes_and_positions(K, keras, load):
    """Reshaping, permuting, stacking, repeating, padding, gathering (whose gradient is sparse, so left out)."""
    x = K.placeholder((None, 3, 4), name="x")
    outputs = [K.reshape(x, (-1, 4)), K.permute_dimensions(x, (0, 2, 1)), K.batch_flatten(x), K.flatten(x)]
    outputs += [
        K.expand_dims(x, 1),
        K.squeeze(x[:, :1], 1),
        K.concatenate([x, x * 2.0], axis=1),
        K.stack([x, x], axis=2),
    ]
    outputs += [K.repeat_elements(x, 2, axis=1), K.repeat(x[:, 0], 3), K.tile(x, (1, 2, 1)), K.reverse(x, axes=1)]
    outputs += [K.temporal_padding(x, (1, 2)), K.gather(x, K.constant([1, 0], dtype="int32")), K.transpose(x[0])]
    outputs += [K.one_hot(K.argmax(x, axis=-1), 4), K.cast(x, "int32"), K.ones_like(x), K.zeros_like(x), K.identity(x)]
    return evaluate(K, [x], [normal(2, 3, 4, seed=3)], outputs, [i for i in range(15) if i != 13])


@case()
def products(K, keras, load):
    """K.dot in two and more dimensions, K.batch_dot with and without axes, bias_add."""
    x, y = K.placeholder((None, 3, 4), name="x"), K.placeholder((None, 4, 3), name="y")
    kernel = K.variable(normal(4, 5, seed=4))
    outputs = [K.dot(x, kernel), K.batch_dot(x, y), K.batch_dot(x, y, axes=[2, 1]), K.batch_dot(x, x, axes=(2, 2))]
    outputs += [
        K.batch_dot(x[:, 0], x[:, 1], axes=1),
        K.dot(x[0], y[0]),
        K.bias_add(x, K.constant([1.0, 2.0, 3.0, 4.0])),
    ]
    return evaluate(K, [x, y], [normal(2, 3, 4, seed=5), normal(2, 4, 3, seed=6)], outputs, range(7))


@case()
def convolutions_and_pooling(K, keras, load):
    """K.conv2d and its kin with strides, padding and dilation; pooling, resizing, normalisation."""
    x = K.placeholder((None, 8, 8, 2), name="x")
    kernel = K.variable(normal(3, 3, 2, 4, seed=7))
    outputs = [K.conv2d(x, kernel), K.conv2d(x, kernel, strides=(2, 2), padding="same")]
    outputs += [K.conv2d(x, kernel, dilation_rate=(2, 2)), K.depthwise_conv2d(x, kernel[:, :, :, :2])]
    outputs += [K.conv1d(x[:, 0], K.variable(normal(3, 2, 4, seed=8)), padding="causal")]
    outputs += [K.conv2d_transpose(x, kernel[:, :, :, :2], (2, 8, 8, 2), padding="same")]
    outputs += [K.pool2d(x, (2, 2), strides=(2, 2)), K.pool2d(x, (3, 3), padding="same", pool_mode="avg")]
    outputs += [K.resize_images(x, 2, 2, "channels_last"), K.spatial_2d_padding(x, ((1, 0), (0, 2)))]
    mean, var = K.constant([0.1, 0.2]), K.constant([0.5, 2.0])
    outputs += [K.batch_normalization(x, mean, var, K.constant([1.0, 2.0]), K.constant([0.5, 1.5]))]
    return evaluate(K, [x], [pixels(2, 8, 8, 2, seed=9)], outputs, range(11))


@case()
def dtypes_of_results(K, keras, load):
    """dtypes through casts, comparisons, argmax, shapes and float64 or float16 variables."""
    x = K.placeholder((None, 2), name="x")
    outputs = [
        x > 0,
        K.argmax(x),
        K.cast(x, "int64"),
        K.cast(x, "float64"),
        K.cast(x, "float16"),
        K.shape(x),
        K.cast(x, "bool"),
    ]
    outputs += [K.equal(x, x), K.cast(x > 0, K.floatx()) * x, K.variable(1.0, dtype="float64") * 2.0, K.arange(3)]
    values = K.function([x], outputs)([np.array([[1.5, -2.5]])])
    arrays = numbered(values)
    arrays["symbolic"] = [K.dtype(output) for output in outputs]
    arrays["fetched"] = [str(value.dtype) for value in values]
    return arrays
