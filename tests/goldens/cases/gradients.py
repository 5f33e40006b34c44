"""K.gradients, row by row."""

import numpy as np
import tensorflow as tf

from ..registry import Differs, case
from ..tools import normal, numbered, outcome, pixels


def is_none(grads):
    return [g is None for g in grads]


@case(rows=["gradients-list"])
def gradients_return_a_list(K, keras, load):
    """``K.gradients(loss, x)``, ``(loss, [x])``, ``(loss, (x,))``: always a list, one entry per variable."""
    model = load("m")
    loss, x, h = K.sum(K.square(model.output)), model.input, model.get_layer("h").output
    results = [K.gradients(loss, x), K.gradients(loss, [x]), K.gradients(loss, (x,)), K.gradients(loss, [x, h])]
    flat = [g for result in results for g in result]
    values = K.function([x, K.learning_phase()], flat)([normal(2, 8, seed=1), 0])
    arrays = {
        "are_lists": [isinstance(result, list) for result in results],
        "lengths": [len(result) for result in results],
    }
    arrays.update(numbered(values, "value"))
    return arrays


@case(rows=["gradients-not-scalar"])
def gradients_of_a_loss_that_is_not_scalar(K, keras, load):
    """A loss that is not scalar: the gradient of the sum of its elements."""
    model = load("m")
    vector = K.gradients(K.square(model.output), model.input)[0]
    summed = K.gradients(K.sum(K.square(model.output)), model.input)[0]
    f = K.function([model.input, K.learning_phase()], [vector, summed])
    vector, summed = f([normal(3, 8, seed=2), 0])
    return {"vector": vector, "summed": summed}


@case(rows=["gradients-not-scalar"])
def gradients_of_a_list_of_losses(K, keras, load):
    """Several losses at once: their gradients are added."""
    model = load("actor_critic")
    grads = K.gradients([K.square(o) for o in model.outputs], model.input)[0]
    return {"grads": K.function([model.input], [grads])([normal(3, 4, seed=3)])[0]}


@case(rows=["gradients-unreached"])
def gradients_that_do_not_exist(K, keras, load):
    """x does not reach the loss: None in the list, known at once."""
    model, other = load("actor_critic"), load("m")
    policy, value = model.outputs
    p, v = K.placeholder((None, 4), name="p"), K.variable(1.0)
    asked = [model.input, other.input, p, v, value] + model.get_layer("value").trainable_weights
    return {
        "none": is_none(K.gradients(policy, asked)),
        "layer_above": is_none(K.gradients(model.get_layer("shared").output, [policy, model.input])),
        "itself": is_none(K.gradients(policy, [policy])),
    }


@case(rows=["gradients-unreached"])
def gradients_that_do_not_exist_used_in_arithmetic(K, keras, load):
    """The None used further is a TypeError or AttributeError at once, not a number."""
    model, other = load("m"), load("m")
    none = K.gradients(model.output, other.input)[0]
    return {
        "times": outcome(lambda: none * 2.0, TypeError, AttributeError),
        "mean": outcome(lambda: K.mean(none), AttributeError),
    }


@case(rows=["gradients-integer-path"])
def gradients_through_what_has_none(K, keras, load):
    """The only path runs through argmax, an integer cast, a comparison or K.stop_gradient: None, at once."""
    model = load("m")
    x, y = model.input, model.output
    losses = [
        K.argmax(y, axis=-1),
        K.cast(K.argmax(y, axis=-1), "float32"),
        K.cast(y * 10, "int32"),
        K.cast(K.cast(y * 10, "int32"), "float32"),
        K.cast(y > 0.2, "float32"),
        K.stop_gradient(y),
        K.sum(K.stop_gradient(y) * 2.0),
        K.one_hot(K.argmax(y, axis=-1), 5),
        K.round(y),
        K.sign(y),
        K.cast(K.shape(y), "float32"),
        K.zeros_like(y),
    ]
    partly = K.sum(K.stop_gradient(y) * K.log(y) * K.cast(y > 0.1, "float32"))
    mixed = K.gradients(partly, x)
    value = K.function([x, K.learning_phase()], mixed)([normal(3, 8, seed=4), 0])[0]
    return {"none": [is_none(K.gradients(loss, x))[0] for loss in losses], "partly": value}


@case(rows=["gradients-of-anything"])
def gradients_with_respect_to_anything(K, keras, load):
    """With respect to layer outputs, model inputs, placeholders, weights, K.variables: all work, and together."""
    model = load("m")
    p, v, s = K.placeholder((None, 5), name="p"), K.variable(np.arange(5.0)), K.variable(3.0)
    loss = K.sum(K.square(model.output * p + v)) * s
    asked = [model.get_layer("h").output, model.get_layer("bn").output, model.input, p, v, s]
    asked += model.trainable_weights
    grads = K.gradients(loss, asked)
    values = K.function([model.input, p, K.learning_phase()], grads)([normal(3, 8, seed=5), normal(3, 5, seed=6), 0])
    return numbered(values)


@case(rows=["gradients-of-anything"])
def gradients_with_respect_to_expressions(K, keras, load):
    """With respect to recorded expressions too: a sum, a slice that was kept, a reshaped tensor."""
    p = K.placeholder((None, 6), name="p")
    doubled = p * 2.0
    part = doubled[:, 1:4]
    shaped = K.reshape(part, (-1, 3, 1))
    loss = K.sum(K.square(shaped)) + K.sum(doubled)
    grads = K.gradients(loss, [p, doubled, part, shaped])
    values = K.function([p], grads)([normal(2, 6, seed=7)])
    return numbered(values)


@case(rows=["gradients-of-anything"])
def gradients_of_frozen_weights(K, keras, load):
    """Weights that are not trainable have gradients as well: moving averages in phase 0, weights of frozen layers."""
    model = load("m")
    model.get_layer("h").trainable = False
    weights = model.get_layer("bn").weights + model.get_layer("h").weights
    grads = K.gradients(K.sum(K.square(model.output)), weights)
    none = is_none(grads)
    kept = [g for g in grads if g is not None]
    values = K.function([model.input, K.learning_phase()], kept)([normal(3, 8, seed=8), 0])
    return dict([("none", none)] + [("value%d" % i, value) for i, value in enumerate(values)])


@case(rows=["gradients-nested-model"])
def gradients_of_a_layer_inside_a_nested_model(K, keras, load):
    """Of a layer inside a nested model, through the outer model's output: None, its tensors are another graph."""
    model = load("nested")
    inner = model.get_layer("inner")
    own_input, conv = inner.layers[0].input, inner.get_layer("inner_conv").output
    through_inner = K.gradients(inner.layers[-1].output, conv)[0]
    value = K.function([own_input], [through_inner])([normal(1, 10, 10, 4, seed=9)])[0]
    return {"outer": is_none(K.gradients(model.output[:, 0], [conv, own_input])), "inner": value}


@case(
    rows=["gradients-embedding"],
    differs={"is_sparse": Differs(False, "K.gradients gives dense arrays: IndexedSlices were an optimisation")},
)
def gradients_of_an_embedding_table(K, keras, load):
    """Of an embedding's table: IndexedSlices, whose dense form is compared."""
    model = load("text")
    table = model.get_layer("embedding").weights[0]
    grad = K.gradients(K.sum(K.log(model.output[:, 0])), table)[0]
    dense = tf.convert_to_tensor(grad)
    value = K.function([model.input], [dense])([np.array([[4, 7, 4, 29, 0, 0, 0, 0, 0, 0, 0, 0]] * 2)])[0]
    return {"is_sparse": hasattr(grad, "indices"), "dense": value, "rows": np.flatnonzero(np.abs(value).sum(axis=-1))}


@case()
def gradients_of_batch_normalization_in_both_phases(K, keras, load):
    """In phase 1 gradients flow through the batch statistics."""
    model = load("residual")
    stem = model.get_layer("bn_stem")
    loss = K.sum(K.square(stem.output) * K.constant(np.arange(8.0)))
    grads = K.gradients(loss, [model.input] + stem.trainable_weights)
    f = K.function([model.input, K.learning_phase()], [stem.output] + grads)
    x = pixels(3, 24, 24, 3, seed=14)
    arrays = numbered(f([x, 0]), "test")
    arrays.update(numbered(f([x, 1]), "train"))
    return arrays


@case()
def gradients_at_kinks_and_ties(K, keras, load):
    """Where derivatives are a convention: relu and abs at 0, ties of max, clip at its bounds, sqrt away from 0."""
    x = K.placeholder((None,), name="x")
    y = K.placeholder((None,), name="y")
    losses = [
        K.relu(x),
        K.abs(x),
        K.clip(x, -1.0, 1.0),
        K.max(x, axis=0),
        K.maximum(x, y),
        K.minimum(x, y),
        K.sqrt(x + 4.0),
    ]
    grads = [K.gradients(loss, x)[0] for loss in losses]
    first, second = np.array([0.0, 1.0, -1.0, 2.0, 2.0, -3.0]), np.array([0.0, 1.0, 1.0, -1.0, 3.0, -3.0])
    values = K.function([x, y], grads)([first, second])
    return numbered(values)


@case()
def gradients_with_given_upstream(K, keras, load):
    """tf.gradients with grad_ys: weighted by given gradients, for one loss and for several."""
    model = load("m")
    x, h, y = model.input, model.get_layer("h").output, model.output
    upstream = K.placeholder((None, 5), name="upstream")
    grads = tf.gradients(y, [x, h], grad_ys=upstream)
    both = tf.gradients([y, h], x, grad_ys=[upstream, tf.ones_like(h)])
    f = K.function([x, upstream, K.learning_phase()], [*grads, *both])
    return numbered(f([normal(3, 8, seed=3), normal(3, 5, seed=4), 0]))
