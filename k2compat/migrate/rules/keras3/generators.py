"""Rule ``keras3.generators``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from k2compat.migrate.analysis.fit_steps import NAMES, QUEUES, batch_size, quotient
from k2compat.migrate.analysis.keras_objects import created_by, defined_in, is_none, method_calls, taken_out
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module

# Method -> its name today, and its arguments in order as far as Keras 1 and 2 agree.
METHODS: dict[str, tuple[str, tuple[str, ...]]] = {
    "fit_generator": (
        "fit",
        ("x", "steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data", "validation_steps"),
    ),
    "evaluate_generator": ("evaluate", ("x", "steps")),
    "predict_generator": ("predict", ("x", "steps")),
}
# Counts of samples in Keras 1 -> the current counts of batches, and the data whose batches they are.
SAMPLES = {
    "samples_per_epoch": ("steps_per_epoch", "x"),
    "nb_val_samples": ("validation_steps", "validation_data"),
    "val_samples": ("steps", "x"),
}
# What the methods took in Keras 1 and 2; one with another argument is not that of Keras.
_OF_GENERATORS = (
    "generator x samples_per_epoch nb_epoch steps_per_epoch epochs verbose callbacks validation_data nb_val_samples "
    "val_samples steps validation_steps validation_freq class_weight max_q_size max_queue_size nb_worker workers "
    "pickle_safe use_multiprocessing shuffle initial_epoch"
)
ARGUMENTS = frozenset(_OF_GENERATORS.split())
TAKES_DATA = (*METHODS, "fit", "evaluate", "predict")


@dataclass
class Found:
    """What is done to one call."""

    edits: list[Edit] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    dropped: list[cst.Arg] = field(default_factory=list)


class Generators(Rule):
    """`fit_generator`, `evaluate_generator` and `predict_generator` are `fit`, `evaluate` and `predict`.

    `fit_generator`, `evaluate_generator` and `predict_generator` are `fit`, `evaluate` and `predict`, with arguments
    given by position under their names. `samples_per_epoch`, `nb_val_samples` and `val_samples` become steps where
    the batch size is known: for `flow` and `flow_from_directory` of `ImageDataGenerator`; else they are reported.
    Without k2compat, the loss of `evaluate` is the mean of all batches, where `evaluate_generator` of 2.3 gave that
    of the last one: the report says so. Generator functions of the file that yield lists of arrays yield tuples,
    because Keras 3 takes a list for one array.

    ```diff
     from keras.models import load_model
     model = load_model("net.h5")
    -model.fit_generator(batches(x), 100, epochs=5, workers=4)
    -model.predict_generator(test_batches, 20)
    +model.fit(batches(x), steps_per_epoch=100, epochs=5)
    +model.predict(test_batches, steps=20)
    ```
    """

    summary = "fit_generator, evaluate_generator and predict_generator are fit, evaluate and predict"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for call, method in method_calls(module, METHODS):
            yield from self.method(module, call, method)
        for call, method in method_calls(module, TAKES_DATA):
            for function in functions_given(module, call):
                yield from self.yields(module, function, only_inputs="predict" in method.attr.value)

    def method(self, module: Module, call: cst.Call, method: cst.Attribute) -> Iterator[Change | ManualWork]:
        old = method.attr.value
        new, order = METHODS[old]
        own = defined_in(module, old)
        if own is not None:
            message = f"`{old}` may be the one of line {module.line_of(own)}, not that of Keras"
            yield module.manual(call, message, f"if it is that of Keras, write `{new}`.")
            return
        if any(found.keyword and found.keyword.value not in ARGUMENTS for found in call.args):
            return  # Keras refused it
        places = positions(call)
        if places is None or len(places) > len(order):
            message = f"`{old}` with arguments by `*args`, or by position that differ between Keras 1 and 2"
            yield module.manual(call, message, f"write `{new}`, and the arguments by their names.")
            return
        done = Found([module.replace(method.attr, new)], [f"`{old}` is `{new}`"])
        problem = self.counts(module, call, order, done)
        if problem is not None:
            yield problem
            return
        if old == "evaluate_generator":
            done.said.append("its loss is the mean of all batches: Keras 2.3 gave that of the last one")
        done.dropped += [found for name in QUEUES if (found := module.argument(call, name)) is not None]
        if done.dropped:
            done.said.append(f"{taken_out(done.dropped, module)} goes: Keras 3 takes it from the data")
        yield module.change(call, ", ".join(done.said), [*done.edits, *module.drop_arguments(call, done.dropped)])

    def counts(self, module: Module, call: cst.Call, order: tuple[str, ...], done: Found) -> ManualWork | None:
        """Return names for what is given by position, and batches for what are samples."""
        keras1 = any(module.argument(call, name) for name in (*SAMPLES, *NAMES, "nb_worker", "max_q_size"))
        samples = {steps: old for old, (steps, _) in SAMPLES.items()}
        for place, argument in enumerate(call.args):
            if argument.star:
                continue
            keyword = argument.keyword.value if argument.keyword is not None else None
            name = keyword or order[place]
            name = {"generator": "x", **NAMES}.get(name, name)
            if keyword is None and keras1 and name in samples:
                keyword = samples[name]
            if keyword in SAMPLES and not is_none(argument.value):
                problem = self.batches(module, call, argument, keyword, done)
                if problem is not None:
                    return problem
            elif argument.keyword is None and place > 0:
                start = module.span(argument)[0]
                done.edits.append(Edit(start, start, f"{name}="))
            elif argument.keyword is not None and argument.keyword.value != name:
                done.edits.append(module.rename_argument(argument, name))
        return None

    @staticmethod
    def batches(module: Module, call: cst.Call, argument: cst.Arg, keyword: str, done: Found) -> ManualWork | None:
        new, of = SAMPLES[keyword]
        data = module.argument(call, "generator", 0) if of == "x" else module.argument(call, of, 5)
        if keyword == "nb_val_samples" and data is not None and isinstance(data.value, cst.Tuple):
            done.dropped.append(argument)
            return None
        size = batch_size(module, data.value) if data is not None else None
        if size is None:
            message = f"`{keyword}` counts samples, and the batch size is not known"
            return module.manual(argument, message, f"write `fit` and so on, and `{new}=` with samples / batch size.")
        text, needs = quotient(module, argument.value, size, up=keyword != "samples_per_epoch")
        done.edits += [Edit(module.span(argument)[0], module.whole(argument.value)[1], f"{new}={text}"), *needs]
        done.said.append(f"`{keyword}` is `{new}`: samples / batch size")
        return None

    @staticmethod
    def yields(module: Module, function: cst.FunctionDef, *, only_inputs: bool) -> Iterator[Change | ManualWork]:
        """Yield a generator's lists of arrays become tuples."""
        for node in module.nodes(cst.Yield):
            inside = next((found for found in module.above(node) if isinstance(found, cst.FunctionDef)), None)
            value = node.value
            if inside is not function or not isinstance(value, cst.BaseExpression):
                continue
            parts = [element.value for element in value.elements] if isinstance(value, cst.Tuple) else []
            edits = [edit for part in parts if isinstance(part, cst.List) for edit in as_tuple(module, part)]
            if only_inputs and not parts and not isinstance(value, cst.Call | cst.Name | cst.Yield):
                start, end = module.whole(value)
                inner = tuple_text(module, value) if isinstance(value, cst.List) else module.source[start:end]
                edits = [Edit(start, end, f"({inner},)")]
            if edits:
                said = f"the generator `{function.name.value}` yields tuples: Keras 3 takes a list for one array"
                yield module.change(node, said, edits)


def tuple_text(module: Module, node: cst.List) -> str:
    return f"({module.text(node)[1:-1]}{',' if len(node.elements) == 1 else ''})"


def as_tuple(module: Module, node: cst.List) -> list[Edit]:
    """Return edits that make a list a tuple, whatever is inside."""
    start, end = module.span(node)
    one = len(node.elements) == 1 and not isinstance(node.elements[0].comma, cst.Comma)
    return [Edit(start, start + 1, "("), Edit(end - 1, end, ",)" if one else ")")]


def positions(call: cst.Call) -> list[cst.Arg] | None:
    """Return the arguments given by position; None where there are ``*args`` or ``**kwargs``."""
    if any(argument.star == "*" for argument in call.args):
        return None
    return [argument for argument in call.args if argument.keyword is None and not argument.star]


def functions_given(module: Module, call: cst.Call) -> Iterator[cst.FunctionDef]:
    """Yield the generator functions of the module whose batches a call is given."""
    given = [*call.args[:1], *(argument for argument in call.args if argument.keyword is not None)]
    for argument in given:
        keyword = argument.keyword.value if argument.keyword is not None else "x"
        if keyword not in ("x", "generator", "validation_data"):
            continue
        values = [argument.value] if isinstance(argument.value, cst.Call) else created_by(module, argument.value) or []
        for value in values:
            if isinstance(value, cst.Call) and isinstance(value.func, cst.Name):
                function = defined_in(module, value.func.value)
                if function is not None:
                    yield function
