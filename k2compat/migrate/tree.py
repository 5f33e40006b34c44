"""One quick pass over a libcst tree: nodes by class, the node around each, scopes; and one over its code: spans.

libcst's own metadata providers give the same and more, in several times the time: they visit each blank as well.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from types import TracebackType
from typing import Any

import libcst as cst
from libcst.metadata import ClassScope, ComprehensionScope, FunctionScope, GlobalScope, Scope
from libcst.metadata.span_provider import SpanProvidingCodegenState

# Fields that hold blanks, commas, brackets and the like, which have no meaning for a rule.
_PUNCTUATION = (
    "leading_lines lines_after_decorators header footer lpar rpar comma dot equal semicolon lbracket rbracket lbrace "
    "rbrace indent newline colon"
)
PUNCTUATION = frozenset(_PUNCTUATION.split())
# Fields whose names are bound.
STORES = frozenset(
    [
        (cst.AssignTarget, "target"),
        (cst.AnnAssign, "target"),
        (cst.AugAssign, "target"),
        (cst.NamedExpr, "target"),
        (cst.For, "target"),
        (cst.CompFor, "target"),
        (cst.AsName, "name"),
        (cst.MatchAs, "name"),
        (cst.MatchStar, "name"),
        (cst.MatchMapping, "rest"),
    ]
)
# Nodes that hand on to their parts whether they are bound.
ROWS = (cst.Tuple, cst.List, cst.Element, cst.StarredElement)
# Names in these fields are no names of the scope.
NO_NAMES = frozenset(
    [(cst.Attribute, "attr"), (cst.Arg, "keyword"), (cst.ImportAlias, "name"), (cst.ImportFrom, "module")]
)
COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)

Item = tuple[cst.CSTNode, cst.CSTNode, Scope | None, bool]  # node, the node around it, scope, whether it is bound


@cache
def fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """The fields of a class of nodes that have a meaning."""
    names = (field.name for field in dataclasses.fields(kind))
    return tuple(name for name in names if name not in PUNCTUATION and "whitespace" not in name)


def children(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    """The parts of a node that have a meaning, with the field each is in."""
    for name in fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield name, value
        elif isinstance(value, tuple | list):
            yield from ((name, part) for part in value if isinstance(part, cst.CSTNode))


class Tree:
    """The nodes of a module.

    Attributes:
        by_class: class -> its nodes.
        parents: node -> the node around it.
        scopes: node -> the scope it is in; names that are no names of a scope (attributes, keywords) have none.
    """

    def __init__(self, module: cst.Module):
        self.by_class: dict[type, list[cst.CSTNode]] = {}
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self.scopes: dict[cst.CSTNode, Scope | None] = {}
        # Not recursive: sums of thousands of terms nest as deep.
        waiting: list[Item] = [(module, module, GlobalScope(), False)]
        while waiting:
            node, parent, scope, bound = waiting.pop()
            self.by_class.setdefault(type(node), []).append(node)
            self.scopes[node] = scope
            if node is not parent:
                self.parents[node] = parent
            waiting += reversed(list(self._parts(node, scope, bound)))

    def _parts(self, node: cst.CSTNode, scope: Scope | None, bound: bool) -> Iterator[Item]:
        kind = type(node)
        if scope is None:
            yield from ((part, node, None, False) for _, part in children(node))
        elif isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            yield from self._definition(node, scope)
        elif isinstance(node, COMPREHENSIONS):
            yield from self._comprehension(node, scope)
        else:
            self._bind(node, scope, bound)
            row = bound and isinstance(node, ROWS)
            for name, part in children(node):
                none = (kind, name) in NO_NAMES or (
                    kind is cst.AsName and isinstance(self.parents[node], cst.ImportAlias)
                )
                yield part, node, None if none else scope, row or (kind, name) in STORES

    @staticmethod
    def _bind(node: cst.CSTNode, scope: Scope, bound: bool) -> None:
        if isinstance(node, cst.Name):
            if bound:
                scope.record_assignment(node.value, node)
        elif isinstance(node, cst.Import | cst.ImportFrom):
            for alias in node.names if not isinstance(node.names, cst.ImportStar) else ():
                name = alias.asname.name if alias.asname else alias.name
                first = name
                while isinstance(first, cst.Attribute):
                    first = first.value  # type: ignore[assignment]
                if isinstance(first, cst.Name):
                    scope.record_import_assignment(first.value, node, name)
        elif isinstance(node, cst.Global | cst.Nonlocal):
            record = scope.record_global_overwrite if isinstance(node, cst.Global) else scope.record_nonlocal_overwrite
            for item in node.names:
                record(item.name.value)

    def _definition(self, node: cst.FunctionDef | cst.Lambda | cst.ClassDef, scope: Scope) -> Iterator[Item]:
        kind = ClassScope if isinstance(node, cst.ClassDef) else FunctionScope
        inner = kind(scope, node, None)
        if not isinstance(node, cst.Lambda):
            scope.record_assignment(node.name.value, node)
        for name, part in children(node):
            if name == "params":
                yield from self._parameters(part, node, scope, inner)
            else:
                yield part, node, inner if name in ("body", "type_parameters") else scope, False

    def _parameters(self, parameters: cst.CSTNode, node: cst.CSTNode, scope: Scope, inner: Scope) -> Iterator[Item]:
        """The parts of parameters: names are bound inside, defaults and annotations are read outside."""
        self.by_class.setdefault(type(parameters), []).append(parameters)
        self.parents[parameters], self.scopes[parameters] = node, inner
        for _, parameter in children(parameters):
            self.by_class.setdefault(type(parameter), []).append(parameter)
            self.parents[parameter], self.scopes[parameter] = parameters, inner
            if isinstance(parameter, cst.Param):
                inner.record_assignment(parameter.name.value, parameter)
            for name, part in children(parameter):
                yield part, parameter, inner if name == "name" else scope, False

    @staticmethod
    def _comprehension(node: Any, scope: Scope) -> Iterator[Item]:
        inner = ComprehensionScope(scope, node, None)
        for _, part in children(node):
            if not isinstance(part, cst.CompFor):
                yield part, node, inner, False
        # The first iterable is read outside.
        yield from ((part, node, inner, False) for _, part in children(node) if isinstance(part, cst.CompFor))


class Spans(SpanProvidingCodegenState):
    """Writes a tree's code and notes where each node begins and ends, in characters, without parentheses around it."""

    def __init__(self, module: cst.Module):
        super().__init__(module.default_indent, module.default_newline, provider=None)  # type: ignore[arg-type]
        self.spans: dict[cst.CSTNode, tuple[int, int]] = {}
        self._starts: list[int] = []
        module._codegen(self)
        self.code = "".join(self.tokens)

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.position += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._starts.append(self.position)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._starts.pop()
        if node not in self.spans:
            self.spans[node] = start, self.position

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _Note:
        return _Note(self, node, start_node, end_node)


class _Note:
    """Notes the span of what is written inside a ``with``."""

    __slots__ = ("_end_node", "_node", "_start", "_start_node", "_writer")

    def __init__(self, writer: Spans, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None):
        self._writer, self._node, self._start_node, self._end_node = writer, node, start_node, end_node

    def __enter__(self) -> None:
        self._start = self._writer.position

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        spans = self._writer.spans
        start = spans[self._start_node][0] if self._start_node is not None else self._start
        end = spans[self._end_node][1] if self._end_node is not None else self._writer.position
        spans[self._node] = start, end
