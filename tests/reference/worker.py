"""The process that runs cases and scripts in compat.v1 graph mode of the installed TensorFlow, with its Keras 2.

Started by ``live.py`` with the number of a file descriptor, on which it gets requests and sends answers:
``("case", name)`` or ``("script", text)`` -> ``("arrays", dict)`` or ``("error", text)``.
"""

import contextlib
import importlib.util
import os
import sys
import traceback
import warnings
from multiprocessing.connection import Connection

os.environ["TF_USE_LEGACY_KERAS"] = str(int(importlib.util.find_spec("tf_keras") is not None))
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # run as a script, from anywhere

import tensorflow as tf

from goldens import registry, store
from k2compat.parity.worker.update_order import compute_before_updating
from reference.script import run_script


class Worker:
    """Answers the requests; each method of the same name does one."""

    def __init__(self):
        tf.compat.v1.disable_v2_behavior()
        tf.compat.v1.logging.set_verbosity("ERROR")
        self.keras = tf.compat.v1.keras
        self.K = self.keras.backend
        self.cases = registry.all_cases()
        compute_before_updating(type(self.K.function([], [self.K.constant(0.0)])), tf)

    def case(self, name):
        """The arrays of a golden case."""
        with self.fresh():
            return registry.run_case(self.cases[name], self.K, self.keras, store.SEED)

    def script(self, text):
        """The results of a script."""
        with self.fresh():
            return run_script(text, self.K, self.keras)

    @contextlib.contextmanager
    def fresh(self):
        """A new graph and session, and afterwards the float type there was."""
        floatx = self.K.floatx()
        self.K.clear_session()
        tf.compat.v1.set_random_seed(store.SEED)
        try:
            yield
        finally:
            self.K.set_floatx(floatx)
            self.K.clear_session()


def answer(worker, kind, content):
    try:
        return "arrays", getattr(worker, kind)(content)
    except Exception:
        return "error", traceback.format_exc()


def main():
    warnings.simplefilter("ignore")
    requests = Connection(int(sys.argv[1]))
    worker = Worker()
    while True:
        try:
            kind, content = requests.recv()
        except EOFError:
            return
        requests.send(answer(worker, kind, content))


if __name__ == "__main__":
    main()
