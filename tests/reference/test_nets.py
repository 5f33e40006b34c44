"""Replays the nets: small models of every class, drawn at random, against what Keras 2.3.1 gave for them."""

import json
import warnings

import numpy as np
import pytest
from kerases import KIND, keras

from goldens.nets import draws, judge, known, left_out, measures_of_others, store, surface
from k2compat import backend as K

pytestmark = pytest.mark.reference

SUBJECTS = draws.subjects()
OFFERED, ALIASES = surface.stored()
GOLDENS = {subject: store.read(subject)[0] for subject in SUBJECTS}
MEASURED = known.MEASURED[KIND]


def differing(subject, names):
    """Draw -> the measures in which it differs now, with the words."""
    found = {}
    for name in names:
        measures = known.measures_of(KIND, subject, name, GOLDENS[subject])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what either Keras says of old arguments is of no interest here
            given = store.run(SUBJECTS[subject][name], K, keras, measures)
        told = judge.problems(GOLDENS[subject][name], given)
        if told:
            found[name] = told
    K.clear_session()
    return found


def expected(subject, names):
    """Draw -> the measures in which it is known to differ."""
    found = {}
    for entry in known.KNOWN:
        if KIND in entry.kinds and entry.subject == subject:
            for name in entry.draws:
                if name in names:
                    found.setdefault(name, set()).update(entry.measures)
    return found


def parameters():
    for subject in MEASURED:
        for name in {description["class"]: None for description in SUBJECTS[subject].values()}:
            yield pytest.param(subject, name, id=f"{subject}-{name}")


@pytest.mark.parametrize(("subject", "name"), list(parameters()))
def test_what_differs_is_known_and_nothing_else(subject, name):
    compared = known.compared(KIND, subject, GOLDENS[subject])
    names = [draw for draw in compared if SUBJECTS[subject][draw]["class"] == name]
    found = differing(subject, names)
    told = "\n".join(f"{draw}: {measure}: {text}" for draw in found for measure, text in found[draw].items())
    assert {draw: set(measures) for draw, measures in found.items()} == expected(subject, names), told


@pytest.mark.parametrize("subject", list(SUBJECTS))
def test_what_is_recorded_is_drawn(subject):
    assert set(GOLDENS[subject]) <= set(SUBJECTS[subject])
    if subject in MEASURED:
        classes = {SUBJECTS[subject][name]["class"] for name in GOLDENS[subject]}
        assert classes == {description["class"] for description in SUBJECTS[subject].values()}


def drawn_arguments(subject):
    """Class -> argument -> the values it is drawn with, as text."""
    found = {}
    for description in SUBJECTS[subject].values():
        of_class = found.setdefault(description["class"], {})
        for argument, value in description["arguments"].items():
            of_class.setdefault(argument, set()).add(json.dumps(value, sort_keys=True))
    return found


@pytest.mark.parametrize("kind", surface.KINDS)
def test_each_class_and_argument_is_drawn_or_left_out_with_a_reason(kind):
    found = {}
    for subject in draws.subjects_of(kind):
        found.update(drawn_arguments(subject))
    missing = []
    for name, arguments in OFFERED[kind].items():
        if left_out.reason(kind, name):
            assert name not in found, f"{name} is drawn: drop the reason"
        elif name not in found:
            missing.append(name)
        else:
            missing += [
                f"{name} {argument}"
                for argument in arguments
                if argument not in found[name] and not left_out.reason(kind, name, argument)
            ]
    assert missing == []


def test_reasons_are_about_something_that_is_offered():
    for kind, reasons in left_out.TABLE.items():
        for key in reasons:
            name, _, argument = key.partition(" ")
            assert name in OFFERED[kind]
            assert not argument or argument in OFFERED[kind][name]


def test_each_value_is_drawn():
    for subject in draws.LAYER_SUBJECTS:
        found = drawn_arguments(subject)
        for name, table in draws.LAYER_SUBJECTS[subject].items():
            for argument, values in table["arguments"].items():
                wanted = {json.dumps(value, sort_keys=True) for value in values}
                assert wanted <= found[name.split()[0]][argument], (name, argument)


def test_known_differences_are_of_draws_that_are_measured():
    for entry in known.KNOWN:
        assert set(entry.draws) <= set(SUBJECTS[entry.subject])
        assert entry.reason
        assert entry.measures
        for kind in entry.kinds:
            assert set(entry.draws) <= set(known.compared(kind, entry.subject, GOLDENS[entry.subject]))


@pytest.mark.parametrize("kind", ["activations", "regularizers", "constraints"])
def test_a_wrong_result_is_found(kind, monkeypatch):
    """The tester tested: every measure of every draw, a little too large, or of the other sign."""
    for wrong in (lambda array: array * 1.001, lambda array: -array):
        for name, golden in GOLDENS[kind].items():
            for measure, arrays in golden.items():
                if isinstance(arrays, str) or not any(np.abs(array).max(initial=0) > 0.02 for array in arrays.values()):
                    continue
                told = judge.problems(golden, {**golden, measure: {key: wrong(array) for key, array in arrays.items()}})
                assert list(told) == [measure], name


def test_a_wrong_default_is_found(monkeypatch):
    original = measures_of_others.Thing.made
    monkeypatch.setattr(
        measures_of_others.Thing, "made", lambda self: original(self) if self.arguments else (lambda x: K.elu(x, 0.9))
    )
    assert differing_with_default() == ["activated"]


def differing_with_default():
    found = store.run(SUBJECTS["activations"]["elu 0"], K, keras, ("activated",))
    return list(judge.problems(GOLDENS["activations"]["elu 0"], found))


def test_a_right_default_is_none():
    assert differing_with_default() == []


def test_samples_of_other_distributions_are_told_apart():
    random = np.random.RandomState(0)
    samples = [random.normal(0, s, 30000) for s in (1.0, 1.0, 0.8796)]
    first, same, other = (np.array([x.mean(), x.std(), x.min(), x.max()]) for x in samples)
    assert judge.unlike_samples(first, same) == ""
    assert "standard deviation" in judge.unlike_samples(first, other)


def test_what_is_missing_or_raises_is_found():
    golden = {"predict": {"0": np.ones(2, "float32")}}
    assert judge.problems(golden, {"predict": {}})
    assert judge.problems(golden, {"predict": "ValueError: no"})
    assert judge.problems(golden, {"build": "ValueError: no"})
    assert judge.problems({"predict": "ValueError: no"}, {"predict": {}}) == {}
