"""Settings in pyproject.toml, and which rules a command line chooses."""

import pytest

from k2compat.cli import main
from migrate.cases import OLD, write


def test_pyproject_configures(here, capsys):
    write(here, a_py=OLD, b_py=OLD)
    write(here, **{"pyproject.toml": '[tool.k2compat]\nignore = ["swap.import"]\nexclude = ["b.py"]\nunsafe = true\n'})
    assert main(["migrate", "."]) == 0
    write(here, **{"pyproject.toml": "[tool.other]\n"})
    assert main(["migrate", "."]) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[tool.k2compat]\nlevle = 'swap'\n", "no key 'levle'"),
        ("[tool.k2compat]\nselect = 'swap'\n", "not a list of strings"),
        ("[tool.k2compat]\nselect = [1]\n", "not a list of strings"),
        ("[tool.k2compat]\nselect = ['swop']\n", "no rule or level 'swop'"),
        ("[tool.k2compat]\nlevel = 'keras4'\n", "'keras4'"),
        ("[tool.k2compat\n", "pyproject.toml"),
    ],
)
def test_a_wrong_configuration_is_reported(here, capsys, content, message):
    write(here, a_py=OLD, **{"pyproject.toml": content})
    assert main(["migrate", "--write", "a.py"]) == 3
    assert message in capsys.readouterr().err
    assert (here / "a.py").read_text() == OLD


def test_select_and_ignore_take_rules_and_levels(here, capsys):
    write(here, a_py=OLD + "import keras\nkeras.backend.mean\n")
    main(["migrate", "--select", "swap.import", "a.py"])
    assert "+K.mean" not in capsys.readouterr().out
    main(["migrate", "--select", "swap", "--ignore", "swap.import,swap.missing-names", "a.py"])
    shown = capsys.readouterr().out
    assert "-keras.backend.mean" in shown
    assert "-from keras import backend" not in shown
