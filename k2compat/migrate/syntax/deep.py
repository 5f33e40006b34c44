"""Parses text with expressions that nest deeply, such as sums of thousands of terms.

libcst takes time in the cube of the depth, and crashes in the end. So what is deep is cut out, parsed by itself and put
back: each part is a name in the text around it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import cast

import libcst as cst

from k2compat.migrate.syntax.edits import Lines

DEEPEST = 200  # expressions in each other that are parsed at once; one with fewer characters has no more
# What may stand wherever a name may, and can be read by itself.
CUT = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Attribute, ast.Subscript, ast.IfExp, ast.Lambda)
CLOSED = (ast.JoinedStr,)  # places in f-strings are not those of the text, before Python 3.12


@dataclass
class Part:
    """A part of a text.

    Attributes:
        start, end: where it is.
        inner: the parts in it.
    """

    start: int
    end: int
    inner: list[Part] = field(default_factory=list)


def parse(text: str, statements: Iterable[ast.AST]) -> cst.Module:
    """Parse a text.

    Args:
        text: the source.
        statements: the statements of ``ast`` in it.

    Raises:
        ParserSyntaxError: libcst cannot parse it.
    """
    parts = list(_parts(text, statements))
    if len(parts) == 1:
        return cst.parse_module(text)
    word = next(word for word in (f"part{number}_" for number in count()) if word not in text)
    names = {id(part): f"{word}{number}" for number, part in enumerate(parts)}
    whole = cst.parse_module(_shorn(text, parts[0], names))
    trees: dict[str, cst.BaseExpression] = {}
    for part in reversed(parts[1:]):  # the innermost first
        tree = cst.parse_expression(f"({_shorn(text, part, names)})", whole.config_for_parsing)
        bare = tree.with_changes(lpar=tree.lpar[1:], rpar=tree.rpar[:-1])
        trees[names[id(part)]] = cast(cst.BaseExpression, bare.visit(_Joined(trees, is_inside=True)))
    return whole.visit(_Joined(trees))


def _parts(text: str, statements: Iterable[ast.AST]) -> Iterator[Part]:
    """Yield the text itself, and all parts to cut out of it, each after the one it is in."""
    whole = Part(0, len(text))
    yield whole
    lines = Lines(text)
    waiting: list[tuple[ast.AST, int, Part]] = [(node, 0, whole) for node in _long(text, statements, lines)]
    while waiting:
        node, depth, owner = waiting.pop()
        if isinstance(node, CLOSED):
            continue
        if depth >= DEEPEST and isinstance(node, CUT) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            part = Part(*_span(text, node, lines))
            if not re.match(r"\w", text[part.start - 1 : part.start] + " ") and not re.match(r"\w", text[part.end :]):
                owner.inner.append(part)
                yield part
                depth, owner = 0, part
        waiting += [(inner, depth + 1, owner) for inner in ast.iter_child_nodes(node)]


def _long(text: str, statements: Iterable[ast.AST], lines: Lines) -> Iterator[ast.expr]:
    """Yield the outermost expressions that are long enough to be deep."""
    waiting = list(statements)
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case | ast.withitem | ast.arguments):
                waiting.append(node)
            elif isinstance(node, ast.expr):
                start, end = _span(text, node, lines)
                if end - start > DEEPEST:
                    yield node


def _span(text: str, node: ast.expr, lines: Lines) -> tuple[int, int]:
    def place(line: int, column: int) -> int:
        """Return an offset; columns are bytes in UTF-8."""
        start = lines.starts[line - 1]
        ahead = text[start : start + column]
        return start + (column if ahead.isascii() else len(ahead.encode()[:column].decode()))

    return place(node.lineno, node.col_offset), place(node.end_lineno or 0, node.end_col_offset or 0)


def _shorn(text: str, part: Part, names: dict[int, str]) -> str:
    """Return the text of a part, with names for the parts in it."""
    pieces, place = [], part.start
    for inner in sorted(part.inner, key=lambda inner: inner.start):
        pieces += [text[place : inner.start], names[id(inner)]]
        place = inner.end
    return "".join([*pieces, text[place : part.end]])


class _Joined(cst.CSTTransformer):
    """Puts parts in the place of their names.

    Args:
        trees: the parts, by their names.
        is_inside: whether this is a part itself, whose lines have all of their blanks.
    """

    def __init__(self, trees: dict[str, cst.BaseExpression], is_inside: bool = False):
        super().__init__()
        self._trees, self._is_inside = trees, is_inside

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        tree = self._trees.get(updated_node.value)
        if tree is None:
            return updated_node
        return tree.with_changes(lpar=[*updated_node.lpar, *tree.lpar], rpar=[*tree.rpar, *updated_node.rpar])

    def leave_EmptyLine(self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine) -> cst.EmptyLine:
        return updated_node.with_changes(indent=False) if self._is_inside else updated_node

    def leave_ParenthesizedWhitespace(
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        return updated_node.with_changes(indent=False) if self._is_inside else updated_node
