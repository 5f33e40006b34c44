"""What emitted code says of layers that stand on a repair, and that it is so where nothing is repaired."""

import json

import numpy as np
import pytest
from emitted import difference
from helpers import normal
from kerases import KIND, keras, layers

import k2compat
from k2compat import backend as K

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras and NumPy, on saving
FIRST = "Written with repairs of Keras in place"


def model_of(shape, *following, dtype="float32"):
    """A chain of layers with weights that are not 0."""
    x = y = layers.Input(shape, dtype=dtype)
    for layer in following:
        y = layer(y)
    model = keras.Model(x, y)
    model.set_weights([normal(*weight.shape, seed=number) for number, weight in enumerate(model.get_weights())])
    return model


def normalized(**settings):
    model = model_of((3,), layers.BatchNormalization(name="it"))
    model.set_weights([np.abs(weight) for weight in model.get_weights()])
    model.get_layer("it").trainable = settings.get("trainable", False)
    return model


def masked(wrapped=None, mask_zero=True):
    lstm = wrapped or layers.LSTM(2, return_sequences=True)
    return model_of(
        (4,), layers.Embedding(5, 3, mask_zero=mask_zero), layers.Bidirectional(lstm, name="it"), dtype="int32"
    )


def inner(layer, **call):
    """A model of a layer that is called in its own way."""
    x = layers.Input((3,))
    return keras.Model(x, layer(x, **call))


def framed(width, filters, **settings):
    return model_of(
        (3, 5, width),
        layers.Conv2DTranspose(filters, 2, padding="same", data_format="channels_first", name="it", **settings),
    )


def enlarged(interpolation):
    return model_of((2, 3, 1), layers.UpSampling2D(interpolation=interpolation, name="it"))


PICTURES, WORDS = normal(2, 3, 5, 5).astype("float32"), np.array([[1, 2, 0, 0], [3, 0, 0, 0]], "int32")
BATCH = normal(5, 3).astype("float32")
# Repair -> model, values, learning phase, and its advice in code: what is done to the model, and to what it gives.
CONCERNED = {
    "bilinear_upsampling": (
        lambda: enlarged("bilinear"),
        normal(2, 2, 3, 1).astype("float32"),
        0,
        "it.call = lambda inputs: tf.compat.v1.image.resize_bilinear(inputs, (4, 6))",
        "found",
    ),
    "batch_norm": (normalized, BATCH, 1, "it.trainable = True", "found"),
    "hard_sigmoid": (
        lambda: model_of((3,), layers.Activation("hard_sigmoid", name="it")),
        BATCH,
        0,
        "it.activation = lambda x: keras.ops.clip(0.2 * x + 0.5, 0, 1)",
        "found",
    ),
    "masked_bidirectional": (
        masked,
        WORDS,
        0,
        "it.forward_layer.zero_output_for_mask = it.backward_layer.zero_output_for_mask = False",
        "found",
    ),
    "channels_first_bias": (
        # Every processor has a kernel for it, unlike the other convolutions with the channels in front.
        lambda: model_of((5, 5, 5), layers.DepthwiseConv2D(2, data_format="channels_first", padding="same", name="it")),
        normal(2, 5, 5, 5).astype("float32"),
        0,
        "bias, it.bias, it.use_bias = tf.constant(it.bias), None, False",
        "found + tf.reshape(bias, (-1, 1, 1))",
    ),
}
ONLY_IN_KERAS3 = ("hard_sigmoid", "masked_bidirectional", "channels_first_bias")
NAMES = [name for name in CONCERNED if KIND == "keras3" or name not in ONLY_IN_KERAS3]

# Runs emitted code in a process in which nothing is repaired: as it is, and as the remark advises.
ELSEWHERE = """
import json, sys
import numpy as np, tensorflow as tf, {keras} as keras
for name, (code, phase, advice, given) in json.load(open("cases.json")).items():
    defined = {{}}
    text = compile(code, name, "exec")
    results = []
    for change in ("", advice):
        model = keras.models.load_model(name + ".keras", compile=False)
        it = model.get_layer("it")
        exec(change)
        exec(text, defined)
        found = defined["make_function"](model)(np.load(name + ".npy"), bool(phase))[0]
        results.append(np.asarray(eval(given) if change else found))
    np.savez(name + ".npz", *results)
assert "k2compat" not in sys.modules
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory, run_script):
    """Repair -> the function's result here, that of its code elsewhere, and that with the advice; and the code."""
    folder = tmp_path_factory.mktemp("elsewhere")
    cases, here, codes = {}, {}, {}
    for name in NAMES:
        build, values, phase, advice, given = CONCERNED[name]
        model = build()
        function = K.function([model.input, K.learning_phase()], [model.output])
        codes[name], here[name] = function.to_source(), function([values, phase])[0]
        model.save(folder / f"{name}.keras")
        np.save(folder / f"{name}.npy", values)
        cases[name] = (codes[name], phase, advice, given)
    (folder / "cases.json").write_text(json.dumps(cases))
    (folder / "script.py").write_text(ELSEWHERE.format(keras=keras.__name__))
    run_script(folder / "script.py", cwd=folder, path=folder)
    return {name: (here[name], *np.load(folder / f"{name}.npz").values(), codes[name]) for name in NAMES}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_remark_is_true_and_its_advice_helps(elsewhere, name):
    here, as_it_is, as_advised, code = elsewhere[name]
    assert code.count(f'# - {name} of "it": ') == 1
    assert code.count("# - ") == 1
    assert difference(as_it_is, here)
    assert not difference(as_advised, here)


@pytest.fixture
def fresh_phase():
    yield
    K.clear_session()


def test_a_phase_a_nested_layer_was_built_with_is_remarked(fresh_phase):
    code = source(model_of((3,), inner(layers.Dropout(0.5, name="noise"), training=True)))
    assert ('layer_call of "noise": the model around it' in code) == (KIND == "keras3")
    K.set_learning_phase(1)
    nested = inner(layers.Dropout(0.5, name="noise"))
    K.set_learning_phase(0)
    assert 'layer_call of "noise": the model around it' in source(model_of((3,), nested))


def source(model):
    return K.function([model.input], [model.output]).to_source()


NOT_CONCERNED = {
    "frozen, in the test phase": normalized,
    "nearest": lambda: enlarged("nearest"),
    "sigmoid": lambda: model_of((3,), layers.Activation("sigmoid")),
    "one output": lambda: masked(layers.LSTM(2)),
    "no mask": lambda: masked(mask_zero=False),
    "no bias": lambda: framed(5, 5, use_bias=False),
    "not square": lambda: framed(5, 4),
    "built for the test phase": lambda: model_of((3,), inner(layers.Dropout(0.5), training=False)),
    "does not follow the phase": lambda: model_of((3,), inner(layers.Dense(2))),
    "called as it was built": lambda: model_of((3,), lambda x: layers.Dropout(0.5)(x, training=True)),
}


@pytest.mark.parametrize("case", NOT_CONCERNED)
def test_there_is_no_remark_where_none_is_needed(case):
    assert FIRST not in source(NOT_CONCERNED[case]())


def test_a_layer_that_is_trained_as_usual_needs_no_remark():
    model = normalized(trainable=True)
    assert FIRST not in K.function([model.input, K.learning_phase()], [model.output]).to_source()
    model.get_layer("it").trainable = False
    assert FIRST in K.function([model.input, K.learning_phase()], [model.output]).to_source()


def test_there_is_no_remark_on_a_repair_that_is_not_applied():
    repair = next(repair for repair in k2compat.repairs() if repair.name == "bilinear_upsampling")
    function = enlarged("bilinear")
    assert FIRST in source(function)
    try:
        repair.undo()
        assert FIRST not in source(function)
    finally:
        repair.apply()
