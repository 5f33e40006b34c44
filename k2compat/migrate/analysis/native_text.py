"""Writes statements that compute with symbolic tensors as statements that run on their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from k2compat.migrate.analysis.k_calls import NoEquivalent, is_read, k_name, spelled
from k2compat.migrate.analysis.k_equivalents import ATOMS, equivalent
from k2compat.migrate.analysis.symbolic import NotUnderstood, Symbols
from k2compat.migrate.analysis.tape_slice import Slice, names_bound
from k2compat.migrate.syntax.edits import Edit
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.statements import comments_above, free

Loops = dict[cst.CSTNode, dict[str, tuple[str, str]]]  # loop -> as in NativeText.leaves


@dataclass
class Fed:
    """What the function is fed.

    Attributes:
        name: its parameter.
        written: how the tensor of a model is written without the shim; "" for a placeholder.
        keys: all that means this tensor, as ``NativeText.key`` gives it.
        dtype: the type that it is cast to.
    """

    name: str
    written: str
    keys: frozenset[str]
    dtype: str


class NativeText:
    """The text of what a call of ``K.function`` needs, for tensors with a value.

    Args:
        module: the module of the call.
        symbols: its symbolic tensors.
        needed: what moves.
        taken: names that mean something already.

    Attributes:
        leaves: a tensor of a model, as it is written without the shim -> its expression here, the name of its value.
        loops: the same for what depends on the variable of a loop.
        losses: statements that give what is differentiated a name.
        imports: what the text needs.
        tensors: names of what is fed that must be tensors: they are computed with, or differentiated by.
        sources: names of what is differentiated by.
    """

    def __init__(self, module: Module, symbols: Symbols, needed: Slice, taken: set[str]):
        self._module, self._symbols, self._slice, self.taken = module, symbols, needed, taken
        self.leaves: dict[str, tuple[str, str]] = {}
        self.loops: Loops = {}
        self._lists: dict[cst.CSTNode, list[str]] = {}
        self.losses: list[str] = []
        self.imports: list[Edit] = []
        self.tensors: set[str] = set()
        self.sources: set[str] = set()
        self.fed: list[Fed] = []
        self.training = "False"

    # Names

    def name_of(self, leaf: cst.BaseExpression) -> str:
        """Return a name for the value of a tensor of a model: its own, if it has one."""
        if isinstance(leaf, cst.Name) and not self._symbols.is_layer(leaf):
            return leaf.value
        text = self._module.text(leaf)
        is_input = re.search(r"\.inputs?(\[0\])?$", text) is not None
        if isinstance(leaf, cst.Attribute) and text.startswith("self.") and leaf.attr.value not in ("input", "output"):
            return free(leaf.attr.value, self.taken)
        base = leaf.value if isinstance(leaf, cst.Attribute | cst.Subscript) else leaf
        base = base.value if isinstance(base, cst.Attribute) and base.attr.value in ("inputs", "outputs") else base
        word = base.attr.value if isinstance(base, cst.Attribute) else getattr(base, "value", "layer")
        word = word if isinstance(word, str) and word.isidentifier() else "model" if is_input else "layer"
        return free(f"{word}_{'input' if is_input else 'output'}", self.taken)

    def key(self, leaf: cst.BaseExpression) -> str:
        """Return what two expressions of one tensor have in common."""
        return self._symbols.written(self._symbols.value(leaf) if not self._symbols.is_layer(leaf) else leaf)

    def value_of(self, leaf: cst.BaseExpression) -> str:
        """Return the name of the value of a tensor of a model."""
        loop = self._loop_of(leaf)
        if loop is not None:
            return self._value_in_loop(loop, leaf)
        key = self.key(leaf)
        for fed in self.fed:
            if key in fed.keys:
                self.tensors.add(fed.name)
                return fed.name
        if key not in self.leaves:
            self.leaves[key] = (self._symbols.written(leaf), self.name_of(leaf))
        return self.leaves[key][1]

    def _list_of(self, listed: cst.ListComp) -> str:
        """Return the name of the values of a list of tensors of a model, which the sub-model gives as one."""
        key, assign = self._module.text(listed), self._module.parent(listed)
        names = {name.value for name in self._symbols.names(listed)}
        if names & {name.value for node in self._slice.statements for name in names_bound(self._module, node)}:
            raise NotUnderstood(f"`{key}` depends on what is computed in the function")
        if key not in self.leaves:
            target = assign.targets[0].target if isinstance(assign, cst.Assign) and len(assign.targets) == 1 else None
            alone = isinstance(target, cst.Name) and len(self._symbols.eager.bindings(target)) == 1
            self.leaves[key] = (key, target.value if alone else free("values", self.taken))  # type: ignore[union-attr]
        return self.leaves[key][1]

    @cached_property
    def _moving_loops(self) -> list[cst.For | cst.CompFor]:
        """All loops in what moves."""
        parts = (part for statement in self._slice.nodes for part in self._module.inside(statement))
        return [part for part in parts if isinstance(part, cst.For | cst.CompFor)]

    def _loop_of(self, leaf: cst.BaseExpression) -> cst.For | cst.CompFor | None:
        """Return the loop that moves, and on whose variable a tensor of a model depends."""
        if not self._moving_loops:
            return None
        expression = self._symbols.value(leaf)
        names = {name.value for name in self._symbols.names(expression)}
        found: list[cst.For | cst.CompFor] = []
        for node in self._moving_loops:
            if not self._is_in(node, expression):
                continue
            own = _loop_names(node.target)
            others = (
                {name.value for name in names_bound(self._module, node)} - own if isinstance(node, cst.For) else set()
            )
            if names & others:
                raise NotUnderstood(f"`{self._module.text(expression)}` depends on what is computed in a loop")
            found += [node] if names & own else []
        nested = [loop for loop in found if isinstance(loop, cst.CompFor) and (loop.inner_for_in or loop.ifs)]
        if len(found) > 1 or nested:
            raise NotUnderstood(f"`{self._module.text(expression)}` depends on more than the variable of a loop")
        return found[0] if found else None

    def _is_in(self, loop: cst.For | cst.CompFor, expression: cst.CSTNode) -> bool:
        """Return whether an expression is in the body of a loop, or is what a comprehension gives for each."""
        above = [expression, *self._module.above(expression)]
        if isinstance(loop, cst.For):
            return loop in above
        return self._module.parent(loop) in above and loop not in above

    def _value_in_loop(self, loop: cst.For | cst.CompFor, leaf: cst.BaseExpression) -> str:
        values = self.loops.setdefault(loop, {})
        key = self._module.text(self._symbols.value(leaf))
        if key not in values:
            values[key] = (self._symbols.written(self._symbols.value(leaf)), self.name_of(leaf))
        return values[key][1]

    # Text

    def lines(self, statement: cst.CSTNode) -> list[str]:
        """Return a statement with its comments, without the indentation of its block."""
        if statement in self._slice.dropped or self._is_listing(statement):
            return []
        indentation = self._module.indentation(statement)
        comments = comments_above(statement)
        text = self.text(statement).rstrip()
        behind = getattr(statement, "trailing_whitespace", None)
        if behind is not None and behind.comment is not None and "#" not in text.splitlines()[-1]:
            text += f"  {behind.comment.value}"
        lines = [line.removeprefix(indentation) for line in text.splitlines()]
        return [*comments, *lines] if lines else []

    def text(self, node: cst.CSTNode) -> str:
        """Return an expression or statement that runs on values."""
        edits = list(dict.fromkeys([*self._conversions(node), *self._loop_heads(node)]))
        start, end = self._module.whole(node)
        text = self._module.source[start:end]
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
            text = text[: edit.start - start] + edit.text + text[edit.end - start :]
        return text

    def _conversions(self, node: cst.CSTNode) -> Iterable[Edit]:
        pending = [node]
        while pending:
            part = pending.pop()
            if isinstance(part, cst.BaseExpression) and self._symbols.is_leaf(part):
                if not isinstance(part, cst.Name) or is_read(self._module, part):
                    yield self._module.replace(part, self.value_of(part))
            elif isinstance(part, cst.ListComp) and self._symbols.is_list_of_leaves(part):
                yield self._module.replace(part, self._list_of(part))
            elif isinstance(part, cst.Subscript) and self._symbols.is_gradient(part.value):
                yield self._module.replace(part, self._gradient(part.value, part))  # type: ignore[arg-type]
            elif self._symbols.is_gradient(part):
                yield self._module.replace(part, self._gradient(part, None))  # type: ignore[arg-type]
            elif isinstance(part, cst.SimpleStatementLine) and self._is_alias(part):
                yield Edit(*self._module.lines.whole(*self._module.span(part)), "")
                self.value_of(cst.ensure_type(part.body[0], cst.Assign).targets[0].target)
            else:
                if isinstance(part, cst.Name) and is_read(self._module, part) and self._symbols.is_placeholder(part):
                    self.tensors.add(part.value)
                if isinstance(part, cst.Attribute) and self._symbols.is_placeholder(part):
                    yield self._module.replace(part, part.attr.value)
                    continue
                yield from self._of_call(part) if isinstance(part, cst.Call) else ()
                pending += self._module.parts(part)

    def _loop_heads(self, node: cst.CSTNode) -> Iterator[Edit]:
        """Yield the edits that let loops go through the values of the model's tensors as well."""
        for loop in [part for part in self._module.inside(node) if isinstance(part, cst.For | cst.CompFor)]:
            if loop in self.loops:
                names = [name for _, name in self.loops[loop].values()]
                target, over = self._module.text(loop.target), self._module.text(loop.iter)
                is_row = isinstance(loop.target, cst.Tuple)
                if is_row and isinstance(loop.iter, cst.Call) and self._module.refers_to(loop.iter.func) == "zip":
                    over = over[len("zip(") : -1]
                elif is_row:
                    target = f"({target})"
                yield self._module.replace(loop.target, ", ".join([target, *names]))
                yield self._module.replace(loop.iter, f"zip({', '.join([over, *self.values_of(loop)])})")

    def values_of(self, loop: cst.For | cst.CompFor) -> list[str]:
        """Return the names of the lists of values that a loop goes through."""
        if loop not in self._lists:
            self._lists[loop] = [free(f"{name}_values", self.taken) for _, name in self.loops[loop].values()]
        return self._lists[loop]

    def _is_listing(self, line: cst.CSTNode) -> bool:
        """Return whether a statement only gives a list of tensors of a model a name, which their values have."""
        assign = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
        value = assign.value if isinstance(assign, cst.Assign) else None
        if not isinstance(value, cst.ListComp) or not self._symbols.is_list_of_leaves(value):
            return False
        target = assign.targets[0].target  # type: ignore[union-attr]
        return isinstance(target, cst.Name) and self._list_of(value) == target.value

    def _is_alias(self, line: cst.SimpleStatementLine) -> bool:
        """Return whether a statement in a loop only gives a tensor of a model a name."""
        assign = line.body[0] if len(line.body) == 1 else None
        if not isinstance(assign, cst.Assign) or not self._symbols.is_leaf(assign.value):
            return False
        target = assign.targets[0].target
        alone = isinstance(target, cst.Name) and self._symbols.is_leaf(assign.value)
        return alone and self._loop_of(assign.value) is not None

    def _of_call(self, call: cst.Call) -> Iterator[Edit]:
        """Yield the edits that make a call of a K function native, and that of a model one without training."""
        name = k_name(self._module, call.func)
        if name == "placeholder":
            raise NotUnderstood(f"`{self._module.text(call)}` has no name")
        if name == "learning_phase":
            yield self._module.replace(call, self.training)
        elif name == "variable" and self._symbols.is_constant(call):
            yield self._module.replace(call, self._module.text(call.args[0].value))
        elif name is not None:
            try:
                edits = equivalent(self._module, call, name, with_values=True)
            except NoEquivalent:
                return  # it runs on values with the shim as well; native.k-ops reports it
            start, end = self._module.span(call)
            for edit in edits:
                if start <= edit.start and edit.end <= end:
                    yield edit
                else:
                    self.imports.append(edit)
        elif self._symbols.is_model(call.func) and call.args and not self._module.argument(call, "training"):
            end = self._module.whole(call.args[-1].value)[1]
            yield Edit(end, end, f", training={self.training}")

    # Gradients

    def _gradient(self, call: cst.Call, item: cst.Subscript | None, *, first: bool = False) -> str:
        loss, variables = self._module.argument(call, "loss", 0), self._module.argument(call, "variables", 1)
        loss, variables = loss or self._module.argument(call, "ys"), variables or self._module.argument(call, "xs")
        if loss is None or variables is None or len(call.args) != 2:
            raise NotUnderstood(f"`{self._module.text(call)}` has other arguments")
        of = self.loss(loss.value)
        text, number = self._sources(variables.value)
        if number == 1 and (first or (item is not None and self._module.text(item).endswith("[0]"))):
            return f"tape.gradient({of}, {text})"
        listed = text if number is None else f"[{text}]"
        behind = (
            self._module.source[self._module.span(call)[1] : self._module.span(item)[1]] if item is not None else ""
        )
        return f"tape.gradient({of}, {listed})" + behind

    def loss(self, node: cst.BaseExpression) -> str:
        """Return the name of what is differentiated; what has none is given one."""
        node = self._only_element(node)
        if not self._symbols.is_symbolic(node) and not self._symbols.is_leaf(node):
            raise NotUnderstood(f"what `{self._module.text(node)}` is, is not known")
        text = node.value if isinstance(node, cst.Name) and not self._symbols.is_leaf(node) else self.text(node)
        if text.isidentifier():
            return text
        name = free("loss", self.taken)
        self.losses.append(f"{name} = {text}")
        return name

    def _only_element(self, node: cst.BaseExpression) -> cst.BaseExpression:
        is_list = isinstance(node, cst.List | cst.Tuple) and len(node.elements) == 1
        return node.elements[0].value if is_list else node  # type: ignore[attr-defined]

    def _sources(self, by: cst.BaseExpression) -> tuple[str, int | None]:
        """Return what is differentiated by, and how many tensors that are; None for a list of its own."""
        if isinstance(by, cst.Attribute) and by.attr.value in WEIGHTS:
            return self._module.text(by), None
        sources = [element.value for element in by.elements] if isinstance(by, cst.List | cst.Tuple) else [by]
        names = []
        for source in sources:
            computed = isinstance(source, cst.Name) and self._symbols.is_symbolic(source)
            if self._symbols.is_leaf(source):
                names.append(self.value_of(source))
            elif isinstance(source, cst.Name) and (computed or self._symbols.is_placeholder(source)):
                names.append(source.value)
                self.tensors.add(source.value)
            else:
                raise NotUnderstood(f"`{self._module.text(source)}` is not a tensor of the model's graph")
        self.sources |= set(names)
        return ", ".join(names), len(names)

    # The results

    def results(self) -> list[str] | str:
        """Return the results: one text for each, or one text for a list of them."""
        outputs = self._slice.found.outputs
        if isinstance(outputs, cst.List | cst.Tuple):
            return [self._array(element.value) for element in outputs.elements]
        written = self._symbols.value(outputs) if isinstance(outputs, cst.Name) else outputs
        if isinstance(written, cst.List) and self._only_listed(outputs):
            return [self._array(element.value) for element in written.elements]
        joined = self._joined(written)
        if joined is not None:
            return joined
        if self._is_list(outputs):
            return f"[value.numpy() for value in {self.text(outputs)}]"
        if self._symbols.is_list_of_leaves(outputs):
            name = free("values", self.taken)
            self.leaves[self._module.text(outputs)] = (self._module.text(outputs), name)
            return f"[value.numpy() for value in {self.spelled('tf.nest.flatten', self._slice.line)}({name})]"
        return [self._array(outputs)] if not self._slice.found.bare else self._array(outputs)

    def _joined(self, node: cst.BaseExpression) -> list[str] | None:
        """Return the results of ``[loss] + K.gradients(loss, x)``, for one ``x``; None for anything else."""
        if not isinstance(node, cst.BinaryOperation) or not isinstance(node.operator, cst.Add):
            return None
        parts = self._joined(node.left) if isinstance(node.left, cst.BinaryOperation) else None
        left = [self._array(element.value) for element in getattr(node.left, "elements", ())]
        if not isinstance(node.left, cst.List) and parts is None or not self._symbols.is_gradient(node.right):
            return None
        call = cst.ensure_type(node.right, cst.Call)
        by = self._module.argument(call, "variables", 1) or self._module.argument(call, "xs")
        if by is None or (isinstance(by.value, cst.List | cst.Tuple) and len(by.value.elements) != 1):
            raise NotUnderstood(f"`{self._module.text(node)}` joins lists")
        return [*(parts or left), f"{self._gradient(call, None, first=True)}.numpy()"]

    def drop_list(self) -> list[str]:
        """Leave out the statement that only lists what is fetched; return the comments above it."""
        outputs = self._slice.found.outputs
        written = self._symbols.value(outputs) if isinstance(outputs, cst.Name) else outputs
        if written is outputs or not isinstance(written, cst.List) or not self._only_listed(outputs):
            return []
        return comments_above(self._module.statement(written))

    def _only_listed(self, outputs: cst.BaseExpression) -> bool:
        """Return whether a list of results is a name that nothing else is done with."""
        if not isinstance(outputs, cst.Name) or outputs.value not in {name.value for name in self._slice.targets()}:
            return False
        bindings = self._symbols.eager.bindings(outputs)
        statement = self._module.statement(bindings[0].node)
        alone = len(bindings) == 1 and len(self._symbols.eager.reads(bindings[0].node)) == 1  # type: ignore[arg-type]
        if alone and statement in self._slice.statements:
            self._slice.dropped.add(statement)
        return alone

    def _is_list(self, node: cst.BaseExpression) -> bool:
        values = self._symbols.values(node) if isinstance(node, cst.Name) else [node]
        return any(self._symbols.is_gradient(value) or isinstance(value, cst.List | cst.Tuple) for value in values[-1:])

    def _array(self, node: cst.BaseExpression) -> str:
        if self._is_list(node):
            return f"[value.numpy() for value in {self.text(node)}]"
        text = self.text(node)
        return f"{text}.numpy()" if isinstance(node, ATOMS) else f"({text.strip()}).numpy()"

    def spelled(self, dotted: str, at: cst.CSTNode) -> str:
        """Return a name as the module writes it."""
        name, imports = spelled(self._module, dotted, at)
        self.imports += imports
        return name


def _loop_names(target: cst.BaseExpression) -> set[str]:
    rows = target.elements if isinstance(target, cst.Tuple) else [target]
    found = [getattr(element, "value", element) for element in rows]
    return {node if isinstance(node, str) else node.value for node in found if isinstance(node, cst.Name | str)}


WEIGHTS = ("trainable_weights", "trainable_variables", "weights")
