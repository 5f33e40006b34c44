"""Writes a call of ``K.function`` as a sub-model and a function around it, with a ``tf.GradientTape`` for gradients.

Where the function is called once, right below, its lines stand in the place of the call.
"""

from __future__ import annotations

import re

import libcst as cst

from k2compat.migrate.analysis.native_text import NativeText
from k2compat.migrate.analysis.symbolic import NotUnderstood, Symbols
from k2compat.migrate.analysis.tape_inputs import arguments as given_in
from k2compat.migrate.analysis.tape_inputs import inputs_of
from k2compat.migrate.analysis.tape_moves import Moves, unused_aliases
from k2compat.migrate.analysis.tape_slice import Slice, names_bound
from k2compat.migrate.syntax.edits import Edit
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.statements import blank_lines, comments_above, free, removed, written_lines


class Tape:
    """The function that stands for one call of ``K.function``.

    What was computed from symbolic tensors moves into it, and runs on their values.

    Args:
        module: the module of the call.
        symbols: its symbolic tensors.
        needed: the call, and what it needs.
        others: statements that other functions need, too.

    Raises:
        NotUnderstood: the statements cannot be moved.
    """

    def __init__(self, module: Module, symbols: Symbols, needed: Slice, others: set[cst.CSTNode]):
        self._module, self._symbols, self._slice = module, symbols, needed
        self._found = needed.found
        self._moves = Moves(module, symbols, needed, others)
        self._moves.check()
        self.is_inline = self._moves.can_be_inline()
        if self._found.at_once and not self.is_inline:
            raise NotUnderstood("it is not in a statement of its own, below what it needs")
        self._taken = set(symbols.names_in_use)
        inside = self._names_here() if self.is_inline else self._names_inside()
        self._text = NativeText(module, symbols, needed, inside)
        self._function = self._found.name or self._moves.wanted_name(self._taken)
        self.uses_tape = bool(needed.training) or any(symbols.gradients(node) for node in needed.nodes)
        self._inputs = inputs_of(module, symbols, needed, self._text, inline=self.is_inline)
        self._text.fed = self._inputs.fed
        self._unit = module.tree.default_indent

    def _names_here(self) -> set[str]:
        """Return the names that mean something in the scope of the call."""
        return self._symbols.names_in(self._module.scope(self._found.call))

    def _names_inside(self) -> set[str]:
        """Return the names that mean something in what moves."""
        read = {name.value for node in self._slice.nodes for name in self._symbols.names(node)}
        own = {name.value for part in self._slice.statements for name in names_bound(self._module, part)}
        return read | own

    # The lines

    def _body(self) -> tuple[list[str], list[str]]:
        """Return the lines that make the sub-model, and those that compute with it up to the results."""
        remarks = [*self._text.drop_list(), *([self._found.caveat] if self._found.caveat else [])]
        before, after = self._slice.parts()
        ahead = self._slice.ahead()
        prepared = [line for node in before if node in ahead for line in self._text.lines(node)]
        through = self._text.text(self._slice.through[1]) if self._slice.through is not None else ""
        inner = [line for node in before if node not in ahead for line in self._text.lines(node)]
        outer = [line for node in after for line in self._text.lines(node)]
        step = self._step()
        self._result = self._text.results()
        model, forward = self._forward(through)
        watched = self._watched() if self.uses_tape else []
        casts = [
            self._cast(fed.name, number)
            for number, fed in enumerate(self._inputs.fed)
            if self._is_cast(number, watched)
        ]
        if not self.uses_tape:
            return [*remarks, *model], [*casts, *prepared, *forward, *inner, *outer]
        tape = self._text.spelled("tf.GradientTape", self._slice.line)
        head = f"with {tape}({'persistent=True' if self._count() > 1 else ''}) as tape:"
        watch = (
            [f"tape.watch({watched[0] if len(watched) == 1 else '[' + ', '.join(watched) + ']'})"] if watched else []
        )
        lines = [*watch, *prepared, *forward, *inner, *self._text.losses]
        return [*remarks, *model], [
            *casts,
            head,
            *(self._unit + line if line else line for line in lines),
            *outer,
            *step,
        ]

    def _count(self) -> int:
        calls = sum(len(self._symbols.gradients(node)) for node in self._slice.nodes)
        return calls + (self._slice.training is not None)

    def _step(self) -> list[str]:
        """Return the lines that let an optimizer take a step."""
        training = self._slice.training
        if training is None:
            return []
        module = self._module
        loss = self._text.loss(training.loss)
        params, optimizer = module.text(training.params), module.text(training.optimizer)
        name = free("gradients", self._text.taken)
        return [
            f"{name} = tape.gradient({loss}, {params})",
            f"{optimizer}.apply_gradients(zip({name}, {params}))",
        ]

    # The model

    def _forward(self, through: str) -> tuple[list[str], list[str]]:
        """Return the line that makes the sub-model, and the one that calls it."""
        leaves, loops = self._text.leaves, self._text.loops
        if not leaves and not loops:
            return [], []
        outputs = [text for text, _ in leaves.values()]
        names = [name for _, name in leaves.values()]
        for loop, values in loops.items():
            head = f"for {self._module.text(loop.target)} in {self._module.text(loop.iter)}"  # type: ignore[attr-defined]
            outputs += [f"[{text} {head}]" for text, _ in values.values()]
            names += self._text.values_of(loop)  # type: ignore[arg-type]
        fed = [one for one in self._inputs.fed if one.written]
        training = f"training={self._text.training}"
        given = [through] if through else [one.name for one in fed]
        arguments = [self._argument(one) for one in given]
        value = arguments[0] if len(arguments) == 1 else f"[{', '.join(arguments)}]"
        target = ", ".join(names)
        if not loops and len(outputs) == 1 and (model := self._whole_model(outputs[0], through)):
            return [], [f"{target} = {model}({value}, {training})"]
        inputs = [f"{self._maker()}.input"] if through else [one.written for one in fed]
        if not inputs:
            raise NotUnderstood("nothing of a model is fed")
        name = free(self._model_name(), self._text.taken if self.is_inline else self._taken)
        keras_model = self._text.spelled("keras.Model", self._slice.line)
        of = inputs[0] if len(inputs) == 1 else f"[{', '.join(inputs)}]"
        if self._found.whole and len(inputs) > 1:
            of = self._module.text(self._found.inputs[0])
        listed = outputs[0] if len(outputs) == 1 else f"[{', '.join(outputs)}]"
        return [f"{name} = {keras_model}({of}, {listed})"], [f"{target} = {name}({value}, {training})"]

    def _argument(self, name: str) -> str:
        """Return the text of something that is fed: its value, if that need be no tensor."""
        for number, fed in enumerate(self._inputs.fed):
            if fed.name == name and not self._is_cast(number, self._watched()):
                return self._value(number)
        return name

    def _value(self, number: int) -> str:
        if self.is_inline and self._found.calls:
            return self._module.text(self._found.fed(self._found.calls[0])[number])
        if self._inputs.listed:
            return f"inputs[{number}]"
        return self._inputs.fed[number].name

    def _maker(self) -> str:
        """Return the name of the model that is made on a tensor that is computed."""
        call = self._slice.through[0] if self._slice.through is not None else None
        assign = self._module.parent(call) if call is not None else None
        target = assign.targets[0].target if isinstance(assign, cst.Assign) else None
        if not isinstance(target, cst.Name):
            raise NotUnderstood("the model that is made on what is fed has no name")
        return target.value

    def _model_name(self) -> str:
        if self.is_inline:
            return "grad_model" if self.uses_tape else "activation_model"
        return f"{self._function}_model"

    def _whole_model(self, output: str, through: str) -> str:
        """Return the model that goes from what is fed to the only output, if there is one."""
        match = re.fullmatch(r"(?P<model>.+)\.(?:output|outputs\[0\])", self._original(output))
        model = match["model"] if match is not None else ""
        if through or not model:
            return model if model and model == self._maker() else ""
        if self._found.whole:
            return model if self._module.text(self._found.inputs[0]) == f"{model}.inputs" else ""
        fed = [one for one in self._inputs.fed if one.written]
        inputs = {f"{model}.input", f"{model}.inputs[0]"}
        return model if len(fed) == 1 and (fed[0].written in inputs or fed[0].keys & inputs) else ""

    def _original(self, written: str) -> str:
        """Return what a name of the only output stands for."""
        return next(iter(self._text.leaves), written)

    # What is fed

    def _watched(self) -> list[str]:
        """Return the names of what the tape has to watch."""
        fed, sources = self._inputs.fed, self._text.sources
        names = [one.name for one in fed if one.name in sources]
        leaves = {name for _, name in self._text.leaves.values()}
        leaves |= {name for values in self._text.loops.values() for _, name in values.values()}
        if sources & leaves:  # of layers that are not trained the tape would see nothing
            names += [one.name for one in fed if one.written and one.name not in names]
        return names

    def _is_cast(self, number: int, watched: list[str]) -> bool:
        fed = self._inputs.fed[number]
        named = {*watched, *self._text.tensors}
        others = any(one.written and one.name in named for one in self._inputs.fed)  # a model takes one kind
        return not fed.written or others

    def _cast(self, name: str, number: int) -> str:
        dtype = self._inputs.fed[number].dtype or self._text.spelled("tf.float32", self._slice.line)
        return f"{name} = {self._text.spelled('tf.cast', self._slice.line)}({self._value(number)}, {dtype})"

    # The edits

    def edits(self) -> list[Edit]:
        """Return what the statements and the call become."""
        model, body = self._body()
        edits = self._inline(model, body) if self.is_inline else self._defined(model, body)
        text = "\n".join(model)
        nodes = [*self._slice.statements, self._slice.line]
        through = self._without_input_tensor()
        found = [
            *edits,
            *through,
            *self._moves.removals(),
            *unused_aliases(self._module, self._symbols, self._found, self._moves.gone(), text),
            *self._moves.shape_edits(),
            *self._moves.constants(self._text),
            *dict.fromkeys(self._text.imports),
            *self._symbols.aliases(nodes),
        ]
        gone = [edit for edit in found if not edit.text]
        return [edit for edit in found if not any(edit != other and _covers(other, edit) for other in gone)]

    def _without_input_tensor(self) -> list[Edit]:
        if self._slice.through is None:
            return []
        call = self._slice.through[0]
        return self._module.drop_arguments(call, [self._module.argument(call, "input_tensor")])  # type: ignore[list-item]

    def _defined(self, model: list[str], body: list[str]) -> list[Edit]:
        """Return the edits that define a function, and call it."""
        module = self._module
        indentation = module.indentation(self._slice.line)
        gap = [""] if indentation else ["", ""]
        above, below = blank_lines(module, self._slice.line)
        model = [*self._moves.comments_of_placeholders(), *model]
        made = next((line.partition(" =")[0] for line in model if not line.startswith("#")), "")
        kept = self._moves.captured_in_loop(made)
        apart = [""] if self._moves.is_apart(self._slice.line) else []
        head = [*apart, *model, *gap] if made else [*[""] * above, *model]
        inner = [*body, *self._return()]
        parameters = ", ".join([self._inputs.parameters, *(f"{name}={name}" for name in kept)])
        lines = [*head, f"def {self._function}({parameters}):", *(self._unit + line for line in inner)]
        if self._found.name:
            lines += [""] * below
        text = written_lines(module, lines, indentation)
        start, end = module.lines.whole(*module.span(self._slice.line))
        calls = [edit for call in self._found.calls or () for edit in self._called(call)]
        if self._found.name:
            text = text if module.source[start:end].endswith(("\n", "\r")) else text.removesuffix(module.newline)
            return [Edit(start, end, text), *calls]
        rest = (gap[0] + module.newline) * len(gap)
        return [Edit(start, start, text + rest), module.replace(self._found.call, self._function), *calls]

    def _return(self) -> list[str]:
        calls = self._found.calls
        if not self._result and calls and all(isinstance(self._module.parent(call), cst.Expr) for call in calls):
            return []
        return [f"return {self._returned()}"]

    def _returned(self) -> str:
        if isinstance(self._result, str):
            return self._result
        listed = ", ".join(self._result)
        if not self._result:
            return "[]"
        if self._is_single():
            return self._result[0]
        return listed if self._as_tuple() else f"[{listed}]"

    def _is_single(self) -> bool:
        """Return whether there is one result, and all calls take it out of its list."""
        calls = self._found.calls
        if len(self._result) != 1 or not calls:
            return False
        return all(self._item(call) is not None for call in calls)

    def _item(self, call: cst.Call) -> cst.Subscript | None:
        above = self._module.parent(call)
        end = self._module.span(call)[1]
        is_first = isinstance(above, cst.Subscript) and self._module.source[end : self._module.span(above)[1]] == "[0]"
        return above if is_first else None  # type: ignore[return-value]

    def _as_tuple(self) -> bool:
        calls = self._found.calls
        return bool(calls) and len(self._result) > 1 and all(self._targets(call) for call in calls or ())

    def _targets(self, call: cst.Call) -> list[str]:
        """Return what the results of a call are assigned to, one by one."""
        assign = self._module.parent(call)
        target = assign.targets[0].target if isinstance(assign, cst.Assign) and len(assign.targets) == 1 else None
        rows = target.elements if isinstance(target, cst.Tuple | cst.List) else ()
        names = [self._module.text(element.value) for element in rows]
        return names if len(names) == len(self._result) else []

    def _called(self, call: cst.Call) -> list[Edit]:
        """Return the edits that call the function with its arguments, instead of a list."""
        start, end = self._module.span(call)
        behind = self._module.span(call.func)[1]
        item = self._item(call) if self._is_single() and isinstance(self._result, list) else None
        end = self._module.span(item)[1] if item is not None else end
        return [Edit(behind, end, f"({given_in(self._module, self._slice, self._inputs, call)})")]

    def _inline(self, model: list[str], body: list[str]) -> list[Edit]:
        """Return the edits that write the lines in the place of the only call."""
        module = self._module
        call = (self._found.calls or [])[0]
        statement = module.statement(call)
        indentation = module.indentation(statement)
        lines = [*model, *body]
        targets = self._targets(call) if isinstance(self._result, list) else []
        edits = []
        if statement is not self._slice.line:
            edits.append(removed(module, self._slice.line))
            lines = [*self._moves.comments_of_placeholders(), *comments_above(self._slice.line), *lines]
            if self._moves.is_apart(statement):
                lines = ["", *lines]
        if targets:
            lines += self._assigned(targets)
            text = written_lines(module, lines, indentation).removesuffix(module.newline)
            start = module.lines.whole(*module.span(statement))[0]
            return [*edits, Edit(start, module.span(statement)[1], text)]
        item = self._item(call) if isinstance(self._result, list) and len(self._result) == 1 else None
        whole: cst.CSTNode = item if item is not None else call
        if isinstance(self._result, list):
            text = self._result[0] if item is not None else f"[{', '.join(self._result)}]"
        else:
            text = self._result
        start = module.lines.whole(*module.span(statement))[0]
        written = Edit(start, start, written_lines(module, lines, indentation))
        return [*edits, written, module.replace(whole, text)]

    def _assigned(self, targets: list[str]) -> list[str]:
        """Return the lines that assign the results; one line where a result is computed from an earlier target."""
        results = list(self._result)
        for number, target in enumerate(targets):
            if any(re.search(rf"\b{re.escape(target)}\b", text) for text in results[number + 1 :]):
                return [f"{', '.join(targets)} = {', '.join(results)}"]
        return [f"{target} = {text}" for target, text in zip(targets, results, strict=True)]


def _covers(edit: Edit, other: Edit) -> bool:
    return edit.start <= other.start and other.end <= edit.end and other.start < edit.end
