"""Notebooks: their code cells as one Python text, and changed cells put back with every other byte as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from k2compat.migrate.module import why_not_python
from k2compat.migrate.source import Unusable

BLANK = re.compile(r"[ \t\r\n]*")
# Magics and shell lines: `%matplotlib inline`, `!pip install x`, `files = !ls`, `model.fit?`.
MAGIC = re.compile(
    r"^(?P<before>[ \t]*(?:[\w.,\[\]'\" \t]+=[ \t]*)?)(?P<magic>(?:[%!]|\?).*|[\w.]+\?{1,2}[ \t]*)$", re.M
)
# Cell magics whose cell is Python all the same.
PYTHON_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun", "%%memit")
MARK = "# k2compat-cell {}"
MARKED = re.compile(r"^# k2compat-cell (\d+)\n", re.M)
MASK = "...  # k2compat-magic {}"
MASKED = re.compile(r"\.\.\.  # k2compat-magic (\d+)")


@dataclass
class Cell:
    """A code cell.

    Attributes:
        number: its place among all cells, counted from 1.
        start, end: where its ``source`` is in the file's text.
        source: its code.
        lines: where each line's JSON text is, if the source is a list of lines.
    """

    number: int
    start: int
    end: int
    source: str
    lines: list[tuple[int, int]] | None


class Notebook:
    """A notebook's file.

    Args:
        raw: its text.

    Raises:
        Unusable: it is no notebook.
    """

    def __init__(self, raw: str):
        self.raw = raw
        self.problems: list[str] = []  # cells that are left out
        self._magics: list[str] = []
        try:
            self.cells = list(code_cells(raw))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
            raise Unusable(f"no notebook: {problem}") from problem
        self.text, self._first_lines = self._assemble()

    def _assemble(self) -> tuple[str, dict[int, int]]:
        """The Python of all cells, each below its mark; cell -> the line of its mark."""
        parts: list[str] = []
        marks: dict[int, int] = {}
        line = 1
        for cell in self.cells:
            code = self._python(cell)
            if code is not None:
                marks[cell.number] = line
                parts.append(f"{MARK.format(cell.number)}\n{code}\n")
                line += parts[-1].count("\n")
        return "".join(parts), marks

    def _python(self, cell: Cell) -> str | None:
        """A cell's code with its magics masked; None if it is in another language, or no Python 3."""
        if why_not_python(cell.source) is None:
            return cell.source
        if cell.source.lstrip().startswith("%%") and not cell.source.lstrip().startswith(PYTHON_CELLS):
            return None
        masked = MAGIC.sub(self._mask, cell.source)
        problem = why_not_python(masked)
        if problem is not None:
            self.problems.append(f"cell {cell.number}, {problem}")
        return masked if problem is None else None

    def _mask(self, found: re.Match[str]) -> str:
        self._magics.append(found["magic"])
        return found["before"] + MASK.format(len(self._magics) - 1)

    def place(self, line: int) -> tuple[int, int]:
        """The cell a line of ``text`` is in, and the line in that cell, both counted from 1."""
        cell, first = max(
            ((cell, first) for cell, first in self._first_lines.items() if first <= line), key=lambda pair: pair[1]
        )
        return cell, max(line - first, 1)

    def line_in_file(self, cell_number: int, line: int) -> int:
        """The line of the file in which a line of a cell is."""
        cell = next(cell for cell in self.cells if cell.number == cell_number)
        start = cell.lines[min(line, len(cell.lines)) - 1][0] if cell.lines else cell.start
        return self.raw.count("\n", 0, start) + 1

    def with_text(self, text: str) -> str:
        """The file's text with the cells' code from a changed ``text``."""
        pieces = MARKED.split(text)
        changed = {
            int(number): code.removesuffix("\n") for number, code in zip(pieces[1::2], pieces[2::2], strict=True)
        }
        raw = self.raw
        for cell in reversed(self.cells):
            code = MASKED.sub(lambda found: self._magics[int(found[1])], changed.get(cell.number, cell.source))
            if code != cell.source:
                raw = raw[: cell.start] + self._written(cell, code) + raw[cell.end :]
        return raw

    def _written(self, cell: Cell, code: str) -> str:
        """A cell's new source as JSON, laid out as the old one was."""
        old = self.raw[cell.start : cell.end]
        as_ascii = bool(re.search(r"\\u[0-9a-fA-F]{4}", old))
        if not cell.lines:
            return json.dumps(code, ensure_ascii=as_ascii) if cell.lines is None else json.dumps([code])
        kept = {json.loads(self.raw[start:end]): self.raw[start:end] for start, end in cell.lines}
        first, last = cell.lines[0], cell.lines[-1]
        before, after = self.raw[cell.start : first[0]], self.raw[last[1] : cell.end]
        between = self.raw[first[1] : cell.lines[1][0]] if len(cell.lines) > 1 else "," + before[1:]
        lines = [kept.get(line) or json.dumps(line, ensure_ascii=as_ascii) for line in code.splitlines(keepends=True)]
        return before + between.join(lines) + after


def code_cells(raw: str) -> Iterator[Cell]:
    """The code cells of a notebook in Python."""
    top = dict(members(raw, 0))
    metadata = json.loads(raw[slice(*top["metadata"])]) if "metadata" in top else {}
    language = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language", "python")
    if not str(language).lower().startswith(("python", "ipython")):
        return
    for number, (start, _) in enumerate(elements(raw, top["cells"][0]), 1):
        cell = dict(members(raw, start))
        if json.loads(raw[slice(*cell["cell_type"])]) == "code":
            span = cell["source"]
            source = json.loads(raw[slice(*span)])
            lines = list(elements(raw, span[0])) if isinstance(source, list) else None
            yield Cell(number, *span, "".join(source), lines)


def members(text: str, at: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """The keys of a JSON object that begins at a place, and where their values are."""
    at = _expect(text, at, "{")
    while text[at] != "}":
        key, at = json.JSONDecoder().raw_decode(text, at)
        start = _expect(text, at, ":")
        _, end = json.JSONDecoder().raw_decode(text, start)
        yield key, (start, end)
        at = _next(text, end, "}")


def elements(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Where the elements of a JSON list are that begins at a place."""
    at = _expect(text, at, "[")
    while text[at] != "]":
        _, end = json.JSONDecoder().raw_decode(text, at)
        yield at, end
        at = _next(text, end, "]")


def _skip(text: str, at: int) -> int:
    found = BLANK.match(text, at)
    return found.end() if found else at


def _expect(text: str, at: int, sign: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] != sign:
        raise ValueError(f"{sign} expected at character {at}")
    return _skip(text, at + 1)


def _next(text: str, at: int, closing: str) -> int:
    """The place of the next element, or of the closing bracket."""
    at = _skip(text, at)
    return at if text[at : at + 1] == closing else _expect(text, at, ",")
