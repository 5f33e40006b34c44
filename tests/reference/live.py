"""Runs cases and scripts in compat.v1 graph mode: the client of ``worker.py``, one process for a test session."""

import atexit
import importlib.util
import os
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from multiprocessing import Pipe

WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")
PATIENCE = 240  # seconds for one answer; the first one includes the import of TensorFlow


def missing():
    """Why there is no Keras 2 for graph mode; empty if there is one."""
    # Until TensorFlow 2.15 its own Keras is Keras 2.
    if tuple(map(int, version("tensorflow").split(".")[:2])) < (2, 16) or importlib.util.find_spec("tf_keras"):
        return ""
    return "compat.v1 graph mode needs Keras 2; install tf_keras (the extra keras2)"


class GraphModeError(Exception):
    """What the other process raised, with its traceback."""


class GraphMode:
    """The other process."""

    def __init__(self):
        self.requests, theirs = Pipe()
        self.process = subprocess.Popen(
            [sys.executable, WORKER, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdout=subprocess.DEVNULL
        )
        theirs.close()
        atexit.register(self.stop)

    def ask(self, kind, content):
        """Arrays by name.

        Args:
            kind: "case" for the name of a golden case, "script" for the text of a script.
            content: the name or the text.

        Raises:
            GraphModeError: it raised there, ended, or took too long.
        """
        try:
            self.requests.send((kind, content))
            if not self.requests.poll(PATIENCE):
                self.process.kill()
                raise GraphModeError(f"no answer within {PATIENCE} s")
            status, result = self.requests.recv()
        except (EOFError, OSError) as error:
            graph_mode.cache_clear()
            raise GraphModeError(f"the process of graph mode ended with {self.process.wait()}") from error
        if status == "error":
            raise GraphModeError(result)
        return result

    def stop(self):
        self.requests.close()
        self.process.wait(30)


@cache
def graph_mode():
    """The process of this test session, started when first asked for."""
    return GraphMode()
