"""Rule ``keras3.gpu-session``."""

from __future__ import annotations

from collections.abc import Iterator

from k2compat.migrate.analysis.session_setup import SETTERS, Cannot, collected, rewritten
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module


class GpuSession(Rule):
    """The idiom of `ConfigProto`, `Session` and `set_session`, with its statements and imports, becomes calls of
    `tf.config`: memory growth, soft placement, threads, visible devices. Where the session is used elsewhere it
    stays and is reported.

    ```diff
     import tensorflow as tf
    -from k2compat.backend import set_session

    -config = tf.ConfigProto()
    -config.gpu_options.allow_growth = True
    -set_session(tf.Session(config=config))
    +for gpu in tf.config.list_physical_devices("GPU"):
    +    tf.config.experimental.set_memory_growth(gpu, True)
    ```
    """

    summary = "set_session(tf.Session(config=...)) becomes calls of tf.config"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for call in module.calls(*SETTERS):
            try:
                idiom = collected(module, call)
                if not idiom.limits_memory:
                    yield rewritten(module, call, idiom)
            except Cannot as problem:
                advice = "set what is needed with `tf.config`, and take the session out."
                yield module.manual(call, f"`{module.text(call)}` stays: {problem}", advice)
