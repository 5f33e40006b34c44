"""Notebooks: their code cells as one Python text, and changed cells put back with every other byte as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

from k2compat.migrate.files.encoding import Unusable
from k2compat.migrate.syntax.why_not import why_not_python

Span: TypeAlias = "tuple[int, int]"

BLANK = re.compile(r"[ \t\r\n]*")
# Magics and shell lines: `%matplotlib inline`, `!pip install x`, `files = !ls`, `model.fit?`.
MAGIC = re.compile(
    r"^(?P<before>[ \t]*(?:[\w.,\[\]'\" \t]+=[ \t]*)?)(?P<magic>(?:[%!]|\?).*|[\w.]+\?{1,2}[ \t]*)$", re.M
)
# Cell magics whose cell is Python all the same.
PYTHON_CELLS = ("%%time", "%%timeit", "%%capture", "%%prun", "%%memit")


class Marks:
    """The text for the borders of cells and for magics in the Python of a notebook; written nowhere in its cells.

    Args:
        sources: the code of the cells.
    """

    def __init__(self, sources: Sequence[str]):
        words = (f"k2compat-{number}" for number in count())
        self.word = next(word for word in words if not any(word in source for source in sources))
        self._cell = re.compile(rf"^# {self.word}-cell (\d+)\n", re.M)
        self._magic = re.compile(rf"\.\.\.  # {self.word}-magic (\d+)\b")

    def cell(self, number: int) -> str:
        return f"# {self.word}-cell {number}\n"

    def magic(self, number: int) -> str:
        return f"...  # {self.word}-magic {number}"

    def cells(self, text: str) -> tuple[str, list[tuple[int, str]]]:
        """Return the code above all marks of cells, and the code below each."""
        above, *pieces = self._cell.split(text)
        numbers = map(int, pieces[::2])
        return above, [(number, code.removesuffix("\n")) for number, code in zip(numbers, pieces[1::2], strict=True)]

    def magics(self, code: str) -> list[int]:
        """Return which magics have their mark in some code."""
        return [int(number) for number in self._magic.findall(code)]

    def with_magics(self, code: str, magics: Sequence[str]) -> str:
        """Return code with the magics in the place of their marks."""
        return self._magic.sub(lambda found: magics[int(found[1])], code)


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
        except RecursionError as problem:
            raise Unusable("no notebook: too deeply nested") from problem
        except ValueError as problem:
            raise Unusable(f"no notebook: {problem}") from problem
        self._marks = Marks([cell.source for cell in self.cells])
        self.text, self._first_lines = self._assemble()

    def _assemble(self) -> tuple[str, dict[int, int]]:
        """Return the Python of all cells, each below its mark; cell -> the line of its mark."""
        parts: list[str] = []
        marks: dict[int, int] = {}
        line = 1
        for cell in self.cells:
            code = self._python(cell)
            if code is not None:
                marks[cell.number] = line
                parts.append(f"{self._marks.cell(cell.number)}{code}\n")
                line += parts[-1].count("\n")
        return "".join(parts), marks

    def _python(self, cell: Cell) -> str | None:
        """Return a cell's code with its magics masked; None if it is in another language, or no Python 3."""
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
        return found["before"] + self._marks.magic(len(self._magics) - 1)

    def place(self, line: int) -> tuple[int, int]:
        """Return the cell a line of ``text`` is in, and the line in that cell, both counted from 1."""
        cell, first = max(
            ((cell, first) for cell, first in self._first_lines.items() if first <= line), key=lambda pair: pair[1]
        )
        return cell, max(line - first, 1)

    def line_in_file(self, cell_number: int, line: int) -> int:
        """Return the line of the file in which a line of a cell is."""
        cell = next(cell for cell in self.cells if cell.number == cell_number)
        start = cell.lines[min(line, len(cell.lines)) - 1][0] if cell.lines else cell.start
        return self.raw.count("\n", 0, start) + 1

    def with_text(self, text: str) -> str:
        """Return the file's text with the cells' code from a changed ``text``.

        Raises:
            Unusable: cells or magics are not in it any more, or more than once.
        """
        above, cells = self._marks.cells(text)
        changed = dict(cells)
        known = above == "" and [number for number, _ in cells] == list(self._first_lines)
        if not known or self._marks.magics(text) != list(range(len(self._magics))):
            raise Unusable("the changed cells cannot be told apart; please report this")
        raw = self.raw
        for cell in reversed(self.cells):
            code = (
                self._marks.with_magics(changed[cell.number], self._magics) if cell.number in changed else cell.source
            )
            if code != cell.source:
                raw = raw[: cell.start] + self._written(cell, code) + raw[cell.end :]
        return raw

    def _written(self, cell: Cell, code: str) -> str:
        """Return a cell's new source as JSON, laid out as the old one was."""
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
    """Yield the code cells of a notebook in Python.

    Raises:
        ValueError: it is no notebook.
    """
    top = dict(members(raw, 0))
    metadata = _value(raw, top["metadata"]) if "metadata" in top else None
    if _is_python(_language(metadata)):
        for number, start in enumerate(_cells(raw, top), 1):
            cell = dict(members(raw, start))
            if "cell_type" not in cell:
                raise ValueError(f"cell {number} has no type")
            if _value(raw, cell["cell_type"]) != "code" or not _is_python(_own_language(raw, cell)):
                continue
            span = cell.get("source") or cell.get("input")  # the second until format 3
            source = _value(raw, span) if span else None
            is_list = isinstance(source, list)
            texts: list[Any] = source if isinstance(source, list) else [source]
            if span is None or not all(isinstance(text, str) for text in texts):
                raise ValueError(f"cell {number} has no source")
            yield Cell(number, *span, "".join(texts), list(elements(raw, span[0])) if is_list else None)


def _cells(raw: str, top: dict[str, Span]) -> Iterator[int]:
    """Yield where the cells begin; until format 3 they are in worksheets."""
    if "cells" in top:
        yield from (start for start, _ in elements(raw, top["cells"][0]))
    elif "worksheets" in top:
        for start, _ in elements(raw, top["worksheets"][0]):
            yield from _cells(raw, dict(members(raw, start)))
    else:
        raise ValueError("it has no cells")


def _language(metadata: Any) -> Any:
    """Return the language that the metadata of a notebook name; Python if they name none."""
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        named = metadata.get(part) if isinstance(metadata, dict) else None
        if isinstance(named, dict) and named.get(key):
            return named[key]
    return "python"


def _own_language(raw: str, cell: dict[str, Span]) -> Any:
    """Return the language of a cell, which has one of its own in format 3."""
    return _value(raw, cell["language"]) if "language" in cell else "python"


def _is_python(language: Any) -> bool:
    return str(language).lower().startswith(("python", "ipython"))


def _value(raw: str, span: Span) -> Any:
    return json.loads(raw[slice(*span)])


def members(text: str, at: int) -> Iterator[tuple[str, Span]]:
    """Yield the keys of a JSON object that begins at a place, and where their values are."""
    at = _expect(text, at, "{")
    while text[at : at + 1] != "}":
        key, at = json.JSONDecoder().raw_decode(text, at)
        start = _expect(text, at, ":")
        _, end = json.JSONDecoder().raw_decode(text, start)
        yield key, (start, end)
        at = _next(text, end, "}")


def elements(text: str, at: int) -> Iterator[Span]:
    """Yield where the elements of a JSON list are that begins at a place."""
    at = _expect(text, at, "[")
    while text[at : at + 1] != "]":
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
    """Return the place of the next element, or of the closing bracket."""
    at = _skip(text, at)
    return at if text[at : at + 1] == closing else _expect(text, at, ",")
