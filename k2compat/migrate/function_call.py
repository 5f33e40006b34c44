"""A call of ``K.function``, taken apart: what is fed, what is fetched, and where its result is called."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import libcst as cst

from k2compat.migrate.module import Module
from k2compat.migrate.spelling import k_name, k_uses
from k2compat.migrate.symbolic import NotUnderstood, Symbols

# In a module that has one of these, a model may have batch normalization without saying so.
UNSEEN_MODELS = ("load_model", "model_from_json", "model_from_config", "model_from_yaml", "applications")


@dataclass
class FunctionCall:
    """A call of ``K.function``.

    Attributes:
        call: the call.
        inputs: what is fed, without the learning phase.
        whole: what is fed is one list, ``model.inputs``.
        bare: what is fed is no list.
        phase: the place of the learning phase among the fed values, None without one.
        outputs: what is fetched.
        name: the name it is bound to, if the statement does nothing else.
        calls: where the function is called, with lists written out; None if that is not all that is done with it.
    """

    call: cst.Call
    inputs: list[cst.BaseExpression]
    outputs: cst.BaseExpression
    whole: bool = False
    bare: bool = False
    phase: int | None = None
    name: str = ""
    calls: list[cst.Call] | None = field(default=None)

    def phases(self) -> list[cst.BaseExpression] | None:
        """The values given for the learning phase; None where not all are known."""
        if self.phase is None or self.calls is None:
            return [] if self.phase is None else None
        return [given(call)[self.phase] for call in self.calls]


def given(call: cst.Call) -> list[cst.BaseExpression]:
    """The values in ``f([a, b])``."""
    fed = call.args[0].value
    return [element.value for element in fed.elements] if isinstance(fed, cst.List | cst.Tuple) else [fed]


def take_apart(module: Module, symbols: Symbols, call: cst.Call) -> FunctionCall:
    """Reads a call of ``K.function``.

    Raises:
        NotUnderstood: it is none of those that can be rewritten.
    """
    inputs, outputs = module.argument(call, "inputs", 0), module.argument(call, "outputs", 1)
    if inputs is None or outputs is None or len(call.args) != 2:
        raise NotUnderstood("it has updates or other arguments")
    found = _fed(module, symbols, call, inputs.value, outputs.value)
    statement = module.parent(call)
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target = statement.targets[0].target
        line = module.parent(statement)
        alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
        found.name = target.value if isinstance(target, cst.Name) and alone else ""
    uses = _uses(module, symbols, call)
    fed = 1 if found.bare or found.whole else len(found.inputs)
    count = fed + (found.phase is not None)
    if uses is not None and all(_is_written_out(use, count, found) for use in uses):
        found.calls = uses
    for use in uses or []:
        value = symbols.value(use.args[0].value) if use.args else None
        if not found.bare and not isinstance(value, cst.List | cst.Tuple | cst.BinaryOperation):
            raise NotUnderstood(f"whether `{module.text(use)}` is given a list or an array is not known")
    _check_phase(module, found)
    return found


def _fed(
    module: Module, symbols: Symbols, call: cst.Call, inputs: cst.BaseExpression, outputs: cst.BaseExpression
) -> FunctionCall:
    inputs = symbols.value(inputs) if not symbols.is_leaf(inputs) else inputs
    more: list[cst.BaseExpression] = []
    if isinstance(inputs, cst.BinaryOperation) and isinstance(inputs.right, cst.List):
        more = [element.value for element in inputs.right.elements]
        inputs = inputs.left if symbols.is_leaf(inputs.left) else symbols.value(inputs.left)
    if isinstance(inputs, cst.List | cst.Tuple):
        found = FunctionCall(call, [element.value for element in inputs.elements], outputs)
    elif isinstance(inputs, cst.Attribute) and inputs.attr.value == "inputs":
        found = FunctionCall(call, [inputs], outputs, whole=True)
    elif symbols.is_leaf(inputs) and not more:
        found = FunctionCall(call, [inputs], outputs, bare=True)
    else:
        raise NotUnderstood(f"what `{module.text(inputs)}` feeds is not known")
    fed = found.inputs + more
    phases = [place for place, node in enumerate(fed) if _is_phase(module, symbols, node)]
    if phases and (phases != [len(fed) - 1] or len(fed) == 1):
        raise NotUnderstood("the learning phase is not the last input")
    found.phase = phases[0] if phases else None
    found.inputs = fed[: found.phase] if phases else fed
    for node in found.inputs:
        if not found.whole and not symbols.is_leaf(node) and not _is_layer(node):
            raise NotUnderstood(f"`{module.text(node)}` is no input of a model")
    if found.whole and len(found.inputs) > 1 or not found.inputs:
        raise NotUnderstood("what it is fed is not known")
    return found


def _is_phase(module: Module, symbols: Symbols, node: cst.BaseExpression) -> bool:
    node = symbols.value(node)
    return isinstance(node, cst.Call) and k_name(module, node.func) == "learning_phase"


def _is_layer(node: cst.BaseExpression) -> bool:
    """Whether a node is ``model.get_layer(...)``: a function may be fed a layer's tensor by its layer."""
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "get_layer"


def _uses(module: Module, symbols: Symbols, call: cst.Call) -> list[cst.Call] | None:
    """The calls of what a call of ``K.function`` gives; None if something else is done with it."""
    parent = module.parent(call)
    if isinstance(parent, cst.Call) and parent.func is call:
        return [parent]
    if isinstance(parent, cst.ListComp) and parent.elt is call:
        bound = module.parent(parent)
        uses = _references(symbols, bound) if isinstance(bound, cst.Assign) else None
        found = [_calls_of_element(module, symbols, use) for use in uses] if uses is not None else [None]
        return None if None in found else [use for part in found for use in part or []]
    if not isinstance(parent, cst.Assign) or len(parent.targets) != 1:
        return None
    if isinstance(target := parent.targets[0].target, cst.Attribute):
        return _calls_of_attribute(module, target)
    uses = _references(symbols, parent)
    calls = [module.parent(use) for use in uses or []]
    direct = [found for found, use in zip(calls, uses or [], strict=True) if _calls(found, use)]
    return direct if uses is not None and len(direct) == len(calls) else None  # type: ignore[return-value]


def _calls_of_attribute(module: Module, target: cst.Attribute) -> list[cst.Call] | None:
    """The calls of a function that is kept as ``self.name``."""
    same = [node for node in module.nodes(cst.Attribute) if node.attr.value == target.attr.value and node is not target]
    calls = [module.parent(node) for node in same]
    whole = all(_calls(call, node) for call, node in zip(calls, same, strict=True))
    return calls if whole and module.text(target.value) == "self" else None  # type: ignore[return-value]


def _calls(node: cst.CSTNode | None, use: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and node.func is use


def _references(symbols: Symbols, assign: cst.Assign) -> list[cst.Name] | None:
    """Where the name that an assignment binds is read; None if another one may have bound it there."""
    target = assign.targets[0].target
    if len(assign.targets) != 1 or not isinstance(target, cst.Name):
        return None
    reached = [(read, symbols.traced.reaching(read)) for read in symbols.traced.reads(target)]
    own = [(read, found) for read, found in reached if any(binding.node is target for binding in found)]
    return [read for read, _ in own] if all(len(found) == 1 for _, found in own) else None


def _calls_of_element(module: Module, symbols: Symbols, use: cst.CSTNode) -> list[cst.Call] | None:
    """The calls of the elements of a list of functions, where the list is read."""
    parent = module.parent(use)
    if isinstance(parent, cst.Subscript):
        above = module.parent(parent)
        is_item = isinstance(parent.slice[0].slice, cst.Index)
        return [above] if is_item and isinstance(above, cst.Call) and above.func is parent else None
    target = parent.target if isinstance(parent, cst.For | cst.CompFor) and parent.iter is use else None
    if not isinstance(target, cst.Name) or len(symbols.traced.bindings(target)) != 1:
        return None
    reads = symbols.traced.reads(target)
    calls = [found for read in reads if _calls(found := module.parent(read), read)]
    return calls if len(calls) == len(reads) else None  # type: ignore[return-value]


def _is_written_out(call: cst.Call, count: int, found: FunctionCall) -> bool:
    """Whether a call has one list of as many values as are fed."""
    if len(call.args) != 1 or call.args[0].star or call.args[0].keyword is not None:
        return False
    fed = call.args[0].value
    if found.bare:
        return not isinstance(fed, cst.List | cst.Tuple)
    if not isinstance(fed, cst.List | cst.Tuple) or any(isinstance(item, cst.StarredElement) for item in fed.elements):
        return False
    return len(fed.elements) == count


@lru_cache(maxsize=2)
def _phase_elsewhere(module: Module) -> str | None:
    """What else a module does about the learning phase, so that no function can be given one of its own."""
    for node, name in k_uses(module):
        call = module.parent(node)
        fixed = isinstance(call, cst.Call) and call.args and module.text(call.args[0].value) in ("0", "False")
        if name == "set_learning_phase" and not fixed:
            return f"the learning phase is set in line {module.line_of(node)}"
    forced = [arg for arg in module.nodes(cst.Arg) if arg.keyword is not None and arg.keyword.value == "training"]
    if any(module.text(arg.value) == "True" and not _runs_a_model(module, arg) for arg in forced):
        return "a layer with training=True would lose that in a model called with another phase"
    return None


def _check_phase(module: Module, found: FunctionCall) -> None:
    elsewhere = _phase_elsewhere(module)
    if elsewhere is not None:
        raise NotUnderstood(elsewhere)
    phases = found.phases()
    in_test_phase = phases is not None and all(is_test_phase(module, phase) for phase in phases)
    names = module.names
    unseen = any(name in names for name in UNSEEN_MODELS) or not ("Sequential" in names or "Input" in names)
    if not in_test_phase and ("BatchNormalization" in names or unseen):
        raise NotUnderstood(
            "a model called with training=True moves the averages of batch normalization, if it has any"
        )


def _runs_a_model(module: Module, argument: cst.Arg) -> bool:
    """Whether an argument is that of a call that reads a value, as ``model(x, training=True).numpy()``."""
    call = module.parent(argument)
    above = module.parent(call) if call is not None else None
    return isinstance(above, cst.CompFor) or (isinstance(above, cst.Attribute) and above.attr.value == "numpy")


def is_test_phase(module: Module, phase: cst.BaseExpression) -> bool:
    """Whether a value for the learning phase is a written-out 0."""
    return module.text(phase) in ("0", "0.", "0.0", "False")
