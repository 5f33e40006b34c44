"""K.function, row by row."""

import numpy as np
import tensorflow as tf

from ..registry import Differs, case
from ..tools import normal, numbered, outcome, told

UNFED = tf.errors.InvalidArgumentError


@case(rows=["function-layer-input"])
def function_of_a_layer(K, keras, load):
    """A Layer object among the inputs stands for its output tensor: two input layers, beside a tensor."""
    model = load("siamese")
    left, right = model.get_layer("left"), model.layers[1]
    f = K.function([left, right], [model.output])
    g = K.function([left, model.inputs[1]], [model.get_layer("difference").output])
    feed = [normal(2, 7, seed=1), normal(2, 7, seed=2)]
    return {"output": f(feed)[0], "difference": g(feed)[0], "predicted": model.predict(feed)}


@case(rows=["function-one-output"])
def function_with_one_output_tensor(K, keras, load):
    """Outputs given as one tensor, not a list: 2.3.1 returns one array."""
    model = load("m")
    f = K.function([model.input], model.output)
    value = f([normal(2, 8, seed=2)])
    g = K.function([model.input], [model.output])
    return {"value": value, "type": type(value).__name__, "list": type(g([normal(2, 8, seed=2)])).__name__}


@case(
    rows=["function-one-output"],
    keras="2.2.4",
    differs={"outcome": Differs("ok", "k2compat follows 2.3.1, which returns one array")},
)
def function_with_one_output_tensor_before(K, keras, load):
    """Outputs given as one tensor: 2.2.4 raises TypeError."""
    model = load("m")
    return {"outcome": outcome(lambda: K.function([model.input], model.output)([normal(2, 8)]), TypeError)}


@case(rows=["function-one-input"])
def function_with_one_input_tensor(K, keras, load):
    """Inputs given as one tensor, or the function called with a bare array or a tuple."""
    model = load("m")
    x = normal(3, 8, seed=3)
    f, g = K.function(model.input, [model.output]), K.function([model.input], [model.output])
    return {"one": f([x])[0], "one_bare": f(x)[0], "bare": g(x)[0], "tuple": g((x,))[0]}


@case(
    rows=["function-no-outputs"],
    differs={"outcome": Differs("ok", "training functions of Keras 2.2 ask for no outputs")},
)
def function_without_outputs(K, keras, load):
    """Outputs []: 2.3.1 raises IndexError."""
    v = K.variable(1.0)
    return {"outcome": outcome(lambda: K.function([], [], updates=[(v, v + 1.0)])([]), IndexError)}


@case(rows=["function-no-outputs"], keras="2.2.4")
def function_without_outputs_before(K, keras, load):
    """Outputs []: 2.2.4 returns [] and runs the updates."""
    v = K.variable(1.0)
    f = K.function([], [], updates=[(v, v + 1.0)])
    returned = f([])
    return {"length": len(returned), "is_list": isinstance(returned, list), "v": K.get_value(v)}


@case(rows=["function-fewer-arrays"])
def function_with_fewer_arrays(K, keras, load):
    """Fewer arrays than inputs work when the missing ones are not needed; else the unfed placeholder is named."""
    model = load("m")
    x = normal(2, 8, seed=4)
    a, b = K.placeholder((None, 2), name="first"), K.placeholder((None, 2), name="second")
    f = K.function([model.input, K.learning_phase()], [model.output])
    needs_both = K.function([a, b], [a + b])
    return {
        "phase_0": f([x])[0],
        "same_as_fed": np.array_equal(f([x])[0], f([x, 0])[0]),
        "not_needed": K.function([a, b], [a * 2.0])([x[:, :2]])[0],
        "needed": outcome(lambda: needs_both([x[:, :2]]), UNFED, naming="second"),
    }


@case(
    rows=["function-more-arrays"],
    differs={"warned": Differs(True, "arrays that go nowhere are a mistake worth a word")},
)
def function_with_more_arrays(K, keras, load):
    """More arrays than inputs: the rest is dropped in silence."""
    model = load("dqn")
    f = K.function([model.input], [model.output])
    x = normal(2, 4, seed=5)
    f([x])
    with told() as warned:
        value = f([x, 0, x])[0]
    return {"value": value, "warned": len(warned) > 0}


@case(
    rows=["function-wrong-shape"],
    differs={
        "layer": Differs("ValueError naming model_input", "told before any kernel runs, with the input's name"),
        "placeholder": Differs("ValueError naming table", "told before any kernel runs, with the input's name"),
    },
)
def function_called_with_a_wrong_shape(K, keras, load):
    """A wrong shape: InvalidArgumentError out of a kernel."""
    model = load("m")
    p = K.placeholder((None, 3), name="table")
    f, g = K.function([model.input], [model.output]), K.function([p], [K.dot(p, K.ones((3, 2)))])
    kinds = (ValueError, tf.errors.InvalidArgumentError)
    return {
        "layer": outcome(lambda: f([normal(2, 7)]), *kinds, naming="model_input"),
        "placeholder": outcome(lambda: g([normal(2, 4)]), *kinds, naming="table"),
        "right": g([np.ones((2, 3))])[0],
    }


@case(rows=["function-not-an-input"])
def function_of_what_is_not_among_its_inputs(K, keras, load):
    """A placeholder the outputs need is not among the inputs: told when called, with its name."""
    model = load("m")
    p = K.placeholder((None, 5), name="labels")
    missing_placeholder = K.function([model.input], [model.output * p])
    missing_input = K.function([p], [model.output * p])
    return {
        "placeholder": outcome(lambda: missing_placeholder([normal(2, 8)]), UNFED, naming="labels"),
        "input": outcome(lambda: missing_input([normal(2, 5)]), UNFED, naming="model_input"),
        "message": outcome(
            lambda: missing_input([normal(2, 5)]), UNFED, naming="You must feed a value for placeholder"
        ),
    }


@case(rows=["function-casts"])
def function_casts_what_is_fed(K, keras, load):
    """float64, int64, booleans and Python scalars are cast to the placeholder's dtype."""
    p, s = K.placeholder((None, 2), name="p"), K.placeholder((), name="s")
    i = K.placeholder((None,), dtype="int32", name="i")
    f = K.function([p, s, i], [p * s, K.cast(i, "float32") / 2.0])
    values = [
        f([np.ones((2, 2), "float64") / 3.0, np.float64(2.0), np.arange(3)]),
        f([np.arange(4).reshape(2, 2), 2, np.array([4, 5], "uint8")]),
        f([np.eye(2, dtype=bool), np.int64(3), np.array([7], "int8")]),
        f([np.ones((1, 2), "float16"), np.float32(1.5), np.array([1, 2], "int64")]),
    ]
    arrays = {"first%d" % n: pair[0] for n, pair in enumerate(values)}
    arrays.update(("second%d" % n, pair[1]) for n, pair in enumerate(values))
    arrays["dtypes"] = [str(array.dtype) for pair in values for array in pair]
    return arrays


@case(rows=["function-casts"], keras="2.2.4")
def function_takes_nested_lists(K, keras, load):
    """Nested lists and tuples are cast as well. (2.3.1 flattens them and feeds their first numbers.)"""
    p, s = K.placeholder((None, 2), name="p"), K.placeholder((), name="s")
    i = K.placeholder((None,), dtype="int32", name="i")
    f = K.function([p, s, i], [p * s, K.cast(i, "float32") / 2.0])
    lists, tuples = f([[[1, 2], [3, 4]], 0.5, [4, 5]]), f([((1.5, 2), (3, 4.5)), 2, (6,)])
    return {"p": lists[0], "i": lists[1], "p_tuples": tuples[0], "i_tuples": tuples[1]}


@case(rows=["function-intermediate"])
def function_of_an_intermediate_tensor(K, keras, load):
    """An intermediate tensor among the inputs: the fed value replaces it and nothing above it is computed."""
    model = load("m")
    h = model.get_layer("h").output
    f = K.function([h, K.learning_phase()], [model.output, h + 1.0])
    both = K.function([model.input, h, K.learning_phase()], [model.output, h * 1.0])
    value = normal(2, 16, seed=6)
    grads = K.function([h, K.learning_phase()], [K.gradients(model.output[:, 0], h)[0]])
    output, above = f([value, 0])
    wins, _ = both([np.full((2, 8), 100.0), value, 0])
    return {"output": output, "above": above, "wins": wins, "grads": grads([value, 0])[0]}


@case(rows=["function-intermediate"])
def function_of_a_recorded_expression(K, keras, load):
    """An expression among the inputs is replaced in the same way, for all that depends on it."""
    p = K.placeholder((None, 3), name="p")
    squared = K.square(p)
    shifted = squared + 1.0
    f = K.function([squared], [shifted, K.sum(shifted * squared)])
    g = K.function([p, squared], [shifted, p * 1.0])
    value = normal(2, 3, seed=7)
    shifted_value, total = f([value])
    both, p_value = g([2 * value, value])
    return {"shifted": shifted_value, "total": total, "both": both, "p": p_value}


@case(rows=["function-constant-output"])
def function_fetching_weights_and_constants(K, keras, load):
    """A weight, a constant or a scalar among the outputs: its current value; scalars come back as np.float32."""
    model = load("m")
    kernel, scalar, constant = model.get_layer("h").weights[0], K.variable(2.5), K.constant([1.0, 2.0])
    loss = K.sum(model.output)
    f = K.function([model.input], [kernel, scalar, constant, scalar * 2.0, loss, K.sum(kernel)])
    values = f([normal(2, 8, seed=8)])
    arrays = numbered(values)
    arrays["types"] = [type(values[i]).__name__ for i in (1, 3, 4, 5)]
    arrays["no_inputs"] = K.function([], [scalar, K.constant(7.0)])([])
    return arrays


@case(rows=["function-fetches-feed-dict"])
def function_with_fetches_and_feed_dict(K, keras, load):
    """fetches= are run besides; feed_dict= is read at each call, so later changes count."""
    p, q, v = K.placeholder((None,), name="p"), K.placeholder((None,), name="q"), K.variable(1.0)
    feed = {q: np.array([10.0, 20.0])}
    f = K.function([p], [p + q], fetches=[K.update_add(v, 1.0)], feed_dict=feed)
    first = f([np.array([1.0, 2.0])])
    feed[q] = np.array([100.0, 200.0])
    second = f([np.array([1.0, 2.0])])
    return {"first": first[0], "second": second[0], "length": len(first), "v": K.get_value(v)}


@case(rows=["function-unknown-keyword"])
def function_with_an_unknown_keyword(K, keras, load):
    """An unknown keyword: ValueError."""
    p = K.placeholder((None,), name="p")
    return {
        "unknown": outcome(lambda: K.function([p], [p * 2.0], shuffle=True), ValueError, naming="shuffle"),
        "updates_as_tuple": outcome(lambda: K.function([p], [p * 2.0], updates=((K.variable(1.0), p[0]),))),
    }


@case(rows=["function-live-weights"])
def function_sees_changed_weights(K, keras, load):
    """Weights changed by fit, set_weights or K.set_value after the function was built: the next call sees them."""
    model = load("dqn")
    f = K.function([model.input], [model.output])
    x, y = normal(8, 4, seed=9), normal(8, 3, seed=10)
    arrays = {"before": f([x])[0]}
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss="mse")
    model.fit(x, y, epochs=2, batch_size=4, shuffle=False, verbose=0)
    arrays["after_fit"] = f([x])[0]
    model.train_on_batch(x, y)
    arrays["after_train_on_batch"] = f([x])[0]
    model.set_weights([0.5 * w for w in model.get_weights()])
    arrays["after_set_weights"] = f([x])[0]
    K.set_value(model.get_layer("q").weights[1], [1.0, 2.0, 3.0])
    arrays["after_set_value"] = f([x])[0]
    K.batch_set_value([(w, np.zeros(K.int_shape(w))) for w in model.weights])
    arrays["after_batch_set_value"] = f([x])[0]
    return arrays


@case(rows=["function-strings"])
def function_of_strings(K, keras, load):
    """String placeholders work."""
    s = K.placeholder((None,), dtype="string", name="words")
    f = K.function([s], [tf.identity(s), tf.equal(s, "cat")])
    words, cats = f([np.array(["cat", "dog", "cat"])])
    return {"words": [word.decode() for word in words], "cats": cats}


@case()
def function_called_with_many_batch_sizes(K, keras, load):
    """One function, batches of every size, an empty one too."""
    model = load("m")
    f = K.function([model.input, K.learning_phase()], [model.output, K.mean(model.output, axis=0)])
    arrays = {}
    for size in (1, 2, 5, 1, 7):
        arrays["batch%d" % size] = f([normal(size, 8, seed=size), 0])[0]
    arrays["empty"] = f([np.zeros((0, 8)), 0])[0]
    return arrays


@case()
def function_called_a_hundred_times(K, keras, load):
    """Expressions rebuilt in a loop, as scripts do for every picture and class."""
    model = load("m")
    x, totals = normal(1, 8, seed=11), []
    for i in range(20):
        loss = model.output[:, i % 5] * float(i)
        f = K.function([model.input, K.learning_phase()], [loss] + K.gradients(loss, model.input))
        value, grad = f([x, 0])
        totals.append([value[0], grad.sum()])
    again = [f([x, 0])[0][0] for _ in range(80)]
    return {"totals": np.array(totals), "steady": len(set(again)) == 1}


@case()
def function_with_duplicated_outputs(K, keras, load):
    """The same output twice, outputs as a tuple."""
    p = K.placeholder((None, 2), name="p")
    y = p * 3.0
    values = K.function([p], (y, y, K.identity(p)))([normal(2, 2, seed=12)])
    return {"count": len(values), "y": values[0], "again": values[1], "p": values[2]}


@case()
def rnn_over_nested_sequences(K, keras, load):
    """Sequences in a list, and in a loop outputs in a tuple: looped, unrolled, masked, with gradients."""
    first, second = normal(2, 4, 3, seed=1), normal(2, 4, 2, seed=2)
    a, b = K.placeholder((2, 4, 3)), K.placeholder((2, 4, 2))
    weight = K.variable(normal(3, 2, seed=3))

    def step(inputs, states):
        here, there = inputs
        total = K.tanh(K.dot(here, weight) + there + states[0])
        return total, [total, states[1] + K.sum(here, axis=1, keepdims=True)]

    def pair(inputs, states):
        total, states = step(inputs, states)
        return (total, inputs[0] * 2), states

    results = {}
    mask = K.constant([[1, 1, 0, 1], [0, 1, 1, 0]])
    for name, function, options in (
        ("looped", pair, {}),
        ("backwards", pair, {"go_backwards": True}),
        ("masked", pair, {"mask": mask}),
        ("unrolled", step, {"unroll": True}),
        ("masked_unrolled", step, {"mask": mask, "unroll": True}),
    ):
        start = [K.constant(normal(2, 2, seed=4)), K.zeros((2, 1))]
        last, outputs, states = K.rnn(function, [a, b], start, **options)
        lasts, sequences = (list(found) if function is pair else [found] for found in (last, outputs))
        grads = K.gradients(K.sum(sequences[0]), [a, weight])
        arrays = K.function([a, b], [*lasts, *sequences, *states, *grads])([first, second])
        results.update(numbered(arrays, name))
    return results
