"""The names that code may reach through ``k2compat.backend``, and those that only Keras 3's own backend has."""

from __future__ import annotations

from k2compat.tables.native import NATIVE

# What old scripts reached through the backend beside its functions.
BESIDE = frozenset(
    [
        "tensorflow_backend",
        "common",
        "np",
        "tf",
        "control_flow_ops",
        "functional_ops",
        "tensor_array_ops",
        "_BACKEND",
        "_get_available_gpus",
        "_is_tf_1",
    ]
)
OFFERED = frozenset(NATIVE) | BESIDE

# Names of ``keras.backend`` or ``tensorflow.keras.backend`` in Keras 3 that k2compat has not: they work today, and would
# not after the swap.
ONLY_IN_KERAS3 = frozenset(
    [
        "binary_focal_crossentropy",
        "categorical_focal_crossentropy",
        "is_float_dtype",
        "is_int_dtype",
        "random_bernoulli",
        "result_type",
        "standardize_dtype",
    ]
)
