"""What happens to the statements around a call of ``K.function`` when what it needs moves into a function."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import libcst as cst

from k2compat.migrate.analysis.k_calls import k_name
from k2compat.migrate.analysis.k_function import FunctionCall
from k2compat.migrate.analysis.native_text import NativeText
from k2compat.migrate.analysis.symbolic import NotUnderstood, Symbols
from k2compat.migrate.analysis.tape_slice import Slice
from k2compat.migrate.syntax.edits import Edit
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.statements import blank_lines_left, bound, comments_above, free, removed, targets_of

# Expressions whose parts run several times, or not at all.
SOMETIMES = (cst.BaseComp, cst.Lambda, cst.IfExp, cst.BooleanOperation)


class Moves:
    """Checks that statements can move, and takes them out where they were.

    Args:
        module: the module of the call.
        symbols: its symbolic tensors.
        needed: the call, and what it needs.
        others: statements that other functions need.
    """

    def __init__(self, module: Module, symbols: Symbols, needed: Slice, others: set[cst.CSTNode]):
        self._module, self._symbols, self._slice = module, symbols, needed
        self._found = needed.found
        self._elsewhere = needed.read_elsewhere()
        self._kept = self._kept_for(others)

    def _kept_for(self, others: set[cst.CSTNode]) -> set[cst.CSTNode]:
        """Return the statements that stay as well, as other functions need them."""
        needed = [read for read in self._elsewhere if others & {read, *self._module.above(read)}]
        self._elsewhere = [read for read in self._elsewhere if read not in needed]
        kept: set[cst.CSTNode] = set()
        while needed:
            read = needed.pop()
            for binding in self._symbols.eager.reaching(read):
                above = [binding.node, *self._module.above(binding.node)]
                statement = next((part for part in above if part in self._slice.statements), None)
                if statement is not None and statement not in kept:
                    kept.add(statement)
                    needed += self._slice.computed_from(statement)
        return kept

    # Checks

    def check(self) -> None:
        """Make sure that what moves is not needed elsewhere, and what it needs is not bound again before it runs.

        Raises:
            NotUnderstood: it is.
        """
        module, eager = self._module, self._symbols.eager
        values_after = self.can_be_inline()
        for read in self._elsewhere:
            if not (values_after or self._shape_edit(read)):
                raise NotUnderstood(f"`{read.value}` is also used in line {module.line_of(read)}")
        line = self._slice.line
        loop = next((part for part in module.above(line) if isinstance(part, cst.For | cst.While)), None)
        calls = self._found.calls
        last = max([module.span(call)[1] for call in calls or ()], default=None)
        own = bound(module, self._slice.statements)
        for name in [name for node in self._slice.nodes for name in self._slice.captured(node)]:
            for binding in eager.bindings(name) if name.value not in own else ():
                at = module.span(binding.node)[0]
                in_loop = loop is not None and loop in set(module.above(binding.node))
                in_call = module.statement(binding.node) in {module.statement(call) for call in calls or ()}
                if calls is None and in_loop:
                    continue  # a parameter of the function keeps it
                if at > module.span(line)[1] and (last is None or at < last or in_loop) and not in_call:
                    where = module.line_of(binding.node)
                    raise NotUnderstood(f"`{name.value}` is bound again in line {where}; the function would see that")

    def captured_in_loop(self, model: str) -> list[str]:
        """Return the names that a function that is kept in a loop needs as they are now, and its sub-model."""
        module, line = self._module, self._slice.line
        loops = {part for part in module.above(line) if isinstance(part, cst.For | cst.While)}
        if self._found.calls is not None or not loops:
            return []
        own = bound(module, self._slice.statements)
        captured = [name for node in self._slice.nodes for name in self._slice.captured(node) if name.value not in own]
        names = [
            name.value
            for name in captured
            if any(loops & set(module.above(binding.node)) for binding in self._symbols.eager.bindings(name))
        ]
        return list(dict.fromkeys([*sorted(names), *([model] if model else [])]))

    def can_be_inline(self) -> bool:
        """Return whether the lines can stand in the place of the only call, which is below in the same block."""
        calls = self._found.calls
        at_once = self._found.at_once
        if calls is None or len(calls) != 1 or self._kept or (self._found.bare and not at_once):
            return False
        module, line = self._module, self._slice.line
        statement = module.statement(calls[0])
        block = module.parent(line)
        if any(isinstance(part, SOMETIMES) for part in module.above(calls[0]) if part is not statement):
            return False
        if module.parent(statement) is not block or not isinstance(statement, cst.SimpleStatementLine):
            return False
        if len(statement.body) != 1 or not isinstance(statement.body[0], cst.Assign | cst.Return | cst.Expr):
            return False
        if not self._found.name and statement is not line:
            return False
        return self._names_are_free(statement, block)

    def _names_are_free(self, statement: cst.CSTNode, block: cst.CSTNode | None) -> bool:
        """Return whether the names of tensors can be those of their values from the call on."""
        module, eager = self._module, self._symbols.eager
        if any(module.span(read)[0] < module.span(statement)[1] for read in self._elsewhere):
            return False
        parts = [] if self._found.at_once else [*self._slice.statements, *self._slice.placeholders]
        if any(module.parent(part) is not block for part in parts):
            return False
        for node in self._slice.nodes:
            for name in self._symbols.names(node):
                if not self._symbols.is_leaf(name):
                    continue
                own = eager.bindings(name)
                here = all(module.parent(module.statement(binding.node)) is block for binding in own)
                end, scope = module.span(statement)[1], module.scope(statement)
                reads = eager.reads(own[0].node)  # type: ignore[arg-type]
                later = [read for read in reads if module.span(read)[0] > end or module.scope(read) is not scope]
                if not here or later or len(own) != 1:
                    return False
        return True

    def wanted_name(self, taken: set[str]) -> str:
        """Return what to call a function that has no name of its own; from then on it is taken."""
        module, parent = self._module, self._module.parent(self._found.call)
        if isinstance(parent, cst.Return):
            names = {module.text(call.func) for call in self._found.calls or ()}
            name = names.pop() if len(names) == 1 else ""
            maker = next((part for part in module.above(parent) if isinstance(part, cst.FunctionDef)), None)
            inside = maker is not None and any(maker in set(module.above(node)) for node in module.named(name))
            return name if name.isidentifier() and not inside else free("compute", taken)
        target = parent.targets[0].target if isinstance(parent, cst.Assign) else None
        named = target.value if isinstance(target, cst.Subscript) else target
        return free(named.attr.value if isinstance(named, cst.Attribute) else "compute", taken)

    # Edits

    def removals(self) -> Iterator[Edit]:
        """Yield the edits that take out what has moved."""
        gone = [*self.gone(), *self._idle_placeholders()]
        yield from (removed(self._module, statement) for statement in gone)
        yield from blank_lines_left(self._module, gone, self._slice.line)

    def comments_of_placeholders(self) -> list[str]:
        """Return the comments above placeholders that go."""
        return [comment for statement in self._idle_placeholders() for comment in comments_above(statement)]

    def _idle_placeholders(self) -> list[cst.CSTNode]:
        fed = [node for node in self._found.inputs if isinstance(node, cst.Attribute)]
        own = [line for node in fed if (line := self._idle_attribute(node)) is not None]
        return [*(statement for statement in self._slice.placeholders if self._is_idle(statement)), *own]

    def _idle_attribute(self, node: cst.Attribute) -> cst.CSTNode | None:
        """Return the statement that makes a placeholder an attribute, if it is read nowhere else."""
        module = self._module
        values = self._symbols.assigned(node) if self._symbols.is_placeholder(node) else None
        line = module.statement(values[0]) if values is not None and len(values) == 1 else None
        places = [*self._places(), *([module.span(line)] if line is not None else [])]
        same = [part for part in module.nodes(cst.Attribute) if part.attr.value == node.attr.value]
        inside = all(any(start <= module.span(part)[0] < end for start, end in places) for part in same)
        return line if inside else None

    def is_apart(self, statement: cst.CSTNode) -> bool:
        """Return whether there were blank lines above what moves to a statement that has none."""
        parts = [*self.gone(), *self._idle_placeholders(), self._slice.line]
        blank = any(not line.comment for part in parts for line in getattr(part, "leading_lines", ()))
        return blank and not getattr(statement, "leading_lines", ())

    def gone(self) -> list[cst.CSTNode]:
        """Return the statements that go, but for placeholders and the line of the call."""
        moved = [*self._slice.statements, *self._slice.training_line()]
        return [statement for statement in moved if statement not in self._kept]

    def _places(self) -> list[tuple[int, int]]:
        """Return where the statements are that go."""
        gone = [*self._slice.statements, self._slice.line, *self._slice.training_line()]
        return [self._module.span(part) for part in gone]

    def _is_idle(self, statement: cst.CSTNode) -> bool:
        """Return whether what a placeholder is bound to is read nowhere else."""
        module, eager = self._module, self._symbols.eager
        through = [self._slice.through[0]] if self._slice.through is not None else []
        places = [*self._places(), *(module.span(part) for part in [statement, *through])]
        reads = [read for target in targets_of(module, statement) for read in eager.reads(target)]
        return all(any(start <= module.span(read)[0] < end for start, end in places) for read in reads)

    def _shape_edit(self, read: cst.Name) -> Edit | None:
        """``grads.shape[3]`` after ``grads_value, _ = f([x])`` asks the value."""
        outputs, calls = self._found.outputs, self._found.calls
        parent = self._module.parent(read)
        if not isinstance(parent, cst.Attribute) or parent.attr.value != "shape" or not isinstance(outputs, cst.List):
            return None
        fetched = [getattr(element.value, "value", None) for element in outputs.elements]
        for call in calls or ():
            assign = self._module.parent(call)
            target = assign.targets[0].target if isinstance(assign, cst.Assign) else None
            before = self._module.span(call)[0] < self._module.span(read)[0]
            if before and isinstance(target, cst.Tuple) and read.value in fetched:
                value = target.elements[fetched.index(read.value)].value
                if isinstance(value, cst.Name) and len(target.elements) == len(fetched):
                    return self._module.replace(read, value.value)
        return None

    def shape_edits(self) -> Iterator[Edit]:
        """Yield edits of what else is done with the names that move."""
        yield from (edit for read in self._elsewhere if (edit := self._shape_edit(read)) is not None)

    def constants(self, text: NativeText) -> Iterator[Edit]:
        """Yield the edits that make variables of the backend that nothing changes constants of TensorFlow."""
        module, eager = self._module, self._symbols.eager
        places = self._places()
        for statement in self._slice.constants:
            assign = statement.body[0]  # type: ignore[attr-defined]
            target, call = assign.targets[0].target, assign.value
            reads = eager.reads(target)
            inside = all(any(start <= module.span(read)[0] < end for start, end in places) for read in reads)
            if isinstance(call, cst.Call) and inside and module.text(call.func).endswith("variable"):
                yield module.replace(call.func, text.spelled("tf.constant", statement))
                if module.argument(call, "dtype", 1) is None:
                    end = module.whole(call.args[0].value)[1]
                    yield Edit(end, end, f", dtype={text.spelled('tf.float32', statement)}")


def unused_aliases(
    module: Module, symbols: Symbols, found: FunctionCall, gone: Iterable[cst.CSTNode], text: str
) -> Iterator[Edit]:
    """Yield the edits that take out names of tensors, layers and lists of them that nothing reads any more.

    Args:
        module: the module of a call of ``K.function``.
        symbols: its symbolic tensors.
        found: the call.
        gone: other statements that go.
        text: what is written instead.
    """
    eager = symbols.eager
    arguments = [argument for call in found.calls or () for argument in call.args]
    places = [module.span(part) for part in [*gone, found.call, *arguments]]
    pending = [*gone, found.call, *arguments]
    seen: set[cst.CSTNode] = set()
    while pending:
        for name in symbols.names(pending.pop()):
            bindings = eager.bindings(name)
            target = bindings[0].node if len(bindings) == 1 else None
            if target in seen or not isinstance(target, cst.Name) or re.search(rf"\b{name.value}\b", text):
                continue
            seen.add(target)
            line = module.statement(target)
            reads = eager.reads(target)
            inside = all(any(start <= module.span(read)[0] < end for start, end in places) for read in reads)
            alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
            moved = bool(set(gone) & {line, *module.above(line)})
            if inside and alone and not moved and _is_alias(module, symbols, name, in_calls=arguments):
                yield removed(module, line)
                pending.append(line)
                places.append(module.span(line))


def _is_alias(module: Module, symbols: Symbols, name: cst.Name, in_calls: list[cst.Arg]) -> bool:
    """Return whether a name is one for a tensor of a model, for a layer, or for a list that a function is made with."""
    value = symbols.value(name)
    if value is name or (isinstance(value, cst.Call) and not module.text(value.func).endswith("get_layer")):
        return False
    if isinstance(value, cst.List):
        given = any(module.text(argument.value) == name.value for argument in in_calls)
        return given or all(_is_fed(module, symbols, element.value) for element in value.elements)
    return symbols.is_leaf(value) or symbols.is_layer(value)


def _is_fed(module: Module, symbols: Symbols, node: cst.BaseExpression) -> bool:
    is_phase = isinstance(node, cst.Call) and k_name(module, node.func) == "learning_phase"
    return is_phase or symbols.is_leaf(node) or symbols.is_layer(node)
