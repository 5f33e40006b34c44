"""Old scripts as people wrote them: what becomes of each, and that it runs with the numbers it had.

``NAME.old`` becomes ``NAME.new``; ``NAME.manual``, if there is one, has the lines that need manual work.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import k2compat
from migrate.cases import check_manual, check_transformed

CORPUS = Path(__file__).parent / "corpus"
SCRIPTS = sorted(path.stem for path in CORPUS.glob("*.old"))

# What the old scripts print under Keras 2.3.1 on TensorFlow 1.15.
PRINTED = {
    "saliency_2016": "result [2.0, 4.0, 6.0] 2.0",
    "dream_2017": "result [2.6971, 3.2627]",
    "policy_2018": "result [5.0, 0.0]",
    "vae_2019": "result [1.0] False True",
}


def manual_of(name):
    file = CORPUS / f"{name}.manual"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(int(line.partition(": ")[0]), line.partition(": ")[2]) for line in lines]


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_becomes_of_a_script(name):
    old, new = ((CORPUS / f"{name}.{state}").read_text() for state in ("old", "new"))
    check_manual(check_transformed(old, new, "swap."), manual_of(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", PRINTED)
def test_a_migrated_script_runs_and_keeps_its_numbers(name, tmp_path):
    (tmp_path / "script.py").write_text((CORPUS / f"{name}.new").read_text())
    environment = {**os.environ, "PYTHONPATH": str(Path(k2compat.__file__).parent.parent)}
    environment.pop("TF_USE_LEGACY_KERAS", None)  # the scripts import keras
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    printed = [line for line in done.stdout.splitlines() if line.startswith("result")]
    if name == "dream_2017":  # rounded to float32
        values = [round(float(value), 4) for value in printed[0][len("result [") : -1].split(",")]
        printed = [f"result {values}"]
    assert printed == [PRINTED[name]]
