"""Rule ``native.k-function``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.eager_functions import eager_functions
from k2compat.migrate.analysis.gradient_tape import Tape
from k2compat.migrate.analysis.k_calls import NoEquivalent, k_uses, spelled
from k2compat.migrate.analysis.k_function import FunctionCall, is_test_phase, take_apart
from k2compat.migrate.analysis.symbolic import NotUnderstood, Symbols
from k2compat.migrate.analysis.tape_moves import unused_aliases
from k2compat.migrate.analysis.tape_slice import Slice
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module


class KFunction(Rule):
    """Writes `K.function` as a sub-model, with a `tf.GradientTape` where there are gradients.

    `K.function` of activations becomes a model, which is called with `training` for the learning phase. Where
    something is computed from symbolic tensors (Grad-CAM, saliency, DeepDream, style transfer, policy gradients),
    the statements run on values, below a sub-model and a `tf.GradientTape`. If the function is called once, right
    below, they stand in the place of the call:

    ```diff
     import keras
     import tensorflow as tf
     from k2compat import backend as K
     model = keras.applications.VGG16()
     layer = model.get_layer("block5_conv3")
    -grads = K.gradients(model.output[:, 3], layer.output)[0]
    -pooled_grads = K.mean(grads, axis=(0, 1, 2))
    -iterate = K.function([model.input], [pooled_grads, layer.output[0]])
    -weights, maps = iterate([x])
    +grad_model = keras.Model(model.input, [model.output, layer.output])
    +inputs = tf.cast(x, tf.float32)
    +with tf.GradientTape() as tape:
    +    tape.watch(inputs)
    +    model_output, layer_output = grad_model(inputs, training=False)
    +    loss = model_output[:, 3]
    +grads = tape.gradient(loss, layer_output)
    +pooled_grads = tf.reduce_mean(grads, axis=(0, 1, 2))
    +weights = pooled_grads.numpy()
    +maps = layer_output[0].numpy()
    -activations = K.function([model.input, K.learning_phase()], [layer.output])
    -maps = activations([x, 0])[0]
    +activations = keras.Model(model.input, layer.output)
    +maps = activations(x, training=False).numpy()
    ```

    Otherwise they become a function of the same name, which is given arrays instead of a list where all of its calls
    are known. Placeholders become its parameters, and the updates of `optimizer.get_updates` a call of
    `apply_gradients`:

    ```diff
     import keras
     import tensorflow as tf
     from k2compat import backend as K
     model = keras.Sequential([keras.layers.Dense(2, activation="softmax", input_shape=(4,))])
     optimizer = keras.optimizers.Adam()
    -action = K.placeholder((None, 2))
    -loss = -K.mean(K.log(K.sum(model.output * action, axis=1)))
    -updates = optimizer.get_updates(model.trainable_weights, [], loss)
    -train = K.function([model.input, action], [loss], updates=updates)
    +
    +
    +def train(states, action):
    +    action = tf.cast(action, tf.float32)
    +    with tf.GradientTape() as tape:
    +        model_output = model(states, training=False)
    +        loss = -tf.reduce_mean(tf.math.log(tf.reduce_sum(model_output * action, axis=1)))
    +    gradients = tape.gradient(loss, model.trainable_weights)
    +    optimizer.apply_gradients(zip(gradients, model.trainable_weights))
    +    return loss.numpy()
    +
    +
     for states, actions in episodes:
    -    print(train([states, actions])[0])
    +    print(train(states, actions))
    ```

    All of a block stays, and is listed with the reason, where one of its names is used outside of it, is bound again
    before the function is called, or is given to a function that may need symbolic tensors; where there are other
    updates, gradients by single weights or of gradients, or overridden ones (`gradient_override_map`); and where a
    model with batch normalization would be run in the training phase, which moves its averages today (a comment says
    so where that is not known, as for a model that is loaded). What is computed is not compiled: decorate the
    function's inside with `tf.function` if that is too slow.
    """

    formerly = ("native.functions",)
    summary = "write K.function of activations and gradients as sub-models and tf.GradientTape"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        found = [node for node, name in k_uses(module) if name == "function"]
        if not found:
            return
        symbols = Symbols(module, eager_functions(module))
        needs: dict[cst.CSTNode, set[cst.CSTNode]] = {}
        for node in found:
            needs[node] = _needed(module, symbols, module.parent(node))
        changed: set[cst.CSTNode] = set()
        for node in found:
            call = module.parent(node)
            try:
                if not isinstance(call, cst.Call) or call.func is not node:
                    raise NotUnderstood("it is not called here")
                if changed & needs[node]:
                    continue  # in the next round
                others = {part for other, parts in needs.items() if other is not node for part in parts}
                yield self._change(module, symbols, call, others)
                changed |= needs[node]
            except (NotUnderstood, NoEquivalent) as problem:
                advice = "write it as a keras.Model and a tf.GradientTape, or leave it on the shim."
                yield module.manual(node, f"`{module.text(node)}` stays: {problem}", advice)

    def _change(self, module: Module, symbols: Symbols, call: cst.Call, others: set[cst.CSTNode]) -> Change:
        found = take_apart(module, symbols, call)
        one, many = _leaves(symbols, found)
        if (one or many) and found.calls is not None and found.updates is None and _of_model(symbols, found):
            edits = _model(module, symbols, found, one)
            return module.change(call, f"`{module.text(call.func)}` of activations becomes a model", edits)
        if _in_comprehension(module, call):
            raise NotUnderstood("what is done with the functions of this list is not known")
        tape = Tape(module, symbols, Slice(module, symbols, found), others)
        what = "a tf.GradientTape" if tape.uses_tape else "a call" if tape.is_inline else "a function"
        return module.change(call, f"`{module.text(call.func)}` becomes a sub-model and {what}", tape.edits())


def _needed(module: Module, symbols: Symbols, call: cst.CSTNode | None) -> set[cst.CSTNode]:
    """Return the statements that a call of ``K.function`` needs, and its own; none where they are not known."""
    try:
        needed = Slice(module, symbols, take_apart(module, symbols, call))  # type: ignore[arg-type]
    except (NotUnderstood, NoEquivalent, AttributeError):
        return set()
    return {*needed.statements, *needed.placeholders, needed.line}


def _in_comprehension(module: Module, call: cst.Call) -> bool:
    return any(isinstance(node, cst.BaseComp | cst.Lambda) for node in module.above(call))


def _of_model(symbols: Symbols, found: FunctionCall) -> bool:
    """Return whether what is fed is all of a model."""
    return not any(symbols.is_placeholder(node) for node in found.inputs)


def _leaves(symbols: Symbols, found: FunctionCall) -> tuple[bool, bool]:
    """Return whether a function fetches one tensor of a model, or a list of them."""
    outputs = found.outputs
    if isinstance(outputs, cst.List | cst.Tuple):
        nodes = [element.value for element in outputs.elements]
        leaves = all(symbols.is_leaf(node) or _is_element(symbols, node) for node in nodes)
        return leaves and len(nodes) == 1, leaves and len(nodes) > 1
    return symbols.is_leaf(outputs), symbols.is_list_of_leaves(outputs)


def _is_element(symbols: Symbols, node: cst.BaseExpression) -> bool:
    """Return whether a name is that of a comprehension over a list of tensors of a model."""
    bindings = symbols.eager.bindings(node)
    return bool(bindings) and all(
        isinstance(above := symbols.around_target(binding.node), cst.CompFor | cst.For)
        and symbols.is_list_of_leaves(above.iter)
        for binding in bindings
    )


def _model(module: Module, symbols: Symbols, found: FunctionCall, one: bool) -> list[Edit]:
    """Return the edits that make a function of activations a model."""
    model, imports = spelled(module, "keras.Model", found.call)
    outputs, edits = found.outputs, list(imports)
    first = _is_first_of_outputs(module, found)
    one = one or first
    if isinstance(outputs, cst.List | cst.Tuple):
        nodes = [symbols.written(element.value) for element in outputs.elements]
        text = nodes[0] if one else f"[{', '.join(nodes)}]"
    else:
        text = symbols.written(outputs) if one else module.text(outputs)
        text += "[0]" if first else ""
    written = [symbols.written(node) for node in found.inputs]
    inputs = written[0] if len(written) == 1 else f"[{', '.join(written)}]"
    if _is_one_of_list(found):
        inputs += "[0]"
    edits.append(module.replace(found.call, f"{model}({inputs}, {text})"))
    edits += symbols.aliases([found.call])
    for call in found.calls or []:
        edits += _called(module, found, call, one)
    text = "\n".join(edit.text for edit in edits)
    edits += [module.insert_line(found.caveat, found.call, above=True)] if found.caveat else []
    return [*edits, *unused_aliases(module, symbols, found, [], text)]


def _is_first_of_outputs(module: Module, found: FunctionCall) -> bool:
    """Return whether ``model.outputs`` are fetched, and all calls take the first of them."""
    calls = found.calls or []
    of_model = isinstance(found.outputs, cst.Attribute) and found.outputs.attr.value == "outputs"
    return of_model and bool(calls) and all(_first_of(module, call) is not None for call in calls)


def _first_of(module: Module, call: cst.Call) -> cst.Subscript | None:
    above = module.parent(call)
    behind = module.source[module.span(call)[1] : module.span(above)[1]] if isinstance(above, cst.Subscript) else ""
    return above if isinstance(above, cst.Subscript) and above.value is call and behind == "[0]" else None


def _is_one_of_list(found: FunctionCall) -> bool:
    """Return whether what is fed is ``model.inputs`` of a model with one input."""
    calls = found.calls or []
    one = found.whole and isinstance(found.inputs[0], cst.Attribute) and bool(calls)
    return one and all(len(found.fed(call)) == 1 for call in calls)


def _called(module: Module, found: FunctionCall, call: cst.Call, one: bool) -> list[Edit]:
    """Return the edits that make ``f([x, 0])[0]`` a call of a model."""
    fed = list(found.given(call))
    training = "False"
    if found.phase is not None:
        phase = fed.pop()
        text = module.text(phase)
        training = "False" if is_test_phase(module, phase) else "True" if text in ("1", "1.", "1.0", "True") else ""
        training = training or f"bool({text})"
    values = ", ".join(module.text(node) for node in fed)
    values = f"[{values}]" if len(fed) > 1 or found.whole and not _is_one_of_list(found) else values
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
