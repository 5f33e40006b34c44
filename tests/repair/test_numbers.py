"""The numbers in the names of layers: of Keras 2, of the Keras in TensorFlow, and where code of both meets."""

import pytest
from kerases import keras

from k2compat import backend as K

IN_TENSORFLOW = "import tensorflow as tf\ndef layer():\n    return tf.keras.layers.Dense(1)\n"
# The package of this name is not always the Keras that the tests are about.
KERAS = "def layer():\n    return Dense(1)\ndef not_called():\n    import keras\n"
NEITHER = "def layer(make):\n    return make()\n"


@pytest.fixture
def code(tmp_path):
    """Return what runs source code in a file of its own and gives the names in it."""

    def run(text, name="program"):
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        namespace = {"__name__": name, "Dense": keras.layers.Dense, "Input": keras.layers.Input}
        exec(compile(text, str(path), "exec"), namespace)
        return namespace

    K.clear_session()
    yield run
    K.clear_session()


def names(make, times=2):
    return [make().name for _ in range(times)]


def test_code_for_the_keras_of_tensorflow_gives_the_first_layer_no_number(code):
    assert names(code(IN_TENSORFLOW)["layer"]) == ["dense", "dense_1"]


def test_code_of_keras_numbers_from_1(code):
    assert names(code(KERAS)["layer"]) == ["dense_1", "dense_2"]
    assert names(code(IN_TENSORFLOW + KERAS, "of_both")["layer"], 1) == ["dense_3"]


@pytest.mark.parametrize(("text", "expected"), [(IN_TENSORFLOW, "dense"), (KERAS, "dense_1")])
def test_of_code_that_names_no_keras_its_caller_decides(code, text, expected):
    inner = code(NEITHER, "inner")["layer"]
    calling = code(text + "def given(inner):\n    return inner(lambda: layer())\n")
    assert calling["given"](inner).name == expected
    K.clear_session()
    through = code(text + "def given(inner, kind):\n    return inner(kind)\n")
    assert through["given"](inner, FromNowhere.make).name == expected


class FromNowhere:
    """Gives layers in code whose file is not found."""

    make = staticmethod(eval(compile("lambda: kind(1)", "<nowhere>", "eval"), {"kind": keras.layers.Dense}))


def test_no_name_is_given_twice_in_a_model_of_both(code):
    of_keras, of_tensorflow = code(KERAS)["layer"], code(IN_TENSORFLOW, "other")["layer"]
    x = keras.layers.Input((1,))
    layers = [make() for make in (of_keras, of_tensorflow, of_keras, of_tensorflow, of_tensorflow)]
    y = x
    for layer in layers:
        y = layer(y)
    expected = ["dense_1", "dense", "dense_2", "dense_3", "dense_4"]
    assert [layer.name for layer in keras.Model(x, y).layers[1:]] == expected


def test_a_session_begins_again(code):
    layer = code(IN_TENSORFLOW)["layer"]
    assert names(layer) == ["dense", "dense_1"]
    K.clear_session()
    assert names(layer) == ["dense", "dense_1"]
    K.reset_uids()
    assert names(layer) == ["dense", "dense_1"]
    K.reset_uids()
    assert names(code(KERAS, "of_keras")["layer"], 1) == ["dense_1"]


def test_in_as_a_name_of_a_program_is_no_cell_of_a_notebook(code):
    text = KERAS + "In = Input((1,))\n"
    assert names(code(text)["layer"], 1) == ["dense_1"]
