"""One quick pass over a libcst tree: nodes by class, the node around each, scopes; and one over its code: spans.

libcst's own metadata providers give the same and more, in several times the time: they visit each blank as well.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator
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
ROWS = frozenset([cst.Tuple, cst.List, cst.Element, cst.StarredElement])
# Names in these fields are no names of the scope.
NO_NAMES = frozenset(
    [(cst.Attribute, "attr"), (cst.Arg, "keyword"), (cst.ImportAlias, "name"), (cst.ImportFrom, "module")]
)
COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
# What else fields are. By class, as isinstance takes its time for nodes, which are abstract.
SEQUENCES = frozenset([tuple, list])
NO_NODES = frozenset([str, bool, cst.MaybeSentinel])
BINDERS = frozenset([cst.Name, cst.Import, cst.ImportFrom, cst.Global, cst.Nonlocal])
# Fields in the order of the text, of classes that have them in another.
_IN_ORDER: dict[type[cst.CSTNode], str] = {
    cst.Arg: "keyword value",
    cst.ClassDef: "decorators name type_parameters bases keywords body",
    cst.ExceptHandler: "type name body",
    cst.ExceptStarHandler: "type name body",
    cst.FunctionDef: "decorators asynchronous name type_parameters params returns body",
    cst.IfExp: "body test orelse",
    cst.MatchCase: "pattern guard body",
    cst.Parameters: "posonly_params posonly_ind params star_arg kwonly_params star_kwarg",
    cst.TypeAlias: "name type_parameters value",
}

Span = tuple[int, int]
Item = tuple[cst.CSTNode, cst.CSTNode, Scope | None, bool]  # node, the node around it, scope, whether it is bound


@cache
def fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """Return the fields of a class of nodes that have a meaning, in the order of the text."""
    if kind in _IN_ORDER:
        return tuple(_IN_ORDER[kind].split())
    names = (field.name for field in dataclasses.fields(kind))
    return tuple(name for name in names if name not in PUNCTUATION and "whitespace" not in name)


@cache
def _plan(kind: type[cst.CSTNode]) -> tuple[tuple[str, bool, bool], ...]:
    """Return the fields of a class of nodes: name, whether its names are outside the scope, whether they are bound."""
    return tuple((name, (kind, name) in NO_NAMES, (kind, name) in STORES) for name in fields(kind))


def children(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    """Yield the parts of a node that have a meaning, with the field each is in."""
    for name in fields(type(node)):
        value = getattr(node, name)
        if type(value) in SEQUENCES:
            yield from ((name, part) for part in value)
        elif value is not None and type(value) not in NO_NODES:
            yield name, value


class Tree:
    """The nodes of a module that have a meaning: no blanks, commas, brackets.

    Nodes are looked up by their ``id``, as their own hash takes several times as long.

    Attributes:
        by_class: class -> its nodes.
        parents: id of a node -> the node around it.
        parts: id of a node -> the nodes right in it, in the order of the text.
        scopes: id of a node -> the scope it is in; names that are none of a scope (attributes, keywords) have none.
    """

    def __init__(self, module: cst.Module):
        self.by_class: dict[type, list[cst.CSTNode]] = defaultdict(list)
        self.parents: dict[int, cst.CSTNode] = {}
        self.parts: dict[int, list[cst.CSTNode]] = {}
        self.scopes: dict[int, Scope | None] = {}
        # Not recursive: sums of thousands of terms nest as deep.
        waiting: list[Item] = [(module, module, GlobalScope(), False)]
        while waiting:
            node, parent, scope, bound = waiting.pop()
            kind, key = type(node), id(node)
            self.by_class[kind].append(node)
            self.scopes[key] = scope
            if node is not parent:
                self.parents[key] = parent
            if scope is not None and kind in BINDERS:
                self._bind(node, scope, bound)
            making = _MAKES_SCOPE.get(kind)
            items = self._plain(node, scope, bound) if scope is None or making is None else making(self, node, scope)
            self.parts[key] = [item[0] for item in items]
            waiting += reversed(items)

    def _plain(self, node: cst.CSTNode, scope: Scope | None, bound: bool) -> list[Item]:
        kind = type(node)
        row = bound and kind in ROWS
        items: list[Item] = []
        for name, nameless, stores in _plan(kind):
            value = getattr(node, name)
            if value is None or type(value) in NO_NODES:
                continue
            of_import = kind is cst.AsName and isinstance(self.parents[id(node)], cst.ImportAlias)
            inner = None if nameless or of_import else scope
            if type(value) in SEQUENCES:
                items += [(part, node, inner, row or stores) for part in value]
            else:
                items.append((value, node, inner, row or stores))
        return items

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

    def _definition(self, node: cst.FunctionDef | cst.Lambda | cst.ClassDef, scope: Scope) -> list[Item]:
        kind = ClassScope if isinstance(node, cst.ClassDef) else FunctionScope
        inner = kind(scope, node, None)
        if not isinstance(node, cst.Lambda):
            scope.record_assignment(node.name.value, node)
        within = ("params", "body", "type_parameters")
        return [(part, node, inner if name in within else scope, False) for name, part in children(node)]

    def _parameter(self, node: cst.Param, scope: Scope) -> list[Item]:
        """Return the name is bound inside, defaults and annotations are read outside."""
        scope.record_assignment(node.name.value, node)
        outside = scope.parent
        return [(part, node, scope if name == "name" else outside, False) for name, part in children(node)]

    def _comprehension(self, node: Any, scope: Scope) -> list[Item]:
        inner = ComprehensionScope(scope, node, None)
        return [(part, node, inner, False) for _, part in children(node)]


_MAKES_SCOPE: dict[type[cst.CSTNode], Callable[[Tree, Any, Scope], list[Item]]] = {
    **dict.fromkeys((cst.FunctionDef, cst.Lambda, cst.ClassDef), Tree._definition),
    **dict.fromkeys(COMPREHENSIONS, Tree._comprehension),
    cst.Param: Tree._parameter,
}


class Spans(SpanProvidingCodegenState):
    """Writes a tree's code and notes where each node begins and ends, in characters, without parentheses around it.

    Attributes:
        code: what was written.
        spans: id of a node -> its first character, the one behind its last. Blanks in a line have none.
        is_indented: whether there is an indented block.
    """

    def __init__(self, module: cst.Module):
        super().__init__(module.default_indent, module.default_newline, provider=None)  # type: ignore[arg-type]
        self.spans: dict[int, Span] = {}
        self.is_indented = False
        self._starts: list[int] = []
        module._codegen(self)
        self.code = "".join(self.tokens)

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.position += len(value)

    def increase_indent(self, value: str) -> None:
        super().increase_indent(value)
        self.is_indented = True

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._starts.append(self.position)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._starts.pop()
        if type(node) is not cst.SimpleWhitespace:
            self.spans.setdefault(id(node), (start, self.position))

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
        start = spans[id(self._start_node)][0] if self._start_node is not None else self._start
        end = spans[id(self._end_node)][1] if self._end_node is not None else self._writer.position
        spans[id(self._node)] = start, end
