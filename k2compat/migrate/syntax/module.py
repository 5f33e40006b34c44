"""A parsed module as the rules see it: its nodes in order, what names refer to, and helpers that make edits."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeVar

import libcst as cst
from libcst.metadata import Scope

from k2compat.migrate.syntax.edits import Change, Edit, Lines, ManualWork
from k2compat.migrate.syntax.incremental import Pieces
from k2compat.migrate.syntax.names import Exports, Resolver
from k2compat.migrate.syntax.tree import Tree
from k2compat.migrate.syntax.why_not import why_not_parsed

Node = TypeVar("Node", bound=cst.CSTNode)
Part = TypeVar("Part", cst.Arg, cst.ImportAlias, cst.Param)
# What only `nodes` of these classes has to look for in all of the tree.
BLANKS = (cst.BaseParenthesizableWhitespace, cst.Comment, cst.EmptyLine, cst.TrailingWhitespace, cst.Newline)
STATEMENTS = (cst.SimpleStatementLine, cst.SimpleStatementSuite, cst.BaseCompoundStatement)


class CannotParse(Exception):
    """A text that is not Python 3, or that libcst does not give back as it was."""


class NoExports:
    """For a text that is in no project."""

    def lookup(self, dotted: str) -> str | None:
        return None

    def absolute(self, module: str, level: int) -> str | None:
        return None

    def star(self, module: str, name: str) -> str | None:
        return None

    def holds(self, package: str) -> bool:
        return False

    def is_wanted(self, name: str) -> bool:
        return False

    def defines(self, dotted: str, method: str = "") -> bool:
        return False


class Everything(cst.CSTVisitor):
    """Collects all nodes of a tree by class, blanks and comments too."""

    def __init__(self) -> None:
        self.by_class: dict[type, list[cst.CSTNode]] = {}

    def on_visit(self, node: cst.CSTNode) -> bool:
        self.by_class.setdefault(type(node), []).append(node)
        return True


class Module:
    """One version of a text, parsed.

    Args:
        text: the source, without a byte order mark.
        exports: what other files of the project export.
        earlier: the text before some edits; what they left as it was is not parsed again.

    Raises:
        CannotParse: it is not Python 3.
    """

    def __init__(self, text: str, exports: Exports | None = None, earlier: Module | None = None):
        self.source = text
        # libcst drops form feeds and lone carriage returns, and loses its way in last lines that are only blanks; \r\n
        # is kept, so that offsets are those of the text.
        parsed = re.sub(r"(\r\n|\r|\n)\s*[ \t]\s*\Z", r"\1", text.replace("\f", ""))
        parsed = "\r\n".join(part.replace("\r", "\n") for part in parsed.split("\r\n"))
        self._feeds = [place - number for number, place in enumerate(_places(text, "\f"))]
        try:
            self._pieces: Pieces = Pieces(parsed, earlier._pieces if earlier is not None else None)
        except (cst.ParserSyntaxError, RecursionError) as problem:
            raise CannotParse(why_not_parsed(text, problem)) from problem
        if not self._pieces.is_same:
            raise CannotParse(why_not_parsed(text))
        self.tree, self._spans = self._pieces.tree, self._pieces.spans
        tree = Tree(self.tree)
        self._by_class, self._parents, self._scopes = tree.by_class, tree.parents, tree.scopes
        self._parts = tree.parts
        self._sorted: dict[type, list[cst.CSTNode]] = {}
        self.exports: Exports = exports or NoExports()
        self.resolver = Resolver(self._scopes, self._parents, self.exports)
        for statement in self.nodes(cst.ImportFrom):
            if isinstance(statement.names, cst.ImportStar):
                self.resolver.add_star(statement)

    # Nodes

    def nodes(self, kind: type[Node]) -> list[Node]:
        """Return all nodes of a class, in the order of the text; those around others first."""
        if kind not in self._sorted:
            found = self._by_class.get(kind) or (self._everything.get(kind, []) if issubclass(kind, BLANKS) else [])
            self._sorted[kind] = sorted(found, key=self._order)
        return self._sorted[kind]  # type: ignore[return-value]

    def named(self, text: str) -> list[cst.Name]:
        """Return all names of this spelling, in the order of the text."""
        return self.names.get(text, [])

    def _order(self, node: cst.CSTNode) -> tuple[int, int]:
        start, end = self._spans[id(node)]
        return start, -end

    @cached_property
    def names(self) -> dict[str, list[cst.Name]]:
        """Return all names by their spelling; see ``named``."""
        names: dict[str, list[cst.Name]] = {}
        for node in self.nodes(cst.Name):
            names.setdefault(node.value, []).append(node)
        return names

    @cached_property
    def _everything(self) -> dict[type, list[cst.CSTNode]]:
        visitor = Everything()
        self.tree.visit(visitor)
        return visitor.by_class

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node around a node; None for the module."""
        return self._parents.get(id(node))

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes around a node, the innermost first."""
        while (parent := self._parents.get(id(node))) is not None:
            yield parent
            node = parent

    def parts(self, node: cst.CSTNode) -> Sequence[cst.CSTNode]:
        """Return the nodes right in a node that have a meaning, in the order of the text."""
        return self._parts[id(node)]

    def inside(self, node: cst.CSTNode, closed: Callable[[cst.CSTNode], bool] | None = None) -> Iterator[cst.CSTNode]:
        """Yield a node and all nodes in it, the last first, but for those that are ``closed``, and what is in these."""
        pending = [node]
        while pending:
            node = pending.pop()
            if closed is None or not closed(node):
                yield node
                pending += self._parts[id(node)]

    def statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the statement line (or compound statement, for a node in its head) that a node is in, or is."""
        return next((found for found in (node, *self.above(node)) if isinstance(found, STATEMENTS)), self.tree)

    def scope(self, node: cst.CSTNode) -> Scope | None:
        """Return the scope a node is in."""
        return self._scopes.get(id(node))

    def refers_to(self, node: cst.CSTNode) -> str | None:
        """Return the dotted name an expression refers to, as ``keras.backend.mean``; None where that is not known."""
        return self.resolver.refers_to(node)

    def calls(self, *names: str) -> Iterator[cst.Call]:
        """Yield the calls of functions with one of these dotted names."""
        yield from (call for call in self.nodes(cst.Call) if self.refers_to(call.func) in names)

    def imports(self) -> list[cst.Import | cst.ImportFrom]:
        """Return all import statements, but for the order of the two kinds in the order of the text."""
        return [*self.nodes(cst.Import), *self.nodes(cst.ImportFrom)]

    def is_imported_name(self, node: cst.CSTNode) -> bool:
        """Return whether a node is part of an import statement."""
        return id(node) in self._in_imports

    @cached_property
    def _in_imports(self) -> set[int]:
        return {id(part) for found in self.imports() for part in self.inside(found) if part is not found}

    # Places

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return where a node begins and ends in the text, without parentheses around it."""
        start, end = self._spans[id(node)]
        return self._with_feeds(start), self._with_feeds(end, at_end=True)

    def whole(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return where an expression begins and ends, with the parentheses around it."""
        left: Sequence[cst.LeftParen] = getattr(node, "lpar", [])
        right: Sequence[cst.RightParen] = getattr(node, "rpar", [])
        start, end = self.span(node)
        return (self.span(left[0])[0], self.span(right[-1])[1]) if left else (start, end)

    def _with_feeds(self, place: int, at_end: bool = False) -> int:
        return place + bisect_right(self._feeds, place - 1 if at_end else place)

    def text(self, node: cst.CSTNode) -> str:
        """Return a node as it is written, without parentheses around it."""
        start, end = self.span(node)
        return self.source[start:end]

    @cached_property
    def lines(self) -> Lines:
        """Return where the lines of the text are."""
        return Lines(self.source)

    def line_of(self, node: cst.CSTNode) -> int:
        """Return the line a node begins in, counted from 1."""
        return self.lines.line(self.span(node)[0])

    def indentation(self, node: cst.CSTNode) -> str:
        """Return the blanks before the statement a node is in."""
        start = self.span(self.statement(node))[0]
        line = self.source[self.lines.whole(start, start)[0] : start]
        return line if not line.strip() else ""

    @cached_property
    def newline(self) -> str:
        """Return how lines end in this text."""
        crlf = self.source.count("\r\n")
        return "\r\n" if crlf * 2 > self.source.count("\n") else "\n"

    # Edits

    def replace(self, node: cst.CSTNode, text: str) -> Edit:
        """Write something in the place of a node; parentheses around it stay."""
        return Edit(*self.span(node), text)

    def drop_arguments(self, call: cst.Call, dropped: Iterable[cst.Arg]) -> list[Edit]:
        """Take arguments out of a call, with their commas."""
        return self.drop_parts(call.args, dropped)

    def drop_parts(self, parts: Sequence[Part], dropped: Iterable[Part]) -> list[Edit]:
        """Take parts out of a row with commas between them (arguments, imported names)."""
        gone = set(dropped)
        edits: list[Edit] = []
        kept_end: int | None = None  # where the last part that stays ends
        pending: int | None = None  # where a run of dropped ones begins
        end = 0
        for part in parts:
            start, end = self.span(part)
            if part in gone:
                pending = start if pending is None else pending
            else:
                edits += [Edit(pending, start, "")] if pending is not None else []
                kept_end, pending = end, None
        if pending is not None and kept_end is not None:  # a comma after the last part stays, before it goes
            edits.append(Edit(kept_end, end, ""))
        elif pending is not None:
            comma = parts[-1].comma
            edits.append(Edit(pending, self.span(comma)[1] if isinstance(comma, cst.Comma) else end, ""))
        return edits

    def argument(self, call: cst.Call, name: str, position: int | None = None) -> cst.Arg | None:
        """Return the argument given for a parameter, by its name or, if a position is given, by that (from 0).

        None where it is not given, or is not known because of ``*args``.
        """
        for argument in call.args:
            if argument.keyword is not None and argument.keyword.value == name:
                return argument
        if position is None or position >= len(call.args):
            return None
        before = call.args[: position + 1]
        return before[-1] if all(not argument.star and argument.keyword is None for argument in before) else None

    def rename_argument(self, argument: cst.Arg, name: str) -> Edit:
        """Give a keyword argument another name."""
        if argument.keyword is None:
            raise ValueError(f"a positional argument has no name to change to {name}")
        return self.replace(argument.keyword, name)

    def drop_statement(self, small: cst.BaseSmallStatement) -> Edit:
        """Take out one simple statement: its line, its part of ``a; b``, or, alone in a block, for a ``pass``."""
        line = self._parents[id(small)]
        start, end = self.span(small)
        siblings: Sequence[cst.BaseSmallStatement] = line.body  # type: ignore[attr-defined]
        number = list(siblings).index(small)
        if number + 1 < len(siblings):
            return Edit(start, self.span(siblings[number + 1])[0], "")
        if number > 0:
            return Edit(self.span(siblings[number - 1])[1], end, "")
        block = self._parents.get(id(line))
        if isinstance(line, cst.SimpleStatementSuite) or (
            isinstance(block, cst.IndentedBlock) and len(block.body) == 1
        ):
            return Edit(start, end, "pass")
        return Edit(*self.lines.whole(start, end), "")

    def insert_line(self, text: str, beside: cst.CSTNode, *, above: bool = False) -> Edit:
        """Write a statement on a line of its own below (or above) the statement a node is in, indented like that.

        In ``if x: a`` it is written beside it, after a semicolon.
        """
        statement = self.statement(beside)
        start, end = self.span(statement)
        if isinstance(statement, cst.SimpleStatementSuite):
            return Edit(start, start, f"{text}; ") if above else Edit(end, end, f"; {text}")
        first, following = self.lines.whole(start, end)
        line = self.indentation(statement) + text + self.newline
        if above:
            return Edit(first, first, line)
        if self.source[first:following].endswith(("\n", "\r")):
            return Edit(following, following, line)
        return Edit(following, following, self.newline + line.removesuffix(self.newline))

    def add_import(self, text: str, beside: cst.CSTNode | None = None) -> list[Edit]:
        """Add an import, unless the module has that very line at its top level already.

        Equal requests of several changes become one line.

        Args:
            text: ``from k2compat import backend as K``.
            beside: the import below which it is written; by default the first top-level import of a Keras, TensorFlow
                or k2compat, else the docstring and the ``__future__`` imports.
        """
        imports = self._top_imports
        if beside is None and any(written.strip() == text for _, written in imports):
            return []
        if beside is None:
            of_keras = (line for line, written in imports if re.search(r"keras|tensorflow|k2compat", written))
            beside = next(of_keras, None)
        if beside is None:
            first = self.tree.body[:1] if self.tree.get_docstring(clean=False) is not None else []
            future = [line for line, written in imports if re.match(r"from\s+__future__\b", written)]
            beside = [*first, *future][-1] if first or future else None
        if beside is not None:
            return [self.insert_line(text, beside)]
        start = self.span(self.tree.body[0])[0] if self.tree.body else len(self.source)
        start = self.lines.whole(start, start)[0] if self.tree.body else start
        return [Edit(start, start, text + self.newline)]

    @cached_property
    def _top_imports(self) -> list[tuple[cst.SimpleStatementLine, str]]:
        """Return the lines at the top level that begin with an import, and what is written there."""
        lines = [line for line in self.tree.body if isinstance(line, cst.SimpleStatementLine)]
        return [(line, self.text(line)) for line in lines if isinstance(line.body[0], cst.Import | cst.ImportFrom)]

    def comments(self, start: int, end: int) -> list[str]:
        """Return the comments in a range of the text."""
        if "#" not in self.source[start:end]:
            return []
        spans = [self.span(comment) for comment in self.nodes(cst.Comment)]
        return [self.source[first:last] for first, last in spans if start <= first and last <= end]

    def comment_behind(self, node: cst.CSTNode) -> str:
        """Return the comment behind a node in its last line, with the blanks before it; "" if there is none."""
        end = self.span(node)[1]
        rest = self.source[end : self.lines.whole(end, end)[1]].rstrip()
        return rest if rest.lstrip().startswith("#") else ""

    # Results

    def change(
        self, node: cst.CSTNode, message: str, *edits: Edit | Iterable[Edit], together: Hashable = None
    ) -> Change:
        """Return edits that are made together or not at all; reports name the place of ``node``.

        Args:
            node: what is changed.
            message: what is done, in one line.
            edits: what is done to the text.
            together: changes of a rule for which this is equal (and not None) are made together or not at all, too.
        """
        flat = [edit for given in edits for edit in ([given] if isinstance(given, Edit) else given)]
        return Change(self.span(node)[0], message, tuple(flat), together)

    def manual(self, node: cst.CSTNode, message: str, advice: str) -> ManualWork:
        """Return something that needs manual work, at the place of ``node``."""
        return ManualWork(self.span(node)[0], message, advice)


def _places(text: str, character: str) -> Iterator[int]:
    place = text.find(character)
    while place >= 0:
        yield place
        place = text.find(character, place + 1)
