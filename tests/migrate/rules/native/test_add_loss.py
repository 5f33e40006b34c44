"""Rule native.add-loss: a symbolic loss is added by a layer."""

from migrate.cases import check_noop, check_transformed

HEAD = """\
import keras
from keras.layers import Dense, Input, Layer
from keras.models import Model
"""
MODEL = """\

inputs = Input((3,))
outputs = Dense(3)(inputs)
vae = Model(inputs, outputs)
"""


def test_a_loss_is_added_by_a_layer():
    before = HEAD + MODEL + "# of two parts\nvae.add_loss(keras.ops.mean(keras.ops.square(inputs - outputs)))\n"
    after = """

# of two parts
class AddLoss(keras.layers.Layer):
    def call(self, outputs, loss):
        self.add_loss(loss)
        return outputs


vae = Model(vae.inputs, AddLoss()(vae.outputs[0], keras.ops.mean(keras.ops.square(inputs - outputs))), name=vae.name)
"""
    after = after.replace("# of two parts\n", "").replace("vae = Model(vae", "# of two parts\nvae = Model(vae")
    check_transformed(before, HEAD + MODEL + after, "native.add-loss")


def test_losses_of_layers_stay():
    layer = "class A(Layer):\n    def call(self, x):\n        self.add_loss(keras.ops.mean(x))\n        return x\n"
    check_noop(HEAD + layer, "native.add-loss")


def test_what_the_shim_computes_stays():
    loss = "from k2compat import backend as K\nvae.add_loss(K.mean(K.gradients(outputs, inputs)[0]))\n"
    check_noop(HEAD + MODEL + loss, "native.add-loss")
