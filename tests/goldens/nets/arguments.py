"""The values from which the arguments of each layer are drawn.

Class -> ``inputs``, of which a draw has one, and ``arguments``: name -> values. Those in ``required`` are always
given. A layer inside is a dict with its name under ``class``; functions go by their name in ``made.py``.
"""

INITIALIZERS = ["ones", {"class_name": "Constant", "config": {"value": 0.25}}, "he_normal"]
REGULARIZERS = [{"class_name": "L1L2", "config": {"l1": 0.01, "l2": 0.02}}, "l2", "l1"]
CONSTRAINTS = [
    "non_neg",
    {"class_name": "MaxNorm", "config": {"max_value": 0.8, "axis": 0}},
    "unit_norm",
    {"class_name": "MinMaxNorm", "config": {"min_value": 0.4, "max_value": 0.7, "rate": 0.6, "axis": 0}},
]
ACTIVATIONS = ["relu", "tanh", "hard_sigmoid", "softmax"]
FLAGS = [True, False]
FORMATS = ["channels_last", "channels_first"]


def weight(*names):
    """The initializer, regularizer and constraint of each weight of a layer."""
    kinds = (("initializer", INITIALIZERS), ("regularizer", REGULARIZERS), ("constraint", CONSTRAINTS))
    return {"%s_%s" % (name, kind): values for name in names for kind, values in kinds}


def layer(inputs, required=(), **arguments):
    return {"inputs": inputs, "required": list(required), "arguments": arguments}


def data(*shapes, **options):
    """Inputs of these shapes; which of them are masked, the largest integer, how many values, and how they are read.

    Args:
        masked: indices of the inputs that go through a masking layer.
        high: integers below it instead of floats.
        fixed: whether the size of the batch is part of the shape.
        states: how many of the last inputs are initial states.
    """
    return dict(shapes=[list(shape) for shape in shapes], **options)


def convolution(inputs, kernels, strides, rank, **more):
    """The arguments of all convolutions."""
    common = dict(
        filters=[3],
        kernel_size=kernels,
        strides=strides,
        padding=["valid", "same"],
        data_format=FORMATS,
        dilation_rate=[1, [2] * rank],
        activation=ACTIVATIONS,
        use_bias=FLAGS,
        activity_regularizer=REGULARIZERS,
        **weight("kernel", "bias"),
    )
    common.update(more)
    kept = {name: values for name, values in common.items() if values is not None}
    return layer(inputs, [name for name in ("filters", "kernel_size") if name in kept], **kept)


SERIES, PICTURE, VOLUME = data((6, 5)), data((5, 6, 4)), data((4, 5, 4, 3))
WITHOUT_KERNEL = dict.fromkeys(("kernel_initializer", "kernel_regularizer", "kernel_constraint"))

CONVOLUTIONS = {
    "Conv1D": convolution([SERIES], [2, 3], [1, 2], 1, padding=["valid", "same", "causal"]),
    "Conv2D": convolution([PICTURE], [2, [2, 3]], [1, 2, [1, 2]], 2),
    "Conv3D": convolution([VOLUME], [2, [2, 1, 2]], [1, 2], 3),
    "Conv2DTranspose": convolution([data((3, 4, 2))], [2, [2, 3]], [1, 2, [1, 2]], 2, output_padding=[None, [0, 0], 1]),
    "Conv3DTranspose": convolution(
        [data((2, 3, 2, 2))], [2, [2, 1, 2]], [1, 2], 3, dilation_rate=None, output_padding=[None, [0, 0, 0], 1]
    ),
    "SeparableConv1D": convolution(
        [SERIES], [2, 3], [1, 2], 1, depth_multiplier=[1, 2], **dict(WITHOUT_KERNEL, **weight("depthwise", "pointwise"))
    ),
    "SeparableConv2D": convolution(
        [PICTURE],
        [2, [2, 1]],
        [1, 2],
        2,
        depth_multiplier=[1, 2],
        **dict(WITHOUT_KERNEL, **weight("depthwise", "pointwise")),
    ),
    "DepthwiseConv2D": convolution(
        [PICTURE],
        [2, [2, 3]],
        [1, 2],
        2,
        filters=None,
        depth_multiplier=[1, 2],
        **dict(WITHOUT_KERNEL, **weight("depthwise")),
    ),
    "LocallyConnected1D": convolution([data((5, 2))], [2, 3], [1, 2], 1, padding=["valid"], dilation_rate=None),
    "LocallyConnected2D": convolution(
        [data((3, 4, 2))], [2, [2, 1]], [1, [1, 2]], 2, padding=["valid"], dilation_rate=None
    ),
}


def pooling(inputs, sizes, strides):
    return layer([inputs], pool_size=sizes, strides=[None] + strides, padding=["same", "valid"], data_format=FORMATS)


ODD = {1: data((7, 3)), 2: data((5, 7, 3)), 3: data((5, 3, 4, 3))}
SHAPING = {}
for _kind in ("Max", "Average"):
    SHAPING[_kind + "Pooling1D"] = pooling(ODD[1], [2, 3], [1, 2])
    SHAPING[_kind + "Pooling2D"] = pooling(ODD[2], [2, [3, 2]], [1, 2, [2, 1]])
    SHAPING[_kind + "Pooling3D"] = pooling(ODD[3], [2, [3, 2, 2]], [1, 2])
    for _rank in (1, 2, 3):
        SHAPING["Global%sPooling%dD" % (_kind, _rank)] = layer([ODD[_rank]], data_format=FORMATS)
SHAPING["GlobalAveragePooling1D"]["inputs"] = [ODD[1], data((7, 3), masked=[0])]
SHAPING.update(
    {
        "Cropping1D": layer([SERIES], cropping=[[1, 1], 2, [0, 3]]),
        "Cropping2D": layer([data((5, 6, 5))], cropping=[1, [1, 2], [[0, 1], [2, 1]]], data_format=FORMATS),
        "Cropping3D": layer(
            [data((4, 5, 4, 3))], cropping=[1, [1, 0, 1], [[0, 1], [2, 1], [1, 0]]], data_format=FORMATS
        ),
        "ZeroPadding1D": layer([SERIES], padding=[1, 2, [0, 3]]),
        "ZeroPadding2D": layer([data((2, 3, 2))], padding=[1, [1, 2], [[0, 1], [2, 1]]], data_format=FORMATS),
        "ZeroPadding3D": layer(
            [data((2, 1, 3, 2))], padding=[1, [1, 0, 2], [[0, 1], [2, 1], [1, 0]]], data_format=FORMATS
        ),
        "UpSampling1D": layer([data((3, 2))], size=[2, 3]),
        "UpSampling2D": layer(
            [data((2, 3, 2))], size=[2, [3, 2]], data_format=FORMATS, interpolation=["nearest", "bilinear"]
        ),
        "UpSampling3D": layer([data((2, 1, 3, 2))], size=[2, [1, 3, 2]], data_format=FORMATS),
        "Flatten": layer([data((2, 3, 4)), data((3, 4))], data_format=FORMATS),
        "Permute": layer([data((2, 3, 4))], ["dims"], dims=[[2, 1, 3], [3, 1, 2]]),
        "Reshape": layer([data((2, 3, 4))], ["target_shape"], target_shape=[[6, 4], [-1, 3], [4, 3, 2]]),
        "RepeatVector": layer([data((4,))], ["n"], n=[3, 1]),
    }
)

MASKED_SERIES = data((5, 4), masked=[0])
DROPPED = {"rate": [0.4, 0.0], "noise_shape": [None], "seed": [3]}
ELEMENTWISE = {
    "Activation": layer(
        [MASKED_SERIES, data((4,))],
        ["activation"],
        activation=ACTIVATIONS + ["elu", "selu", "softplus", "softsign", "linear", "exponential", "sigmoid"],
    ),
    "ActivityRegularization": layer([data((4,)), MASKED_SERIES], l1=[0.0, 0.1], l2=[0.2, 0.0]),
    "Dropout": layer([MASKED_SERIES], ["rate"], **dict(DROPPED, noise_shape=[None, [3, 1, 4]])),
    "AlphaDropout": layer([data((5, 4))], ["rate"], **DROPPED),
    "GaussianDropout": layer([data((5, 4))], ["rate"], rate=[0.4, 0.0]),
    "GaussianNoise": layer([MASKED_SERIES], ["stddev"], stddev=[0.3, 0.0]),
    "SpatialDropout1D": layer([data((5, 4))], ["rate"], rate=[0.4, 0.0]),
    "SpatialDropout2D": layer([data((3, 2, 4))], ["rate"], rate=[0.4, 0.0], data_format=FORMATS),
    "SpatialDropout3D": layer([data((2, 3, 2, 2))], ["rate"], rate=[0.4, 0.0], data_format=FORMATS),
    "ELU": layer([data((5, 4))], alpha=[0.3, 1.7]),
    "LeakyReLU": layer([MASKED_SERIES], alpha=[0.0, 0.2]),
    "PReLU": layer([data((3, 2, 4))], shared_axes=[None, [1], [1, 2]], **weight("alpha")),
    "ReLU": layer([data((5, 4))], max_value=[None, 0.8], negative_slope=[0.0, 0.2], threshold=[0.0, 0.3, -0.2]),
    "Softmax": layer([data((5, 4))], axis=[-1, 1]),
    "ThresholdedReLU": layer([data((5, 4))], theta=[0.2, 1.0]),
    "Masking": layer([data((5, 4), zeros=True)], mask_value=[0.0, 1.0]),
    "BatchNormalization": layer(
        [data((4,)), data((3, 2, 4)), MASKED_SERIES],
        axis=[-1, 1],
        momentum=[0.8, 0.0],
        epsilon=[0.01, 1e-3],
        center=[False, True],
        scale=[False, True],
        moving_mean_initializer=INITIALIZERS,
        moving_variance_initializer=INITIALIZERS,
        **weight("beta", "gamma"),
    ),
    "Dense": layer(
        [data((4,)), MASKED_SERIES, data((2, 3, 4))],
        ["units"],
        units=[3],
        activation=ACTIVATIONS,
        use_bias=FLAGS,
        activity_regularizer=REGULARIZERS,
        **weight("kernel", "bias"),
    ),
    "Embedding": layer(
        [data((5,), high=7)],
        ["input_dim", "output_dim"],
        input_dim=[7],
        output_dim=[3],
        activity_regularizer=REGULARIZERS,
        mask_zero=FLAGS,
        input_length=[5],
        **weight("embeddings"),
    ),
}

BOTH = [
    data((5, 4), (5, 4)),
    data((5, 4), (5, 4), (1, 4)),
    data((5, 4), (5, 4), masked=[0]),
    data((5, 4), (5, 4), masked=[0, 1]),
]
PAIRS = [BOTH[0], BOTH[2], BOTH[3], data((4,), (5, 4))]
MERGES = {name: layer(BOTH) for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")}
MERGES.update(
    {
        "Subtract": layer(PAIRS),
        "Concatenate": layer([BOTH[0], BOTH[2], BOTH[3]], axis=[-1, 1, 2]),
        "Dot": layer(
            [data((5, 4), (5, 4)), data((4, 4), (4, 4))], ["axes"], axes=[1, 2, [2, 2], [1, 1]], normalize=FLAGS
        ),
    }
)
