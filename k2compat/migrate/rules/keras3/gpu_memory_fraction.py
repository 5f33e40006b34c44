"""Rule ``keras3.gpu-memory-fraction``."""

from __future__ import annotations

from collections.abc import Iterator

from k2compat.migrate.analysis.session_setup import SETTERS, Cannot, collected, rewritten
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module


class GpuMemoryFraction(Rule):
    """`per_process_gpu_memory_fraction` becomes memory growth; TensorFlow 2 limits memory in megabytes only.

    ```diff
     import tensorflow as tf
     from k2compat import backend as K
    -options = tf.GPUOptions(per_process_gpu_memory_fraction=0.3)
    -K.set_session(tf.Session(config=tf.ConfigProto(gpu_options=options)))
    +for gpu in tf.config.list_physical_devices("GPU"):
    +    tf.config.experimental.set_memory_growth(gpu, True)
    ```
    """

    safe = False
    summary = "a session with per_process_gpu_memory_fraction becomes memory growth"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for call in module.calls(*SETTERS):
            try:
                idiom = collected(module, call)
            except Cannot:
                continue  # keras3.gpu-session reports it
            if not idiom.limits_memory:
                continue
            try:
                yield rewritten(module, call, idiom)
            except Cannot as problem:
                advice = "set what is needed with `tf.config`, and take the session out."
                yield module.manual(call, f"`{module.text(call)}` stays: {problem}", advice)
