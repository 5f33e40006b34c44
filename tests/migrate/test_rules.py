"""Rules are found by their files: one rule in each, with a test file; names from earlier versions are accepted."""

import importlib
import inspect
import sys
from pathlib import Path

import pytest

import k2compat.migrate.rules
from k2compat.cli import main
from k2compat.migrate.rule import LEVELS, Rule
from k2compat.migrate.rules import RULES, _rules_of, rule_called
from migrate.cases import write

FOLDER = Path(k2compat.migrate.rules.__file__).parent
FILES = sorted(path for path in FOLDER.glob("*/*.py") if path.name != "__init__.py")
TESTS = Path(__file__).parent / "rules"


def place(path):
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_file_has_one_rule_with_the_name_of_the_file(path):
    module = importlib.import_module(f"k2compat.migrate.rules.{path.parent.name}.{path.stem}")
    classes = [found for found in vars(module).values() if inspect.isclass(found) and issubclass(found, Rule)]
    (rule,) = [found for found in classes if found.__module__ == module.__name__]
    assert rule in RULES
    assert rule.__name__ == "".join(word.capitalize() for word in path.stem.split("_"))
    assert rule.level == path.parent.name
    assert rule.name == f"{path.parent.name}.{path.stem.strip('_').replace('_', '-')}"
    assert f'"""Rule ``{rule.name}``."""' in path.read_text()


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_rule_has_its_test_file(path):
    tests = TESTS / path.parent.name / f"test_{path.stem}.py"
    assert tests.is_file(), f"write {tests}: what is changed, what is left alone, what is reported"
    assert "check_noop" in tests.read_text(), f"{tests} has no case that the rule leaves alone or reports"


def test_a_test_file_has_its_rule():
    tested = {f"{path.parent.name}/{path.stem.removeprefix('test_')}" for path in TESTS.rglob("test_*.py")}
    assert tested == {place(path) for path in FILES}


def test_rules_come_by_level_and_by_file():
    assert len(RULES) == len(FILES)
    assert list(RULES) == sorted(RULES, key=lambda rule: (LEVELS.index(rule.level), rule.__module__))


PLANTED = '''"""Rule ``swap.planted-rule``."""
from k2compat.migrate.rule import Rule


class PlantedRule(Rule):
    summary = "planted"

    def check(self, module):
        yield from ()
'''


def test_a_new_file_is_a_new_rule(tmp_path, monkeypatch):
    from k2compat.migrate.rules import swap

    (tmp_path / "planted_rule.py").write_text(PLANTED)
    monkeypatch.setattr(swap, "__path__", [*swap.__path__, str(tmp_path)])
    try:
        found = {rule.name for rule in _rules_of("swap")}
    finally:
        sys.modules.pop("k2compat.migrate.rules.swap.planted_rule", None)
    assert found == {"swap.planted-rule", *(rule.name for rule in RULES if rule.level == "swap")}


# Name in earlier versions -> name.
RENAMED = {
    "keras3.gone-methods": "keras3.removed-methods",
    "keras3.tensorflow1": "keras3.tensorflow1-names",
    "native.functions": "native.k-function",
    "native.import": "native.unused-import",
    "native.ops": "native.k-ops",
    "swap.dynamic": "swap.dynamic-import",
    "swap.inner-keras": "swap.private-keras",
    "swap.names": "swap.missing-names",
    "swap.other-backend": "swap.third-party-backend",
}


def test_names_in_earlier_versions_are_kept():
    assert {old: rule.name for rule in RULES for old in rule.formerly} == RENAMED
    assert not {rule.name for rule in RULES} & set(RENAMED)
    assert rule_called("swap.nothing") is None


MISSING = "from k2compat import backend as K\nK._helper(1)"


@pytest.mark.parametrize("name", ["swap.names", "swap.missing-names"])
def test_a_rule_is_meant_by_either_name(here, capsys, name):
    write(here, a_py=f"{MISSING}\n", b_py=f"{MISSING}  # k2compat: ignore[{name}]\n")
    assert main(["migrate", "--select", name, "a.py"]) == 2
    assert main(["migrate", "--ignore", name, "a.py"]) == 0
    assert main(["migrate", "b.py"]) == 0
    write(here, **{"pyproject.toml": f'[tool.k2compat]\nignore = ["{name}"]\n'})
    assert main(["migrate", "a.py"]) == 0
    capsys.readouterr()
    assert main(["migrate", "--explain", name]) == 0
    assert capsys.readouterr().out.startswith("swap.missing-names (")
