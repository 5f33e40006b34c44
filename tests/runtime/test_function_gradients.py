"""Gradients through every differentiable K function, against central finite differences in float64."""

import numpy as np
import pytest
from helpers import check_gradients, floatx, normal, words

from k2compat import backend as K


def positive(*shape, **kwargs):
    return np.abs(normal(*shape, **kwargs)) + 0.3


def odds(*shape):
    e = np.exp(normal(*shape))
    return e / e.sum(-1, keepdims=True)


A, B = normal(2, 3, seed=1), normal(2, 3, seed=2)
X3, PICTURE, VOLUME = normal(2, 3, 4, seed=3), normal(1, 3, 4, 2, seed=4), normal(1, 2, 2, 3, 2, seed=5)
FIRST = normal(1, 2, 3, 4, seed=4)
SCALE, SHIFT = positive(3, seed=6), normal(3, seed=7)
YES = np.array([True, False])
ONE_HOT = np.eye(3)[[0, 2]]
SPARSE_LABELS = np.array([0, 2], "int32")
CTC = {"labels": np.array([[0, 1], [1, 1]], "int32"), "steps": np.array([[4], [4]]), "lengths": np.array([[2], [1]])}


def step(inputs, states):
    output = K.tanh(inputs * states[0])
    return output, [output]


class Single:
    """A function whose kernels compute in float32 only; its differences are wider and less exact."""

    options = {"step": 1e-2, "tolerance": 2e-3}

    def __init__(self, build):
        self.build = build

    def __call__(self, *placeholders):
        return K.cast(self.build(*(K.cast(p, "float32") for p in placeholders)), "float64")


def float64_default(build):
    """Builds with float64 as the default float type."""

    def built(*placeholders):
        with floatx("float64"):
            return build(*placeholders)

    return built


def over_axes(name):
    return lambda x: getattr(K, name)(x, axis=[0, -1], keepdims=True)


# Function -> rows of (what builds a tensor of placeholders, arrays...).
ELEMENTWISE = "abs cos cumprod cumsum elu exp expand_dims hard_sigmoid identity l2_normalize relu sigmoid sin softmax"
SHAPED = "batch_flatten flatten softplus softsign square tanh transpose print_tensor"
REDUCTIONS = "logsumexp max mean min prod std sum var"
TABLE = {
    **{name: [(getattr(K, name), A)] for name in words(f"{ELEMENTWISE} {SHAPED}")},
    **{name: [(getattr(K, name), X3), (over_axes(name), X3)] for name in words(REDUCTIONS)},
    "sqrt": [(K.sqrt, positive(2, 3))],
    "log": [(K.log, positive(2, 3))],
    "pow": [(lambda x: K.pow(x, 3), A), (K.pow, positive(2, 3), B)],
    "clip": [(lambda x: K.clip(x, -0.5, 0.5), A)],
    "maximum": [(K.maximum, A, B)],
    "minimum": [(K.minimum, A, B)],
    "cast": [(lambda x: K.cast(x, "float64") * 2.0, A)],
    "dot": [(K.dot, A, normal(3, 2)), (K.dot, X3, normal(2, 4, 2))],
    "batch_dot": [(K.batch_dot, X3, normal(2, 4, 2)), (lambda x, y: K.batch_dot(x, y, axes=1), A, B)],
    "bias_add": [
        (K.bias_add, A, SHIFT),
        (lambda x, b: K.bias_add(x, b, data_format="channels_first"), FIRST, normal(2)),
    ],
    "reshape": [(lambda x: K.reshape(x, (3, 2)), A)],
    "permute_dimensions": [(lambda x: K.permute_dimensions(x, (1, 0)), A)],
    "squeeze": [(lambda x: K.squeeze(x, 0), normal(1, 3))],
    "concatenate": [(lambda x, y: K.concatenate([x, y]), A, B)],
    "stack": [(lambda x, y: K.stack([x, y], axis=1), A, B)],
    "repeat": [(lambda x: K.repeat(x, 2), A)],
    "repeat_elements": [(lambda x: K.repeat_elements(x, 2, 1), A)],
    "tile": [(lambda x: K.tile(x, (2, 1)), A)],
    "reverse": [(lambda x: K.reverse(x, 1), A)],
    "slice": [(lambda x: K.slice(x, (0, 1), (2, 2)), A)],
    "gather": [(lambda x: K.gather(x, K.constant([1, 1, 0], "int32")), A)],
    "temporal_padding": [(K.temporal_padding, X3)],
    "spatial_2d_padding": [(lambda x: K.spatial_2d_padding(x, ((1, 0), (0, 1))), PICTURE)],
    "spatial_3d_padding": [(K.spatial_3d_padding, normal(1, 1, 1, 2, 1))],
    "resize_images": [(lambda x: K.resize_images(x, 2, 1, "channels_last"), PICTURE)],
    "resize_volumes": [(lambda x: K.resize_volumes(x, 2, 1, 1, "channels_first"), normal(1, 1, 1, 2, 2))],
    "to_dense": [(K.to_dense, A)],
    "conv1d": [(lambda x, k: K.conv1d(x, k, padding="causal", dilation_rate=2), X3, normal(2, 4, 2))],
    "conv2d": [
        (lambda x, k: K.conv2d(x, k, strides=(1, 2), padding="same"), PICTURE, normal(2, 2, 2, 1)),
        (lambda x, k: K.conv2d(x, k, data_format="channels_first"), FIRST, normal(2, 2, 2, 1)),
    ],
    "conv3d": [(K.conv3d, VOLUME, normal(2, 1, 2, 2, 1))],
    "conv2d_transpose": [
        (lambda x, k: K.conv2d_transpose(x, k, (None, 6, 8, 1), (2, 2), "same"), PICTURE, normal(2, 2, 1, 2))
    ],
    "conv3d_transpose": [
        (lambda x, k: K.conv3d_transpose(x, k, (None, 3, 2, 3, 1)), VOLUME, normal(2, 1, 1, 1, 2)),
    ],
    "depthwise_conv2d": [(K.depthwise_conv2d, PICTURE, normal(2, 2, 2, 1))],
    "separable_conv1d": [(K.separable_conv1d, X3, normal(2, 4, 1), normal(1, 4, 2))],
    "separable_conv2d": [(K.separable_conv2d, PICTURE, normal(2, 2, 2, 1), normal(1, 1, 2, 2))],
    "local_conv1d": [(lambda x, k: K.local_conv1d(x, k, (2,), (1,)), X3, normal(2, 8, 2))],
    "local_conv2d": [
        (lambda x, k: K.local_conv2d(x, k, (2, 2), (1, 2), (2, 2)), PICTURE, normal(4, 8, 1)),
    ],
    "pool2d": [
        (lambda x: K.pool2d(x, (2, 2)), PICTURE),
        (lambda x: K.pool2d(x, (2, 2), padding="same", pool_mode="avg"), PICTURE),
    ],
    "pool3d": [
        (Single(lambda x: K.pool3d(x, (2, 1, 2))), VOLUME),
        (Single(lambda x: K.pool3d(x, (2, 2, 2), pool_mode="avg")), VOLUME),
    ],
    "batch_normalization": [(K.batch_normalization, A, SHIFT, SCALE, SHIFT + 1, SCALE + 1)],
    "normalize_batch_in_training": [
        (
            lambda x, g, b: K.concatenate([K.flatten(y) for y in K.normalize_batch_in_training(x, g, b, [0])]),
            A,
            SCALE,
            SHIFT,
        ),
        (
            lambda x: K.concatenate([K.flatten(y) for y in K.normalize_batch_in_training(x, None, None, [0, 1, 2])]),
            PICTURE,
        ),
    ],
    "categorical_crossentropy": [
        (lambda x: K.categorical_crossentropy(K.constant(ONE_HOT, "float64"), x), odds(2, 3)),
        (lambda x: K.categorical_crossentropy(K.constant(ONE_HOT, "float64"), K.softmax(x)), A),
        (lambda x: K.categorical_crossentropy(K.constant(ONE_HOT, "float64"), x, from_logits=True), A),
    ],
    "sparse_categorical_crossentropy": [
        (lambda x: K.sparse_categorical_crossentropy(K.constant(SPARSE_LABELS, "int32"), x), odds(2, 3)),
        (lambda x: K.sparse_categorical_crossentropy(K.constant(SPARSE_LABELS, "int32"), x, from_logits=True), A),
    ],
    "binary_crossentropy": [
        (lambda x: K.binary_crossentropy(K.constant(ONE_HOT, "float64"), x), odds(2, 3)),
        (lambda x: K.binary_crossentropy(K.constant(ONE_HOT, "float64"), K.sigmoid(x)), A),
    ],
    "ctc_batch_cost": [
        (Single(lambda x: K.ctc_batch_cost(CTC["labels"], x, CTC["steps"], CTC["lengths"])), odds(2, 4, 3)),
    ],
    "rnn": [
        (lambda x, s: K.rnn(step, x, [s])[1], X3, normal(2, 4)),
        (lambda x, s: K.rnn(step, x, [s], unroll=True, go_backwards=True)[0], X3, normal(2, 4)),
    ],
    "map_fn": [(lambda x: K.map_fn(K.square, x), A)],
    "foldl": [(lambda x: K.foldl(lambda a, b: a * b, x), A)],
    "foldr": [(lambda x: K.foldr(lambda a, b: a * a + b, x), A)],
    "switch": [
        (lambda x, y: K.switch(K.constant(YES, "bool"), x, y), A, B),
        (lambda x, y: K.switch(K.sum(x) > 0, lambda: x * y, lambda: x - y), A, B),
    ],
    "in_train_phase": [(lambda x, y: K.in_train_phase(x * y, x + y, training=1), A, B)],
    "in_test_phase": [(lambda x, y: K.in_test_phase(x * y, x + y, training=0), A, B)],
    "dropout": [(lambda x: K.dropout(x, 0.0), A)],
    "cast_to_floatx": [(float64_default(lambda x: K.cast_to_floatx(x) * 2.0), A)],
}

# Functions without a gradient -> why.
FLAT = {
    **dict.fromkeys(words("sign round"), "constant between its steps"),
    **dict.fromkeys(words("all any argmax argmin ctc_decode in_top_k one_hot"), "gives or takes integers or booleans"),
    **dict.fromkeys(words("equal greater greater_equal less less_equal not_equal"), "gives booleans"),
    **dict.fromkeys(words("ones_like zeros_like shape size"), "depends on the shape only"),
    "stop_gradient": "stops it",
    "ctc_label_dense_to_sparse": "picks labels",
}
# Functions that are given no tensor, or give none.
NO_TENSORS = set(
    words("""
    arange backend batch_get_value batch_set_value clear_session constant control_dependencies count_params dtype eager
    epsilon eval eye floatx function get_session get_uid get_value get_variable_shape gradients image_data_format
    image_dim_ordering int_shape is_keras_tensor is_placeholder is_sparse is_tensor is_variable learning_phase
    manual_variable_initialization moving_average_update name_scope ndim normalize_data_format ones placeholder
    random_binomial random_normal random_normal_variable random_uniform random_uniform_variable reset_uids set_epsilon
    set_floatx set_image_data_format set_image_dim_ordering set_learning_phase set_session set_value symbolic
    truncated_normal update update_add update_sub variable zeros""")
)


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{name}-{n}") for name, rows in TABLE.items() for n, row in enumerate(rows)]
)
def test_a_gradient_is_that_of_finite_differences(row):
    build, *values = row
    check_gradients(build, *values, **getattr(build, "options", {}))


def test_every_function_is_in_the_table_or_excused():
    assert set(TABLE) | set(FLAT) | NO_TENSORS == set(K.NAMES)
    assert len(TABLE) + len(FLAT) + len(NO_TENSORS) == len(K.NAMES)


@pytest.mark.parametrize("name", ["sign", "round", "stop_gradient", "zeros_like", "one_hot", "argmax", "all", "shape"])
def test_a_function_without_a_gradient_gives_none_or_zeros(name):
    p = K.placeholder((2, 3))
    y = K.one_hot(K.cast(p, "int32"), 3) if name == "one_hot" else getattr(K, name)(p)
    (gradient,) = K.gradients(K.sum(K.cast(y, "float32")), p)
    if gradient is not None:
        assert not K.function([p], [gradient])([A])[0].any()
