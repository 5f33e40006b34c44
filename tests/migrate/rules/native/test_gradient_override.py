"""Rule native.gradient-override: a gradient of Relu is that of an activation."""

import pytest

from migrate.cases import check_noop, check_transformed, run

HEAD = """\
import keras
import tensorflow as tf


"""
REGISTERED = """\
@tf.RegisterGradient("Guided")
def _guided(op, grad):
    return grad * tf.cast(op.inputs[0] > 0, "float32")


"""
ACTIVATION = """\
@tf.custom_gradient
def guided_relu(x):
    def gradient(grad):
        return grad * tf.cast(x > 0, "float32")

    return tf.nn.relu(x), gradient


"""
BLOCK = """\
graph = tf.get_default_graph()
with graph.gradient_override_map({"Relu": "Guided"}):
    # again
    model = build()
"""
LOOP = """\
# again
model = build()
for layer in model.layers:
    if getattr(layer, "activation", None) == keras.activations.relu:
        layer.activation = guided_relu
"""


def test_the_layers_of_the_model_get_the_activation():
    check_transformed(HEAD + REGISTERED + BLOCK, HEAD + ACTIVATION + LOOP, "native.gradient-override")


def test_a_guarded_registration_in_a_function_goes_with_its_calls():
    inner = "".join(f"        {line}" if line.strip() else line for line in REGISTERED.rstrip().splitlines(True))
    guarded = "def register():\n    if 'Guided' not in names:\n" + inner + "\n\n\n"
    after = HEAD + ACTIVATION + LOOP
    check_transformed(HEAD + guarded + "register()\n" + BLOCK, after, "native.gradient-override")


def test_the_name_may_be_given_to_a_function():
    made = "def make(name):\n    with tf.get_default_graph().gradient_override_map({'Relu': name}):\n        model = build()\n"
    done = run(HEAD + REGISTERED + made + "    return model\n\n\nmake('Guided')\n", "native.gradient-override")
    assert "            layer.activation = guided_relu\n    return model\n" in done.text
    assert "gradient_override_map" not in done.text


def test_the_output_of_the_operation_is_that_of_relu():
    output = REGISTERED.replace("op.inputs[0]", "op.outputs[0]")
    after = ACTIVATION.replace("x > 0", "y > 0").replace("relu(x):\n", "relu(x):\n    y = tf.nn.relu(x)\n\n")
    after = after.replace("return tf.nn.relu(x),", "return y,")
    check_transformed(HEAD + output + BLOCK, HEAD + after + LOOP, "native.gradient-override")


def test_the_gradient_of_tensorflow_itself_is_a_raw_operation():
    own = REGISTERED.replace("grad * tf.cast", "gen_nn_ops._relu_grad(grad, op.outputs[0]) * tf.cast")
    done = run("from tensorflow.python.ops import gen_nn_ops\n" + HEAD + own + BLOCK, "native.gradient-override")
    assert "tf.raw_ops.ReluGrad(gradients=grad, features=y) * tf.cast(x > 0" in done.text
    assert "gen_nn_ops" not in done.text


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"Relu"', '"Softplus"', "more than `Relu`"),
        ('{"Relu": "Guided"}', '{"Relu": name}', "which gradient `name` means"),
        ("op.inputs[0]", "op.type", "asks more of the operation"),
        ("model = build()", "build()", "does not make one model"),
    ],
)
def test_what_is_not_known_stays(old, new, why):
    before = HEAD + REGISTERED + BLOCK
    assert old in before
    check_noop(before.replace(old, new), "native.gradient-override", [(11, why)])
