"""A call of ``K.function``, taken apart: what is fed, what is fetched, and where its result is called."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import libcst as cst

from k2compat.migrate.analysis.k_calls import k_name, k_uses
from k2compat.migrate.analysis.symbolic import NotUnderstood, Symbols
from k2compat.migrate.syntax.module import Module

# In a module that has one of these, a model may have batch normalization without saying so.
UNSEEN_MODELS = ("load_model", "model_from_json", "model_from_config", "model_from_yaml", "applications")


CAVEAT = "# In the training phase batch normalization moves its averages, if the model has any."


@dataclass
class FunctionCall:
    """A call of ``K.function``.

    Attributes:
        call: the call.
        inputs: what is fed, without the learning phase.
        whole: what is fed is one list, ``model.inputs``.
        bare: what is fed is no list.
        phase: the place of the learning phase among the fed values, which is the last; None without one.
        outputs: what is fetched.
        updates: what is updated.
        at_once: it is no function, but computes in the place of the call.
        caveat: a comment for the new code.
        name: the name it is bound to, if the statement does nothing else.
        calls: where the function is called, with lists written out; None if that is not all that is done with it.
        lists: what each of the calls is given.
    """

    call: cst.Call
    inputs: list[cst.BaseExpression]
    outputs: cst.BaseExpression
    whole: bool = False
    bare: bool = False
    phase: int | None = None
    updates: cst.BaseExpression | None = None
    at_once: bool = False
    caveat: str = ""
    name: str = ""
    calls: list[cst.Call] | None = field(default=None)
    lists: dict[cst.Call, list[cst.BaseExpression]] = field(default_factory=dict)

    def given(self, call: cst.Call) -> list[cst.BaseExpression]:
        """Return the values in ``f([a, b])``, or in the list that has the name it is given."""
        return self.lists[call]

    def phases(self) -> list[cst.BaseExpression] | None:
        """Return the values given for the learning phase; None where not all are known."""
        if self.phase is None or self.calls is None:
            return [] if self.phase is None else None
        return [self.given(call)[self.phase] for call in self.calls]

    def fed(self, call: cst.Call) -> list[cst.BaseExpression]:
        """Return the values in one of the calls, without that of the learning phase."""
        return self.given(call)[: self.phase]


def _given(symbols: Symbols, call: cst.Call) -> list[cst.BaseExpression]:
    """Return the values in ``f([a, b])``, or in the list that has the name it is given."""
    if len(call.args) != 1:
        return []
    fed = call.args[0].value
    if isinstance(fed, cst.Name) and isinstance(symbols.value(fed), cst.List):
        fed = symbols.value(fed)
    return [element.value for element in fed.elements] if isinstance(fed, cst.List | cst.Tuple) else [fed]


def take_apart(module: Module, symbols: Symbols, call: cst.Call) -> FunctionCall:
    """Read a call of ``K.function``.

    Raises:
        NotUnderstood: it is none of those that can be rewritten.
    """
    inputs, outputs = module.argument(call, "inputs", 0), module.argument(call, "outputs", 1)
    updates = module.argument(call, "updates", 2)
    known = [argument for argument in (inputs, outputs, updates) if argument is not None]
    others = [argument for argument in call.args if argument not in known and module.text(argument)[:4] != "name"]
    if inputs is None or outputs is None or others:
        raise NotUnderstood("it has other arguments")
    found = _fed(module, symbols, call, inputs.value, outputs.value)
    if updates is not None and not _is_empty(updates.value):
        found.updates = updates.value
    statement = module.parent(call)
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target = statement.targets[0].target
        line = module.parent(statement)
        alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
        found.name = target.value if isinstance(target, cst.Name) and alone else ""
    uses = _uses(module, symbols, call)
    count = None if found.whole else (1 if found.bare else len(found.inputs)) + (found.phase is not None)
    lists = {use: _given(symbols, use) for use in uses or []}
    if uses and count is None:
        count = len(lists[uses[0]])
    if uses is not None and all(_is_written_out(use, lists[use], count, found) for use in uses):
        found.calls, found.lists = uses, lists
    for use in uses or []:
        value = symbols.value(use.args[0].value) if use.args else None
        if not found.bare and not isinstance(value, cst.List | cst.Tuple | cst.BinaryOperation):
            raise NotUnderstood(f"whether `{module.text(use)}` is given a list or an array is not known")
    check_phase(module, found)
    return found


def _is_empty(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.List | cst.Tuple) and not node.elements


def _fed(
    module: Module, symbols: Symbols, call: cst.Call, inputs: cst.BaseExpression, outputs: cst.BaseExpression
) -> FunctionCall:
    is_one = symbols.is_leaf(inputs) or symbols.is_placeholder(inputs)
    inputs = inputs if is_one else symbols.value(inputs)
    more: list[cst.BaseExpression] = []
    if isinstance(inputs, cst.BinaryOperation) and isinstance(inputs.right, cst.List):
        more = [element.value for element in inputs.right.elements]
        inputs = inputs.left if symbols.is_leaf(inputs.left) else symbols.value(inputs.left)
    if isinstance(inputs, cst.List | cst.Tuple):
        found = FunctionCall(call, [element.value for element in inputs.elements], outputs)
    elif isinstance(inputs, cst.Attribute) and inputs.attr.value == "inputs" or _may_be_list(symbols, inputs):
        found = FunctionCall(call, [inputs], outputs, whole=True)
    elif (symbols.is_leaf(inputs) or symbols.is_placeholder(inputs)) and not more:
        found = FunctionCall(call, [inputs], outputs, bare=True)
    else:
        raise NotUnderstood(f"what `{module.text(inputs)}` feeds is not known")
    fed = found.inputs + more
    phases = [place for place, node in enumerate(fed) if is_phase(module, symbols, node)]
    if phases and (phases != [len(fed) - 1] or len(fed) == 1):
        raise NotUnderstood("the learning phase is not the last input")
    found.inputs = fed[:-1] if phases else fed
    found.phase = -1 if phases else None
    for node in found.inputs:
        if not (found.whole or symbols.is_leaf(node) or symbols.is_layer(node) or symbols.is_placeholder(node)):
            raise NotUnderstood(f"`{module.text(node)}` is no input of a model")
    if found.whole and len(found.inputs) > 1 or not fed:
        raise NotUnderstood("what it is fed is not known")
    return found


def _may_be_list(symbols: Symbols, inputs: cst.BaseExpression) -> bool:
    """Return whether a name is a model's input, or the list of it, as after ``if not isinstance(inp, list):``."""
    values = symbols.assigned(inputs) if isinstance(inputs, cst.Name) else None
    leaves = [value for value in values or () if symbols.is_leaf(value)]
    lists = [value for value in values or () if isinstance(value, cst.List)]
    inner = [element.value for value in lists for element in value.elements]
    names = isinstance(inputs, cst.Name) and all(getattr(node, "value", None) == inputs.value for node in inner)
    return bool(leaves) and bool(lists) and names and len(leaves) + len(lists) == len(values or ())


def is_phase(module: Module, symbols: Symbols, node: cst.BaseExpression) -> bool:
    """Return whether an expression is the learning phase."""
    node = symbols.value(node)
    return isinstance(node, cst.Call) and k_name(module, node.func) == "learning_phase"


def _uses(module: Module, symbols: Symbols, call: cst.Call) -> list[cst.Call] | None:
    """Return the calls of what a call of ``K.function`` gives; None if something else is done with it."""
    parent = module.parent(call)
    if isinstance(parent, cst.Call) and parent.func is call:
        return [parent]
    if isinstance(parent, cst.ListComp) and parent.elt is call:
        bound = module.parent(parent)
        uses = _references(symbols, bound) if isinstance(bound, cst.Assign) else None
        found = [_calls_of_element(module, symbols, use) for use in uses] if uses is not None else [None]
        return None if None in found else [use for part in found for use in part or []]
    if isinstance(parent, cst.Return):
        return _calls_of_returned(module, symbols, parent)
    if not isinstance(parent, cst.Assign) or len(parent.targets) != 1:
        return None
    if isinstance(target := parent.targets[0].target, cst.Attribute):
        return _calls_of_attribute(module, target)
    uses = _references(symbols, parent)
    found = [_calls_of_name(module, symbols, use) for use in uses] if uses is not None else [None]
    return None if None in found else [use for part in found for use in part or []]


def _calls_of_name(module: Module, symbols: Symbols, use: cst.CSTNode) -> list[cst.Call] | None:
    """Return the calls that are made where a function's name is read: of it, or of what returns it."""
    parent = module.parent(use)
    if isinstance(parent, cst.Call) and parent.func is use:
        return [parent]
    return _calls_of_returned(module, symbols, parent) if isinstance(parent, cst.Return) else None


def _calls_of_returned(module: Module, symbols: Symbols, node: cst.Return) -> list[cst.Call] | None:
    """Return the calls of the functions that a function of the module returns."""
    maker = next((above for above in module.above(node) if isinstance(above, cst.FunctionDef | cst.Lambda)), None)
    makers = [part for part in module.inside(maker) if isinstance(part, cst.Return)] if maker is not None else []
    if not isinstance(maker, cst.FunctionDef) or len(makers) != 1 or maker.decorators:
        return None
    uses = symbols.eager.uses(maker)
    made = [module.parent(use) for use in uses]
    if not uses or not all(_calls(call, use) for call, use in zip(made, uses, strict=True)):
        return None
    found = [_uses(module, symbols, call) for call in made if isinstance(call, cst.Call)]
    return None if None in found else [use for part in found for use in part or []]


def _calls_of_attribute(module: Module, target: cst.Attribute) -> list[cst.Call] | None:
    """Return the calls of a function that is kept as ``self.name``."""
    same = [node for node in module.nodes(cst.Attribute) if node.attr.value == target.attr.value and node is not target]
    calls = [module.parent(node) for node in same]
    whole = all(_calls(call, node) for call, node in zip(calls, same, strict=True))
    return calls if whole and module.text(target.value) == "self" else None  # type: ignore[return-value]


def _calls(node: cst.CSTNode | None, use: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and node.func is use


def _references(symbols: Symbols, assign: cst.Assign) -> list[cst.Name] | None:
    """Return where the name that an assignment binds is read; None if another one may have bound it there."""
    target = assign.targets[0].target
    if len(assign.targets) != 1 or not isinstance(target, cst.Name):
        return None
    reached = [(read, symbols.eager.reaching(read)) for read in symbols.eager.reads(target)]
    own = [(read, found) for read, found in reached if any(binding.node is target for binding in found)]
    return [read for read, _ in own] if all(len(found) == 1 for _, found in own) else None


def _calls_of_element(module: Module, symbols: Symbols, use: cst.CSTNode) -> list[cst.Call] | None:
    """Return the calls of the elements of a list of functions, where the list is read."""
    parent = module.parent(use)
    if isinstance(parent, cst.Subscript):
        above = module.parent(parent)
        is_item = isinstance(parent.slice[0].slice, cst.Index)
        return [above] if is_item and isinstance(above, cst.Call) and above.func is parent else None
    target = parent.target if isinstance(parent, cst.For | cst.CompFor) and parent.iter is use else None
    if not isinstance(target, cst.Name) or len(symbols.eager.bindings(target)) != 1:
        return None
    reads = symbols.eager.reads(target)
    calls = [found for read in reads if _calls(found := module.parent(read), read)]
    return calls if len(calls) == len(reads) else None  # type: ignore[return-value]


def _is_written_out(call: cst.Call, fed: list[cst.BaseExpression], count: int | None, found: FunctionCall) -> bool:
    """Return whether a call has one list of as many values as are fed."""
    if len(call.args) != 1 or call.args[0].star or call.args[0].keyword is not None:
        return False
    value = call.args[0].value
    if found.bare:
        return not isinstance(value, cst.List | cst.Tuple)
    if fed == [value] or any(isinstance(item, cst.StarredElement) for item in getattr(value, "elements", ())):
        return False
    return len(fed) == count


@lru_cache(maxsize=2)
def _phase_elsewhere(module: Module) -> str | None:
    """Return what else a module does about the learning phase, so that no function can be given one of its own."""
    for node, name in k_uses(module):
        call = module.parent(node)
        fixed = isinstance(call, cst.Call) and call.args and module.text(call.args[0].value) in ("0", "False")
        if name == "set_learning_phase" and not fixed:
            return f"the learning phase is set in line {module.line_of(node)}"
    forced = [arg for arg in module.nodes(cst.Arg) if arg.keyword is not None and arg.keyword.value == "training"]
    if any(module.text(arg.value) == "True" and not _runs_a_model(module, arg) for arg in forced):
        return "a layer with training=True would lose that in a model called with another phase"
    return None


def check_phase(module: Module, found: FunctionCall) -> None:
    """Make sure that the model can be run in the phases that are asked for.

    Raises:
        NotUnderstood: it would compute something else, or change.
    """
    elsewhere = _phase_elsewhere(module)
    if elsewhere is not None:
        raise NotUnderstood(elsewhere)
    phases = found.phases()
    in_test_phase = phases is not None and all(is_test_phase(module, phase) for phase in phases)
    names = module.names
    if "gradient_override_map" in names:
        line = module.line_of(names["gradient_override_map"][0])
        raise NotUnderstood(f"gradients are overridden in line {line}, which a tape does not see")
    unseen = any(name in names for name in UNSEEN_MODELS) or not ("Sequential" in names or "Input" in names)
    loaded = "load_model" in names and "applications" not in module.source
    if not in_test_phase and loaded and "BatchNormalization" not in names:
        found.caveat = CAVEAT
    elif not in_test_phase and ("BatchNormalization" in names or unseen):
        raise NotUnderstood(
            "a model called with training=True moves the averages of batch normalization, if it has any"
        )


def _runs_a_model(module: Module, argument: cst.Arg) -> bool:
    """Return whether an argument is that of a call that reads a value, as ``model(x, training=True).numpy()``."""
    call = module.parent(argument)
    above = module.parent(call) if call is not None else None
    return isinstance(above, cst.CompFor) or (isinstance(above, cst.Attribute) and above.attr.value == "numpy")


def is_test_phase(module: Module, phase: cst.BaseExpression) -> bool:
    """Return whether a value for the learning phase is a written-out 0."""
    return module.text(phase) in ("0", "0.", "0.0", "False")
