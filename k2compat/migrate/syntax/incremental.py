"""A text in pieces: its top-level statements, each parsed by itself, so that those no edit changed are parsed once."""

from __future__ import annotations

import ast
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, pairwise

import libcst as cst

from k2compat.migrate.syntax import deep
from k2compat.migrate.syntax.edits import Lines
from k2compat.migrate.syntax.tree import Span, Spans

# In front of all pieces but the first: the lines above a statement are its own then, and not the head of a module.
ABOVE = "pass\n"
TOO_DEEP = "too many nested parentheses"  # Python's own limit is 200
COMMENT = re.compile(r"([ \t]*)#")


class Piece:
    """One top-level statement, or those that share a line, with the lines above.

    Attributes:
        module: the parsed piece.
        body: its statements.
        spans: id of a node -> where it begins and ends in the piece, behind ``ABOVE``.
        is_same: whether libcst gives the piece back as it is.
        is_indented: whether it has an indented block.
    """

    def __init__(self, text: str, is_first: bool):
        above = "" if is_first else ABOVE
        self.key = text, is_first
        self.module = deep.parse(above + text, _statements(above + text) if len(text) > deep.DEEPEST else ())
        self.body = self.module.body if is_first else self.module.body[1:]
        written = Spans(self.module)
        self.spans = written.spans
        self.is_same = written.code == above + text
        self.is_indented = written.is_indented


class Pieces:
    """A parsed text.

    Args:
        text: what is parsed.
        earlier: an earlier version of it, some of whose pieces may be in it still.

    Attributes:
        tree: the module.
        spans: id of a node -> where it begins and ends in the text, without parentheses around it.
        is_same: whether libcst gives the text back as it is.

    Raises:
        ParserSyntaxError: it is not Python 3.
        RecursionError: it is nested too deeply.
    """

    _pieces: list[Piece]

    def __init__(self, text: str, earlier: Pieces | None = None):
        known: defaultdict[tuple[str, bool], list[Piece]] = defaultdict(list)
        for piece in earlier._pieces if earlier is not None else ():
            known[piece.key].append(piece)
        parts = list(_parts(text))
        try:
            # Each is taken once: what is written twice in the text is two nodes.
            keys = ((part, number == 0) for number, part in enumerate(parts))
            self._pieces = [known[key].pop() if known[key] else Piece(*key) for key in keys]
        except cst.ParserSyntaxError:
            parts = [text]  # for its line, and what is Python only as a whole
            self._pieces = [Piece(text, is_first=True)]
        self.is_same = all(piece.is_same for piece in self._pieces)
        self.tree = self._joined()
        self.spans: dict[int, Span] = {}
        for piece, place in zip(self._pieces, accumulate(map(len, parts), initial=0), strict=False):
            shift = place - len(ABOVE) if place else 0
            self.spans |= {key: (start + shift, end + shift) for key, (start, end) in piece.spans.items()}
        self.spans[id(self.tree)] = 0, len(text)

    def _joined(self) -> cst.Module:
        modules = [piece.module for piece in self._pieces]
        indents = (piece.module.default_indent for piece in self._pieces if piece.is_indented)
        return modules[0].with_changes(
            body=[statement for piece in self._pieces for statement in piece.body],
            footer=[line for module in modules for line in module.footer],
            default_indent=next(indents, modules[0].default_indent),
            has_trailing_newline=modules[-1].has_trailing_newline,
        )


def _parts(text: str) -> Iterator[str]:
    """Return a text cut between its top-level statements.

    Comments and blank lines belong to what is below them, but for comments that are indented as a block above them is.
    """
    starts = Lines(text).starts
    cuts = [0]
    for statement, following in pairwise(_statements(text)):
        last = statement.end_lineno or 0
        decorators = getattr(following, "decorator_list", [])
        first = min(node.lineno for node in (following, *decorators))
        if first <= last:
            continue
        block: list[ast.stmt] = getattr(statement, "body", [])
        if block and block[0].lineno > statement.lineno:
            comments = ((line, COMMENT.match(text, starts[line - 1])) for line in range(last + 1, first))
            deep = (line for line, found in comments if found and len(found[1]) >= block[0].col_offset)
            last = max(deep, default=last)
        cuts.append(starts[last])
    return (text[start:end] for start, end in pairwise([*cuts, len(text)]))


def _statements(text: str) -> list[ast.stmt]:
    """Return the top-level statements; none where this Python cannot parse them, and libcst may.

    Raises:
        RecursionError: it is nested too deeply, for which libcst would crash.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text).body
        except MemoryError as problem:
            raise RecursionError from problem
        except SyntaxError as problem:
            if problem.msg == TOO_DEEP:
                raise RecursionError from problem
            return []
        except ValueError:
            return []
