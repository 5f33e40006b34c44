"""Writes the statements of a function: one for each step, with names that come from layers and placeholders."""

from __future__ import annotations

import ast
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.adapters.registry import adapter
from k2compat.codegen.formatting import text_of
from k2compat.codegen.lowering import BY_HAND, KEPT_WHOLE, PRINTING, GradientStep, Step, UpdateStep, key
from k2compat.codegen.names import Block, Vocabulary
from k2compat.codegen.submodels import ModelCall
from k2compat.codegen.syntax import (
    INDEXING,
    LONGEST_LITERAL,
    OF_KERAS,
    called,
    dtype_node,
    identifier,
    index,
    is_operator,
    nested,
    operation,
    parse,
    plain_call,
    public_name,
)
from k2compat.codegen.tape_scopes import scheduled
from k2compat.errors import SourceError, three_parts
from k2compat.graph.learning_phase import PhaseCall
from k2compat.graph.nested import leaves
from k2compat.graph.node import Call
from k2compat.graph.symbols import is_symbol, is_variable, spec_of, variable_of
from k2compat.line_folding import INDENT, WIDTH

LONGEST_INLINE = 60
OPERATOR_NAMES = {
    "add": "total",
    "sub": "difference",
    "mul": "product",
    "truediv": "ratio",
    "pow": "power",
    "neg": "negative",
    "sum": "total",
    "max": "largest",
    "min": "smallest",
    "abs": "magnitude",
    "round": "rounded",
    "true_divide": "ratio",
    "multiply": "product",
    "subtract": "difference",
    "divide": "ratio",
}


class StepWriter(Vocabulary, ABC):
    """Writes the steps between tapes."""

    @abstractmethod
    def blocks(self, parts: Sequence[Any], block: Block) -> None:
        """Write steps and tapes, as ``scheduled`` gives them."""

    def count(self, steps: Iterable[Step], wanted: Iterable[Any]) -> None:
        """Count how often each tensor is used, for what is used once goes into the expression that uses it."""
        for step in steps:
            self.uses.update(self.occurrences(step))
        self.uses.update(key(self.steps.resolve(item)) for item in wanted)

    def occurrences(self, step: Step) -> Iterable[int]:
        if isinstance(step, GradientStep):
            return [key(item) for item in step.inputs for _ in range(2)]
        if isinstance(step.call, Call) and not isinstance(step.call, PhaseCall):
            found = [
                key(self.steps.resolve(leaf)) for leaf in leaves(step.call.args, step.call.kwargs) if is_symbol(leaf)
            ]
            return [*found, *(key(item) for item in step.inputs if key(item) not in found for _ in range(2))]
        twice = not isinstance(step.call, (ModelCall, PhaseCall)) and not step.is_layer  # another name of the same
        return [key(item) for item in step.inputs for _ in range(1 + twice)]

    def step(self, step: Step, block: Block) -> None:
        """One statement, or an expression kept for the only place that uses it."""
        call = step.call
        if isinstance(call, ModelCall):
            self.assign(step, self.sub_model(step), block, [identifier(name_of(output)) for output in step.outputs])
        elif isinstance(call, PhaseCall):
            sides = [self.leaf(side) for side in (call.side(1), call.side(0))]
            self.inline(step, ast.IfExp(parse("training"), *sides), block)
        elif isinstance(step, UpdateStep):
            update = call.fn.__self__
            block.add(self.assignment(update, self.leaf(call.args[0])))
            self.nodes[id(step.outputs[0])] = self.leaf(update.target)
        elif step.is_layer and self.is_keras_operator(call):
            self.written(step, lambda: self.keras_operator(call), block)
        elif step.is_layer:
            name = identifier(call.name)
            name = f"{name}_output" if name in self.arguments else name
            self.assign(step, self.layer(step), block, [name] * len(step.outputs))
        elif isinstance(call, Call):
            self.written(step, lambda: self.call(call, block), block)
        else:  # an input that has its value from an expression
            self.nodes[id(step.outputs[0])] = self.leaf(step.inputs[0])

    def assign(self, step: Step, node: ast.expr, block: Block, names: Sequence[str]) -> None:
        """A statement that gives names to the outputs of a step."""
        found = []
        for output, name in zip(step.outputs, names, strict=True):
            found.append(self.fresh(name) if self.uses[id(output)] else "_")
            self.nodes[id(output)] = parse(found[-1])
        block.add(f"{', '.join(found)} = {text_of(node)}")

    def written(self, step: Step, write: Callable[[], ast.expr], block: Block) -> None:
        """An expression; where it gets too long for a line, its longer operands are given names first."""
        node = write()
        operands = {id(leaf) for leaf in map(self.steps.resolve, step.inputs) if id(leaf) in self.titles}
        while operands and not isinstance(node, ast.Call) and not fits(f"{self.title(step)}_00", node, block):
            longest = max(operands, key=lambda operand: len(text_of(self.nodes[operand])))
            operands.remove(longest)
            name = self.fresh(self.titles.pop(longest))
            block.add(f"{name} = {text_of(self.nodes[longest])}")
            self.nodes[longest] = parse(name)
            node = write()
        self.inline(step, node, block)

    def inline(self, step: Step, node: ast.expr, block: Block) -> None:
        """A short expression that is used once stays one."""
        if isinstance(node, ast.Name) and len(step.outputs) == 1:
            self.nodes[id(step.outputs[0])] = node
            return
        once = len(step.outputs) == 1 and self.uses[id(step.outputs[0])] == 1
        if once and len(text_of(node)) <= LONGEST_INLINE:
            self.nodes[id(step.outputs[0])] = node
            self.titles[id(step.outputs[0])] = self.title(step)
        else:
            self.assign(step, node, block, [self.title(step)] * len(step.outputs))

    def title(self, step: Step) -> str:
        """Return a name for the result of a call."""
        fn = getattr(step.call, "fn", None)
        name = getattr(fn, "__name__", None) or type(step.call.operation).__name__
        name = identifier(name.removeprefix("reduce_").removesuffix("_v2").lstrip("_"))
        if name in ("getitem", "get_item", "slice_helper"):
            base = self.nodes.get(id(self.steps.resolve(step.call.args[0])))
            return f"{base.id}_part" if isinstance(base, ast.Name) else "part"
        return OPERATOR_NAMES.get(name, name)

    # Expressions

    def sub_model(self, step: Step) -> ast.expr:
        """Return the call of a sub-model, which is made in the setup."""
        call = step.call
        ends = ["[" + ", ".join(texts) + "]" if len(texts) > 1 else texts[0] for texts in (call.entries, call.exits)]
        last = identifier(name_of(step.outputs[-1]))
        at_start = all(text.startswith(f"{call.owner.name}.inputs") for text in call.entries)
        name = f"to_{last}" if at_start else f"{identifier(name_of(step.inputs[-1]))}_to_{last}"
        model = self.hoisted((tuple(call.entries), tuple(call.exits)), name, f"keras.Model({ends[0]}, {ends[1]})")
        inputs = [self.leaf(item) for item in step.inputs]
        argument = inputs[0] if len(inputs) == 1 else ast.List(inputs, ast.Load())
        return ast.Call(model, [argument], self.training(call))

    def training(self, call: Any) -> list[ast.keyword]:
        """Return the argument ``training`` of a layer."""
        if not call.takes_training:
            return []
        phase = self.steps.phase if call.chosen_phase is None else call.chosen_phase
        return [ast.keyword("training", parse("training") if phase is None else ast.Constant(bool(phase)))]

    def layer(self, step: Step) -> ast.expr:
        """Return the call of a layer."""
        call, layer = step.call, step.call.operation
        text = next((owner.layers[id(layer)] for owner in self.owners if id(layer) in owner.layers), None)
        if text is None:
            meaning = f'the layer "{layer.name}", a {type(layer).__name__}.'
            function = self.parameter(id(layer), identifier(layer.name) + "_layer", layer, meaning)
        elif text.isidentifier():
            function = parse(text)
        else:
            function = self.hoisted(id(layer), identifier(layer.name) + "_layer", text)
        args = [self.leaf(argument) for argument in call.args]
        kwargs = [
            ast.keyword(name, self.leaf(value))
            for name, value in call.kwargs.items()
            if value is not None and name != "training"
        ]
        training = [given for given in self.training(call) if text_of(given.value) != "False"]  # the default
        return ast.Call(function, args, kwargs + training)

    @staticmethod
    def is_keras_operator(call: Any) -> bool:
        return type(call.operation).__module__.startswith("keras.src.ops.")

    def keras_operator(self, call: Any) -> ast.expr:
        """Return an operator that Keras recorded: Python's where that does the same, or else the function of
        ``keras.ops``.
        """
        kind = type(call.operation).__name__
        sign = OF_KERAS.get(kind)
        tensors = [leaf for leaf in leaves(call.args) if is_symbol(leaf) or is_variable(leaf)]
        kinds = {spec_of(leaf).dtype for leaf in tensors}
        plain = len(kinds) == 1 and (sign in INDEXING or spec_of(call.outputs[0]).dtype in (*kinds, tf.bool))
        if sign is not None and plain:
            return self.signed(sign, call.args, frozenset(kinds))
        ops = adapter().package.ops
        name = next((name for name in dir(ops) if name.replace("_", "") == kind.lower()), None)
        if name is None:
            raise SourceError(
                three_parts(
                    f"the Keras operator {kind}",
                    "one that keras.ops has a function of that name for.",
                    f"use a K or TensorFlow function, or a layer, in its place; or {BY_HAND}",
                )
            )
        function = getattr(ops, name)
        known = inspect.signature(function).parameters
        settings = {given: value for given, value in call.settings.items() if given in known}
        return plain_call(f"keras.ops.{name}", function, call.args, {**settings, **call.kwargs}, self.leaf)

    def signed(self, sign: Any, args: Sequence[Any], beside: frozenset[tf.DType]) -> ast.expr:
        """Return an expression with one of Python's signs."""
        if sign in INDEXING:
            place = id(self.steps.resolve(args[0])), repr(args[1])
            return ast.Subscript(self.leaf(args[0]), index(args[1], lambda leaf: self.number(leaf, place)))
        return operation(sign, [self.number(argument, id(args), beside) for argument in args])

    def number(self, leaf: Any, place: Any, beside: frozenset[tf.DType] = frozenset()) -> ast.expr:
        """Return an index or an operand: the argument of the function that stands for it, if there is one."""
        return self.numbers.name_of(leaf, place) or self.leaf(leaf, beside)

    def call(self, call: Call, block: Block) -> ast.expr:
        """Return the call of a function of TensorFlow or Keras."""
        fn = call.fn
        beside = frozenset(
            spec_of(leaf).dtype for leaf in leaves(call.args, call.kwargs) if is_symbol(leaf) or is_variable(leaf)
        )
        if is_operator(fn):
            return self.signed(fn, call.args, beside)
        if fn.__name__ in KEPT_WHOLE and fn.__module__.startswith("k2compat."):
            place = "keras.ops" if adapter().kind == "keras3" else "keras.backend"
            return plain_call(f"{place}.{fn.__name__}", inspect.unwrap(fn), call.args, call.kwargs, self.leaf)
        if fn.__name__ == PRINTING:
            return self.printed(call, block)
        name = public_name(fn) or ""
        if name == "tf.constant":
            return self.made_constant(call)
        functions = {
            id(leaf): leaf
            for leaf in leaves(call.args, call.kwargs)
            if inspect.isfunction(leaf) and not public_name(leaf)
        }
        if functions:
            return self.with_functions(name, call, block)
        return plain_call(name, fn, call.args, call.kwargs, lambda value: self.leaf(value, beside))

    def printed(self, call: Call, block: Block) -> ast.expr:
        """Return a tensor that is printed each time it is computed."""
        _, message, *_ = *call.args, call.kwargs.get("message", "")
        node = self.leaf(call.args[0])
        if not isinstance(node, ast.Name):
            name = self.fresh("printed")
            block.add(f"{name} = {text_of(node)}")
            node = parse(name)
        block.add(text_of(called("tf.print", ast.Constant(message), node)))
        return node

    def made_constant(self, call: Call) -> ast.expr:
        """Return the call of ``tf.constant``: its array is written out without another such call."""
        array = np.asarray(call.args[0])
        if array.size > LONGEST_LITERAL:
            return plain_call("tf.constant", call.fn, call.args, call.kwargs, self.leaf)
        settings = {"dtype": tf.as_dtype(array.dtype)} if array.dtype not in ("float32", "int32") else {}
        return plain_call(
            "tf.constant",
            call.fn,
            (array,),
            {**settings, **call.kwargs},
            lambda value: nested(value) if value is array else self.leaf(value),
        )

    # Functions that are given to functions

    def with_functions(self, name: str, call: Call, block: Block) -> ast.expr:
        """Return a call of ``tf.cond``, ``tf.map_fn`` and the like: their functions are traced, as TensorFlow does
        it.
        """
        bound = inspect.signature(call.fn).bind(*call.args, **call.kwargs).arguments
        parameters = of_function(name, bound)
        if parameters is None:
            raise SourceError(
                three_parts(
                    f"{name} with the function {next(filter(inspect.isfunction, bound.values())).__name__}",
                    f"one of {', '.join(TRACED)}, over one tensor, where functions are passed.",
                    f"use one of these; or {BY_HAND}",
                )
            )
        return plain_call(
            name,
            call.fn,
            call.args,
            call.kwargs,
            lambda value: self.function(value, parameters, block) if inspect.isfunction(value) else self.leaf(value),
        )

    def function(self, fn: Callable[..., Any], specs: Sequence[tf.TypeSpec], block: Block) -> ast.expr:
        """Return a function as a lambda, or as a ``def`` in front of the statement that uses it."""
        symbols = [self.steps.stand_in(spec) for spec in specs]
        names = [self.fresh(identifier(name)) for name in list(inspect.signature(fn).parameters)[: len(specs)]]
        self.nodes.update({id(symbol): parse(name) for symbol, name in zip(symbols, names, strict=True)})
        call = Call(fn, tuple(symbols), {})
        results = self.steps.run(call)
        start = len(self.steps.steps)
        for inner in self.steps.calls_of(results):
            self.steps.add(inner)
        steps, self.steps.steps[start:] = self.steps.steps[start:], []
        self.count(steps, results)
        body = Block([], block.indent + 1)
        self.blocks(scheduled(steps), body)
        result = self.leaf(results[0]) if len(results) == 1 else ast.Tuple(list(map(self.leaf, results)), ast.Load())
        if not body.lines:
            return ast.Lambda(ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, []), result)
        name = self.fresh("function" if fn.__name__ == "<lambda>" else identifier(fn.__name__))
        block.add(f"def {name}({', '.join(names)}):", set_off=True)
        body.add(f"return {text_of(result)}")
        block.lines.extend([*body.lines, ""])
        return parse(name)

    def assignment(self, update: Any, value: ast.expr) -> str:
        """Return the statement of an update."""
        target = variable_of(update.target)
        given = self.steps.resolve(update.value)
        dtype = spec_of(given).dtype if is_symbol(given) or is_variable(given) else target.dtype
        value = value if dtype == target.dtype else called("tf.cast", value, dtype_node(target.dtype))
        return f"{text_of(self.leaf(update.target))}.{update.how}({text_of(value)})"


def fits(name: str, node: ast.expr, block: Block) -> bool:
    """Return whether a statement fits on a line."""
    return len(INDENT) * block.indent + len(f"{name} = {text_of(node)}") <= WIDTH


TRACED = ("tf.cond", "tf.map_fn", "tf.foldl", "tf.foldr", "tf.scan")


def of_function(name: str, bound: dict[str, Any]) -> list[tf.TypeSpec] | None:
    """Shapes and dtypes of the arguments a function is called with, None where that is not known."""
    if name == "tf.cond":
        return []
    elems = bound.get("elems")
    if name not in TRACED or not (is_symbol(elems) or is_variable(elems) or tf.is_tensor(elems)):
        return None
    whole: Any = spec_of(elems) if is_symbol(elems) or is_variable(elems) else elems
    part = tf.TensorSpec(whole.shape[1:], whole.dtype)
    if name == "tf.map_fn":
        return [part]
    start = bound.get("initializer")
    if start is None:
        return [part, part]
    return [
        spec_of(start)
        if is_symbol(start) or is_variable(start)
        else tf.type_spec_from_value(tf.convert_to_tensor(start)),
        part,
    ]


def name_of(symbol: Any) -> str:
    """Return the name of what made a symbolic tensor: of its layer, or its own."""
    history = getattr(symbol, "_keras_history", None)
    maker = getattr(history, "operation", None) or getattr(history, "layer", None)
    return getattr(maker, "name", None) or symbol.name
