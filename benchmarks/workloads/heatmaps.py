"""Grad-CAM on three networks, batch 1 and 8.

The script as old code has it, and its usual rewrites. The weights are random: pretrained ones are a download.
"""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import set_weights, weights_of

SEED = 1
SIZE = 224
PICTURES = 8


class Heatmap:
    """Grad-CAM on one network.

    Args:
        path: where the network is, below ``keras.applications``.
        layer: the name of the convolutional layer to look at.
        batch: pictures in a call.
        share: the part of a plan's turns that is enough, because a call is long.
    """

    def __init__(self, path, layer, batch, share=1.0):
        self.path = path
        self.layer = layer
        self.batch = batch
        self.SHARE = share
        self.BURST = 3 if batch == 1 else 1
        # Set-ups are compared on single pictures: with more of them the picture's own arithmetic takes over.
        self.REBUILDS = batch == 1
        self.SCRIPTS = {"graph": graph, "frozen": graph, "eager": eager, "compiled": compiled, "forward": forward}
        self.__doc__ = "Grad-CAM on %s, %dx%d, batch %d" % (path.split(".")[-1], SIZE, SIZE, batch)

    def network(self, keras):
        found = keras.applications
        for name in self.path.split("."):
            found = getattr(found, name)
        return found(weights=None)

    def make(self, keras):
        keras.utils.set_random_seed(SEED)
        model = self.network(keras)
        shape = (PICTURES, self.batch, SIZE, SIZE, 3)
        pictures = np.random.RandomState(SEED).uniform(-1, 1, shape).astype("float32")
        # Fresh weights give all classes the same probability and gradients of 1e-7; steeper logits tell them apart.
        kernel, bias = model.layers[-1].get_weights()
        spread = np.log(model.predict(pictures[0], verbose=0)).std(axis=1).mean()
        model.layers[-1].set_weights([kernel * (2 / spread), bias])
        best = np.argsort(model.predict(pictures[0], verbose=0).mean(axis=0))[::-1]
        return {"inputs": pictures, "indices": best[:50], **weights_of(model)}

    def build(self, keras, arrays):
        """The model, asked for its prediction first, as such scripts do."""
        model = self.network(keras)
        set_weights(model, arrays)
        model.predict(arrays["inputs"][0], verbose=0)
        model.looked_at = self.layer
        return model


def heatmaps(pooled, conv):
    """What every script does with NumPy at the end; ``cam`` is the map before its negative part is cut off."""
    cam = np.mean(conv * pooled[:, np.newaxis, np.newaxis], axis=-1)
    positive = np.maximum(cam, 0)
    return {"pooled": pooled, "conv": conv, "cam": cam, "heatmap": positive / max(positive.max(), 1e-12)}


def graph(kit):
    K, model = kit.K, kit.model

    def expression(index):
        conv = model.get_layer(model.looked_at).output
        grads = K.gradients(model.output[:, index], conv)[0]
        iterate = kit.function([model.input], [K.mean(grads, axis=(1, 2)), conv])
        return lambda pictures: heatmaps(*iterate([pictures]))

    return expression


def grad_model_of(kit):
    """A model of the layer's output and the predictions, as it is written for TensorFlow 2."""
    model = kit.model
    return kit.keras.Model(model.inputs, [model.get_layer(model.looked_at).output, model.output])


def eager(kit):
    import tensorflow as tf

    def expression(index):
        grad_model = grad_model_of(kit)

        def call(pictures):
            with tf.GradientTape() as tape:
                conv, predictions = grad_model(pictures)
                prediction = predictions[:, index]
            grads = tape.gradient(prediction, conv)
            return heatmaps(tf.reduce_mean(grads, axis=(1, 2)).numpy(), conv.numpy())

        return call

    return expression


def compiled(kit):
    import tensorflow as tf

    grad_model = grad_model_of(kit)

    @tf.function
    def gradients(pictures, index):
        with tf.GradientTape() as tape:
            conv, predictions = grad_model(pictures, training=False)
            prediction = predictions[:, index]
        grads = tape.gradient(prediction, conv)
        return tf.reduce_mean(grads, axis=(1, 2)), conv

    def expression(index):
        def call(pictures):
            pooled, conv = gradients(tf.constant(pictures), tf.constant(index))
            return heatmaps(pooled.numpy(), conv.numpy())

        return call

    return expression


def forward(kit):
    import tensorflow as tf

    grad_model = grad_model_of(kit)
    run = tf.function(lambda pictures: grad_model(pictures, training=False))

    def expression(_index):
        return lambda pictures: {"conv": run(tf.constant(pictures))[0].numpy()}

    return expression


RESNET50 = ("resnet.ResNet50", "conv5_block3_out")
VGG16 = ("vgg16.VGG16", "block5_conv3")
MOBILENETV2 = ("mobilenet_v2.MobileNetV2", "out_relu")

WORKLOADS = {
    "resnet50": Heatmap(*RESNET50, batch=1),
    "resnet50_batch8": Heatmap(*RESNET50, batch=8, share=0.6),
    "vgg16": Heatmap(*VGG16, batch=1, share=0.6),
    "vgg16_batch8": Heatmap(*VGG16, batch=8, share=0.4),
    "mobilenetv2": Heatmap(*MOBILENETV2, batch=1),
    "mobilenetv2_batch8": Heatmap(*MOBILENETV2, batch=8),
}
