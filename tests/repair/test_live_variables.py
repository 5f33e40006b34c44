"""A program's own ``tf.Variable`` in code for graph mode: live in expressions, and a tf.Variable to everybody."""

import textwrap

import numpy as np
import pytest
import tensorflow as tf
from kerases import keras, layers

from k2compat import backend as K
from k2compat.graph.own_variable import OwnVariable
from k2compat.naming import graph_code
from k2compat.naming.programs import Program

GRAPH = "import numpy as np, tensorflow as tf\nimport keras\nfrom keras import backend as K\n"
EAGER = GRAPH + "tape = tf.GradientTape\n"
ROWS = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], "float32")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs code as a program that was not changed, and returns its names."""
    monkeypatch.setattr(Program, "unmodified", True)

    def run(code, before=GRAPH, **names):
        file = tmp_path / f"program{len(list(tmp_path.iterdir()))}.py"
        text = before + textwrap.dedent(code)
        file.write_text(text)
        names.update(keras=keras, layers=layers, K=K, X=ROWS, __name__="__main__")
        exec(compile(text.replace("import keras\nfrom keras import backend as K\n", "\n\n"), str(file), "exec"), names)
        return names

    return run


EXPRESSIONS = {
    "v * 2.0": [2.0, 4.0],
    "np.ones(2) + v": [2.0, 3.0],
    "-v": [-1.0, -2.0],
    "v[1]": 2.0,
    "v > 1.5": [False, True],
    "v.value() - 1.0": [0.0, 1.0],
    "v.read_value()": [1.0, 2.0],
    "tf.reshape(v, [1, 2])": [[1.0, 2.0]],
    "tf.reduce_sum(v)": 3.0,
    "tf.concat([v, v], 0)": [1.0, 2.0, 1.0, 2.0],
    "tf.gather(v, [1])": [2.0],
    "tf.gather_nd(v, [[1]])": [2.0],
    "K.sum(v, keepdims=True)": [3.0],
    "tf.constant(1.0) + v": [2.0, 3.0],
    "v * tf.constant([2.0, 3.0])": [2.0, 6.0],
    "w * tf.constant(2.0)": 4.0,
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_follows_the_variable(expression, run):
    made = run(f"v, w = tf.Variable([1.0, 2.0]), K.variable(2.0)\nmade = {expression}")
    assert np.array_equal(K.eval(made["made"]), EXPRESSIONS[expression])
    K.set_value(made["v"], [5.0, 5.0])
    K.set_value(made["w"], 5.0)
    assert not np.array_equal(K.eval(made["made"]), EXPRESSIONS[expression])


def test_it_is_a_variable_of_tensorflow(run):
    v = run("v = tf.Variable(np.array([1.0, 2.0]), dtype=tf.float32, name='only_here', trainable=False)")["v"]
    assert isinstance(v, tf.Variable)
    assert (v.name, v.dtype, tuple(v.shape), v.trainable) == ("only_here:0", tf.float32, (2,), False)
    assert v.numpy().tolist() == np.array(v).tolist() == [1.0, 2.0]
    assert v in [v] and {v: 1}[v] == 1 and v != run("v = tf.Variable(1.0)")["v"]
    assert (v == 1.0).numpy().tolist() == [True, False]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(v * v)
        tape.watch(v)
    assert loss.numpy() == 5.0
    with tf.GradientTape() as tape:
        tape.watch(v)
        loss = tf.reduce_sum(v * v)
    assert tape.gradient(loss, v).numpy().tolist() == [2.0, 4.0]
    assert tf.function(lambda: v + 1.0)().numpy().tolist() == [2.0, 3.0]


def test_an_assignment_that_is_kept_is_for_a_session(run):
    made = run("""
        v = tf.Variable(1.0)
        up, to = v.assign_add(1.0), tf.assign(v, 7.0)
        before = K.get_value(v)
        session = K.get_session()
        found = [session.run(up), session.run(up), session.run(to)]
        v.assign_sub(3.0)
    """)
    assert (made["before"], made["found"], K.get_value(made["v"])) == (1.0, [2.0, 3.0, 7.0], 4.0)


def test_initializers_and_optimizers_know_it(run):
    made = run("""
        K.clear_session()
        v = tf.Variable([1.0, 2.0])
        fixed = tf.Variable(1.0, trainable=False, collections=[tf.GraphKeys.LOCAL_VARIABLES])
        again = tf.Variable(v.initialized_value() * 2.0)
        listed = tf.trainable_variables()
        session = K.get_session()
        step = tf.train.GradientDescentOptimizer(0.25).minimize(tf.reduce_sum(tf.square(v)) * fixed)
        session.run(step)
        moved = session.run(v)
        session.run(tf.global_variables_initializer())
        known = tf.global_variables()
    """)
    assert made["moved"].tolist() == [0.5, 1.0]
    assert K.get_value(made["v"]).tolist() == [1.0, 2.0]
    assert made["listed"] == [made["v"], made["again"]] and made["fixed"] not in made["known"]
    assert [one.name for one in made["listed"]] == ["Variable:0", "Variable_2:0"]
    assert K.get_value(made["again"]).tolist() == [2.0, 4.0]


def test_gradients_reach_it(run):
    made = run("""
        v = tf.Variable([1.0, 2.0, 3.0])
        x = layers.Input((3,))
        f = K.function([x], [*K.gradients(x * v, [v, x]), *tf.gradients(tf.reduce_sum(v * v), [v])])
    """)
    assert [found.tolist() for found in made["f"]([ROWS])] == [[3.0, 5.0, 7.0], [[1.0, 2.0, 3.0]] * 2, [2.0, 4.0, 6.0]]


def test_models_and_inputs_take_it(run):
    made = run("""
        v = tf.Variable(X)
        double = layers.Lambda(lambda t: t * 2.0)
        found = [double(v), double(layers.Input(tensor=v)), keras.Sequential([layers.Input((3,)), double])(v)]
    """)
    K.set_value(made["v"], ROWS + 1.0)
    for found in made["found"]:
        assert np.array_equal(K.eval(found), 2.0 * (ROWS + 1.0))
        assert K.eval(K.gradients(found, made["v"])[0]).tolist() == [[2.0] * 3] * 2


def test_a_layer_trains_it(run):
    """As Keras 2.3.1 does, whose numbers these are."""
    made = run("""
        class Scale(layers.Layer):
            def __init__(self):
                super().__init__()
                self.beta = tf.Variable(0.5, name="beta")

            def build(self, shape):
                self.alpha = tf.Variable(np.ones(shape[-1]), dtype=tf.float32, name="alpha")
                self.twice = self.alpha * 2.0
                super().build(shape)

            def call(self, x):
                return x * self.alpha + self.beta

            def compute_output_shape(self, shape):
                return shape

        x, layer = layers.Input((3,)), Scale()
        model = keras.Model(x, layer(x))
        model.compile(keras.optimizers.SGD(), "mse")
        losses = model.fit(X, X * 3.0, epochs=2, verbose=0).history["loss"]
    """)
    layer = made["layer"]
    assert np.allclose(made["losses"], [31.916667938232422, 26.66362762451172])
    assert np.allclose(K.get_value(layer.alpha), [1.1074499, 1.20255, 1.3436722])
    assert np.allclose(K.eval(layer.twice), 2.0 * K.get_value(layer.alpha))
    assert [np.shape(weight) for weight in layer.get_weights()] == [(), (3,)]
    K.set_value(layer.alpha, [2.0] * 3)
    K.set_value(layer.beta, 1.0)
    assert made["model"].predict(ROWS, verbose=0)[0].tolist() == [1.0, 3.0, 5.0]


def test_a_layer_that_lists_its_weights(run):
    made = run("""
        class Scale(layers.Layer):
            def build(self, shape):
                self.factor = tf.Variable(2.0)
                self.trainable_weights = [self.factor]

            def call(self, x):
                return x * self.factor

        x, layer = layers.Input((3,)), Scale()
        model = keras.Model(x, layer(x))
        model.compile(keras.optimizers.SGD(0.1), "mse")
        losses = model.fit(X, X * 3.0, epochs=2, verbose=0).history["loss"]
    """)
    assert np.allclose(made["losses"], [9.166666030883789, 6.365743160247803])
    assert np.isclose(made["layer"].factor.numpy(), 2.3055553)


@pytest.mark.parametrize(("code", "unmodified"), [(EAGER, True), (GRAPH, False), ("import tensorflow as tf\n", True)])
def test_other_code_has_variables_of_tensorflow_2(code, unmodified, run, monkeypatch):
    monkeypatch.setattr(Program, "unmodified", unmodified)
    made = run("v = tf.Variable(2.0)\ndoubled = v * 2.0", code)
    assert not isinstance(made["v"], OwnVariable)
    assert made["doubled"].numpy() == 4.0


def test_what_libraries_make_is_theirs(run, tmp_path):
    v = run(f"v = tf.Variable(1.0)\ntf.train.Checkpoint(v=v).save({str(tmp_path / 'saved')!r})\nv.assign(2.0)")["v"]
    checkpoint = tf.train.Checkpoint(v=v)
    checkpoint.restore(tf.train.latest_checkpoint(tmp_path))
    assert not isinstance(checkpoint.save_counter, OwnVariable)
    assert v.numpy() == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from keras.models import Model", True),
        ("x = tf.placeholder(tf.float32)", True),
        ("import tensorflow.compat.v1 as tf", True),
        ("from tensorflow import keras", False),
        ("import keras_tuner", False),
        ("import keras\n\n@tf.function\ndef f(): ...", False),
    ],
)
def test_code_for_graph_mode_is_known_by_its_names(text, expected):
    assert graph_code.shows_graph_mode((text,)) is expected


def test_a_weight_in_functions_that_repairs_stand_around():
    layer = layers.Dense(2, kernel_initializer="ones")
    layer(layers.Input((3,)))
    made = [tf.reduce_sum(layer.kernel), tf.concat([layer.kernel, layer.kernel], 0), tf.gather(layer.kernel, [0])]
    K.set_value(layer.kernel, np.full((3, 2), 2.0))
    assert [float(np.sum(K.eval(one))) for one in made] == [12.0, 24.0, 4.0]
