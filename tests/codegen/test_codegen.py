"""``f.to_source()``: what the code looks like, and that it runs elsewhere."""

import functools
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from emitted import both, differences, factory, made
from helpers import dense_model, normal, normalized_model
from kerases import KIND, keras, layers
from paths import DATA, ROOT

from goldens import registry
from k2compat import backend as K

TEXTS = DATA / "emitted"
X = normal(4, 3).astype("float32")
LONG = 20


def x_and_w():
    return K.placeholder((None, 3), name="x"), K.variable([0.5, 1.0, 2.0], name="w")


def embedded():
    """An embedding with a mask, and what follows it."""
    model = keras.Sequential(
        [layers.Input((5,)), layers.Embedding(7, 3, mask_zero=True), layers.LSTM(4), layers.Dense(2)]
    )
    words = np.array([[1, 2, 0, 0, 0], [1, 2, 3, 4, 0]])
    return model, words


# Functions and values for them, by what is special about them.


def mapped_over_rows():
    x, w = x_and_w()
    return K.function([x], [K.map_fn(lambda row: row * w + K.sum(w), x)]), [X]


def mapped_by_several_statements():
    def both_ways(row):
        square = K.square(row)
        return square * K.exp(square) + square

    x, _ = x_and_w()
    return K.function([x], [K.map_fn(both_ways, x)]), [X]


def folded_with_a_start():
    x, w = x_and_w()
    return K.function([x], [K.foldl(lambda a, b: a + b * w, x, w), K.foldr(lambda a, b: a - b, x)]), [X]


def switch_of_functions():
    x, w = x_and_w()
    return K.function([x], [K.switch(K.sum(x) > 1.0, lambda: x * 2.0, lambda: x * w)]), [X]


def switch_by_row():
    x, w = x_and_w()
    return K.function([x], [K.switch(K.sum(x, axis=-1) > 0.0, x * 2.0, x * w)]), [X]


def phase_as_an_input():
    x, w = x_and_w()
    return K.function([x, K.learning_phase()], [K.in_train_phase(x * 2.0, x * w)]), [X, 1]


def phase_that_is_not_fed():
    x, w = x_and_w()
    return K.function([x], [K.in_train_phase(x * 2.0, x * w)]), [X]


def nested_outputs():
    x, w = x_and_w()
    return K.function([x], {"b": x * 2.0, "a": (x, [w])}), [X]


def a_single_tensor():
    x, _ = x_and_w()
    return K.function(x, x * 2.0), [X]


def constants_of_any_size():
    x, _ = x_and_w()
    small, large = K.constant([1.0, -2.0, 1e-7]), K.constant(normal(3, LONG))
    return K.function([x], [x * small, K.dot(x, large), x / np.array([1.0, 2.0, 4.0])]), [X]


def normalization_in_training():
    model = normalized_model()
    f = K.function([model.input, K.learning_phase()], [model.get_layer("bn").output, model.get_layer("h").output])
    return f, [normal(5, 8), 1]


def normalization_with_its_updates():
    model = normalized_model()
    return K.function([model.input, K.learning_phase()], [model.output], updates=model.updates), [normal(5, 8), 0]


def updates_see_what_was_there():
    x, w = x_and_w()
    average = K.moving_average_update(w, K.sum(x, axis=0), 0.9)
    return K.function([x], [w, K.sum(x * w), average], updates=[K.update(w, w * 2.0)]), [X]


def fed_in_the_middle():
    model = dense_model()
    return K.function([model.get_layer("hidden").output], [model.output]), [normal(3, 5)]


def gradients_past_a_mask():
    model, words = embedded()
    loss = model.output[:, 0]
    sources = [model.layers[0].output, model.layers[0].weights[0]]
    return K.function([model.input], [K.gradients(loss, source)[0] for source in sources]), [words]


def second_order_within_first():
    x, w = x_and_w()
    first = K.gradients(K.sum(K.pow(x * w, 3)), x)[0]
    second = K.gradients(K.sum(K.square(first)) + K.sum(x), [x, w])
    return K.function([x], [first, *second, K.gradients(K.sum(x * x), x)[0]]), [X]


def gradients_within_functions():
    """First and second order, by row, and in a Lambda layer that uses a tensor from outside."""
    x, w = x_and_w()

    def curvature(row):
        first = K.gradients(K.sum(K.pow(row, 3) * w), row)[0]
        return K.gradients(K.sum(K.square(first)), row)[0] + K.sum(double)

    double, inside = w * 2.0, layers.Input((3,))
    slope = layers.Lambda(lambda y: K.gradients(K.sum(K.pow(y, 3) * double), y)[0])(inside)
    outputs = [K.map_fn(lambda row: K.gradients(K.sum(row * row * w), row)[0], x), K.map_fn(curvature, x)]
    return K.function([x, inside], [*outputs, slope, K.gradients(K.sum(slope * slope), inside)[0]]), [X, X + 1.0]


def many_functions_of_several_statements():
    """What one function was made of must not be taken for what the next is made of."""
    x, w = x_and_w()

    def body(number):
        def function(row):
            square = K.square(row * w)
            both = K.exp(-square) + number
            return K.gradients(K.sum(both * square), row)[0] * both + K.pow(both, 2) * square

        return function

    return K.function([x], [K.map_fn(body(float(number)), x) for number in range(24)]), [X]


def operators_of_any_spelling():
    x, w = x_and_w()
    if KIND != "keras3":
        return K.function([x], [x * w]), [X]
    inside = layers.Input((4,))
    return K.function([inside], list(keras.ops.fft((inside, inside)))), [normal(2, 4).astype("float32")]


def averages_as_sources():
    model = normalized_model()
    return K.function([model.input], K.gradients(model.output[:, 0], model.get_layer("bn").moving_mean)), [normal(5, 8)]


def two_models():
    first, second = dense_model(), dense_model(3, 2, "second_input")
    return K.function([first.input], [second(first.output), first.get_layer("hidden").output]), [normal(3, 4)]


def tensorflow_functions():
    x, _ = x_and_w()
    top = tf.math.top_k(x, k=2)
    return K.function([x], [tf.nn.relu(x), top.values, tf.cast(x > 0.0, "float32"), tf.expand_dims(x, 0)[..., 1]]), [X]


def convolutions_and_pooling():
    pictures, kernel = K.placeholder((None, 6, 6, 2), name="pictures"), K.variable(normal(3, 3, 2, 4))
    y = K.pool2d(K.relu(K.conv2d(pictures, kernel, padding="same"), max_value=2.0), (2, 2), (2, 2))
    wide = K.spatial_2d_padding(y)
    if not tf.__version__.startswith("2.13."):  # which does not let see what is resized
        wide = K.resize_images(wide, 2, 2, "channels_last")
    return K.function([pictures], [K.batch_flatten(wide), K.std(y, axis=[1, 2]), K.tile(y, 2)]), [normal(2, 6, 6, 2)]


FUNCTIONS = [
    mapped_over_rows,
    mapped_by_several_statements,
    folded_with_a_start,
    switch_of_functions,
    switch_by_row,
    phase_as_an_input,
    phase_that_is_not_fed,
    nested_outputs,
    a_single_tensor,
    constants_of_any_size,
    normalization_in_training,
    normalization_with_its_updates,
    updates_see_what_was_there,
    fed_in_the_middle,
    gradients_past_a_mask,
    second_order_within_first,
    gradients_within_functions,
    many_functions_of_several_statements,
    operators_of_any_spelling,
    averages_as_sources,
    two_models,
    tensorflow_functions,
    convolutions_and_pooling,
]


SLOW = {many_functions_of_several_statements}


@pytest.mark.parametrize(
    "build",
    [pytest.param(build, marks=[pytest.mark.slow] if build in SLOW else []) for build in FUNCTIONS],
    ids=lambda build: build.__name__,
)
def test_the_code_computes_what_the_function_does(build):
    assert differences(*both(*build())) == []


@functools.cache
def loaded(name):
    """A model of the golden cases, kept: code refers to the layers of models that are there."""
    return registry.load(keras, name)


def grad_cam():
    model = loaded("vgg")
    conv = model.get_layer("block3_conv2").output
    pooled = K.mean(K.gradients(model.output[:, 3], conv)[0], axis=(0, 1, 2))
    return K.function([model.input], [pooled, conv[0]], name="grad_cam")


def saliency():
    model = loaded("residual")
    loss = K.max(model.output, axis=-1)
    return K.function([model.input], [K.max(K.abs(K.gradients(loss, model.input)[0]), axis=-1)], name="saliency")


def mc_dropout():
    model = loaded("m")
    return K.function([model.input, K.learning_phase()], [model.output], name="mc_dropout")


@pytest.mark.parametrize("build", [grad_cam, saliency, mc_dropout], ids=lambda build: build.__name__)
def test_the_code_is_what_one_would_write(build):
    source = build().to_source()
    expected = (TEXTS / f"{build.__name__}.txt").read_text()
    if keras.__name__ == "tf_keras":
        imports = "import keras\nimport tensorflow as tf\n"
        expected = expected.replace(imports, "import tensorflow as tf\nimport tf_keras as keras\n")
    assert source == expected


def test_a_wrong_line_is_found():
    function = grad_cam()
    pictures = normal(1, 32, 32, 3).astype("float32")
    right = function.to_source()
    wrong = right.replace("[:, 3]", "[:, 2]")
    assert wrong != right
    results = made(right, "grad_cam")(pictures)
    planted = factory(wrong, "grad_cam")(**right.arguments)(pictures)
    assert differences([r.numpy() for r in results], function([pictures])) == []
    assert differences([r.numpy() for r in planted], function([pictures])) != []


def test_names_are_given_or_those_of_models():
    x, w = x_and_w()
    model = dense_model()
    assert "def make_heat(net):" in K.function([model.input], [model.output]).to_source("heat", net=model)
    assert "def make_step(rate):" in K.function([x], [x * w]).to_source("step", rate=w)
    assert "def make_function(w):" in K.function([x], [x * w]).to_source()
    assert list(K.function([x], [x * w]).to_source(rate=w).arguments) == ["rate"]


def test_large_arrays_and_lone_layers_are_parameters():
    x, _ = x_and_w()
    dense = layers.Dense(2, name="alone")
    source = K.function([x], [dense(x), x * np.arange(3.0), K.dot(x, K.constant(normal(3, LONG)))]).to_source()
    assert set(source.arguments) == {"alone_layer", "array"}
    assert source.arguments["alone_layer"] is dense
    assert "array: array of shape (3, 20) and dtype float32." in source
    assert "x * tf.constant" in source or "x * [0.0, 1.0, 2.0]" in source


def test_an_optimizer_starts_anew_with_its_code():
    model, y = dense_model(), K.placeholder((None, 3), name="y")
    loss = K.mean(K.square(model.output - y))
    updates = keras.optimizers.Adam(learning_rate=0.01).get_updates(loss, model.trainable_weights)
    train = K.function([model.input, y], [loss], updates=updates)
    values = [normal(5, 4).astype("float32"), normal(5, 3).astype("float32")]
    source, weights = train.to_source(), model.get_weights()
    step = made(source)
    emitted = [step(*values)[0].numpy() for _ in range(3)]
    iteration = next(value for name, value in source.arguments.items() if "iteration" in name)
    iteration.assign(0)
    model.set_weights(weights)
    np.testing.assert_allclose(emitted, [train(values)[0] for _ in range(3)], rtol=1e-5)
    assert emitted[2] < emitted[0]


# Runs emitted code with a model from a file, in a process that knows nothing of k2compat.
ELSEWHERE = """
import sys
import numpy as np
import {keras} as keras
from emitted import make_grad_cam

grad_cam = make_grad_cam(keras.models.load_model({path!r}, compile=False))
results = grad_cam(np.load("pictures.npy"))
np.savez("results.npz", *[result.numpy() for result in results])
assert "k2compat" not in sys.modules
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras and NumPy, on saving
@pytest.mark.parametrize("saved_by", ["keras2", "now"])
def test_the_code_runs_in_a_fresh_process_with_a_model_from_a_file(saved_by, tmp_path, run_script):
    function = grad_cam()
    source, pictures = function.to_source(), normal(2, 32, 32, 3).astype("float32")
    path = registry.model_path("vgg")
    if saved_by == "now":
        path = str(tmp_path / "model.keras")
        source.arguments["model"].save(path)
    (tmp_path / "emitted.py").write_text(source)
    np.save(tmp_path / "pictures.npy", pictures)
    (tmp_path / "script.py").write_text(ELSEWHERE.format(path=path, keras=keras.__name__))
    run_script(tmp_path / "script.py", cwd=tmp_path, path=tmp_path)
    with np.load(tmp_path / "results.npz") as found:
        assert differences(list(found.values()), function([pictures])) == []


@pytest.mark.slow
def test_the_code_is_formatted_and_clean(tmp_path):
    pytest.importorskip("ruff")
    for build in [*FUNCTIONS, grad_cam, saliency, mc_dropout]:
        made_function = build()
        function = made_function[0] if isinstance(made_function, tuple) else made_function
        (tmp_path / f"{build.__name__}.py").write_text(function.to_source())
    selected = "E,F,W,I,B,UP,SIM,C4,PL,N,RET"
    for command in (["format", "--check", "--diff"], ["check", "--select", selected, "--ignore", "PLR,RET504"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length", "88", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(KIND != "keras3", reason="the page is about Keras 3")
def test_the_page_shows_what_its_example_gives(capsys):
    page = (ROOT / "docs" / "to_source.md").read_text()
    example, shown = (block.split("```")[0] for block in page.split("```python\n")[1:3])
    namespace = {}
    exec(compile(example, "page", "exec"), namespace)
    assert capsys.readouterr().out == shown + "\n"
    assert namespace["source"] == shown
