"""What migrate leaves of the imports of old Keras versions can be imported, and what cannot is reported.

Every name of every module of Keras 1.2.2 to 2.3.1 is imported in a file of its own, by each level.
"""

import importlib
import json
from pathlib import Path

import pytest

import k2compat.backend  # noqa: F401  (the repairs, which the files import)
from k2compat.migrate.engine import migrate
from k2compat.migrate.rules import RULES

NAMES = json.loads((Path(__file__).parent.parent / "data" / "old_names.json").read_text())
LINE = "import k2compat.auto\n"


def can_be_imported(text):
    """Return whether the imports of a file work, where k2compat is imported."""
    for line in text.splitlines():
        if line.startswith("from "):
            _, module, _, name, *_ = line.split()
            try:
                getattr(importlib.import_module(module), name)
            except AttributeError:
                importlib.import_module(f"{module}.{name}")


@pytest.mark.slow
@pytest.mark.parametrize("level", ["swap", "keras3"])
@pytest.mark.parametrize("module", NAMES)
def test_imports_work_or_are_reported(module, level):
    levels = ("swap", "keras3") if level == "keras3" else ("swap",)
    rules = [rule() for rule in RULES if rule.level in levels]
    wrong = []
    for name in NAMES[module]:
        source = f"from {module} import {name}\nprint({name})\n"
        done = migrate(LINE + source, rules)
        try:
            can_be_imported(done.text)
            if done.manual and level == "swap":
                wrong.append(f"{name} is there, and reported")
        except (ImportError, AttributeError) as problem:
            if not done.manual:
                wrong.append(f"{done.text.splitlines()[1:]}: {problem}")
    assert not wrong
