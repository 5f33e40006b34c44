"""What lies in the current folder is not imported by the commands, and is found by the programs they run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrate.cases import NEW, OLD

ROOT = Path(__file__).parent.parent.parent

THIRD_PARTY = ["rich", "libcst", "pathspec", "numpy", "tensorflow", "keras", "tf_keras", "yaml", "pygments"]
# What Python itself imports before it hands over to `python -m`.
BEFORE = """
import sys, runpy, importlib.util, pkgutil
print(*sys.modules)
"""


def python(folder, *arguments, **environment):
    given = {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, **given, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path):
    """Return a folder that has a file with the name of each module of the standard library, and of ours."""
    early = set(python(tmp_path, "-c", BEFORE).stdout.split())
    for name in [*(sys.stdlib_module_names - early), *THIRD_PARTY]:
        (tmp_path / f"{name}.py").write_text(f"import sys\nsys.exit('{name}.py of the checkout was imported')\n")
    return tmp_path


@pytest.mark.parametrize("path", [str(ROOT), f"{ROOT}{os.pathsep}", f".{os.pathsep}{ROOT}"], ids=["a", "a:", ".:a"])
@pytest.mark.parametrize("command", ["migrate", "audit"])
def test_a_command_imports_nothing_from_the_current_folder(checkout, command, path):
    (checkout / "old.py").write_text(OLD)
    done = python(checkout, "-m", "k2compat", command, "old.py", PYTHONPATH=path)
    assert done.returncode == (1 if command == "migrate" else 0), done.stderr
    assert "of the checkout" not in done.stdout + done.stderr


def test_nor_do_its_processes(checkout):
    code = checkout / "code"
    code.mkdir()
    for number in range(10):
        (code / f"m{number}.py").write_text(OLD + f"x = {number}\n" * 3000)
    done = python(checkout, "-m", "k2compat", "migrate", "--write", "--jobs", "2", "code")
    assert done.returncode == 0, done.stderr
    assert (code / "m3.py").read_text().startswith(NEW)


@pytest.mark.slow
def test_nor_does_a_command_that_loads_tensorflow(checkout):
    done = python(checkout, "-m", "k2compat", "repairs")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("safe", ["", "1"], ids=["usual", "safe-path"])
@pytest.mark.parametrize(
    ("words", "first"),
    [(["sub/program.py"], "sub"), (["-m", "program"], "")],
    ids=["script", "module"],
)
def test_a_program_finds_its_own_modules(tmp_path, words, first, safe):
    (tmp_path / "sub").mkdir()
    for folder in (tmp_path, tmp_path / "sub"):
        (folder / "queue.py").write_text(f"print('the queue of', {folder.name!r})\n")
        (folder / "program.py").write_text("import queue, sys\nprint(*sys.path, sep='\\n')\n")
    done = python(tmp_path, "-m", "k2compat", "run", *words, PYTHONPATH=f"{ROOT}{os.pathsep}.", PYTHONSAFEPATH=safe)
    assert done.returncode == 0, done.stderr
    own, *path = done.stdout.splitlines()
    assert own == f"the queue of {(tmp_path / first).name}"
    assert path[:3] == [str(tmp_path / first), str(ROOT), str(tmp_path)]
