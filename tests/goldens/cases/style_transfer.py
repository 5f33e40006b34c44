"""Neural style transfer: Gram matrices, content, style and total variation losses."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered, pixels

SIZE = 32


def losses_of(K):
    """The four functions every style transfer script defines."""

    def gram_matrix(x):
        assert K.ndim(x) == 3
        if K.image_data_format() == "channels_first":
            features = K.batch_flatten(x)
        else:
            features = K.batch_flatten(K.permute_dimensions(x, (2, 0, 1)))
        return K.dot(features, K.transpose(features))

    def style_loss(style, combination):
        s, c = gram_matrix(style), gram_matrix(combination)
        return K.sum(K.square(s - c)) / (4.0 * (3**2) * ((SIZE * SIZE) ** 2))

    def content_loss(base, combination):
        return K.sum(K.square(combination - base))

    def total_variation_loss(x):
        assert K.ndim(x) == 4
        a = K.square(x[:, : SIZE - 1, : SIZE - 1, :] - x[:, 1:, : SIZE - 1, :])
        b = K.square(x[:, : SIZE - 1, : SIZE - 1, :] - x[:, : SIZE - 1, 1:, :])
        return K.sum(K.pow(a + b, 1.25))

    return gram_matrix, style_loss, content_loss, total_variation_loss


def outputs_on(model, tensor):
    """The model's layers called anew on another tensor, as scripts do that bring their own input."""
    outputs = {}
    for layer in model.layers[1:]:
        tensor = layer(tensor)
        outputs[layer.name] = tensor
    return outputs


@case(tolerance=5e-4)
def style_transfer_of_the_keras_examples(K, keras, load):
    """neural_style_transfer.py: variables and a placeholder concatenated into one batch, losses from its rows."""
    model = load("vgg")
    base_image = K.variable(pixels(1, SIZE, SIZE, 3, seed=1))
    style_image = K.variable(pixels(1, SIZE, SIZE, 3, seed=2))
    combination_image = K.placeholder((1, SIZE, SIZE, 3))
    input_tensor = K.concatenate([base_image, style_image, combination_image], axis=0)
    outputs_dict = outputs_on(model, input_tensor)
    gram_matrix, style_loss, content_loss, total_variation_loss = losses_of(K)
    loss = K.variable(0.0)
    features = outputs_dict["block3_conv1"]
    loss = loss + 0.025 * content_loss(features[0, :, :, :], features[2, :, :, :])
    feature_layers = ["block1_conv1", "block2_conv1", "block3_conv1"]
    for name in feature_layers:
        features = outputs_dict[name]
        loss = loss + (500.0 / len(feature_layers)) * style_loss(features[1, :, :, :], features[2, :, :, :])
    loss = loss + 0.1 * total_variation_loss(combination_image)
    grads = K.gradients(loss, combination_image)
    outputs = [loss]
    if isinstance(grads, (list, tuple)):
        outputs += grads
    else:
        outputs.append(grads)
    f_outputs = K.function([combination_image], outputs)
    x, history = pixels(1, SIZE, SIZE, 3, seed=3), []
    for _ in range(3):
        loss_value, grad_values = f_outputs([x])
        x = x - 0.001 * grad_values
        history.append(loss_value)
    return {"losses": np.array(history), "grads": grad_values, "image": x}


@case(tolerance=5e-4)
def style_transfer_of_an_application(K, keras, load):
    """The model built on the concatenated tensor itself: VGG16(input_tensor=..., include_top=False)."""
    base_image = K.constant(pixels(1, SIZE, SIZE, 3, seed=4))
    combination_image = K.placeholder((1, SIZE, SIZE, 3))
    input_tensor = K.concatenate([base_image, combination_image], axis=0)
    model = keras.applications.vgg16.VGG16(input_tensor=input_tensor, weights=None, include_top=False)
    for seed, layer in enumerate(model.layers):
        weights = layer.get_weights()
        if weights:
            kernel = np.random.RandomState(seed).standard_normal(weights[0].shape)
            layer.set_weights([kernel * np.sqrt(2.0 / np.prod(kernel.shape[:-1])), weights[1]])
    outputs_dict = {layer.name: layer.output for layer in model.layers}
    gram_matrix, style_loss, content_loss, _ = losses_of(K)
    deep, shallow = outputs_dict["block4_conv2"], outputs_dict["block1_conv1"]
    loss = content_loss(deep[0], deep[1]) + 1e4 * style_loss(shallow[0], shallow[1])
    grads = K.gradients(loss, combination_image)[0]
    loss_value, grads_value = K.function([combination_image], [loss, grads])([pixels(1, SIZE, SIZE, 3, seed=5)])
    return {"loss": loss_value, "grads": grads_value}


@case(tolerance=5e-4)
def style_transfer_with_variable_combination(K, keras, load):
    """The combination image is a K.variable, set between calls of a function without inputs."""
    model = load("vgg")
    combination = K.variable(pixels(1, SIZE, SIZE, 3, seed=6))
    style = K.constant(pixels(1, SIZE, SIZE, 3, seed=7))
    extractor = keras.models.Model(model.input, model.get_layer("block2_conv2").output)
    gram_matrix, style_loss, content_loss, total_variation_loss = losses_of(K)
    target = K.variable(K.eval(gram_matrix(extractor(style)[0])))
    loss = K.mean(K.square(gram_matrix(extractor(combination)[0]) - target)) / 1e4
    loss += 1e-3 * total_variation_loss(combination)
    grads = K.gradients(loss, combination)
    f = K.function([], [loss] + grads)
    history = []
    for _ in range(3):
        loss_value, grad_value = f([])
        history.append(loss_value)
        K.set_value(combination, K.get_value(combination) - 0.05 * grad_value)
    return {"losses": np.array(history), "target": K.get_value(target), "image": K.get_value(combination)}


@case()
def gram_matrices_of_every_block(K, keras, load):
    """Gram matrices as style features, all blocks at once, with batch_dot for a batch."""
    model = load("vgg")
    outputs = []
    for block in (1, 2, 3):
        features = model.get_layer("block%d_conv1" % block).output
        shape = K.shape(features)
        flat = K.reshape(features, (shape[0], shape[1] * shape[2], shape[3]))
        outputs.append(K.batch_dot(flat, flat, axes=(1, 1)) / K.cast(K.prod(shape[1:]), K.floatx()))
    values = K.function([model.input], outputs)([pixels(2, SIZE, SIZE, 3, seed=8)])
    return numbered(values, "block")


@case()
def perceptual_loss(K, keras, load):
    """Feature distance between a generated and a real picture, differentiated to the generator's weights."""
    generator, features = load("generator"), load("critic")
    real = K.placeholder(shape=(None, 8, 8, 2), name="real")
    extractor = keras.models.Model(features.input, features.get_layer("leaky1").output)
    loss = K.mean(K.square(extractor(generator.output) - extractor(real)), axis=[1, 2, 3])
    grads = K.gradients(loss, generator.trainable_weights)
    f = K.function([generator.input, real], [loss] + grads)
    values = f([normal(3, 6, seed=9), pixels(3, 8, 8, 2, seed=10)])
    return numbered(values)


@case()
def color_preserving_preprocessing(K, keras, load):
    """Preprocessing inside the graph: reversed channels, mean subtraction by K.bias_add, padding, clipping."""
    model = load("vgg")
    raw = K.placeholder((None, 28, 28, 3), name="raw")
    x = K.bias_add(raw[..., ::-1] * 255.0, K.constant([-103.939, -116.779, -123.68]))
    x = K.spatial_2d_padding(x / 128.0, padding=((2, 2), (2, 2)))
    score = outputs_on(model, x)["predictions"][:, 0]
    f = K.function([raw], [x, score] + K.gradients(score, raw))
    values = f([pixels(2, 28, 28, 3, seed=11)])
    return {"x": values[0], "score": values[1], "grads": values[2]}
