"""Every error of the engine: its three parts, the classes Keras 2 users caught, and nothing left behind."""

import ast
import sys
from pathlib import Path

import error_cases_of_gradients  # noqa: F401
import error_cases_of_map  # noqa: F401
import error_cases_of_tensorflow1  # noqa: F401
import error_cases_of_training  # noqa: F401
import pytest
from error_cases import CASES, named
from helpers import parts
from kerases import KIND
from paths import PACKAGE

import k2compat
from k2compat import backend as K
from k2compat import errors

# TensorFlow asks this one first and the dispatcher next, so that nobody sees its message.
UNSEEN = {("dispatch.py", "convert")}
# Provoked in a process of its own, which has both Keras versions (adapters/test_combined.py); by one of several workers
# (runtime/test_distribute.py); in a thread of TensorFlow, where no profile looks (runtime/test_map_errors.py); as a
# warning, not an error (ops/test_variables.py); in graph mode, which holds for a whole process; in a fork
# (runtime/test_odd_feeds.py); behind the checks of input, unless their repair is undone.
ELSEWHERE = {
    ("combined.py", "record"),
    ("distribute.py", "_same"),
    ("batches.py", "_values"),
    ("updates.py", "__del__"),
    ("feeds.py", "read"),
    ("forks.py", "_refuse_or_warn"),
    ("weighted_losses.py", "weighted"),
}
# The functions that put a message together.
JOINING = ("three_parts", "sentence_parts")
# The files about the other Keras, which this run does not use.
OTHER = "keras2" if KIND == "keras3" else "keras3"


def provoked(name):
    """The error a case raises."""
    provoke, classes, _, _ = CASES[name]
    with pytest.raises(classes[0]) as caught:
        provoke()
    return caught.value


@pytest.mark.parametrize("name", CASES)
def test_a_message_has_three_parts_and_names_what_it_is_about(name):
    _, _, received, expected = CASES[name]
    first, second, advice = parts(provoked(name))
    assert received in first
    assert expected in second
    assert advice.strip().endswith((".", "?", "`", ")"))


@pytest.mark.parametrize("name", CASES)
def test_an_error_is_of_the_classes_keras_2_users_caught(name):
    _, classes, _, _ = CASES[name]
    error = provoked(name)
    for kind in (*classes, errors.K2CompatError):
        assert isinstance(error, kind)


@pytest.mark.parametrize("name", CASES)
def test_an_error_leaves_nothing_behind(name):
    state = K.learning_phase(), K.floatx(), K.image_data_format(), [r.active for r in k2compat.repairs()]
    provoked(name)
    assert K.learning_phase() is state[0]
    assert (K.floatx(), K.image_data_format(), [r.active for r in k2compat.repairs()]) == state[1:]
    p = named()
    found = K.function([p], [K.square(p), *K.gradients(K.square(p), p)])([[[1.0, 3.0]]])
    assert [value.tolist() for value in found] == [[[1.0, 9.0]], [[2.0, 6.0]]]


def test_the_catalogue():
    """With ``-s`` this prints every message, to be read in one go."""
    for name in CASES:
        message = str(provoked(name))
        print(f"\n{name}\n{message}")
        first, *_, advice = message.splitlines()
        assert first[0].isupper() or first.startswith(("k2compat.", "module ", "op_type_map ")), first
        assert first.endswith((".", ")")), first
        assert advice[:2] == "  ", advice


def calls_of_three_parts():
    """Where a message is put together: (file, function, first line, last line)."""
    for folder in ("adapters", "naming", "graph", "runtime", "ops", "repair", "backend"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            if OTHER not in path.parts:
                yield from calls_in(ast.parse(path.read_text()), path.name, "")


def calls_in(node, file, function):
    """The calls below a node of a syntax tree, each with the innermost function around it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and getattr(child.func, "id", "") in JOINING:
            yield file, function, child.lineno, child.end_lineno
        yield from calls_in(child, file, child.name if isinstance(child, ast.FunctionDef) else function)


def test_every_message_is_provoked():
    """A new message needs a case here."""
    written = set()

    def watch(frame, event, _):
        if event == "call" and frame.f_code in {getattr(errors, name).__code__ for name in JOINING}:
            writer = frame.f_back
            written.add((Path(writer.f_code.co_filename).name, writer.f_lineno))

    for name in CASES:
        sys.setprofile(watch)
        try:
            provoked(name)
        finally:
            sys.setprofile(None)
    calls = {call for call in calls_of_three_parts() if call[:2] not in UNSEEN | ELSEWHERE}
    assert len(calls) > 30
    assert {
        call for call in calls if not any((call[0], line) in written for line in range(call[2], call[3] + 1))
    } == set()
