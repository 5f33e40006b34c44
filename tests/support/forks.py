"""Programs that run in forks of a process that has imported a Keras and nothing else: a few seconds for each.

``Forks("tf_keras").results(text, file)`` runs a program and returns what it leaves in ``results``.
"""

import importlib
import json
import os
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np


class Forks:
    """A process that has imported TensorFlow and one Keras, and forks for each program.

    Args:
        package: ``keras`` or ``tf_keras``.
    """

    def __init__(self, package):
        environment = {**os.environ, "TF_USE_LEGACY_KERAS": "1" if package == "tf_keras" else "0"}
        command = [sys.executable, __file__, package]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )

    def results(self, text, file, *, without_shim):
        """Run a program; with ``without_shim``, no import of k2compat succeeds in it."""
        request = {"text": text, "file": str(file), "without_shim": without_shim}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        while (line := self._process.stdout.readline()) != "done\n":
            assert line, "the process that forks ended"
        found = pickle.loads(Path(file).read_bytes())
        assert isinstance(found, dict), found
        return found

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _run(keras, request):
    """Run a program in this process, and write its results to a file, or how it failed."""
    file = Path(request["file"])
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        if request["without_shim"]:
            sys.modules["k2compat"] = None
        keras.utils.set_random_seed(1)
        names = {"__name__": "__main__"}
        exec(compile(request["text"], str(file), "exec"), names)
        arrays = {name: np.asarray(value) for name, value in names["results"].items()}
        file.write_bytes(pickle.dumps(arrays))
    except BaseException:
        file.write_bytes(pickle.dumps(traceback.format_exc()))
    finally:
        os._exit(0)


def main(package):
    import tensorflow  # noqa: F401

    keras = importlib.import_module(package)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _run(keras, json.loads(line))
        os.waitpid(child, 0)
        print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
