"""Random small models and expressions over them: k2compat and graph mode have to agree.

A draw that fails is made as small as can be, and printed as a script that runs by itself.
"""

import json
import os
import subprocess
import sys
import textwrap

import hypothesis
import numpy as np
import pytest
from kerases import keras
from paths import PACKAGE

from goldens.compare import differences
from k2compat import backend as K
from reference.draws import scripts
from reference.live import GraphModeError, graph_mode, missing
from reference.script import alone, run_script

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.filterwarnings("ignore:You are using a softmax over axis"),  # of one element, as some draws have it
]

# In float64 the sides differ by rounding only; where all values are small, rounding of what they were made of is left.
TOLERANCE, SMALLEST_SCALE = 1e-9, 1.0
QUICK, LONG = 12, 150
# The same draws every time; PARITY_DRAWS=1000 in the environment makes so many new ones.
DRAWS = os.environ.get("PARITY_DRAWS")
MARK = "# ---- the script\n"


def settings(examples, **options):
    return hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
        **options,
    )


def problems_of(text):
    """Where the sides differ."""
    try:
        expected = graph_mode().ask("script", text)
    except GraphModeError as error:
        return [f"graph mode raises {error}"]
    K.clear_session()
    try:
        found = run_script(text, K, keras)
    except Exception as error:
        return [f"k2compat raises {type(error).__name__}: {error}"]
    return differences(expected, found, TOLERANCE, SMALLEST_SCALE)


def check(text):
    """Fails with the script; not by ``assert``, which would indent it."""
    problems = problems_of(text)
    if problems:
        raise AssertionError("\n".join(["k2compat differs from graph mode:", *problems, MARK + alone(text)]))


@settings(QUICK, derandomize=True)
@hypothesis.given(scripts())
def test_a_few_draws_agree(text):
    check(text)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(int(DRAWS or LONG), derandomize=DRAWS is None)
@hypothesis.given(scripts())
def test_many_draws_agree(text):
    check(text)


@pytest.fixture
def fault(monkeypatch):
    """K.tanh is 0.1% too large in this process."""
    right = K.tanh
    monkeypatch.setattr(K, "tanh", lambda x: right(x) * 1.001)


@pytest.fixture
def printed(fault):
    """What a failing draw prints."""
    with pytest.raises(AssertionError, match="k2compat differs") as failure:
        settings(200, derandomize=True)(hypothesis.given(scripts())(check))()
    return str(failure.value)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_failing_draw_prints_a_small_script_that_reproduces_it(printed, tmp_path):
    told, _, text = printed.partition(MARK)
    drawn = text[text.index('K.set_floatx("float64")') :]
    assert "K.tanh(" in drawn
    assert len(drawn.splitlines()) <= 17, f"not small:\n{drawn}"
    file = tmp_path / "draw.py"
    file.write_text(text)
    graph, right, wrong = (results(file, *how) for how in (["graph"], [], ["fault"]))
    assert not differences(graph, right, TOLERANCE, SMALLEST_SCALE)
    again = differences(graph, wrong, TOLERANCE, SMALLEST_SCALE)
    assert {line.split(":")[0] for line in again} == {line.split(":")[0] for line in told.splitlines()[1:]}


def results(file, *how):
    """What the script prints in a process of its own; with "fault", K.tanh is wrong there, too."""
    command = [str(file), *how]
    if how == ("fault",):
        command = [
            "-c",
            textwrap.dedent(f"""
            import runpy
            from k2compat import backend as K
            right = K.tanh
            K.tanh = lambda x: right(x) * 1.001
            runpy.run_path({str(file)!r}, run_name="__main__")
            """),
        ]
    path = os.pathsep.join([str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = (line.rpartition(": ") for line in done.stdout.splitlines())
    return {name: np.asarray(json.loads(value)) for name, _, value in lines}
