"""DeepDream, filter visualisation and class maximisation: gradient ascent on the picture."""

import numpy as np

from ..registry import case
from ..tools import numbered, pixels


@case(tolerance=5e-4)
def deepdream_of_the_keras_examples(K, keras, load):
    """deep_dream.py: a K.variable loss grown in a loop, grads divided by their mean, fetch_loss_and_grads."""
    model = load("vgg")
    dream = model.input
    layer_dict = {layer.name: layer for layer in model.layers}
    loss = K.variable(0.0)
    for name, coeff in [("block1_conv2", 0.2), ("block2_conv2", 1.5), ("block3_conv1", 2.0)]:
        x = layer_dict[name].output
        scaling = K.prod(K.cast(K.shape(x), K.floatx()))
        loss = loss + coeff * K.sum(K.square(x[:, 2:-2, 2:-2, :])) / scaling
    grads = K.gradients(loss, dream)[0]
    grads /= K.maximum(K.mean(K.abs(grads)), K.epsilon())
    fetch_loss_and_grads = K.function([dream], [loss, grads])

    def gradient_ascent(x, iterations, step, max_loss=None):
        losses = []
        for _ in range(iterations):
            loss_value, grad_values = fetch_loss_and_grads([x])
            if max_loss is not None and loss_value > max_loss:
                break
            losses.append(loss_value)
            x += step * grad_values
        return x, losses

    image, losses = gradient_ascent(pixels(1, 32, 32, 3, seed=1), iterations=8, step=0.01, max_loss=1e6)
    larger, more = gradient_ascent(np.repeat(np.repeat(image, 2, axis=1)[:, :32], 2, axis=2)[:, :, :32], 4, 0.01)
    return {"image": image, "losses": np.array(losses), "octave": larger, "octave_losses": np.array(more)}


@case(tolerance=5e-4, keras="2.2.4")
def deepdream_with_in_place_addition(K, keras, load):
    """``loss += ...`` on a K.variable, as older copies have it: a new tensor in 2.2.4, a RuntimeError in 2.3.1."""
    model = load("residual")
    loss = K.variable(0.0)
    for layer in model.layers:
        if layer.name in ("relu_stem", "last_conv"):
            activation = layer.output
            scaling = K.prod(K.cast(K.shape(activation), K.floatx()))
            loss += 0.5 * K.sum(K.square(activation[:, 2:-2, 2:-2, :])) / scaling
    grads = K.gradients(loss, model.input)[0]
    grads /= K.maximum(K.mean(K.abs(grads)), 1e-7)
    step = K.function([model.input, K.learning_phase()], [loss, grads])
    x = pixels(1, 24, 24, 3, seed=2)
    for _ in range(5):
        value, direction = step([x, 0])
        x = x + 0.02 * direction
    return {"image": x, "loss": value, "grads": direction}


@case()
def deepdream_with_continuity_loss(K, keras, load):
    """The 2.0 example: continuity loss by K.pow and the (list, tuple) branch of its Evaluator."""
    model = load("vgg")
    dream = model.input

    def continuity_loss(x):
        assert K.ndim(x) == 4
        a = K.square(x[:, :31, :31, :] - x[:, 1:, :31, :])
        b = K.square(x[:, :31, :31, :] - x[:, :31, 1:, :])
        return K.sum(K.pow(a + b, 1.25))

    x = model.get_layer("block2_conv1").output
    shape = K.int_shape(x)
    loss = K.variable(0.0)
    loss = loss - 0.05 * K.sum(K.square(x[:, 2 : shape[1] - 2, 2 : shape[2] - 2, :])) / np.prod(shape[1:])
    loss = loss + 0.1 * continuity_loss(dream) / (32 * 32 * 3)
    loss = loss + 0.02 * K.sum(K.square(dream)) / (32 * 32 * 3)
    grads = K.gradients(loss, dream)
    outputs = [loss]
    if isinstance(grads, (list, tuple)):
        outputs += grads
    else:
        outputs.append(grads)
    f_outputs = K.function([dream], outputs)
    outs = f_outputs([pixels(1, 32, 32, 3, seed=3)])
    flat = outs[1].flatten().astype("float64") if len(outs[1:]) == 1 else np.array(outs[1:]).flatten()
    return {"loss": outs[0], "grads": flat, "outputs": len(outs)}


@case(tolerance=5e-4)
def filter_visualisation(K, keras, load):
    """conv_filter_visualization.py: ascend the mean activation of several filters, gradients scaled by their norm."""
    model = load("vgg")
    input_img = model.input
    layer_output = model.get_layer("block2_conv1").output

    def normalize(x):
        return x / (K.sqrt(K.mean(K.square(x))) + K.epsilon())

    images, losses = [], []
    for filter_index in range(3):
        if K.image_data_format() == "channels_first":
            loss = K.mean(layer_output[:, filter_index, :, :])
        else:
            loss = K.mean(layer_output[:, :, :, filter_index])
        grads = normalize(K.gradients(loss, input_img)[0])
        iterate = K.function([input_img], [loss, grads])
        image = pixels(1, 32, 32, 3, seed=4) * 0.2 + 0.4
        for _ in range(5):
            loss_value, grads_value = iterate([image])
            image = image + grads_value * 0.1
        images.append(image[0])
        losses.append(loss_value)
    return {"images": np.array(images), "losses": np.array(losses)}


@case(tolerance=5e-4)
def class_maximisation_with_priors(K, keras, load):
    """Activation maximisation of a class with an L-p norm and total variation as priors (keras-vis)."""
    model = load("cnn")
    image = model.layers[0].input
    score = -K.mean(model.layers[-1].output[..., 2])
    norm = K.sum(K.pow(K.abs(K.clip(image, 0, 1)), 6.0)) / np.prod((16, 16, 3))
    rows = image[:, 1:, :-1, :] - image[:, :-1, :-1, :]
    columns = image[:, :-1, 1:, :] - image[:, :-1, :-1, :]
    variation = K.sum(K.pow(K.square(rows) + K.square(columns) + K.epsilon(), 1.25)) / np.prod((16, 16, 3))
    overall = 1.0 * score + 0.1 * norm + 0.1 * variation
    grads = K.l2_normalize(K.gradients(overall, image)[0])
    compute = K.function([image, K.learning_phase()], [score, norm, variation, overall, grads])
    seed, cache, history = pixels(1, 16, 16, 3, seed=5), None, []
    for _ in range(5):
        values = compute([seed, 0])
        g = values[-1]
        cache = 0.05 * g**2 if cache is None else 0.95 * cache + 0.05 * g**2
        seed = seed - 0.01 * g / np.sqrt(cache + 1e-7)
        history.append(values[:4])
    return {"history": np.array(history), "image": seed}


@case(tolerance=5e-4)
def dream_on_a_variable_picture(K, keras, load):
    """The picture itself is a K.variable, moved by updates."""
    model = load("vgg")
    image = K.variable(pixels(1, 32, 32, 3, seed=6))
    features = image
    for layer in model.layers[1:6]:
        features = layer(features)
    loss = K.mean(K.square(features))
    grads = K.gradients(loss, image)[0]
    step = K.function([], [loss], updates=[K.update_add(image, 0.5 * grads / (K.std(grads) + 1e-8) * 0.01)])
    losses = [step([])[0] for _ in range(4)]
    return {"losses": np.array(losses), "image": K.get_value(image)}


@case()
def neuron_and_spatial_targets(K, keras, load):
    """Slices of every kind on layer outputs: a single neuron, a position, a channel range, negative steps."""
    model = load("vgg")
    conv = model.get_layer("block3_conv1").output
    targets = [conv[0, 3, 4, 6], conv[:, 2:4, :, -3], conv[..., ::2], conv[:, ::-1, 1], K.max(conv, axis=(1, 2))]
    grads = [K.gradients(target, model.input)[0] for target in targets]
    values = K.function([model.input], targets + grads)([pixels(1, 32, 32, 3, seed=7)])
    return numbered(values)
