"""Writes a call of ``K.function`` as a sub-model and a function around it, with a ``tf.GradientTape`` for gradients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import libcst as cst

from k2compat.migrate.edits import Edit
from k2compat.migrate.function_call import FunctionCall
from k2compat.migrate.module import Module
from k2compat.migrate.spelling import is_read, spelled
from k2compat.migrate.statements import before, bound, free, only_binds_names, targets_of
from k2compat.migrate.symbolic import NotUnderstood, Symbols

ATOMS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)


class Tape:
    """The function that stands for one call of ``K.function``.

    What was computed from symbolic tensors moves into it, and runs on their values.

    Args:
        module: the module of the call.
        symbols: its symbolic tensors.
        found: the call, taken apart.

    Raises:
        NotUnderstood: the statements cannot be moved.
    """

    def __init__(self, module: Module, symbols: Symbols, found: FunctionCall):
        self._module, self._symbols, self._found = module, symbols, found
        self._line = module.statement(found.call)
        block = module.parent(self._line)
        if not isinstance(self._line, cst.SimpleStatementLine) or not isinstance(block, cst.IndentedBlock | cst.Module):
            raise NotUnderstood("it is not in a statement of its own")
        if len(self._line.body) != 1:
            raise NotUnderstood("there are other statements in its line")
        self._before = dict.fromkeys(before(module, self._line))
        self._taken = set(module.names)
        self.statements = self._moved()
        self.function = found.name or free("compute", self._taken)
        self.model = free(f"{self.function}_model", self._taken)
        # A tensor of a model, as it is written without the shim -> its expression here, the name of its value.
        self._leaves: dict[str, tuple[str, str]] = {}
        read = {name.value for node in [*self.statements, found.outputs] for name in symbols.names(node)}
        self._local = read | {name for statement in self.statements for name in bound(self._module, [statement])}
        self._fed = [self._free_of(node) for node in found.inputs]
        self._inputs = [self._written(node) for node in found.inputs]
        self._imports: list[Edit] = []
        self._loss: list[str] = []
        self._check_names()

    # What moves

    def _moved(self) -> list[cst.SimpleStatementLine | cst.If]:
        """The statements before the call that compute what it fetches, in order."""
        needed: list[cst.CSTNode] = [self._found.outputs]
        moved: dict[cst.CSTNode, None] = {}
        while needed:
            node = needed.pop()
            for name in self._symbols.names(node):
                if self._symbols.is_leaf(name) or not self._symbols.is_symbolic(name):
                    continue
                for binding in self._symbols.traced.reaching(name):
                    statement = self._statement_of(binding.node, name.value)
                    if statement not in moved:
                        moved[statement] = None
                        needed.append(statement)
        ordered = [statement for statement in self._before if statement in moved]
        for statement in ordered:
            self._symbols.check_calls(statement)
        self._symbols.check_calls(self._found.outputs)
        return ordered  # type: ignore[return-value]

    def _statement_of(self, node: cst.CSTNode, name: str) -> cst.CSTNode:
        above = [node, *self._module.above(node)]
        found = next((part for part in above if part in self._before), None)
        if found is None or not only_binds_names(found):
            raise NotUnderstood(f"`{name}` is made in line {self._module.line_of(node)}, where it cannot be moved from")
        return found

    def _check_names(self) -> None:
        """Makes sure that what moves is not needed elsewhere, and what it needs is not bound again before it runs."""
        module, traced = self._module, self._symbols.traced
        places = [module.span(node) for node in [*self.statements, self._line]]
        targets = [target for statement in self.statements for target in targets_of(self._module, statement)]
        for read in [read for target in targets for read in traced.reads(target)]:
            at = module.span(read)[0]
            moved = any(binding.node in targets for binding in traced.reaching(read))
            if moved and not any(start <= at < end for start, end in places) and not self._shape_edit(read):
                raise NotUnderstood(f"`{read.value}` is also used in line {module.line_of(read)}")
        loop = next((part for part in module.above(self._line) if isinstance(part, cst.For | cst.While)), None)
        if self._found.calls is None and loop is not None:
            raise NotUnderstood("it is made in a loop, and more is done with it than calling it")
        last = max([module.span(call)[1] for call in self._found.calls or ()], default=None)
        for name in [name for node in [*self.statements, self._found.outputs] for name in self._captured(node)]:
            for binding in traced.bindings(name) if name.value not in bound(module, self.statements) else ():
                at = module.span(binding.node)[0]
                in_loop = loop is not None and loop in set(module.above(binding.node))
                if at > module.span(self._line)[1] and (last is None or at < last or in_loop):
                    line = module.line_of(binding.node)
                    raise NotUnderstood(f"`{name.value}` is bound again in line {line}; the function would see that")

    def _captured(self, node: cst.CSTNode) -> Iterator[cst.Name]:
        """The names that a node reads when it runs: those of tensors of the model are read when that is built."""
        is_leaf = self._symbols.is_leaf
        closed = self._module.inside(node, lambda part: isinstance(part, cst.BaseExpression) and is_leaf(part))
        return (part for part in closed if isinstance(part, cst.Name) and is_read(self._module, part))

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

    def _shape_edits(self) -> Iterator[Edit]:
        """Edits of what else is done with the names that move."""
        traced = self._symbols.traced
        targets = [target for statement in self.statements for target in targets_of(self._module, statement)]
        reads = dict.fromkeys(read for target in targets for read in traced.reads(target))
        for read in reads:
            edit = self._shape_edit(read)
            if edit is not None and any(binding.node in targets for binding in traced.reaching(read)):
                yield edit

    # Names

    def _free_of(self, leaf: cst.BaseExpression) -> str:
        """A name for the value of a tensor of a model: its own, if it has one."""
        if isinstance(leaf, cst.Name):
            return leaf.value
        text = self._module.text(leaf)
        kind = "input" if re.search(r"\.inputs?(\[0\])?$", text) or "get_layer" in text[-40:] else "output"
        base = leaf.value if isinstance(leaf, cst.Attribute | cst.Subscript) else leaf
        base = base.value if isinstance(base, cst.Attribute) and base.attr.value in ("inputs", "outputs") else base
        word = base.attr.value if isinstance(base, cst.Attribute) else getattr(base, "value", "layer")
        word = word if isinstance(word, str) else "model" if kind == "input" else "layer"
        return free(f"{word}_{kind}", self._local)

    def _written(self, leaf: cst.BaseExpression) -> str:
        is_layer = isinstance(leaf, cst.Call) and self._module.text(leaf.func).endswith("get_layer")
        return f"{self._module.text(leaf)}.output" if is_layer else self._symbols.written(leaf)

    def _value_of(self, leaf: cst.BaseExpression) -> str:
        """The name, in the function, of the value of a tensor of a model."""
        key = self._written(self._symbols.value(leaf))
        for node, name in zip(self._found.inputs, self._fed, strict=True):
            if self._written(self._symbols.value(node)) == key:
                return name if not self._found.whole else f"{name}[0]"
        if key not in self._leaves:
            self._leaves[key] = (self._written(leaf), self._free_of(leaf))
        return self._leaves[key][1]

    # Text

    def _converted(self, node: cst.CSTNode) -> str:
        """An expression or statement that runs on values."""
        edits = list(self._conversions(node))
        start, end = self._module.whole(node)
        text = self._module.source[start:end]
        for edit in sorted(edits, reverse=True):
            text = text[: edit.start - start] + edit.text + text[edit.end - start :]
        return text

    def _conversions(self, node: cst.CSTNode) -> Iterable[Edit]:
        pending = [node]
        while pending:
            part = pending.pop()
            if isinstance(part, cst.BaseExpression) and self._symbols.is_leaf(part):
                if not isinstance(part, cst.Name) or is_read(self._module, part):
                    yield self._module.replace(part, self._value_of(part))
            elif isinstance(part, cst.Subscript) and self._symbols.is_gradient(part.value):
                yield self._module.replace(part, self._gradient(part.value, part))  # type: ignore[arg-type]
            elif self._symbols.is_gradient(part):
                yield self._module.replace(part, self._gradient(part, None))  # type: ignore[arg-type]
            else:
                pending += self._module.parts(part)

    def _gradient(self, call: cst.Call, item: cst.Subscript | None) -> str:
        loss, variables = self._module.argument(call, "loss", 0), self._module.argument(call, "variables", 1)
        loss, variables = loss or self._module.argument(call, "ys"), variables or self._module.argument(call, "xs")
        if loss is None or variables is None or len(call.args) != 2:
            raise NotUnderstood(f"`{self._module.text(call)}` has other arguments")
        by = variables.value
        sources = [element.value for element in by.elements] if isinstance(by, cst.List | cst.Tuple) else [by]
        if not all(self._symbols.is_leaf(source) for source in sources):
            raise NotUnderstood(f"`{self._module.text(by)}` is not a tensor of the model's graph")
        if not self._symbols.is_symbolic(loss.value) and not self._symbols.is_leaf(loss.value):
            raise NotUnderstood(f"what `{self._module.text(loss.value)}` is, is not known")
        if isinstance(loss.value, cst.Name) and not self._symbols.is_leaf(loss.value):
            of = loss.value.value
        else:
            of = text = self._converted(loss.value)
            if not text.isidentifier():
                of = free("loss", self._local)
                self._loss.append(f"{of} = {text}")
        names = [self._value_of(source) for source in sources]
        if len(names) == 1 and item is not None and self._module.text(item).endswith("[0]"):
            return f"tape.gradient({of}, {names[0]})"
        return f"tape.gradient({of}, [{', '.join(names)}])" + (
            self._module.source[self._module.span(call)[1] : self._module.span(item)[1]] if item is not None else ""
        )

    def _lines_of(self, statement: cst.CSTNode, deeper: str) -> list[str]:
        """A statement that runs on values, with its comments, without the indentation of the first line."""
        indentation = self._module.indentation(statement)
        comments = [line.comment.value for line in getattr(statement, "leading_lines", ()) if line.comment]
        text = self._converted(statement).rstrip()
        behind = getattr(statement, "trailing_whitespace", None)
        if behind is not None and behind.comment is not None and "#" not in text.splitlines()[-1]:
            text += f"  {behind.comment.value}"
        lines = [line.removeprefix(indentation) for line in text.splitlines()]
        return [deeper + line if line else line for line in [*comments, *lines]]

    # The result

    def edits(self) -> list[Edit]:
        """What the statements and the call become."""
        module = self._module
        unit = module.tree.default_indent
        body = self._body(unit)
        keras_model, imports = spelled(module, "keras.Model", self._line)
        inputs = self._inputs[0] if len(self._inputs) == 1 else f"[{', '.join(self._inputs)}]"
        outputs = ", ".join(text for text, _ in self._leaves.values())
        outputs = outputs if len(self._leaves) == 1 else f"[{outputs}]"
        lines = [f"{self.model} = {keras_model}({inputs}, {outputs})"] if self._leaves else []
        indentation = module.indentation(self._line)
        gap = [""] if indentation else ["", ""]
        lines += [*gap, f"def {self.function}(inputs):", *(unit + line if line else line for line in body)]
        if self._found.name:
            lines += gap if self._followed_by_text() else []
        text = "".join((indentation + line if line else "") + module.newline for line in lines)
        start, end = self._module.lines.whole(*module.span(self._line))
        edits = [self._removed(statement) for statement in self.statements]
        if self._found.name:
            text = text if module.source[start:end].endswith(("\n", "\r")) else text.removesuffix(module.newline)
            edits.append(Edit(start, end, text))
        else:
            rest = (gap[0] + module.newline) * len(gap)
            edits += [Edit(start, start, text + rest), module.replace(self._found.call, self.function)]
        return [
            *edits,
            *imports,
            *self._imports,
            *self._shape_edits(),
            *self._symbols.aliases([*self.statements, self._line]),
        ]

    def _body(self, unit: str) -> list[str]:
        module, found = self._module, self._found
        with_gradients = [node for node in [*self.statements, found.outputs] if self._symbols.gradients(node)]
        after = self._after_gradients()
        for statement in with_gradients:
            for call in self._symbols.gradients(statement):
                if any(name.value in bound(self._module, after) for name in self._symbols.names(call)):
                    raise NotUnderstood("it has gradients of gradients")
        inner = [line for node in self.statements if node not in after for line in self._lines_of(node, "")]
        outer = [line for node in self.statements if node in after for line in self._lines_of(node, "")]
        result = self._result()
        training = f"bool(inputs[{found.phase}])" if found.phase is not None else "False"
        feed = [self._fed_line(number, name) for number, name in enumerate(self._fed)]
        fed = self._fed[0] if len(self._fed) == 1 else f"[{', '.join(self._fed)}]"
        names = ", ".join(name for _, name in self._leaves.values())
        forward = [f"{names} = {self.model}({fed}, training={training})"] if self._leaves else []
        if not with_gradients:
            return [*feed, *forward, *inner, *outer, f"return {result}"]
        tape, imports = spelled(module, "tf.GradientTape", self._line)
        self._imports += imports
        count = sum(len(self._symbols.gradients(node)) for node in with_gradients)
        lines = [f"tape.watch({fed})", *forward, *inner, *self._loss]
        head = f"with {tape}({'persistent=True' if count > 1 else ''}) as tape:"
        return [*feed, head, *(unit + line for line in lines), *outer, f"return {result}"]

    def _fed_line(self, number: int, name: str) -> str:
        cast, imports = spelled(self._module, "tf.cast", self._line)
        self._imports += imports
        value = "inputs" if self._found.bare else f"inputs[{number}]"
        if self._found.whole:
            raise NotUnderstood("how many inputs the model has is not known")
        tensor = f"{self.model}.inputs[{number}]" if self._leaves else self._inputs[number]
        return f"{name} = {cast}({value}, {tensor}.dtype)"

    def _after_gradients(self) -> set[cst.CSTNode]:
        """The statements that compute with gradients."""
        after: set[cst.CSTNode] = set()
        while True:
            changed = bound(self._module, after)
            more = {
                node
                for node in self.statements
                if node not in after
                and (
                    self._symbols.gradients(node)
                    or any(name.value in changed for name in self._symbols.names(node))
                    or any(target.value in changed for target in targets_of(self._module, node))
                )
            }
            if not more:
                return after
            after |= more

    def _result(self) -> str:
        outputs = self._found.outputs
        if isinstance(outputs, cst.List | cst.Tuple):
            for element in outputs.elements:
                if self._is_list(element.value):
                    raise NotUnderstood(f"`{self._module.text(element.value)}` is a list of gradients in a list")
            return f"[{', '.join(self._numpy(element.value) for element in outputs.elements)}]"
        if self._is_list(outputs):
            return f"[value.numpy() for value in {self._converted(outputs)}]"
        if self._symbols.is_list_of_leaves(outputs):
            flatten, imports = spelled(self._module, "tf.nest.flatten", self._line)
            self._imports += imports
            name = free("values", self._local)
            self._leaves[self._module.text(outputs)] = (self._module.text(outputs), name)
            return f"[value.numpy() for value in {flatten}({name})]"
        return self._numpy(outputs)

    def _is_list(self, node: cst.BaseExpression) -> bool:
        values = self._symbols.values(node) if isinstance(node, cst.Name) else [node]
        return any(self._symbols.is_gradient(value) or isinstance(value, cst.List | cst.Tuple) for value in values[-1:])

    def _numpy(self, node: cst.BaseExpression) -> str:
        text = self._converted(node)
        return f"{text}.numpy()" if isinstance(node, ATOMS) else f"({text.strip()}).numpy()"

    def _followed_by_text(self) -> bool:
        module = self._module
        end = module.lines.whole(*module.span(self._line))[1]
        following = module.source[end:].splitlines()[:1]
        return bool(following and following[0].strip())

    def _removed(self, statement: cst.CSTNode) -> Edit:
        """Takes out a statement, with the comments right above it and the blank lines above these."""
        start, end = self._module.lines.whole(*self._module.span(statement))
        above = list(getattr(statement, "leading_lines", ()))
        for wanted in (True, False):
            while above and (above[-1].comment is not None) == wanted:
                above.pop()
                start = self._module.lines.whole(start - 1, start - 1)[0]
        return Edit(start, end, "")
