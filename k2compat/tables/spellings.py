"""K functions that have a twin in ``keras.ops`` or TensorFlow: the call stays as it is written, but for its name.

Each entry is the twin and the parameters of the K function it takes, in the order of both. ``y>x2`` is a parameter that
the twin calls otherwise; ``axis=-1`` is what a call has to say that leaves it to the default of the K function;
``+(-1,)`` is written behind what is given.
"""

from __future__ import annotations

_REDUCTIONS = "all any logsumexp max mean min prod std sum var"
_ELEMENTWISE = "abs cos exp log relu round sigmoid sign sin softplus softsign square stop_gradient tanh transpose"
_COMPARISONS = "dot equal greater greater_equal less less_equal maximum minimum not_equal"

# Name -> twin, for code that runs on tensors with a value (or in a traced function).
TWINS: dict[str, str] = {
    **{name: f"keras.ops.{name} x axis keepdims" for name in _REDUCTIONS.split()},
    **{name: f"keras.ops.{name} x" for name in _ELEMENTWISE.split()},
    **{name: f"keras.ops.{name} x>x1 y>x2" for name in _COMPARISONS.split()},
    "argmax": "keras.ops.argmax x axis=-1",
    "argmin": "keras.ops.argmin x axis=-1",
    "cast": "keras.ops.cast x dtype",
    "categorical_crossentropy": "keras.ops.categorical_crossentropy target output from_logits axis",
    "clip": "keras.ops.clip x min_value>x_min max_value>x_max",
    "concatenate": "keras.ops.concatenate tensors>xs axis=-1",
    "conv1d": "keras.ops.conv x>inputs kernel strides padding data_format dilation_rate",
    "conv2d": "keras.ops.conv x>inputs kernel strides padding data_format dilation_rate",
    "conv3d": "keras.ops.conv x>inputs kernel strides padding data_format dilation_rate",
    "cumprod": "keras.ops.cumprod x axis=0",
    "cumsum": "keras.ops.cumsum x axis=0",
    "dropout": "tf.nn.dropout x level>rate noise_shape seed",
    "elu": "keras.ops.elu x alpha",
    "expand_dims": "keras.ops.expand_dims x axis=-1",
    "flatten": "keras.ops.reshape x +(-1,)",
    "gather": "keras.ops.take reference>x indices axis=0",
    "identity": "tf.identity x>input",
    "l2_normalize": "tf.math.l2_normalize x axis",
    "one_hot": "keras.ops.one_hot indices>x num_classes",
    "ones_like": "keras.ops.ones_like x dtype",
    "permute_dimensions": "keras.ops.transpose x pattern>axes",
    "pow": "keras.ops.power x>x1 a>x2",
    "random_normal": "tf.random.normal shape mean stddev dtype seed",
    "random_uniform": "tf.random.uniform shape minval maxval dtype seed",
    "repeat_elements": "keras.ops.repeat x rep>repeats axis",
    "reshape": "keras.ops.reshape x shape>newshape",
    "reverse": "keras.ops.flip x axes>axis",
    "shape": "tf.shape x>input",
    "size": "tf.size x>input",
    "slice": "tf.slice x>input_ start>begin size",
    "softmax": "keras.ops.softmax x axis",
    "sparse_categorical_crossentropy": "keras.ops.sparse_categorical_crossentropy target output from_logits axis",
    "squeeze": "keras.ops.squeeze x axis",
    "stack": "keras.ops.stack x axis",
    "tile": "keras.ops.tile x n>repeats",
    "truncated_normal": "tf.random.truncated_normal shape mean stddev dtype seed",
    "zeros_like": "keras.ops.zeros_like x dtype",
}
# The same in TensorFlow, for tensors that surely have a value.
TENSORFLOW: dict[str, str] = {
    **{name: f"tf.reduce_{name} x>input_tensor axis keepdims" for name in ("max", "mean", "min", "prod", "sum")},
    "std": "tf.math.reduce_std x>input_tensor axis keepdims",
    "var": "tf.math.reduce_variance x>input_tensor axis keepdims",
    "logsumexp": "tf.reduce_logsumexp x>input_tensor axis keepdims",
    **{name: f"tf.{name} x" for name in ("abs", "cos", "exp", "round", "sign", "sin", "square", "tanh")},
    **{name: f"tf.{name} x y" for name in _COMPARISONS.split() if name != "dot"},
    "argmax": "tf.argmax x>input axis=-1",
    "argmin": "tf.argmin x>input axis=-1",
    "cast": "tf.cast x dtype",
    "clip": "tf.clip_by_value x>t min_value>clip_value_min max_value>clip_value_max",
    "concatenate": "tf.concat tensors>values axis=-1",
    "cumprod": "tf.math.cumprod x axis=0",
    "cumsum": "tf.math.cumsum x axis=0",
    "elu": "tf.nn.elu x>features",
    "expand_dims": "tf.expand_dims x>input axis=-1",
    "flatten": "tf.reshape x>tensor +(-1,)",
    "gather": "tf.gather reference>params indices",
    "log": "tf.math.log x",
    "one_hot": "tf.one_hot indices num_classes>depth",
    "ones_like": "tf.ones_like x>input dtype",
    "permute_dimensions": "tf.transpose x>a pattern>perm",
    "pow": "tf.pow x a>y",
    "relu": "tf.nn.relu x>features",
    "repeat_elements": "tf.repeat x>input rep>repeats axis",
    "reshape": "tf.reshape x>tensor shape",
    "reverse": "tf.reverse x>tensor axes>axis",
    "sigmoid": "tf.sigmoid x",
    "softmax": "tf.nn.softmax x>logits axis=-1",
    "softplus": "tf.nn.softplus x>features",
    "softsign": "tf.nn.softsign x>features",
    "squeeze": "tf.squeeze x>input axis",
    "stack": "tf.stack x>values axis",
    "stop_gradient": "tf.stop_gradient x>input",
    "transpose": "tf.transpose x>a",
    "zeros_like": "tf.zeros_like x>input dtype",
}
# The same for settings, which are no tensors: the shim's are those of the running Keras.
SETTINGS: dict[str, str] = {
    "backend": "keras.config.backend",
    "clear_session": "keras.utils.clear_session",
    "epsilon": "keras.config.epsilon",
    "floatx": "keras.config.floatx",
    "image_data_format": "keras.config.image_data_format",
    "set_epsilon": "keras.config.set_epsilon e>value",
    "set_floatx": "keras.config.set_floatx floatx>value",
    "set_image_data_format": "keras.config.set_image_data_format data_format",
}
