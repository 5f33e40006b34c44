"""``keras.utils.multi_gpu_utils``."""

from __future__ import annotations

from typing import Any, NoReturn

from k2compat.errors import K2ValueError, three_parts


def multi_gpu_model(model: Any, gpus: Any = None, cpu_merge: bool = True, cpu_relocation: bool = False) -> NoReturn:
    """Refuse to copy a model to several GPUs.

    Raises:
        ValueError: always; Keras 2 raised it where there are fewer GPUs.
    """
    raise K2ValueError(
        three_parts(
            f"multi_gpu_model(model, gpus={gpus!r}) cannot copy a model to several GPUs; TensorFlow 2 does it by a "
            "strategy",
            "a model that is made inside of `tf.distribute.MirroredStrategy().scope()`.",
            "build and compile the model in that block, and leave multi_gpu_model out.",
        )
    )
