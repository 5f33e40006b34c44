"""Siamese and triplet networks: shared layers, distances, and the losses on them."""

import numpy as np

from ..registry import case
from ..tools import drawn, integers, normal, numbered, pixels


@case()
def saliency_of_both_siamese_inputs(K, keras, load):
    """Two inputs, one shared layer: gradients with respect to each input and to the shared kernel."""
    model = load("siamese")
    kernel = model.get_layer("encoder").trainable_weights[0]
    grads = K.gradients(model.output, model.inputs + [kernel])
    left, right, shared = K.function(model.inputs, grads)([normal(3, 7, seed=13), normal(3, 7, seed=14)])
    return {"left": left, "right": right, "kernel": shared}


@case()
def shared_layer_outputs_by_node(K, keras, load):
    """A layer called twice: get_output_at and get_input_at tell its calls apart."""
    model = load("siamese")
    shared = model.get_layer("encoder")
    outputs = [shared.get_output_at(0), shared.get_output_at(1)]
    inputs = [shared.get_input_at(0), shared.get_input_at(1)]
    left, right = normal(2, 7, seed=6), normal(2, 7, seed=7)
    values = K.function(inputs, outputs)([left, right])
    return {"left": values[0], "right": values[1], "alone": K.function([inputs[1]], [outputs[1]])([right])[0]}


@case()
def triplet_and_contrastive_losses(K, keras, load):
    """Siamese losses on slices of one embedding: K.l2_normalize, K.epsilon under the root, K.maximum with a margin."""
    embeddings = K.placeholder((None, 12), name="embeddings")
    anchor, positive, negative = embeddings[:, 0:4], embeddings[:, 4:8], embeddings[:, 8:12]
    near = K.sum(K.square(anchor - positive), axis=1)
    far = K.sum(K.square(anchor - negative), axis=1)
    triplet = K.mean(K.maximum(near - far + 0.4, 0.0))
    distance = K.sqrt(K.maximum(K.sum(K.square(anchor - positive), axis=1, keepdims=True), K.epsilon()))
    same = K.constant([[1.0], [0.0], [1.0], [0.0], [1.0], [0.0]])
    contrastive = K.mean(same * K.square(distance) + (1 - same) * K.square(K.maximum(3.0 - distance, 0)))
    cosine = -K.sum(K.l2_normalize(anchor, axis=-1) * K.l2_normalize(negative, axis=-1), axis=-1)
    losses = [triplet, contrastive, cosine]
    grads = [K.gradients(loss, embeddings)[0] for loss in losses]
    values = K.function([embeddings], losses + grads)([normal(6, 12, seed=3)])
    return numbered(values)


def euclidean_distance(K):
    def distance(vects):
        x, y = vects
        sum_square = K.sum(K.square(x - y), axis=1, keepdims=True)
        return K.sqrt(K.maximum(sum_square, K.epsilon()))

    return distance


def twins(keras, distance, shape, base, seed):
    """Two inputs through one base network, and a distance of what comes out."""
    left, right = keras.layers.Input(shape, name="left"), keras.layers.Input(shape, name="right")
    apart = keras.layers.Lambda(distance, output_shape=lambda shapes: (shapes[0][0], 1))([base(left), base(right)])
    return drawn(keras.models.Model([left, right], apart), seed)


def dense_base(keras):
    x = keras.layers.Input((7,))
    y = keras.layers.Dense(6, activation="relu")(x)
    return keras.models.Model(x, keras.layers.Dense(3, activation="tanh")(y), name="base")


@case()
def contrastive_loss_of_the_keras_examples(K, keras, load):
    """mnist_siamese.py: the distance in a Lambda, the contrastive loss and its accuracy, trained by batches."""

    def contrastive_loss(y_true, y_pred):
        margin = 1
        return K.mean(y_true * K.square(y_pred) + (1 - y_true) * K.square(K.maximum(margin - y_pred, 0)))

    def accuracy(y_true, y_pred):
        return K.mean(K.equal(y_true, K.cast(y_pred < 0.5, y_true.dtype)))

    model = twins(keras, euclidean_distance(K), (7,), dense_base(keras), 1)
    model.compile(loss=contrastive_loss, optimizer=keras.optimizers.SGD(0.05), metrics=[accuracy])
    pairs = [normal(6, 7, seed=1), normal(6, 7, seed=2)]
    same = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0])[:, np.newaxis]
    history = [model.train_on_batch(pairs, same) for _ in range(3)]
    return dict(
        numbered(model.get_weights(), "weight"), history=np.array(history, "float32"), distances=model.predict(pairs)
    )


@case()
def saliency_of_a_distance(K, keras, load):
    """What in either picture makes a pair far apart: gradients of the distance to both, and to the shared layers."""
    x = keras.layers.Input((8, 8, 2))
    y = keras.layers.Conv2D(4, 3, activation="relu", name="conv")(x)
    y = keras.layers.Dense(5, activation="sigmoid", name="embedding")(keras.layers.Flatten()(y))
    base = keras.models.Model(x, y, name="base")
    model = twins(keras, euclidean_distance(K), (8, 8, 2), base, 2)
    grads = K.gradients(model.output, model.inputs + base.trainable_weights)
    f = K.function(model.inputs, [model.output] + grads)
    return numbered(f([pixels(3, 8, 8, 2, seed=3), pixels(3, 8, 8, 2, seed=4)]))


@case()
def one_shot_learning_by_weighted_l1(K, keras, load):
    """Koch's network: |a - b| through a dense layer; which component of the difference decides."""
    left, right = keras.layers.Input((7,), name="left"), keras.layers.Input((7,), name="right")
    encoder = keras.layers.Dense(6, activation="sigmoid", name="encoder")
    gap = keras.layers.Lambda(lambda pair: K.abs(pair[0] - pair[1]), name="gap")([encoder(left), encoder(right)])
    model = drawn(keras.models.Model([left, right], keras.layers.Dense(1, activation="sigmoid")(gap)), 3)
    difference = model.get_layer("gap").output
    grads = K.gradients(K.log(model.output), difference)[0]
    f = K.function(model.inputs, [model.output, difference * grads])
    # One query against a support set of five, as the evaluation of such networks does.
    query = np.repeat(normal(1, 7, seed=5), 5, axis=0)
    score, share = f([query, normal(5, 7, seed=6)])
    return {"score": score, "share": share, "nearest": int(np.argmax(score))}


@case()
def triplet_network_trained_by_fit(K, keras, load):
    """Anchor, positive and negative through one network, concatenated; the triplet loss takes them apart again."""

    def triplet_loss(y_true, y_pred, alpha=0.4):
        anchor, positive, negative = y_pred[:, 0:3], y_pred[:, 3:6], y_pred[:, 6:9]
        pos_dist = K.sum(K.square(anchor - positive), axis=1)
        neg_dist = K.sum(K.square(anchor - negative), axis=1)
        return K.maximum(pos_dist - neg_dist + alpha, 0.0)

    base = dense_base(keras)
    inputs = [keras.layers.Input((7,), name=name) for name in ("anchor", "positive", "negative")]
    merged = keras.layers.concatenate([base(x) for x in inputs], axis=-1, name="merged")
    model = drawn(keras.models.Model(inputs, merged), 4)
    model.compile(loss=triplet_loss, optimizer=keras.optimizers.SGD(0.05, momentum=0.9))
    x = [normal(8, 7, seed=seed) for seed in (7, 8, 9)]
    history = model.fit(x, np.zeros((8, 9)), batch_size=4, epochs=3, shuffle=False, verbose=0)
    return dict(numbered(model.get_weights(), "weight"), loss=history.history["loss"])


@case()
def batch_hard_triplets(K, keras, load):
    """FaceNet's mining inside the graph: all distances of a batch, the farthest of one's own, the nearest other."""
    model = drawn(dense_base(keras), 5)
    labels = K.placeholder((None, 1), name="labels")
    embedded = K.l2_normalize(model.output, axis=-1)
    dot = K.dot(embedded, K.transpose(embedded))
    squared = K.maximum(2.0 - 2.0 * dot, 0.0)
    same = K.cast(K.equal(labels, K.transpose(labels)), K.floatx())
    farthest = K.max(squared * same, axis=1)
    nearest = K.min(squared + 10.0 * same, axis=1)
    loss = K.mean(K.softplus(farthest - nearest))
    f = K.function([model.input, labels], [loss, farthest, nearest] + K.gradients(loss, model.trainable_weights))
    return numbered(f([normal(8, 7, seed=10), integers(3, 8, 1, seed=11)]))


@case()
def cosine_similarity_by_a_dot_layer(K, keras, load):
    """keras.layers.dot(normalize=True) between two towers of their own, and which input features agree."""
    left, right = keras.layers.Input((7,), name="left"), keras.layers.Input((4,), name="right")
    towers = [keras.layers.Dense(5, activation="tanh")(tensor) for tensor in (left, right)]
    model = drawn(keras.models.Model([left, right], keras.layers.dot(towers, axes=1, normalize=True)), 6)
    grads = K.gradients(model.output, model.inputs)
    products = [grad * tensor for grad, tensor in zip(grads, model.inputs)]
    return numbered(K.function(model.inputs, [model.output] + products)([normal(3, 7, seed=12), normal(3, 4, seed=13)]))


@case()
def center_loss_of_an_embedding(K, keras, load):
    """Center loss: classes' centres are an embedding of the label, pulled towards the features by hand-made updates."""
    model = drawn(dense_base(keras), 7)
    label = K.placeholder((None, 1), dtype="int32", name="label")
    centers = K.variable(normal(4, 3, seed=14), name="centers")
    own = K.squeeze(K.gather(centers, label), axis=1)
    loss = K.mean(K.sum(K.square(model.output - own), axis=1))
    weights = model.trainable_weights
    updates = [K.update_sub(p, 0.05 * g) for p, g in zip(weights, K.gradients(loss, weights))]
    hot = K.cast(K.squeeze(K.one_hot(label, 4), axis=1), K.floatx())
    pull = K.dot(K.transpose(hot), own - model.output) / (1.0 + K.expand_dims(K.sum(hot, axis=0), -1))
    updates.append(K.update_sub(centers, 0.5 * pull))
    train = K.function([model.input, label], [loss], updates=updates)
    x, y = normal(6, 7, seed=15), integers(4, 6, 1, seed=16)
    losses = [train([x, y])[0] for _ in range(4)]
    return {"losses": losses, "centers": K.get_value(centers), "kernel": model.get_weights()[0]}
