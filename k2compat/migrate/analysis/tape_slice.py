"""What a call of ``K.function`` needs of the statements before it: those that compute with symbolic tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import libcst as cst

from k2compat.migrate.analysis.k_calls import is_read
from k2compat.migrate.analysis.k_function import FunctionCall
from k2compat.migrate.analysis.symbolic import NotUnderstood, Symbols
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.statements import before, targets_of


@dataclass
class Training:
    """The step of an optimizer that is made by ``optimizer.get_updates``.

    Attributes:
        optimizer: the optimizer.
        params, loss: what it is given.
        call: the call.
    """

    optimizer: cst.BaseExpression
    params: cst.BaseExpression
    loss: cst.BaseExpression
    call: cst.Call


# Methods that put something into a list or dict.
FILLING = ("append", "extend", "insert", "update")


class Slice:
    """The statements that compute what a call of ``K.function`` fetches, in the order of the text.

    Args:
        module: the module of the call.
        symbols: its symbolic tensors.
        found: the call, taken apart.

    Attributes:
        line: the statement the call is in.
        statements: those that move into the function.
        placeholders: those that make placeholders, which become its parameters.
        constants: those that make variables of the backend which nothing changes.
        dropped: those of the statements that have nothing to do in the function.
        training: the step of an optimizer, None without one.
        through: the call that makes a model on a tensor that is computed here, and that tensor.

    Raises:
        NotUnderstood: they cannot be moved.
    """

    def __init__(self, module: Module, symbols: Symbols, found: FunctionCall):
        self._module, self._symbols, self.found = module, symbols, found
        line = module.statement(found.call)
        block = module.parent(line)
        if not isinstance(line, cst.SimpleStatementLine) or not isinstance(block, cst.IndentedBlock | cst.Module):
            raise NotUnderstood("it is not in a statement of its own")
        if len(line.body) != 1:
            raise NotUnderstood("there are other statements in its line")
        self.line = line
        self.training = self._training()
        self.through = self._through()
        self._order = {id(statement): number for number, statement in enumerate(self._ran_before())}
        self.placeholders: dict[cst.CSTNode, None] = {}
        self.constants: dict[cst.CSTNode, None] = {}
        self.dropped: set[cst.CSTNode] = set()
        moved = self._followed()
        self.statements = sorted(moved, key=lambda statement: self._order[id(statement)])
        for node in [*self.statements, *self.roots()]:
            symbols.check_calls(node)
            self._check_collections(node)

    def roots(self) -> list[cst.CSTNode]:
        """Return the expressions that all else is computed for."""
        training = [self.training.loss] if self.training is not None else []
        through = [self.through[1]] if self.through is not None else []
        return [*through, self.found.outputs, *training]

    @property
    def nodes(self) -> list[cst.CSTNode]:
        """Return everything that is computed in the function."""
        return [*self.statements, *self.roots()]

    def _training(self) -> Training | None:
        updates = self.found.updates
        if updates is None:
            return None
        call = self._symbols.value(updates)
        if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
            raise NotUnderstood(f"what `{self._module.text(updates)}` updates is not known")
        if call.func.attr.value != "get_updates":
            raise NotUnderstood(f"`{self._module.text(updates)}` is not made by an optimizer's `get_updates`")
        names = ("params", "constraints", "loss") if len(call.args) == 3 else ("loss", "params")
        given = {name: self._module.argument(call, name, number) for number, name in enumerate(names)}
        loss, params = given["loss"], given["params"]
        if loss is None or params is None or loss.star or params.star:
            raise NotUnderstood(f"what `{self._module.text(call)}` is given is not known")
        return Training(call.func.value, params.value, loss.value, call)

    def _through(self) -> tuple[cst.Call, cst.BaseExpression] | None:
        """Find the model that is made with ``input_tensor=...``, of what is fed here."""
        if not any(self._symbols.is_placeholder(node) for node in self.found.inputs):
            return None
        for call in self._module.nodes(cst.Call):
            tensor = self._module.argument(call, "tensor")
            if tensor is not None and self._symbols.is_fed(tensor.value):
                raise NotUnderstood(f"a model is made on `{self._module.text(tensor.value)}`")
            argument = self._module.argument(call, "input_tensor")
            if argument is not None and self._symbols.is_fed(argument.value):
                if not (self._module.refers_to(call.func) or "").startswith("keras.applications."):
                    raise NotUnderstood(f"what `{self._module.text(call.func)}` does with the tensor is not known")
                return call, argument.value
        return None

    def _ran_before(self) -> list[cst.CSTNode]:
        """Return the statements that ran before the call, in its function and in those around it."""
        functions = [part for part in self._module.above(self.line) if isinstance(part, cst.FunctionDef | cst.ClassDef)]
        lines = [*reversed(functions), self.line]
        return [statement for line in lines for statement in before(self._module, line)]

    def _check_collections(self, node: cst.CSTNode) -> None:
        """Make sure that no list or dict is read which statements that stay fill with symbolic tensors.

        Raises:
            NotUnderstood: one is.
        """
        module, symbols = self._module, self._symbols
        places = [module.span(statement) for statement in self.statements]
        filled = _names_filled(module)
        for name in self.captured(node):
            if name.value not in filled:
                continue
            for read in symbols.eager.reads(name) if symbols.eager.bindings(name) else ():
                above = module.parent(read)
                at = module.span(read)[0]
                if any(start <= at < end for start, end in places):
                    continue
                value = _put_in(module, above)
                if value is not None and (symbols.is_symbolic(value) or self._is_unpacked(value)):
                    raise NotUnderstood(
                        f"`{name.value}` is filled with symbolic tensors in line {module.line_of(read)}"
                    )

    def _is_unpacked(self, value: cst.BaseExpression) -> bool:
        """Return whether a value is a name that a loop or a row of names binds to something unknown."""
        return isinstance(value, cst.Name) and self._symbols.assigned(value) is None

    # What moves

    def _followed(self) -> dict[cst.CSTNode, None]:
        needed: list[cst.CSTNode] = self.roots()
        moved: dict[cst.CSTNode, None] = {}
        while needed:
            for name in self.computed_from(needed.pop()):
                for statement in self._binding(name):
                    if statement not in moved:
                        moved[statement] = None
                        needed.append(statement)
        return moved

    def computed_from(self, node: cst.CSTNode) -> Iterator[cst.Name]:
        """Yield the names of symbolic tensors that a node reads, but for those of a model."""
        for name in self.captured(node):
            if not self._symbols.is_leaf(name) and self._symbols.is_symbolic(name):
                yield name

    def captured(self, node: cst.CSTNode) -> Iterator[cst.Name]:
        """Yield the names that a node reads when it runs: those of the model's tensors are read when it is built."""
        symbols = self._symbols
        closed = self._module.inside(node, lambda part: isinstance(part, cst.BaseExpression) and symbols.is_leaf(part))
        return (part for part in closed if isinstance(part, cst.Name) and is_read(self._module, part))

    def _binding(self, name: cst.Name) -> Iterator[cst.CSTNode]:
        """Yield the statements that give a name its value, and that change it, as ``outputs.append(grads)`` does."""
        bindings = self._symbols.eager.reaching(name)
        values = self._symbols.assigned(name)
        if values is not None and all(self._symbols.is_constant(value) for value in values):
            alone = len(self._symbols.eager.bindings(name)) == 1
            if alone and self._statement_or_none(bindings[0].node) is None:
                return  # a variable of the whole module
            if alone and not self._is_number(values[0]):
                self.constants[self._statement_of(bindings[0].node, name.value)] = None
                return
        for binding in bindings:
            statement = self._statement_of(binding.node, name.value)
            if self._symbols.is_placeholder(name):
                self.placeholders[statement] = None
            else:
                yield statement
        yield from self._changes(name)

    def _is_number(self, node: cst.BaseExpression) -> bool:
        value = node.args[0].value if isinstance(node, cst.Call) and node.args else None
        return isinstance(value, cst.Float | cst.Integer)

    def _changes(self, name: cst.Name) -> Iterator[cst.CSTNode]:
        """Yield the statements that call a method of a list of this name, at any depth."""
        for expression in self._module.nodes(cst.Expr):
            method = expression.value.func if isinstance(expression.value, cst.Call) else None
            of_list = isinstance(method, cst.Attribute) and method.attr.value in ("append", "extend", "insert")
            if of_list and self._module.text(method.value) == name.value:  # type: ignore[union-attr]
                statement = self._statement_or_none(expression)
                if isinstance(statement, cst.SimpleStatementLine | cst.If | cst.For):
                    yield statement

    def _statement_or_none(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return next((part for part in [node, *self._module.above(node)] if id(part) in self._order), None)

    def _statement_of(self, node: cst.CSTNode, name: str) -> cst.CSTNode:
        found = self._statement_or_none(node)
        if found is None or not self._can_move(found):
            raise NotUnderstood(f"`{name}` is made in line {self._module.line_of(node)}, where it cannot be moved from")
        return found

    def _can_move(self, statement: cst.CSTNode) -> bool:
        """Return whether a statement does nothing but bind names and change lists, in branches and loops or not."""
        if isinstance(statement, cst.If):
            rest = [statement.orelse] if isinstance(statement.orelse, cst.If) else _body(statement.orelse)
            return all(self._can_move(part) for part in [*_body(statement), *rest])
        if isinstance(statement, cst.For):
            plain = statement.orelse is None and statement.asynchronous is None
            return plain and all(self._can_move(part) for part in _body(statement))
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            return False
        only = statement.body[0]
        if isinstance(only, cst.Assign):
            return len(only.targets) == 1 and _binds_names(only.targets[0].target)
        if isinstance(only, cst.AugAssign):
            return isinstance(only.target, cst.Name)
        if isinstance(only, cst.Expr):
            is_list = isinstance(only.value, cst.Call) and isinstance(only.value.func, cst.Attribute)
            return is_list and only.value.func.attr.value in ("append", "extend", "insert")  # type: ignore[attr-defined]
        return isinstance(only, cst.Raise | cst.Assert | cst.Pass)

    def parts(self) -> tuple[list[cst.CSTNode], list[cst.CSTNode]]:
        """Return the statements up to what is differentiated, and those that compute with gradients."""
        after: set[cst.CSTNode] = set()
        while True:
            changed = {name.value for node in after for name in names_bound(self._module, node)}
            more = {
                node
                for node in self.statements
                if node not in after
                and (
                    self._symbols.gradients(node)
                    or any(name.value in changed for name in self._symbols.names(node))
                    or any(target.value in changed for target in names_bound(self._module, node))
                )
            }
            if not more:
                break
            after |= more
        changed = {name.value for node in after for name in names_bound(self._module, node)}
        for call in [call for node in self.nodes for call in self._symbols.gradients(node)]:
            if any(name.value in changed for name in self._symbols.names(call)):
                raise NotUnderstood("it has gradients of gradients")
        training = self.training
        if training is not None and any(name.value in changed for name in self._symbols.names(training.loss)):
            raise NotUnderstood("what is trained has gradients in its loss")
        ordered = self.statements
        return [node for node in ordered if node not in after], [node for node in ordered if node in after]

    def ahead(self) -> set[cst.CSTNode]:
        """Return the statements that compute what the sub-model is given."""
        needed: list[cst.CSTNode] = [self.through[1]] if self.through is not None else []
        ahead: set[cst.CSTNode] = set()
        while needed:
            names = {name.value for name in self.computed_from(needed.pop())}
            for statement in self.statements:
                bound = {name.value for name in names_bound(self._module, statement)}
                if names & bound and statement not in ahead:
                    ahead.add(statement)
                    needed.append(statement)
        return ahead

    # What else is done with it

    def targets(self) -> list[cst.Name]:
        """Return the names that the statements bind, where they do."""
        return [target for statement in self.statements for target in names_bound(self._module, statement)]

    def read_elsewhere(self) -> list[cst.Name]:
        """Return where names that are bound in the statements are read outside of them and the call."""
        module, eager = self._module, self._symbols.eager
        targets = self.targets()
        through = [self.through[1]] if self.through is not None else []
        places = [module.span(node) for node in [*self.statements, self.line, *self.training_line(), *through]]
        found = []
        for read in dict.fromkeys(read for target in targets for read in eager.reads(target)):
            at = module.span(read)[0]
            inside = any(start <= at < end for start, end in places)
            if not inside and any(binding.node in targets for binding in eager.reaching(read)):
                found.append(read)
        return sorted(found, key=lambda read: module.span(read)[0])

    def training_line(self) -> list[cst.CSTNode]:
        """Return the statement that makes the updates, if it has a line of its own."""
        if self.training is None:
            return []
        line = self._module.statement(self.training.call)
        return [line] if line is not self.line else []


def _names_filled(module: Module) -> set[str]:
    """Return the spellings of lists and dicts that something is put into anywhere in a module."""
    holders = [node.value for node in module.nodes(cst.Subscript)]
    holders += [node.value for node in module.nodes(cst.Attribute) if node.attr.value in FILLING]
    return {holder.value for holder in holders if type(holder) is cst.Name}


def _put_in(module: Module, above: cst.CSTNode | None) -> cst.BaseExpression | None:
    """Return what is put into a list or dict: by ``name[key] = value`` or ``name.append(value)``."""
    target = module.parent(above) if isinstance(above, cst.Subscript) else None
    assign = module.parent(target) if isinstance(target, cst.AssignTarget) else None
    if isinstance(assign, cst.Assign):
        return assign.value
    is_method = isinstance(above, cst.Attribute) and above.attr.value in FILLING
    call = module.parent(above) if is_method and above is not None else None
    return call.args[-1].value if isinstance(call, cst.Call) and call.args else None


def names_bound(module: Module, statement: cst.CSTNode) -> list[cst.Name]:
    """Return the names that a statement binds: by assignments, and by the loops in it."""
    found = targets_of(module, statement)
    for node in module.inside(statement):
        target = node.target if isinstance(node, cst.AssignTarget | cst.For) else None
        rows = [target] if isinstance(target, cst.Tuple) else []
        found += [element.value for row in rows for element in row.elements if isinstance(element.value, cst.Name)]
        found += [target] if isinstance(node, cst.For) and isinstance(target, cst.Name) else []
    return found


def _body(block: cst.CSTNode | None) -> Iterable[cst.CSTNode]:
    return block.body.body if block is not None else []  # type: ignore[attr-defined]


def _binds_names(target: cst.BaseExpression) -> bool:
    if isinstance(target, cst.Tuple | cst.List):
        return all(isinstance(element.value, cst.Name) for element in target.elements)
    return isinstance(target, cst.Name)
