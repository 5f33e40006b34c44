"""Scripts as people wrote them for Keras 1 and 2: migrated, they run on Keras 3 with the numbers of Keras 2.3.1."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from seeds import AS_KERAS_DRAWS

from migrate.cases import run

SCRIPTS = Path(__file__).parent / "old"
RECORDED = json.loads((SCRIPTS / "recorded.json").read_text())
# Batch normalization moves its averages by another variance in Keras 3, which the report says.
TOLERANCE = {"gpu_session": 1e-3}


@pytest.fixture
def keras3():
    if not pytest.importorskip("keras").__version__.startswith("3."):
        pytest.skip("runs scripts on Keras 3")


def script(name):
    return (SCRIPTS / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_twice_is_once(name):
    once = run(script(name), "keras3")
    twice = run(once.text, "keras3")
    assert once.changes
    assert twice.text == once.text
    assert twice.changes == []
    assert [entry.message for entry in twice.manual] == [entry.message for entry in once.manual]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_migrated_script_keeps_its_numbers(name, keras3, tmp_path):
    (tmp_path / "script.py").write_text(run(script(name)).text)
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", AS_KERAS_DRAWS + "import runpy\nrunpy.run_path('script.py', run_name='__main__')"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    values = [float(value) for value in done.stdout.strip().splitlines()[-1].split()]
    assert values == pytest.approx(RECORDED[name], rel=1e-4, abs=TOLERANCE.get(name, 1e-5))
