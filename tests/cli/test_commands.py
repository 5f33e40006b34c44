"""Each command is a file with ``add_parser`` and ``run``."""

import importlib.util
import json
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

import k2compat.cli
from k2compat.cli import COMMANDS, main
from k2compat.cli.options import UNUSABLE

FILES = {path.stem for path in Path(k2compat.cli.__file__).parent.glob("*.py")}
# What the commands share.
SHARED = {"__init__", "options", "signals", "terminal"}


def test_every_file_is_a_command():
    assert set(COMMANDS) == FILES - SHARED


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_adds_its_parser_and_runs(command, capsys):
    module = import_module(f"k2compat.cli.{command}")
    assert callable(module.run)
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: k2compat {command}")
    assert " ".join(out.split()).endswith(f"Example: {module.EXAMPLE}")
    assert f"-m k2compat {command}" in module.EXAMPLE


def test_without_a_command_the_help_is_printed(capsys):
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("usage: k2compat [-h]")


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"k2compat {k2compat.__version__}\n"


def test_completion_is_printed_or_says_what_it_needs(capsys):
    code = main(["--print-completion", "bash"])
    printed = capsys.readouterr()
    if importlib.util.find_spec("shtab"):
        assert code == 0
        assert all(command in printed.out for command in COMMANDS)
    else:
        assert code == UNUSABLE
        assert "pip install shtab" in printed.err


@pytest.mark.keras3_only
def test_info_tells_what_a_report_needs(capsys, monkeypatch):
    monkeypatch.setenv("K2COMPAT_SOMETHING", "1")
    assert main(["info", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["k2compat"] == k2compat.__version__
    assert found["tensorflow"] == version("tensorflow")
    assert found["tf.keras is"] == "keras3"
    assert "K2COMPAT_SOMETHING=1" in found["settings"]
    assert found["repairs applied"] + len(found["repairs not applied"]) == len(k2compat.repairs())
    assert main(["info"]) == 0
    assert f"tensorflow              {version('tensorflow')}\n" in capsys.readouterr().out


def test_the_parser_imports_no_library(tmp_path):
    code = "import sys; from k2compat.cli import parser; parser(); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert not {"tensorflow", "keras", "numpy", "rich", "libcst"} & set(done.stdout.split())
