"""The pages, the hooks and the tables of names say what is so."""

import re
import shlex
from pathlib import Path

import pytest

from k2compat.cli import main, parser
from k2compat.migrate.config import KEYS
from k2compat.migrate.rule import LEVELS
from k2compat.migrate.rules import RULES

ROOT = Path(__file__).parent.parent.parent
MIGRATE = (ROOT / "docs" / "migrate.md").read_text()
RULES_PAGE = (ROOT / "docs" / "rules.md").read_text()


def test_every_rule_has_its_section_and_no_other_is_there():
    assert re.findall(r"^## `([^`]+)`$", RULES_PAGE, re.M) == [rule.name for rule in RULES]


def test_names_and_levels_of_rules_fit():
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.level in LEVELS
        assert rule.name.startswith(rule.level + ".")
        assert "```" in rule.explanation(), f"{rule.name} explains itself without an example"


def test_the_configuration_of_the_page_is_one(tmp_path, monkeypatch):
    (toml,) = re.findall(r"```toml\n(.*?)```", MIGRATE, re.S)
    (tmp_path / "pyproject.toml").write_text(toml)
    (tmp_path / "a.py").write_text("import numpy\n")
    monkeypatch.chdir(tmp_path)
    assert main(["migrate", "a.py"]) == 0
    assert set(re.findall(r"^(\w+) =", toml, re.M)) <= set(KEYS)


@pytest.mark.parametrize("entry", re.findall(r"entry: (.*)", (ROOT / ".pre-commit-hooks.yaml").read_text()))
def test_the_hooks_call_commands_there_are(entry):
    program, *words = shlex.split(entry)
    assert program == "k2compat"
    options = parser().parse_args([*words, "a.py"])
    assert options.write != options.check


def test_the_hooks_of_the_page_are_there():
    hooks = re.findall(r"- id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hooks == ["k2compat-migrate", "k2compat-check"]
    assert all(hook in MIGRATE for hook in hooks)


def diffs():
    """The diffs of the rules' sections, as (rule, before, after)."""
    for found in re.finditer(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", RULES_PAGE, re.M | re.S):
        for diff in re.findall(r"```diff\n(.*?)```", found[2], re.S):
            sides = [
                "".join((line[1:] or "\n") for line in diff.splitlines(True) if line[0] in keep)
                for keep in (" -\n", " +\n")
            ]
            yield pytest.param(found[1], *sides, id=found[1])


@pytest.mark.parametrize(("rule", "before", "after"), list(diffs()))
def test_the_diffs_of_the_page_are_what_the_rules_do(rule, before, after):
    from migrate.cases import check_transformed

    (safe,) = (each.safe for each in RULES if each.name == rule)
    check_transformed(before, after, rule, unsafe=not safe)
