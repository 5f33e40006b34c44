"""Writes tapes: the blocks under them, and the gradients behind these."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

from k2compat.adapters.registry import adapter
from k2compat.codegen.formatting import text_of
from k2compat.codegen.lowering import GradientStep, key
from k2compat.codegen.names import Block
from k2compat.codegen.statements import StepWriter
from k2compat.codegen.syntax import called, parse
from k2compat.codegen.tape_scopes import Tape
from k2compat.graph.symbols import is_variable, variable_of


class Writer(StepWriter):
    """Writes steps and tapes."""

    def blocks(self, parts: Sequence[Any], block: Block) -> None:
        for part in parts:
            if isinstance(part, Tape):
                self.tape(part, block)
            else:
                self.step(part, block)

    def tape(self, tape: Tape, block: Block) -> None:
        """A block under a tape, and the gradients behind it."""
        name = {1: "tape", 2: "outer_tape"}.get(tape.level, f"tape_of_order_{tape.level}")
        persistent = "persistent=True" if len(tape.gradients) > 1 else ""
        block.add(f"with tf.GradientTape({persistent}) as {name}:")
        inside = block.inside()
        watched = [text_of(node) for source in tape.watched if (node := self.watchable(source)) is not None]
        if watched:
            inside.add(f"{name}.watch({watched[0] if len(watched) == 1 else '[' + ', '.join(watched) + ']'})")
        for part in tape.body:
            self.blocks([part], inside)
            for output in getattr(part, "outputs", ()):
                if id(output) in tape.late:
                    inside.add(f"{name}.watch({text_of(self.nodes[id(output)])})")
        if not watched and not tape.body:
            inside.add("pass")
        for step in tape.gradients:
            self.gradient(name, step, tape, block)

    def watchable(self, source: Any) -> ast.expr | None:
        """Return what a tape has to be told to watch: tensors, and variables that are not trained."""
        if not is_variable(source):
            return self.leaf(source)
        if variable_of(source).trainable:
            return None
        node = self.leaf(source)
        in_model = any(id(variable_of(source)) in owner.variables for owner in self.owners)
        return ast.Attribute(node, "value") if in_model and adapter().kind == "keras3" else node

    def gradient(self, tape: str, step: GradientStep, held: Tape, block: Block) -> None:
        """The statement that takes gradients."""
        losses = [self.leaf(loss) for loss in step.losses]
        loss = losses[0] if len(losses) == 1 else ast.List(losses, ast.Load())
        single = len(step.sources) == 1
        kwargs = {"unconnected_gradients": parse("tf.UnconnectedGradients.ZERO")} if step.call.looped else {}
        node = called(f"{tape}.gradient", loss, self.sources(step.sources), **kwargs)
        sparse = any(map(is_variable, step.sources)) and any(map(looks_up, held_calls(held.body)))
        if single or (len(step.sources) <= 3 and not sparse):
            node = called("tf.convert_to_tensor", node) if sparse else node
            self.assign(step, node, block, [f"{self.short(source)}_gradient" for source in step.sources])
            return
        name = self.fresh("gradients")
        block.add(f"{name} = {text_of(node)}")
        if sparse:  # of an embedding, say
            block.add(f"{name} = [tf.convert_to_tensor(gradient) for gradient in {name}]")
        length = len(step.outputs)
        self.nodes.update({id(output): item(name, place, length) for place, output in enumerate(step.outputs)})

    def sources(self, sources: Sequence[Any]) -> ast.expr:
        for owner in self.owners:
            if len(sources) > 1 and list(map(key, sources)) == list(map(key, owner.model.trainable_weights)):
                return parse(f"{owner.name}.trainable_weights")
        nodes = list(map(self.leaf, sources))
        return nodes[0] if len(nodes) == 1 else ast.List(nodes, ast.Load())

    def short(self, source: Any) -> str:
        node = self.leaf(source)
        return node.id if isinstance(node, ast.Name) else "x"


def item(name: str, place: int, length: int) -> ast.expr:
    """Return the syntax of an item of a list; it knows its place and the length of the list."""
    node = ast.Subscript(parse(name), ast.Constant(place), ast.Load())
    node.place, node.length = place, length  # type: ignore[attr-defined]
    return node


def held_calls(parts: Sequence[Any]) -> Iterable[Any]:
    """Yield the recorded calls in a block."""
    for part in parts:
        if isinstance(part, Tape):
            yield from held_calls(part.body)
        else:
            yield from getattr(part.call, "calls", [part.call])


def looks_up(call: Any) -> bool:
    """Return whether the gradient of a call with respect to a variable may be sparse."""
    inside = [getattr(call, "operation", call)]
    while inside:
        thing = inside.pop()
        if "mbedding" in type(thing).__name__ or "gather" in thing.name:
            return True
        inside.extend(getattr(thing, "layers", ()))
    return False
