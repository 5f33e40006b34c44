"""Programs that walk through a model's layers, turn it around, and make layers that share weights or expressions."""

import json

import numpy as np

from ..registry import case
from ..tools import normal


def branches(keras):
    """A model in which one layer is called twice."""
    layers = keras.layers
    x = layers.Input((4,), name="given")
    shared = layers.Dense(4, name="shared", activation="relu")
    first = shared(x)
    second = shared(layers.Activation("tanh", name="bent")(first))
    return keras.models.Model(x, layers.Add(name="sum")([first, second]))


def walked(model):
    """What each node of a model is, from its output on."""
    lines = []
    for depth in sorted(model._nodes_by_depth):
        for node in model._nodes_by_depth[depth]:
            inside = [] if node.outbound_layer.__class__.__name__ == "InputLayer" else node.inbound_layers
            names = ",".join(layer.name for layer in inside)
            indices = [list(node.node_indices), list(node.tensor_indices)] if inside else []
            sizes = len(node.input_tensors) if inside else 1, len(node.output_tensors)
            lines.append("%d %s <- %s %s %s" % (depth, node.outbound_layer.name, names, indices, sizes))
    return np.array(lines)


@case()
def nodes_of_models(K, keras, load):
    """node.outbound_layer, inbound_layers, indices and tensors, of a functional model and of a Sequential."""
    layers = keras.layers
    row = keras.models.Sequential([layers.Dense(3, input_shape=(2,), name="low"), layers.Dense(2, name="high")])
    last = min(row._nodes_by_depth)
    return {
        "branches": walked(branches(keras)),
        "row": np.array([node.outbound_layer.name for node in row._nodes_by_depth[last]]),
        "tensors": np.array([node.input_tensors[0] is row.layers[0].output for node in row._nodes_by_depth[last]]),
    }


@case()
def weights_of_another_layer(K, keras, load):
    """A copy of a layer has its weights, or expressions of them, and follows them; the two are trained together."""
    layers = keras.layers
    x = layers.Input((3,))
    layer = layers.Dense(2, use_bias=False)
    outputs = [layer(x)]
    layer.set_weights([normal(3, 2, seed=1)])
    for made in (lambda w: w, lambda w: w * K.cast(w > 0, "float32")):
        copied = layer.__class__.from_config(dict(layer.get_config(), name=None))
        copied.build((None, 3))
        copied._trainable_weights[0] = kernel = made(layer.kernel)
        copied.kernel = kernel
        outputs.append(copied(x))
    model = keras.models.Model(x, outputs)
    values = normal(4, 3, seed=2)
    found = dict(zip(["own", "shared", "positive"], model.predict(values)))
    layer.set_weights([normal(3, 2, seed=3)])
    found.update(zip(["own_later", "shared_later", "positive_later"], model.predict(values)))
    return found


@case()
def relevance_by_gradients(K, keras, load):
    """A model is turned around: each layer of the new one takes the gradient of an old layer's output, as a list."""
    layers = keras.layers

    class Backwards(layers.Layer):
        def call(self, inputs):
            x, y, relevance = inputs
            return K.gradients(K.sum(y * relevance / (y + 0.5)), [x])

        def compute_output_shape(self, shapes):
            return shapes[:1]

    class OneOf(layers.Layer):
        def call(self, inputs):
            return [K.ones_like(inputs)]

    x = layers.Input((5, 5, 1))
    conv = layers.Conv2D(2, 3, activation="relu")
    flat, dense = layers.Flatten(), layers.Dense(3)
    hidden = conv(x)
    output = dense(flat(hidden))
    conv.set_weights([normal(3, 3, 1, 2, seed=1), normal(2, seed=2)])
    dense.set_weights([normal(18, 3, seed=3), normal(3, seed=4)])
    back = Backwards()([hidden, output, OneOf()(output)])
    relevance = layers.Multiply()([x, Backwards()([x, hidden, back])])
    doubled = dense(flat(conv(layers.Lambda(lambda t: 2 * t)(x))))
    model = keras.models.Model(x, [relevance, Backwards()([x, doubled, OneOf()(doubled)])])
    first, second = model.predict(normal(2, 5, 5, 1, seed=5))
    return {"relevance": first, "second": second, "is_list": np.array(isinstance(OneOf()(output), list))}


@case()
def calls_in_a_configuration(K, keras, load):
    """The configuration of a model lists the inputs of each call of a layer; calls of models are counted from 1."""
    layers, models = keras.layers, keras.models
    x, y = layers.Input((4,)), layers.Input((4,))
    dense = layers.Dense(4)
    stack = models.Sequential([layers.Dense(4, input_shape=(4,))])
    inner = models.Model(x, layers.Dense(4)(x))
    shared = inner(stack(layers.add([dense(x), dense(dense(x))])))
    z = layers.Dropout(0.5)(layers.Activation("relu")(inner(shared)), training=True)
    results = {}
    for name, model in [
        ("chain", models.Model(x, z)),
        ("ends", models.Model([x, y], [inner(x), stack(y)])),
        ("end_and_call", models.Model([x, y], [inner(x), layers.Dense(1)(inner(y))])),
        ("nested", models.Model(y, models.Model(x, [inner(x), x])(y))),
    ]:
        config = model.get_config()
        listed = [layer["inbound_nodes"] for layer in config["layers"]]
        results[name] = np.array([json.dumps(part) for part in listed])
        results[name + "_input"] = np.array(json.dumps(config["layers"][0]["config"]["batch_input_shape"]))
        results[name + "_ends"] = np.array([json.dumps(config[end]) for end in ("input_layers", "output_layers")])
    return results
