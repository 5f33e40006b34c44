"""Rule ``native.session-run``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.analysis.eager_functions import eager_functions
from k2compat.migrate.analysis.gradient_tape import Tape
from k2compat.migrate.analysis.k_calls import NoEquivalent, k_name
from k2compat.migrate.analysis.k_function import FunctionCall, check_phase, is_phase
from k2compat.migrate.analysis.symbolic import NotUnderstood, Symbols
from k2compat.migrate.analysis.tape_slice import Slice
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module

# What gives weights other values than their first ones.
NEW_VALUES = ("load_model", "load_weights", "set_weights", "fit", "fit_generator", "train_on_batch", "applications")
INITIALIZERS = ("global_variables_initializer", "local_variables_initializer", "initialize_all_variables")


class SessionRun(Rule):
    """What is run in the session of Keras is computed in its place, as by [`native.k-function`](#nativek-function).
    Weights have their values at once, so that initializers go:

    ```diff
     import keras
     import tensorflow as tf
     from k2compat import backend as K
     from keras.models import Model
     inputs = keras.Input((3,))
     model = Model(inputs, keras.layers.Dense(3)(inputs))
    -sess = K.get_session()
    -sess.run(tf.global_variables_initializer())
    -loss = sess.run(K.mean(model.output), feed_dict={model.input: x})
    +model_output = model(x, training=False)
    +loss = tf.reduce_mean(model_output).numpy()
    ```
    """

    summary = "write what is run in the session of Keras as calls of models"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        symbols = Symbols(module, eager_functions(module))
        changed: set[cst.CSTNode] = set()
        for call in module.nodes(cst.Call):
            func = call.func
            is_run = isinstance(func, cst.Attribute) and func.attr.value == "run"
            if not is_run or not _is_session(module, symbols, func.value):  # type: ignore[attr-defined]
                continue
            try:
                if _initializes(module, call):
                    yield module.change(call, "weights have values at once", _dropped(module, call))
                    continue
                needed = Slice(module, symbols, _taken_apart(module, symbols, call))
                if changed & {*needed.statements, *needed.placeholders}:
                    continue  # in the next round
                tape = Tape(module, symbols, needed, set())
                yield module.change(call, f"`{module.text(func)}` becomes a call of a model", tape.edits())
                changed |= {*needed.statements, *needed.placeholders}
            except (NotUnderstood, NoEquivalent) as problem:
                advice = "call the model, with a tf.GradientTape for gradients, or leave it on the shim."
                yield module.manual(call, f"`{module.text(func)}` stays: {problem}", advice)
        yield from self._idle(module, symbols)

    def _idle(self, module: Module, symbols: Symbols) -> Iterator[Change]:
        """Yield the changes that take out sessions that nothing reads."""
        for assign in module.nodes(cst.Assign):
            target = assign.targets[0].target
            plain = len(assign.targets) == 1 and isinstance(target, cst.Name) and isinstance(assign.value, cst.Call)
            if plain and k_name(module, assign.value.func) == "get_session" and not symbols.eager.reads(target):  # type: ignore[attr-defined, arg-type]
                yield module.change(assign, "take out the session", module.drop_statement(assign))


def _is_session(module: Module, symbols: Symbols, node: cst.BaseExpression) -> bool:
    values = [node] if isinstance(node, cst.Call) else symbols.assigned(node) or []
    calls = [value for value in values if isinstance(value, cst.Call)]
    return bool(calls) and all(k_name(module, call.func) == "get_session" for call in calls)


def _initializes(module: Module, call: cst.Call) -> bool:
    value = call.args[0].value if len(call.args) == 1 else None
    called = (module.refers_to(value.func) or "") if isinstance(value, cst.Call) else ""
    return called.startswith("tensorflow.") and called.rpartition(".")[2] in INITIALIZERS


def _dropped(module: Module, call: cst.Call) -> Edit:
    statement = module.parent(call)
    if not isinstance(statement, cst.Expr):
        raise NotUnderstood("its result is used")
    for name in NEW_VALUES:
        nodes = module.named(name)
        if nodes and module.span(nodes[0])[0] < module.span(call)[0]:
            line = module.line_of(nodes[0])
            raise NotUnderstood(
                f"it gives weights that `{name}` in line {line} may have changed their first values again"
            )
    return module.drop_statement(statement)


def _taken_apart(module: Module, symbols: Symbols, call: cst.Call) -> FunctionCall:
    """Read a call of ``run`` as that of a function: what is fed are the keys, with their values.

    Raises:
        NotUnderstood: what is fed is not known.
    """
    fetches, feeds = module.argument(call, "fetches", 0), module.argument(call, "feed_dict", 1)
    if fetches is None or len(call.args) != 1 + (feeds is not None):
        raise NotUnderstood("it has other arguments")
    given = symbols.value(feeds.value) if feeds is not None else cst.Dict([])
    if not isinstance(given, cst.Dict) or not all(isinstance(element, cst.DictElement) for element in given.elements):
        raise NotUnderstood("what is fed is not written out")
    pairs = [(element.key, element.value) for element in given.elements if isinstance(element, cst.DictElement)]
    phases = [value for key, value in pairs if is_phase(module, symbols, key)]
    fed = [(key, value) for key, value in pairs if not is_phase(module, symbols, key)]
    for key, _ in fed:
        if not symbols.is_leaf(key) and not symbols.is_placeholder(key):
            raise NotUnderstood(f"`{module.text(key)}` is no input of a model")
    found = FunctionCall(call, [key for key, _ in fed], fetches.value, bare=not _is_row(fetches.value), at_once=True)
    found.phase = -1 if phases else None
    found.calls, found.lists = [call], {call: [*(value for _, value in fed), *phases]}
    check_phase(module, found)
    if not fed and not any(symbols.is_symbolic(node) for node in [fetches.value]):
        raise NotUnderstood(f"what `{module.text(fetches.value)}` is, is not known")
    return found


def _is_row(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.List | cst.Tuple)
