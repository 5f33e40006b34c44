"""Feature extraction: what is inside a model, read with K.function."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered, pixels


@case(rows=["phase-tensor"])
def output_of_a_middle_layer(K, keras, load):
    """The answer of the Keras FAQ, in both phases (the layer lies before dropout)."""
    model = load("cnn")
    get_3rd_layer_output = K.function([model.layers[0].input, K.learning_phase()], [model.layers[3].output])
    x = pixels(2, 16, 16, 3, seed=1)
    return {"test": get_3rd_layer_output([x, 0])[0], "train": get_3rd_layer_output([x, 1])[0]}


@case()
def activations_of_every_layer(K, keras, load):
    """One function with all outputs, and one function per output, agree (a session refuses to echo its feed)."""
    model = load("residual")
    inp = model.input
    outputs = [layer.output for layer in model.layers[1:]]
    functor = K.function([inp, K.learning_phase()], outputs)
    functors = [K.function([inp, K.learning_phase()], [out]) for out in outputs]
    x = pixels(2, 24, 24, 3, seed=2)
    together = functor([x, 0.0])
    single = [func([x, 0.0])[0] for func in functors]
    arrays = {"agree": [np.allclose(a, b, atol=1e-5) for a, b in zip(together, single)]}
    arrays.update((layer.name, value) for layer, value in zip(model.layers[1:], together))
    return arrays


@case()
def keract_like_dictionary(K, keras, load):
    """Activations by name without the input layers, through model.inputs."""
    model = load("attention")
    layers = [layer for layer in model.layers if layer.__class__.__name__ != "InputLayer"]
    values = K.function(model.inputs, [layer.output for layer in layers])([normal(2, 9, 6, seed=3)])
    return {layer.name: value for layer, value in zip(layers, values)}


@case()
def features_of_a_nested_model(K, keras, load):
    """The inner model's layers are reached from the inner model's own input."""
    model = load("nested")
    inner = model.get_layer("inner")
    into = K.function([model.input], [model.get_layer("outer_conv").output])
    own_input, own_output = inner.layers[0].input, inner.layers[-1].output
    within = K.function([own_input], [inner.get_layer("inner_conv").output, own_output])
    entered = into([pixels(2, 10, 10, 3, seed=8)])[0]
    conv, pooled = within([entered])
    return {"entered": entered, "conv": conv, "pooled": pooled}


@case()
def nested_model_by_its_nodes(K, keras, load):
    """get_input_at(0) and get_output_at(0) of a nested model are its own, node 1 is its call by the outer model."""
    model = load("nested")
    inner = model.get_layer("inner")
    own = K.function([inner.get_input_at(0)], [inner.get_output_at(0)])
    called = K.function([model.input], [inner.get_input_at(1), inner.get_output_at(1)])
    entered, output = called([pixels(2, 10, 10, 3, seed=8)])
    return {"entered": entered, "output": output, "own": own([entered])[0]}


@case()
def nested_model_end_to_end(K, keras, load):
    """Through the nested model: the output, and gradients at the outer layer and at inner weights."""
    model = load("nested")
    outer = model.get_layer("outer_conv").output
    weights = model.get_layer("inner").trainable_weights
    grads = K.gradients(model.output[:, 2], [outer, model.input] + weights)
    values = K.function([model.input], [model.output] + grads)([pixels(2, 10, 10, 3, seed=9)])
    return numbered(values)


@case()
def model_called_on_a_placeholder(K, keras, load):
    """model(tensor) on a placeholder and on an expression, beside the model's own output."""
    model = load("m")
    own_input, own_output = model.input, model.output
    p = K.placeholder((None, 8), name="p")
    direct, scaled = model(p), model(2.0 * p + 1.0)
    f = K.function([p, own_input, K.learning_phase()], [direct, scaled, own_output])
    x = normal(3, 8, seed=10)
    direct, scaled, own = f([x, x, 0])
    return {"direct": direct, "scaled": scaled, "own": own}


@case()
def sub_model_of_symbolic_results(K, keras, load):
    """keras.Model around an existing output, then K on that model."""
    model = load("vgg")
    extractor = keras.models.Model(inputs=model.input, outputs=[model.get_layer("fc1").output, model.output])
    fc1, predictions = extractor.outputs
    grads = K.gradients(K.sum(predictions[:, 0]), fc1)[0]
    x = pixels(2, 32, 32, 3, seed=11)
    values = K.function([extractor.input], [fc1, grads])([x])
    return {"fc1": values[0], "grads": values[1], "predicted": extractor.predict(x)[0]}


@case()
def layers_on_recorded_results(K, keras, load):
    """K results go on into Keras layers by a Lambda, and the model is trained and read."""
    x = keras.layers.Input((6,), name="x")
    centered = keras.layers.Lambda(lambda t: t - K.mean(t, axis=-1, keepdims=True), output_shape=(6,))(x)
    y = keras.layers.Dense(2, kernel_initializer="ones", name="sum")(centered)
    model = keras.models.Model(x, y)
    value = K.function([model.input], [model.output, K.max(model.output, axis=0)])([normal(3, 6, seed=12)])
    return {"output_is_zero": np.abs(value[0]).max() < 1e-5, "shape": value[0].shape, "max_shape": value[1].shape}


@case()
def nodes_of_nested_sequential_models(K, keras, load):
    """A Sequential inside a Sequential: its own nodes, their shapes and what they give."""
    inner = keras.models.Sequential([keras.layers.Dense(4, input_shape=(3,)), keras.layers.Dense(2)], name="inner")
    inner.set_weights([normal(3, 4, seed=1), normal(4, seed=2), normal(4, 2, seed=3), normal(2, seed=4)])
    outer = keras.models.Sequential([keras.layers.Dense(3, kernel_initializer="ones", input_shape=(5,)), inner])
    called = K.function([outer.input], [inner.get_output_at(1), outer.output, inner.get_input_at(1)])
    own = K.function([inner.get_input_at(0)], [inner.get_output_at(0)])
    arrays = dict(numbered(called([normal(2, 5, seed=5)])), own=own([normal(2, 3, seed=6)])[0])
    arrays["shapes"] = [inner.get_output_shape_at(i)[-1] for i in (0, 1)]
    return arrays
