"""``f.to_source()``: a function as TensorFlow 2 code without k2compat."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from k2compat.adapters.registry import adapter
from k2compat.codegen.caveats import remarks
from k2compat.codegen.formatting import text_of
from k2compat.codegen.lowering import GradientStep, Step, Steps, UpdateStep, key
from k2compat.codegen.model_refs import Owner, owners_of
from k2compat.codegen.names import Block
from k2compat.codegen.overridden import refuse_overridden
from k2compat.codegen.parameters import Numbers
from k2compat.codegen.submodels import grouped
from k2compat.codegen.syntax import called, identifier, parse
from k2compat.codegen.tape_scopes import scheduled
from k2compat.codegen.tape_statements import Writer
from k2compat.graph.evaluation import Plan, placeholder_name
from k2compat.graph.symbols import Phase, is_symbol, is_variable, spec_of
from k2compat.graph.updates import Update
from k2compat.line_folding import folded


class Source(str):
    """Code, and what its parameters stand for.

    Attributes:
        arguments: name of a parameter of the factory -> the model, layer, variable or array it stands for.
    """

    arguments: dict[str, Any]


def source_of(
    functions: Mapping[str, Any], given: dict[str, Any], parameters: Mapping[str, Any] | None = None
) -> Source:
    """Return the code of functions that share a factory; see ``Function.to_source``.

    Args:
        functions: name -> function; the first has the parameters.
        given: models, layers, variables and arrays by the names of their parameters.
        parameters: name of an argument of the first function -> the number that it stands for.
    """
    parts = [
        Part(function, name, given, Numbers((parameters or {}) if number == 0 else {}))
        for number, (name, function) in enumerate(functions.items())
    ]
    owners = owners_of(dict.fromkeys(item for part in parts for item in part.needed()), given)
    for number, part in enumerate(parts):
        part.prepare(owners, given, set(functions), parts[0] if number else None)
    return together(parts)


def together(parts: Sequence[Part]) -> Source:
    """Return the module with the factory of some functions."""
    written = [part.lines() for part in parts]
    first, names = parts[0], [part.name for part in parts]
    name = f"make_{names[0]}" if len(parts) == 1 else "make_functions"
    head = f"def {name}({', '.join(first.writer.arguments)}):"
    what = "the function" if len(parts) == 1 else f"the functions {', '.join(names)}"
    setup = [*first.writer.setup.lines, ""] if first.writer.setup.lines else []
    remarked = [line for part in parts for line in remarks(calls_of(part.order), part.steps.phase)]
    inner = [line for number, lines in enumerate(written) for line in ([""] if number else []) + lines]
    lines = [
        *first.imports([*setup, *inner]),
        "",
        "",
        *folded(head, 0),
        *first.factory_docstring(what),
        *dict.fromkeys(remarked),
        *(setup or [""]),
        *inner,
        "",
        *folded(f"return {', '.join(names)}", 1),
        "",
    ]
    source = Source("\n".join(lines))
    source.arguments = dict(first.writer.arguments)
    return source


class Part:
    """The code of one function."""

    def __init__(self, function: Any, name: str, given: dict[str, Any], numbers: Numbers):
        self.function = function
        self.name = name
        self.numbers = numbers
        self.inputs = [*function.inputs, *function.feed_dict]
        self.work = function.work
        self.fetches = list(self.work.fetches)
        fed = [symbol for symbol in self.inputs if not isinstance(symbol, Phase)]
        phase = None if len(fed) < len(self.inputs) else function.phase
        plan = Plan([item for item in self.work.targets if item not in self.work.extra], map(id, fed), phase)
        if plan.depth:
            refuse_overridden(Plan(plan.targets, map(id, fed), phase or 0), fed)
        self.steps = Steps(plan.order, fed, plan.watched, phase)
        self.wanted = [self.steps.resolve(target) for target in plan.targets]

    def prepare(self, owners: Sequence[Owner], given: dict[str, Any], names: set[str], first: Part | None) -> None:
        """Choose names, once it is known which models the functions have in common."""
        self.owners, wanted = list(owners), self.wanted
        steps = alive(self.steps.steps, set(map(key, wanted)))
        cuts = {key(source) for step in steps if isinstance(step, GradientStep) for source in step.sources}
        self.order = grouped(steps, self.owners, cuts, set(map(key, wanted)), self.steps.phase)
        self.writer = Writer(self.steps, self.owners, given, self.numbers)
        if first is not None:
            self.writer.share(first.writer)
        self.writer.taken |= names
        self.writer.count(self.order, [])
        self.count_fetches()

    def needed(self) -> list[int]:
        """Identities of the layers and variables that are used."""
        found: dict[int, None] = {}
        for step in self.steps.steps:
            if step.is_layer and hasattr(step.call.operation, "weights"):
                found[id(step.call.operation)] = None
            found.update({key(item): None for item in step.inputs if is_variable(item)})
        found.update({key(item): None for item in self.work.fetches if is_variable(item)})
        found.update({key(update.target): None for update in self.work.updates})
        return list(found)

    def count_fetches(self) -> None:
        """Outputs of a function with updates get names: they are computed before anything changes."""
        for item in self.fetches:
            if is_symbol(item) or is_variable(item):
                self.writer.uses[key(self.steps.resolve(item))] += 2 if self.work.updates else 1
        for update in self.work.updates:
            if is_symbol(update.value):
                self.writer.uses[key(self.steps.resolve(update.value))] += 1 if len(self.work.updates) == 1 else 2

    def lines(self) -> list[str]:
        """Return the lines of the function."""
        names = self.name_inputs()
        body = Block([], 2)
        self.writer.blocks(scheduled(self.order), body)
        restored = self.restore_averages(body)
        fetched = self.fetch(body)
        body.add(f"return {fetched}")
        self.numbers.check()
        return [
            "    @tf.function(jit_compile=True)" if self.function._how.jit_compile else "    @tf.function",
            *folded(f"def {self.name}({', '.join([*names, *self.numbers.values])}):", 1),
            *self.docstring(names),
            *restored,
            *body.lines,
        ]

    def imports(self, lines: Sequence[str]) -> list[str]:
        package = adapter().package.__name__
        keras = "import keras" if package.partition(".")[0] == "keras" else f"import {package} as keras"
        needs_keras = any("keras." in line for line in lines)
        return sorted(["import tensorflow as tf", *([keras] if needs_keras else [])], key=lambda line: line.split()[1])

    def name_inputs(self) -> list[str]:
        names = []
        for symbol in self.inputs:
            if isinstance(symbol, Phase):
                names.append("training")
                continue
            name = identifier(placeholder_name(symbol))
            name = "x" if name.startswith("keras_tensor") else name
            names.append(self.writer.fresh(name))
            self.writer.nodes[id(symbol)] = parse(names[-1])
        return names

    def factory_docstring(self, what: str) -> list[str]:
        documented = self.writer.documented
        if not documented:
            return [f'    """Makes {what}."""']
        lines = [f'    """Makes {what}.', "", "    Args:"]
        lines += [f"        {name}: {meaning}" for name, meaning in documented.items()]
        return [*lines, '    """']

    def docstring(self, names: Sequence[str]) -> list[str]:
        lines = []
        for symbol, name in zip(self.inputs, names, strict=True):
            if isinstance(symbol, Phase):
                lines.append(f"            {name}: bool, whether layers run as in training.")
            else:
                spec = spec_of(symbol)
                shape = "any shape" if spec.shape.rank is None else f"shape {tuple(spec.shape.as_list())}"
                lines.append(f"            {name}: {spec.dtype.name}, {shape}.")
        lines += self.numbers.documented()
        if not lines:
            return []
        return ['        """Computes the outputs.', "", "        Args:", *lines, '        """']

    def restore_averages(self, body: Block) -> list[str]:
        """Return what keeps batch normalization from moving its averages; gives the lines in front."""
        if self.steps.phase == 0 and not any(getattr(step.call, "chosen_phase", None) for step in self.order):
            return []
        holders = [name for name, thing in self.writer.arguments.items() if has_averages(thing)]
        if not holders or not any(has_averages(call.operation) for call in calls_of(self.order)):
            return []
        self.writer.setup.add(
            "averages = [v for v in " + " + ".join(f"{text}.variables" for text in holders) + ' if "moving_" in v.name]'
        )
        body.lines.append("        # Batch normalization moves its averages in training,")
        body.lines.append("        # which only asked-for updates may do.")
        body.add("for number, average in enumerate(averages):")
        body.inside().add("average.assign(before[number])")
        return ["        before = [tf.convert_to_tensor(average) for average in averages]"]

    def fetch(self, body: Block) -> str:
        """Write the updates, and gives the text of what is returned."""
        write = self.writer
        values: dict[int, ast.expr] = {}
        for item in self.fetches:
            if is_variable(item):
                node: ast.expr = called("tf.convert_to_tensor", write.leaf(item))
                if self.work.updates:
                    name = write.fresh(write.short(item) + "_value")
                    body.add(f"{name} = {text_of(node)}")
                    node = parse(name)
                values[id(item)] = node
            elif not isinstance(item, Update):
                found = self.steps.resolve(item)
                node = write.leaf(item)
                constant = not is_symbol(found) and not isinstance(node, ast.Call)
                values[id(item)] = called("tf.convert_to_tensor", node) if constant or is_variable(found) else node
        for update in self.work.updates:
            unread = getattr(update.target, "slot_of", None) is not None and not write.uses[key(update.target)]
            if unread or self.steps.resolve(update.value) is update.target:
                continue
            body.add(write.assignment(update, write.leaf(update.value)))
            if any(item is update for item in self.fetches):
                name = write.fresh(write.short(update.target) + "_after")
                body.add(f"{name} = tf.convert_to_tensor({text_of(write.leaf(update.target))})")
                values[id(update)] = parse(name)
        flat = iter([values[id(item)] for item in self.fetches])
        return text_of(structured(self.function.outputs, flat))


def structured(outputs: Any, flat: Any) -> ast.expr:
    """Return the syntax of nested outputs."""
    if isinstance(outputs, dict):
        keys = sorted(outputs)
        values = {name: structured(outputs[name], flat) for name in keys}
        return ast.Dict([ast.Constant(name) for name in outputs], [values[name] for name in outputs])
    if isinstance(outputs, (list, tuple)):
        parts = whole_lists([structured(part, flat) for part in outputs])
        if len(parts) == 1 and isinstance(parts[0], ast.Starred) and isinstance(outputs, list):
            return parts[0].value
        return ast.List(parts, ast.Load()) if isinstance(outputs, list) else ast.Tuple(parts, ast.Load())
    return next(flat)


def whole_lists(parts: Sequence[ast.expr]) -> list[ast.expr]:
    """Return the parts of a list with ``*gradients`` in place of ``gradients[0], gradients[1]`` and so on to the
    last.
    """
    found: list[ast.expr] = []
    for part in parts:
        found.append(part)
        length = getattr(part, "length", None)
        if isinstance(part, ast.Subscript) and length:
            places = [getattr(item, "place", None) for item in found[-length:]]
            if places == list(range(length)):
                found[-length:] = [ast.Starred(part.value, ast.Load())]
    return found


def alive(steps: Sequence[Step], wanted: set[int]) -> list[Step]:
    """Return the steps that something wanted depends on."""
    found = []
    for step in reversed(steps):
        if step.makes & wanted or isinstance(step, UpdateStep):
            found.append(step)
            wanted = wanted | {key(item) for item in step.inputs}
    return found[::-1]


def calls_of(steps: Sequence[Step]) -> list[Any]:
    """Return the calls of layers in steps."""
    calls = [call for step in steps for call in getattr(step.call, "calls", [step.call])]
    return [call for call in calls if hasattr(call, "operation")]


def has_averages(thing: Any) -> bool:
    """Return whether a model or layer has the moving averages of batch normalization."""
    return any("moving_" in weight.name for weight in getattr(thing, "weights", ()))
