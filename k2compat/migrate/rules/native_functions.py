"""Rule ``native.functions``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.edits import Change, Edit, Left
from k2compat.migrate.function_call import FunctionCall, given, is_test_phase, take_apart
from k2compat.migrate.module import Module
from k2compat.migrate.rule import Rule
from k2compat.migrate.spelling import Unlike, k_uses, spelled
from k2compat.migrate.symbolic import NotUnderstood, Symbols
from k2compat.migrate.tape import Tape
from k2compat.migrate.traced import traced


class NativeFunctions(Rule):
    """Writes ``K.function`` as a sub-model, with a ``tf.GradientTape`` where there are gradients.

    Activations become a model that is called, with ``training`` for the learning phase. Where something is computed
    from them (Grad-CAM, saliency, filters that are drawn by gradient ascent), the statements move into a function that
    is called as before, with a list, and gives a list of arrays. What moves must be needed there only, and must be
    known to run on tensors with a value; else all of it stays, and the report says why.

    Before::

        grads = K.gradients(model.output[:, 3], conv.output)[0]
        pooled = K.mean(grads, axis=(0, 1, 2))
        iterate = K.function([model.input], [pooled, conv.output[0]])
        weights, maps = iterate([x])

    After::

        iterate_model = keras.Model(model.input, [model.output, conv.output])

        def iterate(inputs):
            model_input = tf.cast(inputs[0], iterate_model.inputs[0].dtype)
            with tf.GradientTape() as tape:
                tape.watch(model_input)
                model_output, conv_output = iterate_model(model_input, training=False)
                loss = model_output[:, 3]
            grads = tape.gradient(loss, conv_output)
            pooled = keras.ops.mean(grads, axis=(0, 1, 2))
            return [pooled.numpy(), conv_output[0].numpy()]

        weights, maps = iterate([x])
    """

    name = "native.functions"
    level = "native"
    summary = "write K.function of activations and gradients as sub-models and tf.GradientTape"

    def check(self, module: Module) -> Iterator[Change | Left]:
        found = [node for node, name in k_uses(module) if name == "function"]
        if not found:
            return
        symbols = Symbols(module, traced(module))
        for node in found:
            call = module.parent(node)
            try:
                if not isinstance(call, cst.Call) or call.func is not node:
                    raise NotUnderstood("it is not called here")
                yield self._change(module, symbols, call)
            except (NotUnderstood, Unlike) as problem:
                advice = "write it as a keras.Model and a tf.GradientTape, or leave it on the shim."
                yield module.left(node, f"`{module.text(node)}` stays: {problem}", advice)

    def _change(self, module: Module, symbols: Symbols, call: cst.Call) -> Change:
        found = take_apart(module, symbols, call)
        one, many = _leaves(symbols, found)
        if (one or many) and found.calls is not None:
            edits = _model(module, symbols, found, one)
            return module.change(call, f"`{module.text(call.func)}` of activations becomes a model", edits)
        if _in_comprehension(module, call):
            raise NotUnderstood("what is done with the functions of this list is not known")
        tape = Tape(module, symbols, found)
        what = (
            "a tf.GradientTape" if any(symbols.gradients(node) for node in [*tape.statements, call]) else "a function"
        )
        return module.change(call, f"`{module.text(call.func)}` becomes a sub-model and {what}", tape.edits())


def _in_comprehension(module: Module, call: cst.Call) -> bool:
    return any(isinstance(node, cst.BaseComp | cst.Lambda) for node in module.above(call))


def _leaves(symbols: Symbols, found: FunctionCall) -> tuple[bool, bool]:
    """Whether a function fetches one tensor of a model, or a list of them."""
    outputs = found.outputs
    if isinstance(outputs, cst.List | cst.Tuple):
        nodes = [element.value for element in outputs.elements]
        leaves = all(symbols.is_leaf(node) or _is_element(symbols, node) for node in nodes)
        return leaves and len(nodes) == 1, leaves and len(nodes) > 1
    return symbols.is_leaf(outputs), symbols.is_list_of_leaves(outputs)


def _is_element(symbols: Symbols, node: cst.BaseExpression) -> bool:
    """Whether a name is that of a comprehension over a list of tensors of a model."""
    bindings = symbols.traced.bindings(node)
    return bool(bindings) and all(
        isinstance(above := symbols.around_target(binding.node), cst.CompFor | cst.For)
        and symbols.is_list_of_leaves(above.iter)
        for binding in bindings
    )


def _model(module: Module, symbols: Symbols, found: FunctionCall, one: bool) -> list[Edit]:
    """The edits that make a function of activations a model."""
    model, imports = spelled(module, "keras.Model", found.call)
    outputs, edits = found.outputs, list(imports)
    if isinstance(outputs, cst.List | cst.Tuple):
        nodes = [symbols.written(element.value) for element in outputs.elements]
        text = nodes[0] if one else f"[{', '.join(nodes)}]"
    else:
        text = symbols.written(outputs) if one else module.text(outputs)
    written = [
        module.text(node) + ".output"
        if isinstance(node, cst.Call) and not symbols.is_leaf(node)
        else symbols.written(node)
        for node in found.inputs
    ]
    inputs = written[0] if len(written) == 1 else f"[{', '.join(written)}]"
    edits.append(module.replace(found.call, f"{model}({inputs}, {text})"))
    edits += symbols.aliases([found.call])
    for call in found.calls or []:
        edits += _called(module, found, call, one)
    return edits


def _called(module: Module, found: FunctionCall, call: cst.Call, one: bool) -> list[Edit]:
    """The edits that make ``f([x, 0])[0]`` a call of a model."""
    fed = given(call)
    training = "False"
    if found.phase is not None:
        phase = fed.pop()
        text = module.text(phase)
        training = "False" if is_test_phase(module, phase) else "True" if text in ("1", "1.", "1.0", "True") else ""
        training = training or f"bool({text})"
    values = ", ".join(module.text(node) for node in fed)
    values = f"[{values}]" if found.whole or len(fed) > 1 else values
    start, end = module.span(call)
    behind = module.span(call.func)[1]
    arguments = f"({values}, training={training})"
    above = module.parent(call)
    if one:
        if found.bare or (isinstance(above, cst.Subscript) and module.source[end : module.span(above)[1]] == "[0]"):
            last = end if found.bare else module.span(above)[1]  # type: ignore[arg-type]
            return [Edit(behind, last, f"{arguments}.numpy()")]
        return [Edit(start, start, "["), Edit(behind, end, f"{arguments}.numpy()]")]
    if isinstance(found.outputs, cst.List | cst.Tuple):
        return [Edit(start, start, "[value.numpy() for value in "), Edit(behind, end, f"{arguments}]")]
    flatten, imports = spelled(module, "tf.nest.flatten", call)
    return [
        Edit(start, start, f"[value.numpy() for value in {flatten}("),
        Edit(behind, end, f"{arguments})]"),
        *imports,
    ]
