"""Rule native.functions: activations and gradients without K.function, and the numbers of a migrated script."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

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
iterate_model = Model(model.input, [model.output, layer.output])


def iterate(inputs):
    model_input = tf.cast(inputs[0], iterate_model.inputs[0].dtype)
    with tf.GradientTape() as tape:
        tape.watch(model_input)
        model_output, layer_output = iterate_model(model_input, training=False)
        # of the class
        out = model_output[:, i]
    # as in the paper
    grads = tape.gradient(out, layer_output)
    pooled = keras.ops.mean(grads, axis=(0, 1, 2))  # one for each channel
    return [pooled.numpy(), layer_output[0].numpy()]


a, b = iterate([x])
for j in range(a.shape[0]):
    b[:, :, j] *= a[j]
""",
)
REWRITTEN = {
    "Grad-CAM": GRAD_CAM,
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
        "def make(m):\n    compute_model = Model(model.input, model.output)\n\n    def compute(inputs):\n"
        "        model_input = tf.cast(inputs[0], compute_model.inputs[0].dtype)\n"
        "        model_output = compute_model(model_input, training=False)\n"
        "        return [model_output.numpy()]\n\n    return compute\n",
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
    "updates": ("f = K.function([model.input], [model.output], updates=u)\n", "updates"),
    "a placeholder": ("f = K.function([K.placeholder((3,))], [model.output])\n", "is no input of a model"),
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
    "kept in a loop": (
        "for i in range(3):\n    fs.append(K.function([model.input], [model.output[:, i]]))\n",
        "in a loop",
    ),
    "an unknown function": ("f = K.function([model.input], [mine(model.output)])\n", "`mine`"),
    "not called": ("f = K.function\n", "it is not called here"),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_stays_is_named(name):
    source, reason = LEFT[name]
    done = run(HEAD + source, "native.functions")
    assert done.text == HEAD + source
    assert done.changes == []
    assert [reason in entry.message for entry in done.left] == [True], done.left


def test_a_comment_keeps_it():
    check_noop(HEAD + "f = K.function([model.input], [model.output])  # k2compat: ignore[native]\n", "native")


def test_a_migrated_script_gives_the_same_numbers(tmp_path):
    source = (Path(__file__).parent.parent / "data" / "native_variants.py").read_text()
    migrated = run(source, unsafe=True)
    assert "k2compat" not in migrated.text
    assert migrated.left == []
    swapped = run(source, "swap").text
    assert "from k2compat import backend as K" in swapped
    arrays = []
    for name, text in (("swapped", swapped), ("migrated", migrated.text)):
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
