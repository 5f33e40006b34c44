"""Mutated real code through ``migrate``: the result parses, what no change is in stays, and twice is once.

``python -m nightly.fuzz_migrate --seconds 60 --seed 0``, in the folder ``tests``
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from k2compat.migrate.engine import RuleProblem, migrate
from k2compat.migrate.files.migrate_file import DEEPEST
from k2compat.migrate.rule import LEVELS
from k2compat.migrate.rules import RULES
from k2compat.migrate.syntax.module import CannotParse
from k2compat.migrate.syntax.why_not import why_not_python
from nightly.options import Counts, run

CORPUS = Path(__file__).parent.parent
LOST = "a backslash alone in its line, which libcst does not keep"  # the file is named and left
SNIPPETS = (
    "from keras import backend as K",
    "import keras.backend as K",
    "K.clear_session()",
    "x = K.function([a], [b])",
    "if True:\n    pass",
    "# é\f",
    "'''",
    "lambda K: K",
    "\\",
    "del K",
    "K = 1",
)


def sources() -> list[str]:
    """Return the texts of old programs that are in the repository."""
    files = sorted([*(CORPUS / "migrate" / "corpus").glob("*.old"), *(CORPUS.parent / "docs" / "parity").glob("*.py")])
    files += sorted((CORPUS / "goldens" / "cases").glob("*.py"))
    return [file.read_text(encoding="utf-8") for file in files if "keras" in file.read_text(encoding="utf-8")]


def mutated(text: str, draw: random.Random, others: list[str]) -> str:
    """Return a text with one to four changes."""
    for _ in range(draw.randint(1, 4)):
        text = draw.choice(MUTATIONS)(text, draw, others)
    return text


def without_a_line(text: str, draw: random.Random, others: list[str]) -> str:
    lines = text.splitlines(keepends=True)
    del lines[draw.randrange(len(lines)) : draw.randrange(len(lines)) + 1]
    return "".join(lines) or "\n"


def with_a_line(text: str, draw: random.Random, others: list[str]) -> str:
    lines = text.splitlines(keepends=True) or ["\n"]
    place = draw.randrange(len(lines))
    indent = re.match(r"[ \t]*", lines[place])
    lines.insert(place, (indent[0] if indent else "") + draw.choice(SNIPPETS) + "\n")
    return "".join(lines)


def with_a_part_of_another(text: str, draw: random.Random, others: list[str]) -> str:
    lines = draw.choice(others).splitlines(keepends=True)
    start = draw.randrange(len(lines))
    return text + "\n" + "".join(lines[start : start + draw.randint(1, 30)])


def with_other_ends(text: str, draw: random.Random, others: list[str]) -> str:
    return text.replace("\r\n", "\n").replace("\n", draw.choice(["\r\n", "\n", "\r\n"]))


def with_another_name(text: str, draw: random.Random, others: list[str]) -> str:
    names = re.findall(r"\b[A-Za-z_]\w*\b", text) or ["x"]
    return re.sub(rf"\b{draw.choice(names)}\b", draw.choice([*names[:50], "K", "tf", "keras"]), text, count=2)


def without_a_character(text: str, draw: random.Random, others: list[str]) -> str:
    place = draw.randrange(len(text) + 1)
    return text[:place] + draw.choice(["", "(", ")", " ", "\t", "#", "\f", "é"]) + text[place + draw.randint(0, 1) :]


MUTATIONS: list[Callable[[str, random.Random, list[str]], str]] = [
    without_a_line,
    with_a_line,
    with_a_part_of_another,
    with_other_ends,
    with_another_name,
    without_a_character,
]


def problems_of(text: str, until: str) -> Iterator[str]:
    """Yield what is wrong with what a level makes of a text."""
    rules = [rule() for rule in RULES if LEVELS.index(rule.level) <= LEVELS.index(until)]
    parses = why_not_python(text) is None
    try:
        done = migrate(text, rules)
        again = migrate(done.text, rules)
    except CannotParse as problem:
        if parses and LOST not in str(problem):
            yield f"Python parses it, migrate does not: {problem}"
        return
    except RuleProblem as problem:
        yield str(problem)
        return
    if parses and why_not_python(done.text) is not None:
        yield "the result does not parse"
    if again.text != done.text:
        yield "twice is not once"
    if not done.changes and done.text != text:
        yield "text that is in no change differs"


def check(draw: random.Random, counts: Counts) -> None:
    """Check one mutated program on one level."""
    texts = _texts or _texts.extend(sources()) or _texts
    text = mutated(draw.choice(texts), draw, texts)
    level = draw.choice(LEVELS)
    counts["parse" if why_not_python(text) is None else "do not parse"] += 1
    for problem in problems_of(text, level):
        counts.fail(f"{level}: {problem}", text)


_texts: list[str] = []

if __name__ == "__main__":
    sys.setrecursionlimit(DEEPEST)
    sys.exit(run(check, __doc__))
