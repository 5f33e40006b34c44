"""Rule ``native.gradient-penalty``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from k2compat.migrate.analysis.eager_functions import eager_functions
from k2compat.migrate.analysis.k_calls import NoEquivalent, k_name, spelled
from k2compat.migrate.analysis.keras_objects import created_by, method_calls
from k2compat.migrate.analysis.symbolic import NotUnderstood
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import bound_name
from k2compat.migrate.syntax.statements import comments_above, defined_above, free, names_in_use, removed

LAYER = '''\
class {name}({layer}):
    """The gradient of a model's output by its input."""

    def __init__(self, model, **kwargs):
        super().__init__(**kwargs)
        self.model = model

    def call(self, inputs):
        with {tape}() as tape:
            tape.watch(inputs)
            outputs = self.model(inputs)
        return tape.gradient(outputs, inputs)

    def compute_output_shape(self, input_shape):
        return input_shape
'''
PARTIAL = "functools.partial"


class GradientPenalty(Rule):
    """A loss that differentiates what a model gives by what it was given, as the gradient penalty of a WGAN-GP, is
    given the gradient by a layer in the place of the model's call:

    ```diff
     from functools import partial
     import keras
     import tensorflow as tf
     from k2compat import backend as K
     from keras.models import Model
    -def penalty(y_true, y_pred, samples, weight):
    -    gradients = K.gradients(y_pred, samples)[0]
    +def penalty(y_true, gradients, weight):
         return weight * keras.ops.mean(keras.ops.square(1 - keras.ops.norm(gradients, axis=-1)))
     real, critic = keras.Input((3,)), keras.Sequential([keras.layers.Dense(1)])
     mixed = keras.layers.GaussianNoise(0.1)(real)
    -score = critic(mixed)
    -loss = partial(penalty, samples=mixed, weight=10)
    -model = Model(real, [critic(real), score])
    +
    +
    +class InputGradient(keras.layers.Layer):
    +    \"\"\"The gradient of a model's output by its input.\"\"\"
    +
    +    def __init__(self, model, **kwargs):
    +        super().__init__(**kwargs)
    +        self.model = model
    +
    +    def call(self, inputs):
    +        with tf.GradientTape() as tape:
    +            tape.watch(inputs)
    +            outputs = self.model(inputs)
    +        return tape.gradient(outputs, inputs)
    +
    +    def compute_output_shape(self, input_shape):
    +        return input_shape
    +
    +
    +gradients = InputGradient(critic)(mixed)
    +loss = partial(penalty, weight=10)
    +model = Model(real, [critic(real), gradients])
     model.compile("sgd", ["mse", loss])
    ```

    The output of the model that is trained is then the gradient, not the score. The loss stays where it reads the
    score for something else, too.
    """

    summary = "give the gradient penalty of a loss its gradient by a layer"
    needs = re.compile("gradients")

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for function in module.nodes(cst.FunctionDef):
            call = _gradient_in(module, function)
            if call is None:
                continue
            try:
                yield module.change(
                    call, "the gradient in a loss is computed by a layer", _edits(module, function, call)
                )
            except (NotUnderstood, NoEquivalent):
                continue  # native.k-ops reports the call


@dataclass
class Penalty:
    """A loss with a gradient.

    Attributes:
        function: the loss.
        statement: the assignment of the gradient.
        name: the name that the gradient has.
        score: the parameter that is differentiated.
        samples: the parameter by which.
    """

    function: cst.FunctionDef
    statement: cst.Assign
    name: str
    score: cst.Param
    samples: cst.Param


def _gradient_in(module: Module, function: cst.FunctionDef) -> cst.Call | None:
    """Return the call of ``K.gradients`` in a loss of three parameters or more."""
    names = [parameter.name.value for parameter in function.params.params if parameter.name.value != "self"]
    if len(names) < 3:
        return None
    calls = [node for node in module.inside(function) if isinstance(node, cst.Call)]
    found = [call for call in calls if k_name(module, call.func) == "gradients"]
    return found[0] if len(found) == 1 else None


def _taken_apart(module: Module, function: cst.FunctionDef, call: cst.Call) -> Penalty:
    item = module.parent(call)
    statement = module.parent(item) if isinstance(item, cst.Subscript) else None
    if not isinstance(statement, cst.Assign) or not module.text(item).endswith("[0]") or len(call.args) != 2:  # type: ignore[arg-type]
        raise NotUnderstood("the gradient has no name")
    target = statement.targets[0].target
    given = [argument.value for argument in call.args]
    parameters = {parameter.name.value: parameter for parameter in function.params.params}
    names = [node.value for node in given if isinstance(node, cst.Name) and node.value in parameters]
    if not isinstance(target, cst.Name) or len(names) != 2 or target.value in parameters:
        raise NotUnderstood("it is not a gradient by a parameter")
    own = [parameter for parameter in function.params.params if parameter.name.value != "self"]
    score, samples = (parameters[name] for name in names)
    if own[1] is not score:
        raise NotUnderstood("it is no loss")
    for node in module.inside(function.body):
        is_one = isinstance(node, cst.Name) and node.value in names and module.scope(node) is not None
        if is_one and node not in given:
            raise NotUnderstood(f"`{node.value}` is read for something else")  # type: ignore[attr-defined]
    return Penalty(function, statement, target.value, score, samples)


def _edits(module: Module, function: cst.FunctionDef, call: cst.Call) -> list[Edit]:
    """Return the edits in the loss, where it is bound to its samples, and in the model that has it.

    Raises:
        NotUnderstood: one of these is not known.
    """
    found = _taken_apart(module, function, call)
    uses = eager_functions(module).uses(function)
    if len(uses) != 1:
        raise NotUnderstood("it is used more than once")
    use = uses[0]
    above = module.parent(module.parent(use) or use)
    if not isinstance(above, cst.Call) or module.refers_to(above.func) != PARTIAL or above.args[0].value is not use:
        raise NotUnderstood("it is not given its samples by functools.partial")
    bound = module.parent(above)
    target = bound.targets[0].target if isinstance(bound, cst.Assign) and len(bound.targets) == 1 else None
    samples = module.argument(above, found.samples.name.value)
    if not isinstance(target, cst.Name) or samples is None:
        raise NotUnderstood("what it is given is not known")
    output = _output_of(module, target)
    score = _score(module, output, samples.value)
    return [
        *_of_function(module, found),
        *_of_partial(module, above, target, samples),
        *_of_score(module, found, score, output),
    ]


def _output_of(module: Module, loss: cst.Name) -> cst.Name:
    """Return the output that a loss stands for in the only ``compile`` that has it."""
    for call, _ in method_calls(module, ("compile",)):
        losses = module.argument(call, "loss", 1)
        if losses is None or not isinstance(call.func, cst.Attribute):
            continue
        rows = _row(losses.value)
        places = [number for number, node in enumerate(rows) if isinstance(node, cst.Name) and node.value == loss.value]
        made = created_by(module, call.func.value) or []
        outputs = module.argument(made[0], "outputs", 1) if len(made) == 1 and isinstance(made[0], cst.Call) else None
        if len(places) == 1 and outputs is not None:
            row = _row(outputs.value)
            output = row[places[0]] if len(row) == len(rows) else None
            if isinstance(output, cst.Name):
                return output
    raise NotUnderstood("the model that has this loss is not known")


def _row(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    return [element.value for element in node.elements] if isinstance(node, cst.List | cst.Tuple) else [node]


def _score(module: Module, output: cst.Name, samples: cst.BaseExpression) -> cst.Call:
    """Return the call of a model on the samples that an output is."""
    values = created_by(module, output) or []
    bindings = eager_functions(module).bindings(output)
    call = values[0] if len(values) == 1 else None
    if not isinstance(call, cst.Call) or len(call.args) != 1 or len(bindings) != 1:
        raise NotUnderstood("what is differentiated is not one call of a model")
    if module.text(call.args[0].value) != module.text(samples):
        raise NotUnderstood("it is differentiated by something else than its input")
    if len(eager_functions(module).reads(output)) != 1 or not isinstance(call.func, cst.Name | cst.Attribute):
        raise NotUnderstood("what is differentiated is used elsewhere")
    return call


# The edits


def _of_function(module: Module, found: Penalty) -> Iterator[Edit]:
    """The loss is given the gradient, which has the name that it had."""
    yield module.replace(found.score.name, found.name)
    yield from module.drop_parts(found.function.params.params, [found.samples])
    line = module.statement(found.statement)
    if getattr(module.parent(line), "body", (line,))[0] is line and not comments_above(line):
        yield Edit(*module.lines.whole(*module.span(line)), "")
    else:
        yield removed(module, line)


def _of_partial(module: Module, call: cst.Call, target: cst.Name, samples: cst.Arg) -> Iterator[Edit]:
    """The samples are no longer given; a partial function of nothing is the function itself."""
    name = samples.keyword.value if samples.keyword is not None else ""
    statement = module.statement(call)
    if any(re.search(rf"\b{name}\b", comment) for comment in comments_above(statement)):
        start, end = removed(module, statement).start, module.lines.whole(*module.span(statement))[0]
        gap = module.source[start:end]
        yield Edit(start + len(gap) - len(gap.lstrip("\r\n")), end, "")
    if len(call.args) > 2:
        yield from module.drop_arguments(call, [samples])
        return
    yield module.replace(call, module.text(call.args[0].value))
    for read in eager_functions(module).reads(target):
        above = module.parent(read)
        assign = module.parent(module.parent(above) or above) if isinstance(above, cst.Attribute) else None
        if isinstance(assign, cst.Assign) and above.attr.value == "__name__":  # type: ignore[union-attr]
            yield Edit(*module.lines.whole(*module.span(assign)), "")
    for statement_ in module.nodes(cst.ImportFrom):
        aliases = [] if isinstance(statement_.names, cst.ImportStar) else list(statement_.names)
        if len(aliases) == 1 and module.text(statement_).startswith("from functools import partial"):
            name = bound_name(aliases[0])
            if len([node for node in module.named(name) if not module.is_imported_name(node)]) == 1:
                yield module.drop_statement(statement_)


def _of_score(module: Module, found: Penalty, score: cst.Call, output: cst.Name) -> list[Edit]:
    """A layer computes the gradient where the model was called."""
    taken = names_in_use(module)
    layer, imports = spelled(module, "keras.layers.Layer", score)
    tape, more = spelled(module, "tf.GradientTape", score)
    there = re.search(
        r"^class (\w+)\(.*\):\n    \"\"\"The gradient of a model's output by its input", module.source, re.M
    )
    name = there[1] if there is not None else free("InputGradient", taken)
    edits = [*imports, *more]
    if there is None:
        text = LAYER.format(name=name, layer=layer, tape=tape).replace("    ", module.tree.default_indent)
        edits.append(defined_above(module, score, text))
    own = {node.value for node in module.inside(found.function) if isinstance(node, cst.Name)}
    elsewhere = {node.value for node in module.named(found.name) if found.function not in set(module.above(node))}
    new = found.name if found.name in own and not elsewhere else free(found.name, taken)
    assign = module.parent(score)
    target = assign.targets[0].target if isinstance(assign, cst.Assign) else output
    model, samples = module.text(score.func), module.text(score.args[0])
    return [
        *edits,
        module.replace(score, f"{name}({model})({samples})"),
        module.replace(target, new),
        module.replace(output, new),
    ]
