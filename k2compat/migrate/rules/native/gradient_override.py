"""Rule ``native.gradient-override``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from k2compat.migrate.analysis.eager_functions import eager_functions
from k2compat.migrate.analysis.k_calls import NoEquivalent, spelled
from k2compat.migrate.analysis.symbolic import NotUnderstood
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import bound_name, constant
from k2compat.migrate.syntax.statements import dedented_statement, defined_above, free, names_in_use, removed

REGISTER = re.compile(r"tensorflow\.(?:.*\.)?RegisterGradient$")
RELU_GRADIENT = re.compile(r"(?:\w+\.)*_?relu_grad$")


class GradientOverride(Rule):
    """A gradient that was registered for `Relu`, and taken in `gradient_override_map`, becomes a function with
    `tf.custom_gradient`, which is the activation of the layers of the model that was made there:

    ```diff
     import keras
     import tensorflow as tf


    -@tf.RegisterGradient("GuidedRelu")
    -def _guided_relu(op, grad):
    -    return grad * tf.cast(grad > 0.0, tf.float32) * tf.cast(op.inputs[0] > 0.0, tf.float32)
    -
    -
    -with tf.get_default_graph().gradient_override_map({"Relu": "GuidedRelu"}):
    -    model = keras.applications.VGG16()
    +@tf.custom_gradient
    +def guided_relu(x):
    +    def gradient(grad):
    +        return grad * tf.cast(grad > 0.0, tf.float32) * tf.cast(x > 0.0, tf.float32)
    +
    +    return tf.nn.relu(x), gradient
    +
    +
    +model = keras.applications.VGG16()
    +for layer in model.layers:
    +    if getattr(layer, "activation", None) == keras.activations.relu:
    +        layer.activation = guided_relu
    ```

    Gradients of other operations, and blocks that make no model, are listed.
    """

    summary = "write a registered gradient of Relu as an activation with tf.custom_gradient"
    needs = re.compile("gradient_override_map")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        blocks = [node for node in module.nodes(cst.With) if _override(module, node) is not None]
        try:
            registered = {one.name: one for one in _registered(module)}
            edits: list[Edit] = []
            used: set[str] = set()
            for block in blocks:
                one = _chosen(module, block, registered)
                edits += _without_block(module, block, one)
                used.add(one.name)
            for name in used:
                edits += _defined(module, registered[name])
            if blocks:
                yield module.change(blocks[0], "an overridden gradient becomes tf.custom_gradient", edits)
        except (NotUnderstood, NoEquivalent) as problem:
            advice = "write the activation as a function with tf.custom_gradient, and give it to the layers."
            yield module.manual(blocks[0], f"`gradient_override_map` stays: {problem}", advice)


@dataclass
class Registered:
    """A function that is registered as a gradient.

    Attributes:
        name: the name it is registered by.
        function: the function.
        activation: the name of the activation that is written for it.
    """

    name: str
    function: cst.FunctionDef
    activation: str


def _registered(module: Module) -> Iterator[Registered]:
    taken = names_in_use(module)
    for function in module.nodes(cst.FunctionDef):
        for decorator in function.decorators:
            call = decorator.decorator
            if not isinstance(call, cst.Call) or not REGISTER.match(module.refers_to(call.func) or ""):
                continue
            name = constant(call.args[0].value) if len(call.args) == 1 else None
            if name is not None:
                word = re.match(r"[A-Z]?[a-z]+", name)
                yield Registered(name, function, free(f"{word[0].lower() if word else 'custom'}_relu", taken))


def _override(module: Module, block: cst.With) -> cst.Call | None:
    """Return the call of ``gradient_override_map`` that a block stands in."""
    call = block.items[0].item if len(block.items) == 1 else None
    is_map = isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute)
    return call if is_map and call.func.attr.value == "gradient_override_map" else None  # type: ignore[union-attr, return-value]


def _chosen(module: Module, block: cst.With, registered: dict[str, Registered]) -> Registered:
    """Return the gradient that holds in a block.

    Raises:
        NotUnderstood: it is another operation's, or not known.
    """
    call = _override(module, block)
    given = call.args[0].value if call is not None and len(call.args) == 1 else None
    pairs = given.elements if isinstance(given, cst.Dict) else []
    if len(pairs) != 1 or not isinstance(pairs[0], cst.DictElement) or constant(pairs[0].key) != "Relu":
        raise NotUnderstood("it has gradients of more than `Relu`")
    value = pairs[0].value
    names = {constant(node) for node in _values(module, value)}
    name = names.pop() if len(names) == 1 else None
    if name is None or name not in registered:
        raise NotUnderstood(f"which gradient `{module.text(value)}` means is not known")
    return registered[name]


def _values(module: Module, node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """Return what a name is, or what a parameter is given in all calls."""
    bindings = eager_functions(module).bindings(node)
    if len(bindings) == 1 and isinstance(bindings[0].node, cst.Param):
        return eager_functions(module).given(bindings[0].node) or []
    values = [module.resolver.value_of(binding) for binding in bindings]
    return [value for value in values if value is not None] if bindings else [node]


# The block


def _without_block(module: Module, block: cst.With, one: Registered) -> list[Edit]:
    """Return the edits that take a block's statements out of it, and give the activation to the model's layers."""
    relu, imports = spelled(module, "keras.activations.relu", block)
    lines = list(block.body.body)
    edits = list(imports)
    idle = [line for line in lines if _replaces_activations(module, line)]
    spellings = relu
    replaced = [node for line in idle for node in module.inside(line)]
    others = [
        node for node in module.named("relu") if module.refers_to(module.parent(node) or node) == "tensorflow.nn.relu"
    ]
    if any(module.parent(node) not in replaced for node in others):
        spellings = f"({relu}, {spelled(module, 'tf.nn.relu', block)[0]})"
    test = f"in {spellings}" if spellings.startswith("(") else f"== {spellings}"
    made = [line for line in lines if (_model_of(line)) is not None]
    if len(made) != 1:
        raise NotUnderstood("the block does not make one model")
    unused = [line for line in lines if _only_for(module, line, idle)]
    start = module.span(block)[0]
    first = module.lines.whole(start, start)[0]
    kept = [line for line in lines if line not in idle and line not in unused]
    unit, outer, newline = module.tree.default_indent, module.indentation(block), module.newline
    model = _model_of(made[0])
    loop = [
        f"for layer in {model}.layers:",
        f'{unit}if getattr(layer, "activation", None) {test}:',
        f"{unit}{unit}layer.activation = {one.activation}",
    ]
    text = ""
    for line in kept:
        text += dedented_statement(module, line, outer)
        if line is made[0]:
            text += "".join(f"{outer}{part}{newline}" for part in loop)
    edits.append(Edit(first, module.lines.whole(*module.span(lines[-1]))[1], text))
    graph = _graph_of(module, block)
    return [*edits, *([module.drop_statement(graph)] if graph is not None else [])]


def _start(module: Module, line: cst.CSTNode) -> int:
    """Return where a statement begins with the comments right above it."""
    start = module.lines.whole(*module.span(line))[0]
    lines = list(getattr(line, "leading_lines", ()))
    while lines and lines.pop().comment is not None:
        start = module.lines.whole(start - 1, start - 1)[0]
    return start


def _model_of(line: cst.CSTNode) -> str | None:
    """Return the name of a model that a statement makes by a call."""
    only = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    if not isinstance(only, cst.Assign) or len(only.targets) != 1 or not isinstance(only.value, cst.Call):
        return None
    target = only.targets[0].target
    if isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name):
        return f"{target.value.value}.{target.attr.value}"
    return target.value if isinstance(target, cst.Name) else None


def _replaces_activations(module: Module, line: cst.CSTNode) -> bool:
    """Return whether a loop only writes ``tf.nn.relu`` as the activation of layers: its operation is the same."""
    if not isinstance(line, cst.For) or line.orelse is not None:
        return False
    assigned = [node for node in module.inside(line) if isinstance(node, cst.Assign)]
    others = [
        node
        for node in module.inside(line)
        if isinstance(node, cst.SimpleStatementLine) and not isinstance(node.body[0], cst.Assign)
    ]
    return bool(assigned) and not others and all(_is_relu(module, node) for node in assigned)


def _is_relu(module: Module, node: cst.Assign) -> bool:
    target = node.targets[0].target
    of_layer = isinstance(target, cst.Attribute) and target.attr.value == "activation"
    return of_layer and module.refers_to(node.value) in ("tensorflow.nn.relu", "keras.activations.relu")


def _only_for(module: Module, line: cst.CSTNode, idle: list[cst.CSTNode]) -> bool:
    """Return whether a statement binds a name that only these statements read."""
    only = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    target = only.targets[0].target if isinstance(only, cst.Assign) and len(only.targets) == 1 else None
    if not isinstance(target, cst.Name) or not idle:
        return False
    reads = eager_functions(module).reads(target)
    return bool(reads) and all(set(idle) & set(module.above(read)) for read in reads)


def _graph_of(module: Module, block: cst.With) -> cst.Assign | None:
    """Return the statement that gives the graph a name, if nothing else reads it."""
    call = _override(module, block)
    graph = call.func.value if call is not None and isinstance(call.func, cst.Attribute) else None
    bindings = eager_functions(module).bindings(graph) if isinstance(graph, cst.Name) else []
    if len(bindings) != 1 or not isinstance(bindings[0].node, cst.Name):
        return None
    above = module.parent(module.parent(bindings[0].node) or bindings[0].node)
    alone = len(eager_functions(module).reads(bindings[0].node)) == 1
    return above if alone and isinstance(above, cst.Assign) else None


# The activation


def _defined(module: Module, one: Registered) -> list[Edit]:
    """Return the edits that write the activation, and take the registration out."""
    function = one.function
    names = [parameter.name.value for parameter in function.params.params]
    if len(names) != 2:
        raise NotUnderstood(f"`{function.name.value}` has other parameters")
    custom, imports = spelled(module, "tf.custom_gradient", function)
    relu, _ = spelled(module, "tf.nn.relu", function)
    taken = {node.value for node in module.inside(function) if isinstance(node, cst.Name)}
    x, y = free("x", taken), free("y", taken)
    body, reads_output = _body(module, function, names[0], x, y)
    unit = module.tree.default_indent
    head = [f"@{custom}", f"def {one.activation}({x}):"]
    if reads_output:
        head += [f"{unit}{y} = {relu}({x})", ""]
    returned = y if reads_output else f"{relu}({x})"
    lines = [*head, f"{unit}def gradient({names[1]}):", *body, "", f"{unit}return {returned}, gradient"]
    return [*_in_its_place(module, function, lines), *imports]


def _body(module: Module, function: cst.FunctionDef, op: str, x: str, y: str) -> tuple[list[str], bool]:
    """Return the lines of the gradient, and whether it reads the output of the operation."""
    edits: list[Edit] = []
    reads_output = False
    for node in module.inside(function.body):
        if isinstance(node, cst.Call) and RELU_GRADIENT.match(module.text(node.func)) and len(node.args) == 2:
            raw, _ = spelled(module, "tf.raw_ops.ReluGrad", function)
            gradients, features = (argument.value for argument in node.args)
            edits.append(module.replace(node.func, raw))
            edits.append(Edit(module.whole(gradients)[0], module.whole(gradients)[0], "gradients="))
            edits.append(Edit(module.whole(features)[0], module.whole(features)[0], "features="))
        if not isinstance(node, cst.Name) or node.value != op:
            continue
        part = module.parent(module.parent(node) or node)
        kind = module.text(part) if isinstance(part, cst.Subscript) else ""
        if kind not in (f"{op}.inputs[0]", f"{op}.outputs[0]"):
            raise NotUnderstood(f"`{function.name.value}` asks more of the operation than its input and output")
        reads_output |= kind.startswith(f"{op}.outputs")
        edits.append(module.replace(part, y if kind.startswith(f"{op}.outputs") else x))  # type: ignore[arg-type]
    first, last = function.body.body[0], function.body.body[-1]
    start, end = _start(module, first), module.lines.whole(*module.span(last))[1]
    text = module.source[start:end]
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start - start] + edit.text + text[edit.end - start :]
    inner, unit = module.indentation(first), module.tree.default_indent
    return [unit * 2 + line.removeprefix(inner) if line else "" for line in text.splitlines()], reads_output


def _in_its_place(module: Module, function: cst.FunctionDef, lines: list[str]) -> Iterator[Edit]:
    """Yield the edits that write the activation where the gradient was registered, or above the function around that.

    The guard of a registration, and a function that does nothing else, go with it.
    """
    gone: cst.CSTNode = function
    while True:
        block = module.parent(gone)
        above = module.parent(block) if isinstance(block, cst.IndentedBlock) else None
        if not isinstance(above, cst.If | cst.FunctionDef) or len(block.body) != 1:  # type: ignore[union-attr]
            break
        if isinstance(above, cst.If) and above.orelse is not None:
            raise NotUnderstood("it is registered in one branch")
        if isinstance(above, cst.FunctionDef):
            yield from _without_calls(module, above)
        gone = above
    decorated = gone.decorators[0] if isinstance(gone, cst.FunctionDef) and gone.decorators else gone
    first, end = module.lines.whole(*module.span(decorated))[0], module.lines.whole(*module.span(gone))[1]
    if module.parent(gone) is module.tree:
        yield Edit(first, end, "".join(line + module.newline for line in lines))
    else:
        yield defined_above(module, function, "\n".join(lines))
        whole = removed(module, gone)
        yield Edit(min(whole.start, first), whole.end, "")
    yield from _idle_imports(module, (first, end))


def _idle_imports(module: Module, gone: tuple[int, int]) -> Iterator[Edit]:
    """Yield the edits that take out imports of TensorFlow's inside that were read for the registration alone."""
    for statement in module.nodes(cst.ImportFrom):
        if isinstance(statement.names, cst.ImportStar) or not module.text(statement).startswith(
            "from tensorflow.python"
        ):
            continue
        idle = [alias for alias in statement.names if _is_idle(module, bound_name(alias), gone)]
        if len(idle) == len(statement.names):
            yield module.drop_statement(statement)
        elif idle:
            yield from module.drop_parts(statement.names, idle)


def _is_idle(module: Module, name: str, gone: tuple[int, int]) -> bool:
    reads = [node for node in module.named(name) if not module.is_imported_name(node)]
    return all(gone[0] <= module.span(node)[0] < gone[1] for node in reads)


def _without_calls(module: Module, function: cst.FunctionDef) -> Iterator[Edit]:
    for use in eager_functions(module).uses(function):
        call = module.parent(use)
        statement = module.parent(call) if isinstance(call, cst.Call) and call.func is use else None
        if not isinstance(statement, cst.Expr):
            raise NotUnderstood(f"`{function.name.value}` is used in line {module.line_of(use)}")
        yield module.drop_statement(statement)
