"""What the tests of the commands share: running one in this process, or in a process of its own."""

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import k2compat
from k2compat.cli import main
from k2compat.demo import shipped


def run_main(*arguments):
    """Exit code, standard output and standard error of a command line."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(list(map(str, arguments)))
    return SimpleNamespace(code=code, out=out.getvalue(), err=err.getvalue())


def fresh(*arguments, cwd):
    environment = {**os.environ, "PYTHONPATH": str(Path(k2compat.__file__).parent.parent)}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=240
    )


def goldens():
    with np.load(shipped.GOLDENS) as file:
        return {name: file[name] for name in file.files}
