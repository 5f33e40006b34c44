"""Grad-CAM and its family, as the scripts of 2017-2019 wrote them."""

import numpy as np
import tensorflow as tf

from ..registry import case
from ..tools import normal, pixels


def relu_and_scale(heatmap):
    heatmap = np.maximum(heatmap, 0)
    return heatmap / np.max(heatmap)


@case(rows=["function-layer-input"])
def grad_cam_of_the_book(K, keras, load):
    """The script of "Deep Learning with Python": a Layer as input, ``output[0]``, a loop that weights channels."""
    model = load("vgg")
    x = pixels(1, 32, 32, 3, seed=1)
    preds = model.predict(x)
    prediction = model.output[:, np.argmax(preds[0])]
    conv_layer = model.get_layer("block3_conv2")
    grads = K.gradients(prediction, conv_layer.output)[0]
    pooled = K.mean(grads, axis=(0, 1, 2))
    iterate = K.function([model.get_layer("model_input")], [pooled, conv_layer.output[0]])
    pooled_value, conv_value = iterate([x])
    weighted = conv_value.copy()
    for i in range(pooled_value.shape[0]):
        weighted[:, :, i] *= pooled_value[i]
    heatmap = relu_and_scale(np.mean(weighted, axis=-1))
    return {"preds": preds, "pooled": pooled_value, "conv": conv_value, "heatmap": heatmap}


@case()
def grad_cam_guided_with_tensorflow_functions(K, keras, load):
    """The second half people added: guided gradients with plain TensorFlow functions on the symbolic tensors."""
    model = load("vgg")
    x = pixels(1, 32, 32, 3, seed=2)
    conv = model.get_layer("block3_conv1").output
    grads = K.gradients(model.output[:, 3], conv)[0]
    guided = tf.cast(conv > 0, K.floatx()) * tf.cast(grads > 0, K.floatx()) * grads
    weights = tf.reduce_mean(guided, axis=(1, 2))
    cam = tf.reduce_sum(tf.multiply(weights[:, tf.newaxis, tf.newaxis, :], conv), axis=-1)
    guided_value, weights_value, cam_value = K.function([model.input], [guided, weights, cam])([x])
    return {"guided": guided_value, "weights": weights_value, "cam": cam_value, "shown": relu_and_scale(cam_value[0])}


@case()
def grad_cam_target_category_lambda(K, keras, load):
    """keras-grad-cam: a Lambda layer keeps one class, gradients are normalised by their root mean square."""
    input_model = load("vgg")
    category, classes = 2, 6

    def target_category_loss(x):
        return tf.multiply(x, K.cast(K.one_hot([category], classes), K.floatx()))

    def normalize(x):
        return x / (K.sqrt(K.mean(K.square(x))) + 1e-5)

    x = input_model.layers[-1].output
    x = keras.layers.Lambda(target_category_loss, output_shape=lambda shape: shape)(x)
    model = keras.models.Model(input_model.layers[0].input, x)
    loss = K.sum(model.layers[-1].output)
    conv_output = [layer for layer in model.layers if layer.name == "block3_conv2"][0].output
    grads = normalize(K.gradients(loss, [conv_output])[0])
    gradient_function = K.function([model.layers[0].input], [conv_output, grads])
    output, grads_val = gradient_function([pixels(1, 32, 32, 3, seed=3)])
    output, grads_val = output[0, :], grads_val[0, :, :, :]
    weights = np.mean(grads_val, axis=(0, 1))
    cam = np.ones(output.shape[0:2], dtype=np.float32)
    for i, w in enumerate(weights):
        cam += w * output[:, :, i]
    return {"output": output, "grads": grads_val, "cam": cam}


@case()
def grad_cam_plus_plus(K, keras, load):
    """Grad-CAM++: powers of the gradient stand for second and third derivatives of exp(score)."""
    model = load("residual")
    x = pixels(1, 24, 24, 3, seed=4)
    y_c = model.layers[-1].output[0, 1]
    conv = model.get_layer("last_conv").output
    grads = K.gradients(y_c, conv)[0]
    first = K.exp(y_c) * grads
    second = K.exp(y_c) * grads * grads
    third = K.exp(y_c) * grads * grads * grads
    f = K.function([model.input], [y_c, first, second, third, conv, grads])
    y, first, second, third, conv, grads = f([x])
    total = np.sum(conv[0].reshape((-1, first[0].shape[2])), axis=0)
    bottom = second[0] * 2.0 + third[0] * total.reshape((1, 1, -1))
    alphas = second[0] / np.where(bottom != 0.0, bottom, 1.0)
    alphas /= np.sum(alphas, axis=(0, 1)) + 1e-10
    weights = np.maximum(first[0], 0.0)
    deep = np.sum((weights * alphas).reshape((-1, first[0].shape[2])), axis=0)
    return {"y": y, "first": first, "second": second, "third": third, "cam": np.sum(deep * conv[0], axis=2)}


@case()
def grad_cam_sequential(K, keras, load):
    """On a Sequential model: layers[0].input, layers[-1].output, model.output and model.input."""
    model = load("cnn")
    x = pixels(1, 16, 16, 3, seed=5)
    last_conv = model.layers[2]
    grads = K.gradients(model.layers[-1].output[:, 1], last_conv.output)[0]
    same = K.gradients(model.output[:, 1], last_conv.output)[0]
    f = K.function([model.layers[0].input, K.learning_phase()], [K.mean(grads, axis=(0, 1, 2)), last_conv.output[0]])
    g = K.function([model.input, K.learning_phase()], [same])
    pooled, conv = f([x, 0])
    return {"pooled": pooled, "conv": conv, "grads": g([x, 0])[0], "cam": np.dot(conv, pooled)}


@case()
def grad_cam_every_class(K, keras, load):
    """A loop that builds one gradient per class."""
    model = load("vgg")
    x = pixels(1, 32, 32, 3, seed=6)
    conv = model.get_layer("block2_conv2").output
    maps = []
    for index in range(6):
        grads = K.gradients(model.output[:, index], conv)[0]
        weights = K.mean(grads, axis=(1, 2), keepdims=True)
        cam = K.relu(K.sum(weights * conv, axis=-1))
        maps.append(K.function([model.input], [cam])([x])[0])
    return {"maps": np.concatenate(maps)}


@case()
def grad_cam_of_the_winning_class_of_each_picture(K, keras, load):
    """A batch: K.max over classes is each picture's own winning score."""
    model = load("residual")
    x = normal(4, 24, 24, 3, seed=7)
    conv = model.get_layer("last_conv").output
    score = K.max(model.output, axis=1)
    grads = K.gradients(score, conv)[0]
    weights = K.mean(grads, axis=[1, 2])
    f = K.function([model.input, K.learning_phase()], [conv, grads, weights, K.argmax(model.output, axis=-1)])
    conv, grads, weights, winners = f([x, 0])
    return {"grads": grads, "weights": weights, "winners": winners, "cam": np.einsum("bhwc,bc->bhw", conv, weights)}


@case()
def grad_cam_of_logits_rebuilt_from_weights(K, keras, load):
    """Scores before the softmax, rebuilt from the last layer's own weights."""
    model = load("vgg")
    last = model.layers[-1]
    kernel, bias = last.weights
    logits = K.dot(last.input, kernel) + bias
    conv = model.get_layer("block3_conv2").output
    grads = K.gradients(logits[:, 4], conv)[0]
    f = K.function([model.input], [logits, K.softmax(logits) - model.output, grads])
    logits, difference, grads = f([pixels(2, 32, 32, 3, seed=8)])
    return {"logits": logits, "same_as_output": np.abs(difference) < 1e-6, "grads": grads}


@case()
def grad_cam_of_a_time_series(K, keras, load):
    """One-dimensional Grad-CAM."""
    model = load("series")
    last_conv = model.get_layer("last_conv")
    class_output = model.output[:, 0]
    grads = K.gradients(class_output, last_conv.output)[0]
    pooled_grads = K.mean(grads, axis=(0, 1))
    iterate = K.function([model.input], [pooled_grads, last_conv.output[0]])
    pooled, conv = iterate([normal(1, 20, 2, seed=9)])
    return {"pooled": pooled, "conv": conv, "cam": relu_and_scale(np.mean(conv * pooled, axis=-1))}


@case()
def class_activation_map(K, keras, load):
    """CAM (Zhou): the last layer's kernel weights the feature maps, no gradient."""
    model = load("residual")
    class_weights = model.layers[-1].get_weights()[0]
    final_conv_layer = model.get_layer("last_conv")
    get_output = K.function([model.layers[0].input], [final_conv_layer.output, model.layers[-1].output])
    conv_outputs, predictions = get_output([pixels(1, 24, 24, 3, seed=10)])
    cam = np.zeros(dtype=np.float32, shape=conv_outputs.shape[1:3])
    for i, w in enumerate(class_weights[:, int(np.argmax(predictions))]):
        cam += w * conv_outputs[0, :, :, i]
    return {"predictions": predictions, "cam": cam}


@case()
def grad_cam_of_a_picture_difference(K, keras, load):
    """A siamese-like score: distance between the features of two pictures of one batch."""
    model = load("vgg")
    features = model.get_layer("fc1").output
    distance = K.sqrt(K.sum(K.square(features[0] - features[1])))
    conv = model.get_layer("block3_conv2").output
    f = K.function([model.input], [distance, K.gradients(distance, conv)[0]])
    distance, grads = f([pixels(2, 32, 32, 3, seed=11)])
    return {"distance": distance, "grads": grads}


@case()
def occlusion_map(K, keras, load):
    """Sensitivity to a grey patch, through one K.function over a batch of occluded pictures."""
    model = load("cnn")
    x = pixels(1, 16, 16, 3, seed=12)
    occluded = np.repeat(x, 16, axis=0)
    for index in range(16):
        row, column = divmod(index, 4)
        occluded[index, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = 0.5
    predict = K.function([model.layers[0].input, K.learning_phase()], [model.layers[-1].output])
    return {"drop": (predict([x, 0])[0] - predict([occluded, 0])[0]).reshape(4, 4, 4)}


@case()
def score_cam(K, keras, load):
    """Score-CAM: feature maps mask the picture, scores weight them."""
    model = load("vgg")
    x = pixels(1, 32, 32, 3, seed=13)
    maps = K.function([model.input], [model.get_layer("block2_conv2").output])([x])[0][0]
    low, high = maps.min(axis=(0, 1)), maps.max(axis=(0, 1))
    masks = ((maps - low) / (high - low + 1e-7)).repeat(2, axis=0).repeat(2, axis=1)
    masked = x * np.moveaxis(masks, -1, 0)[..., np.newaxis]
    scores = K.function([model.input], [model.output[:, 1]])([masked])[0]
    return {"scores": scores, "cam": np.maximum(np.dot(maps, scores), 0)}


@case()
def heatmap_with_k_resize(K, keras, load):
    """The heatmap enlarged inside the graph: K.resize_images, K.relu, K.max."""
    model = load("vgg")
    conv = model.get_layer("block3_conv2").output
    grads = K.gradients(K.sum(model.output[:, 1]), conv)[0]
    cam = K.relu(K.sum(K.mean(grads, axis=(1, 2), keepdims=True) * conv, axis=-1, keepdims=True))
    cam = cam / (K.max(cam, axis=(1, 2, 3), keepdims=True) + K.epsilon())
    large = K.resize_images(cam, 4, 4, "channels_last")
    value = K.function([model.input], [large])([pixels(2, 32, 32, 3, seed=14)])[0]
    return {"heatmap": value}
