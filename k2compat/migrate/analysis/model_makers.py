"""Which calls may have made a model: followed through names, functions that return it, and their parameters."""

from __future__ import annotations

import re

import libcst as cst

from k2compat.migrate.analysis.eager_functions import eager_functions
from k2compat.migrate.analysis.keras_objects import created_by
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import constant

SEQUENTIAL = ("keras.Sequential", "keras.models.Sequential")
FUNCTIONAL = ("keras.Model", "keras.models.Model", "keras.engine.training.Model", "keras.engine.Model")
MOST = 8  # names and functions on the way to a model


def model_calls(module: Module, node: cst.CSTNode, deep: int = MOST) -> list[cst.Call] | None:
    """Return the calls of Keras, one of which made the model that an expression is; None where one is not known."""
    if not deep:
        return None
    if isinstance(node, cst.Call):
        called = module.refers_to(node.func)
        if called is not None and called.startswith("keras."):
            return [node]
        return _returned(module, node.func, deep)
    if isinstance(node, cst.Attribute) and module.text(node.value) != "self":
        return None
    bindings = eager_functions(module).bindings(node) if isinstance(node, cst.Name) else []
    if bindings and all(isinstance(module.parent(binding.node), cst.Parameters) for binding in bindings):
        return _given(module, bindings[0].node, deep)
    values = created_by(module, node)
    return _all(module, values, deep)


def _all(module: Module, values: list[cst.BaseExpression] | None, deep: int) -> list[cst.Call] | None:
    found = [model_calls(module, value, deep - 1) for value in values or []]
    return None if not found or None in found else [call for part in found for call in part or []]


def _returned(module: Module, function: cst.BaseExpression, deep: int) -> list[cst.Call] | None:
    """Return the calls that made what a function of the module returns."""
    bodies = [binding.node for binding in eager_functions(module).bindings(function)]
    if isinstance(function, cst.Attribute) and module.text(function.value) == "self":
        bodies = [node for node in module.nodes(cst.FunctionDef) if node.name.value == function.attr.value]
    if len(bodies) != 1 or not isinstance(bodies[0], cst.FunctionDef):
        return None
    returns = [node.value for node in module.inside(bodies[0]) if isinstance(node, cst.Return)]
    return None if None in returns else _all(module, returns, deep)  # type: ignore[arg-type]


def _given(module: Module, parameter: cst.CSTNode, deep: int) -> list[cst.Call] | None:
    """Return the calls that made what a parameter is given, in all calls of its function."""
    values = eager_functions(module).given(parameter)
    return None if values is None else _all(module, values, deep)


def is_functional(module: Module, node: cst.CSTNode) -> bool:
    """Return whether an expression surely is a functional model: made as one, or with an input layer."""
    calls = model_calls(module, node)
    names = [module.refers_to(call.func) or "" for call in calls or ()]
    if names and all(name in FUNCTIONAL or name.startswith("keras.applications.") for name in names):
        return True
    return has_input_layer(module, module.text(node))


def has_input_layer(module: Module, written: str) -> bool:
    """Return whether a model is asked for its input layer, which a ``Sequential`` does not give away."""
    for attribute in module.nodes(cst.Attribute):
        if attribute.attr.value != "get_layer":
            continue
        call = module.parent(attribute)
        if not isinstance(call, cst.Call) or call.func is not attribute:
            continue
        name = constant(call.args[0].value) if call.args else None
        if name is not None and re.search("input", name, re.I) and module.text(attribute.value) == written:
            return True
    return False


def added_to(module: Module, maker: cst.Call) -> bool:
    """Return whether layers are added one by one to the ``Sequential`` that a call makes."""
    assign = module.parent(maker)
    target = assign.targets[0].target if isinstance(assign, cst.Assign) else None
    name = module.text(target) if target is not None else ""
    return any(node.attr.value == "add" and module.text(node.value) == name for node in module.nodes(cst.Attribute))
