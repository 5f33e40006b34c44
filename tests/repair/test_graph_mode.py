"""The switches to graph mode in a program that runs as it was written: they wait until it makes a part of a graph."""

import warnings

import pytest
import tensorflow as tf

import k2compat.backend  # noqa: F401
from k2compat.naming.programs import Program
from k2compat.repair.tensorflow1 import graph_mode

WITH_KERAS = "from tensorflow import keras\nswitch()"
WITHOUT = "import tensorflow\nswitch()"


@pytest.fixture
def thrown(monkeypatch):
    """Return the list of the switches that had an effect."""
    monkeypatch.setattr(graph_mode, "_postponed", [])
    return []


@pytest.fixture
def switch(thrown):
    def disable_eager_execution():
        thrown.append("eager")

    return graph_mode.postponed(disable_eager_execution)


def run(code, switch):
    exec(code, {"switch": switch})


@pytest.mark.parametrize(("code", "unmodified"), [(WITHOUT, True), (WITH_KERAS, False)])
def test_it_is_thrown_at_once_without_keras_and_in_changed_programs(code, unmodified, switch, thrown, monkeypatch):
    monkeypatch.setattr(Program, "unmodified", unmodified)
    run(code, switch)
    assert thrown == ["eager"]


def test_it_waits_for_a_placeholder_of_the_program(switch, thrown, monkeypatch):
    monkeypatch.setattr(Program, "unmodified", True)
    with pytest.warns(UserWarning, match=r"disable_eager_execution\(\) has no effect yet"):
        run(WITH_KERAS, switch)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(WITH_KERAS, switch)  # said once
    assert not thrown
    assert graph_mode.switching(lambda shape: shape)((2,)) == (2,)
    assert thrown == ["eager", "eager"]
    graph_mode.switching(lambda: None)()
    assert len(thrown) == 2


def test_the_names_of_tensorflow_lead_there():
    for name in (*graph_mode.SWITCHES, *graph_mode.OF_A_GRAPH):
        assert getattr(tf.compat.v1, name).__code__.co_filename == graph_mode.__file__
