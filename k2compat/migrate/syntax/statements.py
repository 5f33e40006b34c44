"""Statements that are moved: what they bind, and which ran before a line on every way to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import libcst as cst

from k2compat.line_folding import WIDTH, fitted
from k2compat.migrate.syntax.edits import Edit
from k2compat.migrate.syntax.module import Module

# Comments that stand for the beginning of a cell of a notebook, and stay where they are; see files/notebook.py.
CELL_MARK = re.compile(r"# k2compat-\d+-cell \d+")
MOST_WIDTH = 120  # of lines that a team may have agreed on


def before(module: Module, line: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Return the statements that ran before a line in its function, on every way to it; in the order of the text."""
    blocks = []
    for node in [line, *module.above(line)]:
        block = module.parent(node)
        if isinstance(block, cst.IndentedBlock | cst.Module):
            blocks.append(block.body[: list(block.body).index(node)])  # type: ignore[arg-type]
        if isinstance(block, cst.IndentedBlock) and isinstance(module.parent(block), cst.FunctionDef | cst.ClassDef):
            break
    return chain.from_iterable(reversed(blocks))


def names_in_use(module: Module) -> set[str]:
    """Return the names that a module binds or reads somewhere; not those of attributes and keywords."""
    return {name for name, nodes in module.names.items() if any(module.scope(node) is not None for node in nodes)}


def removed(module: Module, statement: cst.CSTNode) -> Edit:
    """Take out a statement, with the comments right above it and the blank lines above these."""
    start, end = module.lines.whole(*module.span(statement))
    above = _leading_lines(statement)
    for wanted in (True, False):
        while above and (above[-1].comment is not None) == wanted:
            above.pop()
            start = module.lines.whole(start - 1, start - 1)[0]
    return Edit(start, end, "")


def blank_lines_left(module: Module, gone: Sequence[cst.CSTNode], rewritten: cst.CSTNode) -> Iterator[Edit]:
    """Yield the edits that take out blank lines above what becomes the first statement of a block.

    Args:
        module: the module.
        gone: statements that are taken out.
        rewritten: one that is edited with the lines above it.
    """
    for block in dict.fromkeys(map(module.parent, gone)):
        body = block.body if isinstance(block, cst.IndentedBlock) else ()
        first = next((statement for statement in body if statement not in gone), None)
        if first is None or first in (body[0], rewritten):
            continue
        lines = _leading_lines(first)
        blank = next((number for number, line in enumerate(lines) if line.comment), len(lines))
        ends = module.lines.whole(*module.span(first))[0]
        for _ in lines[blank:]:
            ends = module.lines.whole(ends - 1, ends - 1)[0]
        start = ends
        for _ in range(blank):
            start = module.lines.whole(start - 1, start - 1)[0]
        yield Edit(start, ends, "")


def comments_above(statement: cst.CSTNode) -> list[str]:
    return [line.comment.value for line in _leading_lines(statement) if line.comment]


def _leading_lines(statement: cst.CSTNode) -> list[cst.EmptyLine]:
    """Return the comments and blank lines above a statement, in its cell of a notebook."""
    lines = list(getattr(statement, "leading_lines", ()))
    marks = [number for number, line in enumerate(lines) if line.comment and CELL_MARK.match(line.comment.value)]
    return lines[marks[-1] + 1 :] if marks else lines


def _blank_until(lines: Iterable[str]) -> int | None:
    """Return how many lines are blank up to the first that is not; None if there is none, or another cell begins."""
    for number, line in enumerate(lines):
        if line.strip():
            return None if CELL_MARK.match(line) else number
    return None


def blank_lines(module: Module, line: cst.CSTNode) -> tuple[int, int]:
    """Return how many blank lines are missing above and below a function that is put in the place of a line."""
    wanted = 1 if module.indentation(line) else 2
    start, end = module.lines.whole(*module.span(line))
    above, below = module.source[:start].splitlines(), module.source[end:].splitlines()
    before = _blank_until(reversed(above))
    opens = before == 0 and above[-1].rstrip().endswith(":") and re.match(r"\s*(?:def|class|async def)\b", above[-1])
    after = _blank_until(below)
    return (
        0 if opens or before is None else max(wanted - before, 0),
        0 if after is None else max(wanted - after, 0),
    )


def defined_above(module: Module, node: cst.CSTNode, text: str) -> Edit:
    """Return the edit that writes a definition above the top-level statement around a node, and its comments."""
    start = _start_of_block(module, node)
    above = module.source[:start].splitlines()
    there = _blank_until(reversed(above))
    blank = 0 if there is None else max(2 - there, 0)
    lines = [*[""] * blank, *text.strip("\n").splitlines(), "", ""]
    return Edit(start, start, "".join(line + module.newline for line in lines))


def _start_of_block(module: Module, node: cst.CSTNode) -> int:
    above = [node, *module.above(node)]
    statement = next(part for part in above if module.parent(part) is module.tree)
    start = module.lines.whole(*module.span(statement))[0]
    lines = _leading_lines(statement)
    while lines and lines.pop().comment is not None:
        start = module.lines.whole(start - 1, start - 1)[0]
    return start


def dedented(module: Module, block: cst.With) -> str | None:
    """Return the statements of a block with the indentation of the block; None where a text has lines of its own."""
    if not isinstance(block.body, cst.IndentedBlock):
        return None
    texts = [node for node in module.inside(block.body) if isinstance(node, cst.SimpleString | cst.FormattedString)]
    if any("\n" in module.text(node) for node in texts):
        return None
    first, last = block.body.body[0], block.body.body[-1]
    return _indented_otherwise(module, first, last, module.indentation(block))


def dedented_statement(module: Module, line: cst.CSTNode, indentation: str) -> str:
    """Return a statement with its comments, indented otherwise."""
    return _indented_otherwise(module, line, line, indentation)


def _indented_otherwise(module: Module, first: cst.CSTNode, last: cst.CSTNode, indentation: str) -> str:
    start, end = module.lines.whole(*module.span(first))[0], module.lines.whole(*module.span(last))[1]
    above = list(_leading_lines(first))
    while above and above.pop().comment is not None:
        start = module.lines.whole(start - 1, start - 1)[0]
    inner = module.indentation(first)
    parts = module.source[start:end].splitlines(keepends=True)
    text = "".join(part.replace(inner, indentation, 1) if part.startswith(inner) else part for part in parts)
    return text if text.endswith("\n") else text + module.newline


def written_lines(module: Module, lines: Iterable[str], indentation: str) -> str:
    """Return new lines, indented, and folded where they are longer than formatters leave lines of this module."""
    longest = max(map(len, module.source.splitlines()), default=0)
    width = longest if WIDTH < longest <= MOST_WIDTH else WIDTH
    indented = [indentation + line if line else "" for line in lines]
    return "".join(part + module.newline for line in indented for part in fitted(line, width))


def free(wanted: str, taken: set[str]) -> str:
    """Return a name that is not taken; from then on it is."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    taken.add(name)
    return name


def bound(module: Module, statements: Iterable[cst.CSTNode]) -> set[str]:
    return {target.value for statement in statements for target in targets_of(module, statement)}


def targets_of(module: Module, statement: cst.CSTNode) -> list[cst.Name]:
    found = [node for node in module.inside(statement) if isinstance(node, cst.AssignTarget | cst.AugAssign)]
    return [node.target for node in found if isinstance(node.target, cst.Name)]


def only_binds_names(statement: cst.CSTNode) -> bool:
    """Return whether a statement does nothing but bind single names, in branches or not."""
    if isinstance(statement, cst.If):
        branches: Sequence[cst.CSTNode] = statement.body.body
        other = statement.orelse
        rest = [other] if isinstance(other, cst.If) else list(other.body.body) if other is not None else []
        return all(only_binds_names(part) for part in [*branches, *rest])
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    only = statement.body[0]
    if isinstance(only, cst.Assign):
        return len(only.targets) == 1 and isinstance(only.targets[0].target, cst.Name)
    return isinstance(only, cst.AugAssign) and isinstance(only.target, cst.Name)
