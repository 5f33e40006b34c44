"""Old programs in each idiom, made native: how much is automatic, and that the numbers stay.

The programs are in ``tests/data/native``; each leaves arrays in ``results``. They run as they were (on the shim) and
made native, in the second case without k2compat, on Keras 3 and, where the spelling allows, on tf_keras.
"""

import importlib.util
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from forks import Forks
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
# What is left of these is an import for repairs that their numbers do not need.
ONLY_REPAIRS = ("activation_4", "penalty_3", "penalty_4")
IN_A_COMPARISON = [path for path in PROGRAMS if path.stem not in LEFT or path.stem in ONLY_REPAIRS]
KERAS = re.compile(r"\b(?:tensorflow\.)?keras\b(?=[.\s])")
# Idioms that have fewer spellings than three are no part of the list of idioms.
OTHERS = ("metrics", "notebook")


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


def test_each_idiom_has_three_spellings_that_are_compared():
    idioms = Counter(path.stem.rpartition("_")[0] for path in IN_A_COMPARISON)
    few = {idiom: count for idiom, count in idioms.items() if count < 3 and idiom not in OTHERS}
    assert few == {"actor_critic": 2}  # the third trains by RMSprop, whose numbers are others in Keras 3


@pytest.fixture(scope="module", params=["keras", "tf_keras"])
def forks(request):
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"needs {request.param}")
    process = Forks(request.param)
    yield request.param, process
    process.close()


@pytest.mark.slow
@pytest.mark.reference
@pytest.mark.parametrize("program", IN_A_COMPARISON, ids=lambda path: path.stem)
def test_a_native_program_gives_the_same_numbers(forks, program, tmp_path):
    package, process = forks
    text = program.read_text()
    if package == "keras" and "tf_keras" in text:
        pytest.skip("is about tf_keras")
    if package == "tf_keras":
        text = KERAS.sub("tf_keras", text.replace("from tensorflow import keras", "import keras"))
    native = run(text, unsafe=program.stem in ONLY_REPAIRS).text
    if package == "tf_keras" and "k2compat" in native:
        pytest.skip("needs keras.ops, which tf_keras has not")
    before = process.results(AS_KERAS_DRAWS + run(text, "swap.").text, tmp_path / "before", without_shim=False)
    after = process.results(native, tmp_path / "after", without_shim=True)
    assert before
    assert before.keys() == after.keys()
    for name, array in before.items():
        np.testing.assert_allclose(after[name], array, rtol=1e-4, atol=1e-6, err_msg=name)
