"""Grad-CAM on ResNet50, 224x224, batch 1

The script as old code has it, and its usual rewrites. The weights are random: pretrained ones are a download.
"""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import set_weights, weights_of

SEED = 1
BURST = 3
SIZE = 224
PICTURES = 8
LAYER = "conv5_block3_out"


def make(keras):
    keras.utils.set_random_seed(SEED)
    model = keras.applications.resnet.ResNet50(weights=None)
    # Fresh weights give all 1000 classes the same probability and gradients of 1e-7; steeper logits tell them apart.
    kernel, bias = model.layers[-1].get_weights()
    model.layers[-1].set_weights([kernel * 20, bias])
    pictures = np.random.RandomState(SEED).uniform(-1, 1, (PICTURES, 1, SIZE, SIZE, 3)).astype("float32")
    predictions = model.predict(pictures[:, 0], verbose=0).mean(axis=0)
    best = np.argsort(predictions)[::-1][:PICTURES]
    return {"inputs": pictures, "indices": best, **weights_of(model)}


def build(keras, arrays):
    model = keras.applications.resnet.ResNet50(weights=None)
    set_weights(model, arrays)
    return model


def heatmap(pooled, conv):
    """What every script does with NumPy at the end; ``cam`` is the map before its negative part is cut off."""
    cam = np.mean(conv * pooled, axis=-1)
    positive = np.maximum(cam, 0)
    return {"pooled": pooled, "conv": conv, "cam": cam, "heatmap": positive / max(positive.max(), 1e-12)}


def graph(kit):
    K, model = kit.K, kit.model

    def expression(index):
        conv_layer = model.get_layer(LAYER)
        grads = K.gradients(model.output[:, index], conv_layer.output)[0]
        pooled = K.mean(grads, axis=(0, 1, 2))
        iterate = K.function([model.input], [pooled, conv_layer.output[0]])
        return lambda picture: heatmap(*iterate([picture]))

    return expression


def eager(kit):
    import tensorflow as tf

    def expression(index):
        grad_model = kit.keras.Model(kit.model.inputs, [kit.model.get_layer(LAYER).output, kit.model.output])

        def call(picture):
            with tf.GradientTape() as tape:
                conv, predictions = grad_model(picture)
                prediction = predictions[:, index]
            grads = tape.gradient(prediction, conv)
            return heatmap(tf.reduce_mean(grads, axis=(0, 1, 2)).numpy(), conv[0].numpy())

        return call

    return expression


def compiled(kit):
    import tensorflow as tf

    grad_model = kit.keras.Model(kit.model.inputs, [kit.model.get_layer(LAYER).output, kit.model.output])

    @tf.function
    def gradients(picture, index):
        with tf.GradientTape() as tape:
            conv, predictions = grad_model(picture, training=False)
            prediction = predictions[:, index]
        grads = tape.gradient(prediction, conv)
        return tf.reduce_mean(grads, axis=(0, 1, 2)), conv[0]

    def expression(index):
        def call(picture):
            pooled, conv = gradients(tf.constant(picture), tf.constant(index))
            return heatmap(pooled.numpy(), conv.numpy())

        return call

    return expression


def forward(kit):
    import tensorflow as tf

    conv_model = kit.keras.Model(kit.model.inputs, [kit.model.get_layer(LAYER).output, kit.model.output])
    run = tf.function(lambda picture: conv_model(picture, training=False))

    def expression(_index):
        return lambda picture: {"conv": run(tf.constant(picture))[0][0].numpy()}

    return expression


SCRIPTS = {"graph": graph, "eager": eager, "compiled": compiled, "forward": forward}
