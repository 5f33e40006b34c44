"""Reports for people and for programs."""

import json

import pytest

from k2compat.cli import main
from migrate.cases import write

MANUAL = "from keras import backend as K\nK._helper(1)\n"


PYTHON_2 = "import keras\nprint 'x'\n"


@pytest.fixture
def reported(here):
    """A report of a folder, by suffix."""
    write(here, a_py="\n" + MANUAL, bad_py=PYTHON_2)

    def report(suffix):
        assert main(["migrate", "--report", f"r{suffix}", "."]) == 3
        return (here / f"r{suffix}").read_text()

    return report


def test_the_report_in_json(reported):
    found = json.loads(reported(".json"))
    assert found["exit_code"] == 3
    first, second = found["files"]
    assert (first["path"], second["path"]) == ("a.py", "bad.py")
    assert [(entry["rule"], entry["line"]) for entry in first["changes"]] == [("swap.import", 2)]
    assert [(entry["rule"], entry["line"]) for entry in first["left"]] == [("swap.missing-names", 3)]
    assert "line 2" in second["problems"][0]


def test_the_report_in_sarif(reported):
    (run,) = json.loads(reported(".sarif"))["runs"]
    found = [
        (result["ruleId"], result["level"], result["locations"][0]["physicalLocation"]["region"]["startLine"])
        for result in run["results"]
    ]
    assert found == [("swap.import", "note", 2), ("swap.missing-names", "warning", 3)]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert not run["invocations"][0]["executionSuccessful"]


def test_the_report_in_text(reported):
    lines = reported(".txt").splitlines()
    assert lines[0].startswith("a.py:2:1: swap.import")
    assert lines[-1].startswith("1 change in 1 file; nothing written; 1 place needs manual work; 1 file that could not")


def test_after_writing_lines_are_those_of_the_new_file(here, capsys):
    write(here, a_py="from keras import layers, backend as K\nK._helper(1)\n")
    main(["migrate", "a.py"])
    assert "a.py:2:1: swap.missing-names" in capsys.readouterr().err
    main(["migrate", "--write", "a.py"])
    assert "a.py:3:1: swap.missing-names" in capsys.readouterr().err
