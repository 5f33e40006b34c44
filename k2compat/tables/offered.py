"""The names that code may reach through ``k2compat.backend``, and those that only Keras 3's own backend has."""

from __future__ import annotations

from k2compat.tables.native import NATIVE

# What old scripts reached through the backend beside its functions.
_BESIDE = (
    "tensorflow_backend common np tf control_flow_ops functional_ops tensor_array_ops "
    "_BACKEND _get_available_gpus _is_tf_1"
)
# Names of ``keras.backend`` or ``tensorflow.keras.backend`` in Keras 3 that k2compat has not: they work today, and
# would not after the swap.
_ONLY_IN_KERAS3 = (
    "binary_focal_crossentropy categorical_focal_crossentropy is_float_dtype is_int_dtype random_bernoulli result_type "
    "standardize_dtype"
)

OFFERED = frozenset([*NATIVE, *_BESIDE.split()])
ONLY_IN_KERAS3 = frozenset(_ONLY_IN_KERAS3.split())
# Modules that are the backend itself.
ITSELF = ("tensorflow_backend", "common")
