"""Writes the pages that commands of k2compat print: ``python docs/generate.py``, with ``--check`` only compares."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from k2compat.cli import main
from k2compat.migrate.rule import Rule
from k2compat.migrate.rules import RULES

DOCS = Path(__file__).parent

# The command that prints a part of a page, or all of it.
WHOLE = {"api.md": ["api", "--markdown"]}
PARTS = {"repairs.md": ["repairs", "--markdown"]}
BEGIN, END = "<!-- generated -->\n", "<!-- end of generated -->\n"


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each generated page with the text that it should have."""
    for name, command in WHOLE.items():
        yield DOCS / name, printed(command)
    for name, command in PARTS.items():
        text = (DOCS / name).read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
        yield DOCS / name, f"{before}{BEGIN}{printed(command)}{END}{after}"
    yield DOCS / "rules.md", "\n".join(["# Rules of k2compat migrate\n", *map(section, RULES)])


def section(rule: type[Rule]) -> str:
    """Return what the page of the rules says of one: what ``--explain`` prints, and its other names."""
    remarks = []
    if not rule.safe:
        remarks.append("Unsafe: it may change what a program does, so it only reports unless `--unsafe` is given.")
    if rule.formerly:
        remarks.append(f"In earlier versions {', '.join(f'`{name}`' for name in rule.formerly)}.")
    return "\n\n".join([f"## `{rule.name}`", rule.explanation(), *remarks]) + "\n"


def printed(command: list[str]) -> str:
    """Return what a command of k2compat prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = main(command)
    if code:
        raise RuntimeError(f"python -m k2compat {' '.join(command)} ended with exit code {code}.")
    return output.getvalue()


def run(check: bool) -> int:
    """Write the pages that are out of date, or only name them."""
    outdated = [(page, text) for page, text in pages() if page.read_text(encoding="utf-8") != text]
    for page, text in outdated:
        print(f"{page.name} is out of date." if check else f"wrote {page.name}")
        if not check:
            page.write_text(text, encoding="utf-8")
    return int(check and bool(outdated))


if __name__ == "__main__":
    sys.exit(run(check="--check" in sys.argv[1:]))
