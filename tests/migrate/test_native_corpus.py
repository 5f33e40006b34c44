"""Old programs in each idiom, made native: how much is automatic, and that the numbers stay.

The programs are in ``tests/data/native``; each leaves arrays in ``results``. They run as they were (on the shim) and
made native, both in a process of their own, and in the second of them there is no k2compat.
"""

import multiprocessing
import pickle
import sys
import traceback
from pathlib import Path

import numpy as np
import pytest
from seeds import AS_KERAS_DRAWS

from k2compat.migrate.analysis.k_calls import k_uses
from k2compat.migrate.syntax.module import Module
from migrate.cases import run

PROGRAMS = sorted((Path(__file__).parent.parent / "data" / "native").glob("*.py"))
# What is left to do in a program, as a part of each message; all others are done.
LEFT = {
    "activation_4": ["`Embedding`"],
    "actor_critic_2": ["`RMSprop`"],
    "penalty_3": ["`trainable`"],
    "penalty_4": ["`trainable`"],
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_what_is_left(program):
    done = run(program.read_text())
    left = LEFT.get(program.stem, [])
    assert len(done.manual) == len(left), done.manual
    assert all(part in entry.message for part, entry in zip(left, done.manual, strict=True)), done.manual
    assert ("k2compat" in done.text) == bool(left)
    again = run(done.text)
    assert again.text == done.text


def test_most_calls_are_automatic():
    before, after = 0, 0
    for program in PROGRAMS:
        text = program.read_text()
        before += len(k_uses(Module(run(text, "swap.").text)))
        after += len(k_uses(Module(run(text).text)))
    assert len(PROGRAMS) >= 60
    assert after <= before / 10


def results_of(text, file, without_shim):
    """Run a program in a process of its own, and return its results."""
    # From a server that has imported Keras, and computed nothing: TensorFlow's threads would not be in its children.
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["keras"])
    child = forks.Process(target=keep_results, args=(text, file, without_shim))
    child.start()
    child.join()
    found = pickle.loads(file.read_bytes())
    assert isinstance(found, dict), found
    return found


def keep_results(text, file, without_shim):
    """Run a program, and write its results, or its traceback, to a file."""
    try:
        if without_shim:
            sys.modules["k2compat"] = None
        import keras

        keras.utils.set_random_seed(1)
        names = {"__name__": "__main__"}
        exec(compile(text, str(file), "exec"), names)
        found = {name: np.asarray(value) for name, value in names["results"].items()}
    except BaseException:
        found = traceback.format_exc()
    file.write_bytes(pickle.dumps(found))


@pytest.mark.slow
@pytest.mark.parametrize("program", [path for path in PROGRAMS if path.stem not in LEFT], ids=lambda path: path.stem)
def test_a_native_program_gives_the_same_numbers(program, tmp_path):
    text = program.read_text()
    before = results_of(AS_KERAS_DRAWS + run(text, "swap.").text, tmp_path / "before", without_shim=False)
    after = results_of(run(text).text, tmp_path / "after", without_shim=True)
    assert before
    assert before.keys() == after.keys()
    for name, array in before.items():
        np.testing.assert_allclose(after[name], array, rtol=1e-4, atol=1e-6, err_msg=name)
