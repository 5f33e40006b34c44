"""What a function that stands for a call of ``K.function`` is given: its parameters, and the arguments of its calls."""

from __future__ import annotations

import re
from dataclasses import dataclass

import libcst as cst

from k2compat.migrate.analysis.k_function import is_test_phase
from k2compat.migrate.analysis.native_text import Fed, NativeText
from k2compat.migrate.analysis.symbolic import NotUnderstood, Symbols
from k2compat.migrate.analysis.tape_slice import Slice
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.statements import free

TRAIN_PHASES = ("1", "1.", "1.0", "True")
# In a module that has one of these, floats may be of another type than float32.
FLOAT_TYPES = re.compile(r"set_floatx|mixed_precision|Input\([^)]*dtype")


@dataclass
class Inputs:
    """The inputs of a function.

    Attributes:
        fed: what is fed, one for each input.
        listed: whether the function is given one list, because not all of its calls are known.
        bare: whether it is given one value that is no list.
        training: the name of the parameter for the learning phase, "" without one.
    """

    fed: list[Fed]
    listed: bool
    bare: bool
    training: str

    @property
    def parameters(self) -> str:
        """Return the parameters as they are written in the head of the function."""
        if self.listed:
            return "inputs"
        return ", ".join([*(fed.name for fed in self.fed), *([self.training] if self.training else [])])


def inputs_of(module: Module, symbols: Symbols, needed: Slice, text: NativeText, *, inline: bool) -> Inputs:
    """Return the inputs of the function for a call of ``K.function``.

    Raises:
        NotUnderstood: how many there are is not known.
    """
    found = needed.found
    fed: list[Fed] = []
    if found.whole:
        if not found.calls:
            raise NotUnderstood("how many inputs the model has is not known")
        model_inputs = module.text(found.inputs[0])
        count = len(found.fed(found.calls[0]))
        for number in range(count):
            keys = {f"{model_inputs}[{number}]"} | ({model_inputs.removesuffix("s")} if count == 1 else set())
            name = _given_name(module, needed, number) or (free("inputs", text.taken))
            fed.append(Fed(name, f"{model_inputs}[{number}]", frozenset(keys), _float(module, model_inputs, number)))
    else:
        for number, node in enumerate(found.inputs):
            fed.append(_fed(module, symbols, needed, text, number, node, inline=inline))
    names = [one.name for one in fed]
    for number, one in enumerate(fed):
        if one.name in names[:number]:
            one.name = free(one.name, text.taken)
    listed = found.calls is None and not found.bare
    phases = found.phases() or []
    constant_phase = bool(phases) and len({_phase(module, phase) for phase in phases}) == 1
    text.training = "False"
    training = ""
    if found.phase is not None and listed:
        text.training = "bool(inputs[-1])"
    elif (
        found.phase is not None
        and constant_phase
        and _phase(module, phases[0]) in ("True", "False")
        or found.phase is not None
        and inline
    ):
        text.training = _phase(module, phases[0])
    elif found.phase is not None:
        text.training = training = "training"
    return Inputs(fed, listed, found.bare and not inline, training)


def _fed(
    module: Module,
    symbols: Symbols,
    needed: Slice,
    text: NativeText,
    number: int,
    node: cst.BaseExpression,
    *,
    inline: bool,
) -> Fed:
    if symbols.is_placeholder(node):
        if not isinstance(node, cst.Name | cst.Attribute):
            raise NotUnderstood(f"`{module.text(node)}` has no name")
        name = node.value if isinstance(node, cst.Name) else node.attr.value
        return Fed(name, "", frozenset(), _placeholder_type(module, symbols, text, node))
    key, written = text.key(node), symbols.written(node)
    given = _given_name(module, needed, number)
    if inline:
        name = free("inputs", text.taken)
    elif isinstance(node, cst.Name) and not symbols.is_layer(node):
        name = node.value
    else:
        name = given or (free("inputs", text.taken) if symbols.is_layer(node) else text.name_of(node))
    return Fed(name, written, frozenset({key}), _float(module, written))


def _given_name(module: Module, needed: Slice, number: int) -> str:
    """Return the name of what all calls give for an input, if it means nothing else in the function."""
    values = [needed.found.fed(call)[number] for call in needed.found.calls or ()]
    names = {module.text(value) for value in values}
    name = names.pop() if len(names) == 1 else ""
    captured = {found.value for node in needed.nodes for found in needed.captured(node)}
    leaves = {module.text(node) for node in needed.found.inputs}
    return name if name.isidentifier() and name not in captured | leaves else ""


def _float(module: Module, written: str, number: int | None = None) -> str:
    if FLOAT_TYPES.search(module.source):
        return f"{written}.dtype" if number is None else f"{written}[{number}].dtype"
    return ""


def _placeholder_type(module: Module, symbols: Symbols, text: NativeText, node: cst.BaseExpression) -> str:
    calls = [value for value in symbols.assigned(node) or () if isinstance(value, cst.Call)]
    types = set()
    for call in calls:
        is_of_tensorflow = (module.refers_to(call.func) or "").startswith("tensorflow")
        given = module.argument(call, "dtype", 0 if is_of_tensorflow else 2)
        types.add(module.text(given.value) if given is not None else "")
    if len(types) > 1:
        raise NotUnderstood(f"`{module.text(node)}` has more than one type")
    written = types.pop() if types else ""
    if not written and FLOAT_TYPES.search(module.source):
        return f"{text.spelled('keras.config.floatx', node)}()"
    return "" if written.strip("'\"") == "float32" or written.endswith(".float32") else written


def _phase(module: Module, phase: cst.BaseExpression) -> str:
    text = module.text(phase)
    if is_test_phase(module, phase):
        return "False"
    return "True" if text in TRAIN_PHASES else f"bool({text})"


def arguments(module: Module, needed: Slice, inputs: Inputs, call: cst.Call) -> str:
    """Return what a call of the function is given."""
    given = [module.text(node) for node in needed.found.fed(call)]
    if inputs.training:
        given.append(
            f"training={_phase(module, (needed.found.phases() or [])[(needed.found.calls or []).index(call)])}"
        )
    return ", ".join(given)
