"""The names that code may reach through ``k2compat.backend``, and those that only Keras 3's own backend has."""

from __future__ import annotations

from k2compat.tables.native import NATIVE

# What old scripts reached through the backend beside its functions, and what to write instead.
BESIDE: dict[str, str] = {
    "tensorflow_backend": "read the name behind it from where that says",
    "common": "read the name behind it from where that says",
    "np": "`import numpy as np`",
    "tf": "`import tensorflow as tf`",
    "control_flow_ops": "`tf.cond`, `tf.while_loop` and their kin",
    "functional_ops": "`tf.scan`, `tf.foldl` and their kin",
    "tensor_array_ops": "`tf.TensorArray`",
    "_BACKEND": "`keras.config.backend()`",
    "_get_available_gpus": "`tf.config.list_physical_devices('GPU')`",
    "_is_tf_1": "`False`",
}
# Names of ``keras.backend`` or ``tensorflow.keras.backend`` in Keras 3 that k2compat has not: they work today, and
# would not after the swap.
_ONLY_IN_KERAS3 = (
    "binary_focal_crossentropy categorical_focal_crossentropy is_float_dtype is_int_dtype random_bernoulli result_type "
    "standardize_dtype"
)

OFFERED = frozenset([*NATIVE, *BESIDE])
ONLY_IN_KERAS3 = frozenset(_ONLY_IN_KERAS3.split())
# Modules that are the backend itself.
ITSELF = ("tensorflow_backend", "common")
