"""Programs under ``k2compat run`` and ``import k2compat.auto``: where imports lead, and what they see of Python."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kerases import KIND

ROOT = Path(__file__).parent.parent.parent

SPELLINGS = """
import keras.backend.tensorflow_backend as first
import tensorflow.keras.backend as second
import tensorflow as tf
from keras import backend as K
from keras.engine.topology import Layer
from keras.layers.core import Dense
from tensorflow.contrib.keras.python.keras.layers import Dense as old_dense
from tensorflow.python.keras import backend as third
from tensorflow.python.keras.engine.base_layer import Layer as inner_layer
from tensorflow.python.keras.layers import Dense as inner_dense

backends = [first, second, third, tf.keras.backend, tf.contrib.keras.backend]
assert all(backend is K for backend in backends), backends
assert K.__name__ == "k2compat.backend"
assert Dense is old_dense is inner_dense is tf.keras.layers.Dense
assert Layer is inner_layer
assert float(tf.log(1.0)) == 0.0
K.clear_session()
assert Dense(1).name == "dense_1"
"""
HELPER = "from keras.backend import gradients\nfrom keras.utils.np_utils import to_categorical\n"
SCRIPT = f"""
import os, subprocess, sys
import helper
import keras

{SPELLINGS}
assert __name__ == "__main__"
assert __file__ == os.path.abspath("script.py")
assert sys.argv == ["script.py", "--keras", "-m"], sys.argv
assert sys.path[0] == os.path.realpath(os.getcwd())
assert helper.gradients is K.gradients
child = "import keras; from keras import backend as K; print(K.__name__, keras.__version__)"
print(subprocess.check_output([sys.executable, "-c", child], universal_newlines=True))
print("Keras", keras.__version__)
def fails():
    raise KeyError("late")
if os.environ.get("FAILS"):
    fails()
sys.exit(7)
"""


def python(folder, *arguments, **environment):
    # A user's Python: PYTHONSAFEPATH, where it is set, would keep the folder's own modules from being found.
    given = {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment = {**os.environ, **given, **environment}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "helper.py").write_text(HELPER)
    (tmp_path / "script.py").write_text(SCRIPT)
    return tmp_path


@pytest.mark.slow
def test_a_script_sees_what_python_gives_it(folder):
    done = python(folder, "-m", "k2compat", "run", "--keras", KIND, "script.py", "--keras", "-m")
    assert done.returncode == 7, done.stderr
    assert f"Keras {KIND[-1]}." in done.stdout
    assert f"k2compat.backend {KIND[-1]}." in done.stdout  # the process it starts


@pytest.mark.slow
def test_a_failure_is_shown_as_python_shows_it(folder):
    done = python(folder, "-m", "k2compat", "run", "--keras", KIND, "script.py", "--keras", "-m", FAILS="1")
    assert done.returncode == 1
    traceback = done.stderr[done.stderr.index("Traceback") :].splitlines()
    assert traceback[1].startswith(f'  File "{folder / "script.py"}", line')
    assert "k2compat" not in "".join(traceback)
    assert traceback[-1] == "KeyError: 'late'"


@pytest.mark.slow
def test_auto_does_the_same(folder):
    legacy = {"TF_USE_LEGACY_KERAS": "1" if KIND == "keras2" else "0"}
    done = python(folder, "-c", f"import k2compat.auto\nimport helper\n{SPELLINGS}", **legacy)
    assert done.returncode == 0, done.stderr


def test_nothing_is_loaded_before_the_program_imports_it(folder):
    program = "import k2compat.auto, sys; assert not {'tensorflow', 'keras'} & set(sys.modules)"
    assert python(folder, "-c", program).returncode == 0


def test_modules_and_notebooks_run(folder):
    (folder / "tool.py").write_text("import sys\nprint(__name__, sys.argv[1:])\n")
    done = python(folder, "-m", "k2compat", "run", "-m", "tool", "-q", "--help")
    assert done.stdout.strip() == "__main__ ['-q', '--help']"
    cells = [{"cell_type": "code", "source": source} for source in ("x = 2\n%matplotlib inline", "print(x + 1)")]
    (folder / "book.ipynb").write_text(json.dumps({"cells": cells}))
    done = python(folder, "-m", "k2compat", "run", "book.ipynb")
    assert done.stdout.strip() == "3"
    assert "left out of" in done.stderr
    assert "%matplotlib inline" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [((), "is missing"), (("nothing.py",), "there is no script nothing.py"), (("--keras", "keras1"), "invalid choice")],
)
def test_what_cannot_be_run_is_told(arguments, told, folder):
    done = python(folder, "-m", "k2compat", "run", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
