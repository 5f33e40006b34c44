"""Rule native.k-function: activations and gradients without K.function, and the numbers of a migrated script."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from seeds import AS_KERAS_DRAWS

import k2compat
from migrate.cases import check_noop, check_transformed, run

HEAD = """\
import keras
import tensorflow as tf
from keras.layers import Dense, Input
from keras.models import Model
from k2compat import backend as K
inp = Input((3,))
model = Model(inp, Dense(2)(inp))
"""
BARE = HEAD.replace("from k2compat import backend as K\n", "")

GRAD_CAM = (
    """\
# of the class
out = model.output[:, i]
layer = model.get_layer('c')
# as in the paper
grads = K.gradients(out, layer.output)[0]
pooled = K.mean(grads, axis=(0, 1, 2))  # one for each channel
iterate = K.function([model.input], [pooled, layer.output[0]])
a, b = iterate([x])
for j in range(pooled.shape[0]):
    b[:, :, j] *= a[j]
""",
    """\
layer = model.get_layer('c')
grad_model = Model(model.input, [model.output, layer.output])
inputs = tf.cast(x, tf.float32)
with tf.GradientTape() as tape:
    tape.watch(inputs)
    model_output, layer_output = grad_model(inputs, training=False)
    # of the class
    out = model_output[:, i]
# as in the paper
grads = tape.gradient(out, layer_output)
pooled = tf.reduce_mean(grads, axis=(0, 1, 2))  # one for each channel
a = pooled.numpy()
b = layer_output[0].numpy()
for j in range(a.shape[0]):
    b[:, :, j] *= a[j]
""",
)
CALLED_TWICE = (
    """\
loss = K.mean(model.output[:, 0])
grads = K.gradients(loss, model.input)[0]
iterate = K.function([model.input], [loss, grads])
for _ in range(3):
    value, step = iterate([x])
    x = x + step
""",
    """\


def iterate(x):
    x = tf.cast(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        model_output = model(x, training=False)
        loss = tf.reduce_mean(model_output[:, 0])
    grads = tape.gradient(loss, x)
    return loss.numpy(), grads.numpy()


for _ in range(3):
    value, step = iterate(x)
    x = x + step
""",
)
DREAM = (
    """\
layers = dict([(layer.name, layer) for layer in model.layers])
loss = K.variable(0.)
for name in settings:
    out = layers[name].output
    # of each layer
    loss = loss + settings[name] * K.sum(K.square(out))
grads = K.gradients(loss, model.input)[0]
outputs = [loss, grads]
fetch = K.function([model.input], outputs)
def both(x):
    outs = fetch([x])
    return outs[0], outs[1]
""",
    """\
layers = dict([(layer.name, layer) for layer in model.layers])
fetch_model = Model(model.input, [layers[name].output for name in settings])


def fetch(x):
    x = tf.cast(x, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        out_values = fetch_model(x, training=False)
        loss = 0.
        for name, out in zip(settings, out_values):
            # of each layer
            loss = loss + settings[name] * tf.reduce_sum(tf.square(out))
    grads = tape.gradient(loss, x)
    return [loss.numpy(), grads.numpy()]


def both(x):
    outs = fetch(x)
    return outs[0], outs[1]
""",
)
TRAINING = (
    """\
# what was done
action = K.placeholder((None, 2))
loss = -K.mean(K.log(K.sum(model.output * action, axis=1)))
updates = optimizer.get_updates(model.trainable_weights, [], loss)
train = K.function([model.input, action], [loss], updates=updates)
for _ in range(3):
    train([x, a])
""",
    """\


# what was done
def train(x, action):
    action = tf.cast(action, tf.float32)
    with tf.GradientTape() as tape:
        model_output = model(x, training=False)
        loss = -tf.reduce_mean(
            tf.math.log(tf.reduce_sum(model_output * action, axis=1))
        )
    gradients = tape.gradient(loss, model.trainable_weights)
    optimizer.apply_gradients(zip(gradients, model.trainable_weights))
    return [loss.numpy()]


for _ in range(3):
    train(x, a)
""",
)
REWRITTEN = {
    "Grad-CAM": GRAD_CAM,
    "called in a loop": CALLED_TWICE,
    "a loop over layers": DREAM,
    "a step of an optimizer": TRAINING,
    "a layer as input": (
        "first = model.get_layer('input_1')\nlast = model.layers[-1]\n"
        "f = K.function([first], [last.output])\ny = f([x])[0]\n",
        "first = model.get_layer('input_1')\nlast = model.layers[-1]\n"
        "f = Model(first.output, last.output)\ny = f(x, training=False).numpy()\n",
    ),
    "all inputs": (
        "f = K.function(model.inputs, [model.output])\ny = f([x])[0]\n",
        "f = Model(model.inputs[0], model.output)\ny = f(x, training=False).numpy()\n",
    ),
    "lists with names": (
        "fed = [model.input, K.learning_phase()]\nf = K.function(fed, [model.output])\ngiven = [x, 0]\ny = f(given)[0]\n",
        "f = Model(model.input, model.output)\ny = f(x, training=False).numpy()\n",
    ),
    "targets that are results": (
        "y = model.output[:, 0]\ng = K.gradients(y, model.input)[0]\nf = K.function([model.input], [g, y])\n"
        "y, g = f([x])\n",
        "inputs = tf.cast(x, tf.float32)\nwith tf.GradientTape() as tape:\n    tape.watch(inputs)\n"
        "    model_output = model(inputs, training=False)\n    y = model_output[:, 0]\n"
        "g = tape.gradient(y, inputs)\ny, g = g.numpy(), y.numpy()\n",
    ),
    "kept in a loop": (
        "for i in range(3):\n    fs.append(K.function([model.input], [model.output[:, i]]))\n",
        "for i in range(3):\n\n    def compute(inputs, i=i):\n"
        "        model_output = model(inputs[0], training=False)\n"
        "        return [model_output[:, i].numpy()]\n\n    fs.append(compute)\n",
    ),
    "one layer": (
        "f = K.function([model.input], [model.layers[3].output])\ny = f([x])[0]\nz = f([x])\n",
        "f = Model(model.input, model.layers[3].output)\ny = f(x, training=False).numpy()\n"
        "z = [f(x, training=False).numpy()]\n",
    ),
    "the learning phase": (
        "f = K.function([model.layers[0].input, K.learning_phase()], [model.output])\n"
        "y = [f([x, 0])[0], f([x, 1.])[0], f([x, p])[0]]\n",
        "f = Model(model.inputs[0], model.output)\n"
        "y = [f(x, training=False).numpy(), f(x, training=True).numpy(), f(x, training=bool(p)).numpy()]\n",
    ),
    "two layers": (
        "f = K.function([model.input], [a.output, b.output])\ny, z = f([x])\n",
        "f = Model(model.input, [a.output, b.output])\ny, z = [value.numpy() for value in f(x, training=False)]\n",
    ),
    "two inputs": (
        "f = K.function([model.inputs[0], model.inputs[1]], [model.output])\ny = f([x, z])[0]\n",
        "f = Model([model.inputs[0], model.inputs[1]], model.output)\ny = f([x, z], training=False).numpy()\n",
    ),
    "every layer": (
        "outs = [layer.output for layer in model.layers]\n"
        "fs = [K.function([inp] + [K.learning_phase()], [out]) for out in outs]\nys = [f([x, 0.])[0] for f in fs]\n",
        "outs = [layer.output for layer in model.layers]\n"
        "fs = [Model(inp, out) for out in outs]\nys = [f(x, training=False).numpy() for f in fs]\n",
    ),
    "all layers at once": (
        "f = K.function([inp], [layer.output for layer in model.layers])\nys = f([x])\n",
        "f = Model(inp, [layer.output for layer in model.layers])\n"
        "ys = [value.numpy() for value in tf.nest.flatten(f(x, training=False))]\n",
    ),
    "called at once": (
        "y = K.function([model.input], [layer.output])([x])[0]\n",
        "y = Model(model.input, layer.output)(x, training=False).numpy()\n",
    ),
    "without lists": (
        "y = K.function(model.input, layer.output)(x)\n",
        "y = Model(model.input, layer.output)(x, training=False).numpy()\n",
    ),
    "an attribute": (
        "class A:\n    def __init__(self):\n        self.f = K.function([model.input], [model.output])\n"
        "    def g(self, x):\n        return self.f([x])[0]\n",
        "class A:\n    def __init__(self):\n        self.f = Model(model.input, model.output)\n"
        "    def g(self, x):\n        return self.f(x, training=False).numpy()\n",
    ),
    "a function that is returned": (
        "def make(m):\n    return K.function([model.input], [model.output])\n",
        "def make(m):\n    def compute(inputs):\n"
        "        model_output = model(inputs[0], training=False)\n"
        "        return [model_output.numpy()]\n\n    return compute\n",
    ),
    "a loaded model in the training phase": (
        'from keras.models import load_model\nm = load_model("conv.h5")\n'
        "f = K.function([m.input, K.learning_phase()], [m.output])\ny = f([x, 1])[0]\n",
        'from keras.models import load_model\nm = load_model("conv.h5")\n'
        "# In the training phase batch normalization moves its averages, if the model has any.\n"
        "f = Model(m.input, m.output)\ny = f(x, training=True).numpy()\n",
    ),
    "a comprehension": (
        "loss = K.sum(model.output)\nf = K.function([model.input], [loss])\nys = [f([x])[0] for x in data]\n",
        "\n\ndef f(x):\n    model_output = model(x, training=False)\n"
        "    loss = tf.reduce_sum(model_output)\n    return loss.numpy()\n\n\nys = [f(x) for x in data]\n",
    ),
    "a Sequential": (
        "m = keras.Sequential([Dense(3)])\nm.summary()\nf = K.function([m.input], [m.output])\ny = f([x])[0]\n",
        "m = keras.Sequential([Dense(3)])\nm.summary()\nf = Model(m.inputs[0], m.outputs[0])\n"
        "y = f(x, training=False).numpy()\n",
    ),
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_what_is_rewritten(name):
    before, after = REWRITTEN[name]
    check_transformed(HEAD + before, BARE + after, "native")


GRADIENT = "g = K.gradients(model.output[:, 0], model.input)[0]\n"
LEFT = {
    "updates": ("f = K.function([model.input], [model.output], updates=u)\n", "what `u` updates is not known"),
    "a placeholder": ("f = K.function([K.placeholder((3,))], [model.output])\n", "has no name"),
    "unknown inputs": ("f = K.function(what, [model.output])\n", "what `what` feeds is not known"),
    "used elsewhere": (
        GRADIENT + "f = K.function([model.input], [g])\nprint(g)\nf([x])\n",
        "`g` is also used in line 10",
    ),
    "made elsewhere": ("def f(g):\n    return K.function([model.input], [K.gradients(g, inp)[0]])\n", "what `g` is"),
    "bound again": (
        "i = 0\ng = K.gradients(model.output[:, i], model.input)[0]\n"
        "f = K.function([model.input], [g])\ni = 1\nf([x])\n",
        "`i` is bound again in line 11",
    ),
    "gradients of gradients": (
        GRADIENT + "h = K.gradients(g, model.input)[0]\nf = K.function([model.input], [h])\n",
        "gradients of gradients",
    ),
    "by a weight": (
        "g = K.gradients(model.output, layer.kernel)[0]\nf = K.function([model.input], [g])\n",
        "`layer.kernel` is not a tensor of the model's graph",
    ),
    "an array instead of a list": ("f = K.function([model.input], [model.output])\nf(x)\n", "a list or an array"),
    "a training phase": (
        "from keras.layers import BatchNormalization\n"
        "f = K.function([model.input, K.learning_phase()], [model.output])\nf([x, 1])\n",
        "batch normalization",
    ),
    "a phase that is set": ("K.set_learning_phase(1)\nf = K.function([model.input], [model.output])\n", "line 8"),
    "forced dropout": (
        "y = Dropout(0.5)(z, training=True)\nf = K.function([model.input], [model.output])\n",
        "training=True",
    ),
    "gradients that are overridden": (
        "with graph.gradient_override_map({'Relu': 'Guided'}):\n    guided = make()\n"
        + GRADIENT
        + "f = K.function([model.input], [g])\nf([x])\n",
        "gradients are overridden in line 8",
    ),
    "lists that are filled elsewhere": (
        "outs = []\nfor layer in layers:\n    outs.append(layer.output)\n"
        "loss = K.sum(outs[0])\nf = K.function([model.input], [loss])\nf([x])\n",
        "`outs` is",
    ),
    "what runs several times": (
        "ys = [K.get_session().run(model.output, {inp: x}) for x in data]\nf = K.function(a, b)\n",
        "what `a` feeds",
    ),
    "an unknown function": ("f = K.function([model.input], [mine(model.output)])\n", "`mine`"),
    "not called": ("f = K.function\n", "it is not called here"),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_stays_is_named(name):
    source, reason = LEFT[name]
    done = run(HEAD + source, "native.k-function")
    assert done.text == HEAD + source
    assert done.changes == []
    assert [reason in entry.message for entry in done.manual] == [True], done.manual


def test_a_comment_keeps_it():
    check_noop(HEAD + "f = K.function([model.input], [model.output])  # k2compat: ignore[native]\n", "native")


@pytest.mark.slow
def test_a_migrated_script_gives_the_same_numbers(tmp_path):
    source = (Path(__file__).parents[3] / "data" / "native_variants.py").read_text()
    migrated = run(source, unsafe=True)
    assert "k2compat" not in migrated.text
    assert migrated.manual == []
    swapped = run(source, "swap").text
    assert "from k2compat import backend as K" in swapped
    arrays = []
    for name, text in (("swapped", AS_KERAS_DRAWS + swapped), ("migrated", migrated.text)):
        script = tmp_path / f"{name}.py"
        script.write_text(text)
        environment = {**os.environ, "PYTHONPATH": str(Path(k2compat.__file__).parent.parent)}
        done = subprocess.run(
            [sys.executable, script, tmp_path / f"{name}.npz"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        arrays.append(dict(np.load(tmp_path / f"{name}.npz")))
    before, after = arrays
    assert list(before) == list(after)
    assert len(before) > 25
    for name, array in before.items():
        assert np.any(array), name
        np.testing.assert_allclose(after[name], array, rtol=1e-5, atol=1e-7, err_msg=name)


PLACEHOLDERS_FIRST = """from keras import backend as K
from keras.optimizers import Adam


def make(actor):
    action = K.placeholder(shape=[None, 2])

    loss = -K.sum(action * actor.output)

    # slowly
    optimizer = Adam(lr=0.001)
    updates = optimizer.get_updates(params=actor.trainable_weights, loss=loss)
    return K.function([actor.input, action], [], updates=updates)
"""


def test_what_becomes_the_first_statement_has_no_blank_line_above_it():
    text = run(PLACEHOLDERS_FIRST).text
    assert "def make(actor):\n    # slowly\n    optimizer = Adam(learning_rate=0.001)\n" in text, text
