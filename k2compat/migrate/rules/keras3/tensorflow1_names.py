"""Rule ``keras3.tensorflow1-names``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.run_time import imports_k2compat, old_tensorflow
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.tables.tensorflow1 import DRAWS, KEPT_IN_COMPAT, RENAMED, advice

# Those of rule keras3.gpu-session, where a session is handed to Keras.
OF_SESSIONS = frozenset(["Session", "InteractiveSession", "ConfigProto", "GPUOptions"])


class Tensorflow1Names(Rule):
    """Names that TensorFlow 2 has elsewhere are read from there. What needs a graph or a session is listed in files
    that do not import k2compat, with which it works; random numbers of such files (`tf.random_normal`) are drawn
    again at each run, and keep their names. `tf_upgrade_v2`, which comes with TensorFlow, does the same for whole
    programs of TensorFlow 1.

    ```diff
     import tensorflow as tf
    -entropy = -tf.reduce_sum(p * tf.log(p)) + tf.to_float(n)
    +entropy = -tf.reduce_sum(p * tf.math.log(p)) + tf.compat.v1.to_float(n)
    ```
    """

    formerly = ("keras3.tensorflow1",)
    summary = "read names of TensorFlow 1 from where TensorFlow 2 has them"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        works = imports_k2compat(module)
        for node, name in old_tensorflow(module):
            moved = name in RENAMED or name in KEPT_IN_COMPAT
            if moved and isinstance(node, cst.Attribute):
                if not (works and name in DRAWS):
                    yield self.moved(module, node, name)
            elif not works and not is_handed_to_keras(module, name):
                what = f"it is `tf.{today(name)}`." if moved else advice(name)
                yield module.manual(node, f"`{written(module, node, name)}` is not in TensorFlow 2", what)

    @staticmethod
    def moved(module: Module, node: cst.Attribute, name: str) -> Change:
        """Return a name read from where it is: ``tf.image.x`` has a part more than ``tf.x`` in front of it."""
        whole: cst.BaseExpression = node
        for _ in range(name.count(".") + 1):
            whole = whole.value if isinstance(whole, cst.Attribute) else whole
        new = f"{module.text(whole)}.{today(name)}"
        return module.change(node, f"`{module.text(node)}` is `{new}`", module.replace(node, new))


def written(module: Module, node: cst.CSTNode, name: str) -> str:
    """Return a name as a message gives it: as it is written, or in full where it is imported."""
    return module.text(node) if isinstance(node, cst.Attribute) else f"tensorflow.{name}"


def is_handed_to_keras(module: Module, name: str) -> bool:
    """Return whether a name is of a session that is handed to Keras, which another rule takes care of."""
    return name in OF_SESSIONS and "set_session" in module.source


def today(name: str) -> str:
    """Return where TensorFlow 2 has a name."""
    return RENAMED.get(name, f"compat.v1.{name}")
