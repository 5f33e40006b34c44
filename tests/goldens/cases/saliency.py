"""Saliency maps and adversarial pictures: gradients with respect to the model's input."""

import numpy as np
import tensorflow as tf

from ..registry import case
from ..tools import normal, one_hot, pixels


@case()
def saliency_vanilla(K, keras, load):
    """The gradient of the largest score with respect to the picture, as the compiled function people wrote."""
    model = load("vgg")
    inp = model.layers[0].input
    outp = model.layers[-1].output
    max_outp = K.max(outp, axis=1)
    saliency = K.gradients(K.sum(max_outp), inp)[0]
    max_class = K.argmax(outp, axis=1)
    saliency_fn = K.function([inp, K.learning_phase()], [saliency, max_class])
    value, classes = saliency_fn([pixels(2, 32, 32, 3, seed=1), 0])
    return {"saliency": value, "classes": classes, "map": np.abs(value).max(axis=-1)}


@case()
def saliency_per_class(K, keras, load):
    """One map per class, all fetched by one function."""
    model = load("cnn")
    x = pixels(1, 16, 16, 3, seed=2)
    grads = [K.gradients(model.output[:, i], model.input)[0] for i in range(4)]
    values = K.function([model.input, K.learning_phase()], grads)([x, 0])
    return {"maps": np.stack(values), "sum_is_zero": np.abs(np.sum(values, axis=0)).max() < 1e-5}


@case()
def saliency_smooth_grad(K, keras, load):
    """SmoothGrad: the mean over noisy copies."""
    model = load("residual")
    x = pixels(1, 24, 24, 3, seed=3)
    compute = K.function([model.input, K.learning_phase()], K.gradients(model.output[:, 2], model.input))
    total = np.zeros_like(x)
    for seed in range(5):
        total += compute([x + 0.1 * normal(1, 24, 24, 3, seed=seed), 0])[0]
    return {"mean": total / 5}


@case()
def saliency_input_times_gradient(K, keras, load):
    """Gradient times input, inside the graph."""
    model = load("vgg")
    loss = K.sum(model.output * K.constant(one_hot([1], 6)))
    attribution = K.sum(model.input * K.gradients(loss, model.input)[0], axis=-1)
    return {"attribution": K.function([model.input], [attribution])([pixels(2, 32, 32, 3, seed=4)])[0]}


@case()
def integrated_gradients(K, keras, load):
    """The mean gradient on the way from a baseline, and the completeness it promises."""
    model = load("m")
    x, baseline, steps = normal(1, 8, seed=5), np.zeros((1, 8), "float32"), 40
    target = model.output[:, 3]
    gradient = K.function([model.input, K.learning_phase()], [K.gradients(target, model.input)[0], target])
    alphas = (np.arange(steps, dtype="float32")[:, np.newaxis] + 0.5) / steps
    grads, scores = gradient([baseline + alphas * (x - baseline), 0])
    attribution = (x - baseline)[0] * grads.mean(axis=0)
    return {"attribution": attribution, "scores": scores, "total": attribution.sum()}


@case()
def guided_backprop_by_masks(K, keras, load):
    """Gradients rectified layer by layer: each step is the gradient of the last step's weighted sum."""
    model = load("vgg")
    signal = K.gradients(model.output[:, 0], model.get_layer("block3_conv2").output)[0]
    names = ["block3_conv2", "block3_conv1", "block2_conv2", "block2_conv1"]
    for above, below in zip(names[:-1], names[1:]):
        top = model.get_layer(above).output
        signal = K.relu(signal) * K.cast(K.greater(top, 0.0), K.floatx())
        signal = K.gradients(K.sum(top * K.stop_gradient(signal)), model.get_layer(below).output)[0]
    return {"signal": K.function([model.input], [signal])([pixels(1, 32, 32, 3, seed=6)])[0]}


@case()
def hack_a_classifier_loop(K, keras, load):
    """The popular "hack Inception" loop: ascend the target's score within a box around the original."""
    model = load("vgg")
    model_input_layer = model.layers[0].input
    model_output_layer = model.layers[-1].output
    cost_function = model_output_layer[0, 5]
    gradient_function = K.gradients(cost_function, model_input_layer)[0]
    grab = K.function([model_input_layer, K.learning_phase()], [cost_function, gradient_function])
    original = pixels(1, 32, 32, 3, seed=7)
    hacked, costs = np.copy(original), []
    for _ in range(6):
        cost, gradients = grab([hacked, 0])
        hacked += gradients * 5.0
        hacked = np.clip(np.clip(hacked, original - 0.1, original + 0.1), -1.0, 1.0)
        costs.append(cost)
    return {"costs": np.array(costs), "hacked": hacked, "cost_type": type(cost).__name__}


@case()
def fast_gradient_sign(K, keras, load):
    """FGSM with the loss's gradient: ``x + eps * K.sign(grad)``, clipped, all in the graph."""
    model = load("cnn")
    y_true = K.placeholder(shape=(None, 4), name="y_true")
    loss = K.categorical_crossentropy(y_true, model.output)
    grads = K.gradients(loss, model.input)[0]
    adversarial = K.clip(model.input + 0.03 * K.sign(grads), 0.0, 1.0)
    f = K.function([model.input, y_true, K.learning_phase()], [loss, grads, adversarial])
    loss, grads, x = f([pixels(3, 16, 16, 3, seed=8), one_hot([0, 3, 1], 4), 0])
    return {"loss": loss, "grads": grads, "adversarial": x}


@case()
def projected_gradient_descent(K, keras, load):
    """PGD: several signed steps towards a target class."""
    model = load("residual")
    x0 = pixels(2, 24, 24, 3, seed=9)
    target = K.variable(one_hot([4, 4], 5))
    loss = K.mean(keras.losses.categorical_crossentropy(target, model.output))
    step = K.function([model.input, K.learning_phase()], [loss] + K.gradients(loss, model.input))
    x, losses = x0.copy(), []
    for _ in range(5):
        loss_value, grads = step([x, 0])
        x = np.clip(x - 0.01 * np.sign(grads), x0 - 0.03, x0 + 0.03)
        losses.append(loss_value)
    return {"losses": np.array(losses), "moved": np.abs(x - x0).max()}


@case()
def jacobian_by_class_loop(K, keras, load):
    """JSMA's forward derivative: the Jacobian of the outputs, row by row."""
    model = load("m")
    rows = [K.gradients(model.output[:, i], model.input)[0] for i in range(5)]
    jacobian = K.function([model.input, K.learning_phase()], [K.stack(rows, axis=1)])
    value = jacobian([normal(3, 8, seed=10), 0])[0]
    return {"jacobian": value, "most_salient": np.argmax(np.abs(value), axis=-1)}


@case()
def deep_fool_step(K, keras, load):
    """DeepFool: the nearest linearised class boundary, from logits rebuilt by K.log."""
    model = load("vgg")
    logits = K.log(model.output + 1e-8)
    grads = [K.gradients(logits[0, k], model.input)[0] for k in range(6)]
    values = K.function([model.input], [logits] + grads)([pixels(1, 32, 32, 3, seed=11)])
    scores, grads = values[0][0], np.stack(values[1:])
    top = int(np.argmax(scores))
    others = [k for k in range(6) if k != top]
    distances = [abs(scores[k] - scores[top]) / np.linalg.norm(grads[k] - grads[top]) for k in others]
    return {"distances": np.array(distances), "nearest": others[int(np.argmin(distances))]}


@case()
def saliency_of_recurrent_model(K, keras, load):
    """Through a GRU and a bidirectional LSTM to the input sequence."""
    model = load("forecast")
    grads = K.gradients(model.output[:, 0], model.input)[0]
    f = K.function([model.input], [grads, model.output])
    grads, output = f([normal(2, 15, 3, seed=12)])
    return {"grads": grads, "output": output}


@case()
def saliency_reduced_by_tensorflow(K, keras, load):
    """Symbolic gradients go on through plain TensorFlow functions."""
    model = load("residual")
    grads = K.gradients(tf.reduce_sum(model.output[:, 1]), model.input)[0]
    gray = tf.reduce_max(tf.abs(grads), axis=-1)
    scaled = tf.divide(gray, tf.reduce_max(gray, axis=[1, 2], keepdims=True))
    return {"map": K.function([model.input], [scaled])([pixels(2, 24, 24, 3, seed=15)])[0]}


@case()
def sensitivity_of_two_inputs(K, keras, load):
    """DDPG's dQ/da: the gradient with respect to one of two inputs."""
    model = load("q_net")
    state, action = model.input
    action_grads = K.function([state, action], K.gradients(model.output, [action]))
    return {"grads": action_grads([normal(5, 4, seed=16), normal(5, 2, seed=17)])[0]}


@case()
def superpixels_of_lime(K, keras, load):
    """LIME's way: squares of the picture switched off at random, a weighted linear model of what that does."""
    model = load("vgg")
    x, random = pixels(1, 32, 32, 3, seed=18), np.random.RandomState(19)
    masks = random.randint(0, 2, size=(40, 16))
    on = masks.reshape(40, 4, 4).repeat(8, axis=1).repeat(8, axis=2)[..., np.newaxis]
    score = K.function([model.input, K.learning_phase()], [model.output[:, 2]])
    scores = score([on * x + (1 - on) * x.mean(axis=(1, 2), keepdims=True), 0])[0]
    weights = np.sqrt(np.exp(-((1 - masks.mean(axis=1)) ** 2) / 0.25))[:, np.newaxis]
    design = np.hstack([masks, np.ones((40, 1))]) * weights
    ridge = np.linalg.solve(design.T @ design + np.eye(17), design.T @ (scores[:, np.newaxis] * weights))
    return {"scores": scores, "squares": ridge[:-1, 0]}


@case()
def expected_gradients_of_shap(K, keras, load):
    """SHAP's GradientExplainer: gradients between samples of a background and the input, by class, at a layer too."""
    model = load("cnn")
    inside = model.layers[2].output
    gradients = [K.gradients(model.output[:, i], [model.layers[0].input, inside]) for i in range(4)]
    run = [K.function([model.layers[0].input, K.learning_phase()], grads) for grads in gradients]
    x, background, random = pixels(1, 16, 16, 3, seed=20), pixels(6, 16, 16, 3, seed=21), np.random.RandomState(22)
    alpha = random.uniform(size=(6, 1, 1, 1)).astype("float32")
    between = alpha * x + (1 - alpha) * background
    at_input, at_layer = zip(*[f([between, 0]) for f in run])
    return {"phi": np.stack([(g * (x - background)).mean(axis=0) for g in at_input]), "layer": np.stack(at_layer)}


@case()
def grad_times_activation_of_deep_lift_rescale(K, keras, load):
    """DeepLIFT's rescale rule for one relu layer: multipliers from differences to a reference, fed as a placeholder."""
    model = load("m")
    hidden = model.get_layer("h")
    before = K.dot(model.input, hidden.weights[0]) + hidden.weights[1]
    reference = K.placeholder((1, 16), name="reference")
    above = K.gradients(K.log(model.output[:, 0]), hidden.output)[0]
    change = before - reference
    rescaled = K.switch(K.abs(change) < 1e-7, above, above * (K.relu(before) - K.relu(reference)) / change)
    attribution = model.input * K.dot(rescaled, K.transpose(hidden.weights[0]))
    base = K.function([model.input], [before])([np.zeros((1, 8))])[0]
    f = K.function([model.input, reference, K.learning_phase()], [attribution, rescaled])
    attribution, rescaled = f([normal(3, 8, seed=23), base, 0])
    return {"attribution": attribution, "multipliers": rescaled}
