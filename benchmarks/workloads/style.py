"""Style transfer on VGG19, 224x224: one step, content, style and variation losses and the picture's gradient

The loop of Keras's own example, without its optimizer: the network is built upon three pictures in one batch, two of
them variables.
"""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import named, scripts_of, set_weights, weights_of

SEED = 6
BURST = 1
SHARE = 0.4
REBUILDS = False  # one function serves the whole transfer
SIZE = 224
CONTENT = "block5_conv2"
STYLE = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")
CONTENT_WEIGHT, STYLE_WEIGHT, VARIATION_WEIGHT = 0.025, 1.0, 1e-4


def model_of(keras, **inputs):
    return keras.applications.vgg19.VGG19(weights=None, include_top=False, **inputs)


def make(keras):
    keras.utils.set_random_seed(SEED)
    random = np.random.RandomState(SEED)
    pictures = random.uniform(-100, 100, (6, 1, SIZE, SIZE, 3)).astype("float32")
    weights = weights_of(model_of(keras))
    return {"inputs": pictures[2:], "indices": np.arange(1), "base": pictures[0], "style": pictures[1], **weights}


def build(keras, arrays):
    model = model_of(keras)
    set_weights(model, arrays)
    return model


def graph(kit):
    K = kit.K

    def gram(x):
        features = K.batch_flatten(K.permute_dimensions(x, (2, 0, 1)))
        return K.dot(features, K.transpose(features))

    def style_loss(style, combination):
        return K.sum(K.square(gram(style) - gram(combination))) / (4.0 * 9 * SIZE**4)

    def variation_loss(x):
        a = K.square(x[:, : SIZE - 1, : SIZE - 1, :] - x[:, 1:, : SIZE - 1, :])
        b = K.square(x[:, : SIZE - 1, : SIZE - 1, :] - x[:, : SIZE - 1, 1:, :])
        return K.sum(K.pow(a + b, 1.25))

    def expression(_index):
        base, style = K.variable(kit.arrays["base"]), K.variable(kit.arrays["style"])
        combination = K.placeholder((1, SIZE, SIZE, 3))
        model = model_of(kit.keras, input_tensor=K.concatenate([base, style, combination], axis=0))
        model.set_weights(kit.model.get_weights())
        outputs = {layer.name: layer.output for layer in model.layers}
        content = outputs[CONTENT]
        loss = K.variable(0.0) + CONTENT_WEIGHT * K.sum(K.square(content[2] - content[0]))
        for name in STYLE:
            features = outputs[name]
            loss = loss + (STYLE_WEIGHT / len(STYLE)) * style_loss(features[1], features[2])
        loss = loss + VARIATION_WEIGHT * variation_loss(combination)
        step = kit.function([combination], [loss, *K.gradients(loss, combination)])
        return lambda picture: named(*step([picture]))

    return expression


def step_of(kit):
    """One step, as it is written for TensorFlow 2."""
    import tensorflow as tf

    layers = [CONTENT, *STYLE]
    features_of = kit.keras.Model(kit.model.inputs, [kit.model.get_layer(name).output for name in layers])
    base, style = tf.constant(kit.arrays["base"]), tf.constant(kit.arrays["style"])

    def gram(x):
        features = tf.reshape(tf.transpose(x, (2, 0, 1)), (x.shape[-1], -1))
        return tf.matmul(features, features, transpose_b=True)

    def step(picture):
        with tf.GradientTape() as tape:
            tape.watch(picture)
            content, *styles = features_of(tf.concat([base, style, picture], axis=0), training=False)
            loss = CONTENT_WEIGHT * tf.reduce_sum(tf.square(content[2] - content[0]))
            for features in styles:
                off = tf.reduce_sum(tf.square(gram(features[1]) - gram(features[2]))) / (4.0 * 9 * SIZE**4)
                loss += STYLE_WEIGHT / len(STYLE) * off
            down = tf.square(picture[:, :-1, :-1] - picture[:, 1:, :-1])
            right = tf.square(picture[:, :-1, :-1] - picture[:, :-1, 1:])
            loss += VARIATION_WEIGHT * tf.reduce_sum(tf.pow(down + right, 1.25))
        return loss, tape.gradient(loss, picture)

    return step


SCRIPTS = {"graph": graph, **scripts_of(step_of)}
