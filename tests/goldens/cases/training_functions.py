"""Programs that call, wrap and replace model.train_function and the like, or change what is trained after compile."""

import numpy as np

from ..registry import case
from ..tools import drawn, normal, numbered, one_hot, outcome

X, Y, LABELS = normal(10, 4, seed=1), normal(10, 2, seed=2), one_hot(np.arange(10) % 3, 3)


def network(keras, dropout=False, optimizer=None, **kwargs):
    layers = keras.layers
    x = layers.Input((4,))
    hidden = layers.Dense(5, activation="tanh", name="hidden")(x)
    if dropout:
        hidden = layers.Dropout(0.5)(hidden)
    model = drawn(keras.models.Model(x, layers.Dense(2, name="top")(hidden)))
    model.compile(optimizer or keras.optimizers.SGD(0.1), "mse", metrics=["mae"], **kwargs)
    return model


def fitted(model, **kwargs):
    history = model.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0, **kwargs).history
    return {name: np.array(values, "float64") for name, values in history.items()}


def sizes(arrays):
    return [len(arrays)] + [np.shape(array)[0] if np.ndim(array) else float(array) for array in arrays]


@case()
def functions_wrapped_after_they_are_made(K, keras, load):
    """Each function wrapped; fit with validation, evaluate, predict and the methods for batches call the wrappers."""
    model, seen = network(keras), []
    model._make_train_function()
    model._make_test_function()
    model._make_predict_function()
    train, test, predict = model.train_function, model.test_function, model.predict_function

    def trained(arrays):
        seen.append(sizes(arrays))
        return train(arrays)

    model.train_function = trained
    model.test_function = lambda arrays: [2 * value for value in test(arrays)]
    model.predict_function = lambda arrays: [value + len(arrays) for value in predict(arrays)]
    found = fitted(model, validation_data=(X[:3], Y[:3]))
    found.update(
        fed=np.array(seen), evaluated=model.evaluate(X, Y, batch_size=5, verbose=0), predicted=model.predict(X)
    )
    found.update(trained=model.train_on_batch(X, Y), tested=np.array(model.test_on_batch(X, Y), "float64"))
    return dict(found, asked=model.predict_on_batch(X[:2]), weight=model.get_weights()[0])


@case()
def functions_are_fed_the_learning_phase(K, keras, load):
    """A model with dropout: the phase comes last; training runs in phase 0 by a wrapper that feeds it."""
    model, seen = network(keras, dropout=True), []
    model._make_train_function()
    model._make_test_function()
    model._make_predict_function()
    train, test, predict = model.train_function, model.test_function, model.predict_function

    def noting(function, phase):
        def call(arrays):
            seen.append([len(arrays), arrays[-1]])
            return function(list(arrays[:-1]) + [phase])

        return call

    model.train_function, model.test_function = noting(train, 0), noting(test, 0)
    model.predict_function = noting(predict, 0.0)
    found = fitted(model)
    found.update(evaluated=model.evaluate(X, Y, verbose=0), predicted=model.predict(X))
    return dict(found, seen=np.array(seen))


@case()
def training_function_of_k_function(K, keras, load):
    """A training function made of total_loss, the optimizer's updates and _feed_..., with an output of its own."""
    model = network(keras)
    updates = model.optimizer.get_updates(params=model._collected_trainable_weights, loss=model.total_loss)
    gap = K.mean(K.abs(model.targets[0] - model.outputs[0]))
    feeds = model._feed_inputs + model._feed_targets + model._feed_sample_weights
    model.train_function = K.function(feeds, [model.total_loss, gap], updates=updates)
    values = [model.train_on_batch(X, Y, sample_weight=np.arange(10.0)) for _ in range(2)]
    return dict(fitted(model), values=np.array(values), weight=model.get_weights()[0])


@case()
def training_function_set_to_none(K, keras, load):
    """It is made again, with new moments and the old step counter."""
    model = network(keras, optimizer=keras.optimizers.SGD(0.1, momentum=0.9))
    asked = [model.train_function is None]
    before = [model.train_on_batch(X, Y)[0] for _ in range(3)]
    asked.append(model.train_function is None)
    model.train_function = None
    after = [model.train_on_batch(X, Y)[0] for _ in range(3)]
    steps = K.get_value(model.optimizer.iterations)
    model.compile("sgd", "mse")
    asked += [model.train_function is None, model.test_function is None]
    return dict(numbered(model.get_weights(), "weight"), values=np.array([before, after]), steps=steps, asked=asked)


@case()
def functions_called_with_lists(K, keras, load):
    """Made, and called with what _standardize_user_data gives; their inputs feed gradients of the loss."""
    model = network(keras)
    model._make_train_function()
    model._make_predict_function()
    model._make_test_function()
    x, y, weights = model._standardize_user_data(X, Y, sample_weight=np.arange(10.0))
    values = [model.train_function(x + y + weights) for _ in range(2)]
    slopes = K.function(model.train_function.inputs, K.gradients(model.total_loss, model.trainable_weights))
    counts = [len(function.outputs) for function in (model.train_function, model.predict_function)]
    x, y, weights = model._standardize_user_data(X, Y)
    return dict(
        numbered(slopes(x + y + weights), "slope"),
        values=np.array(values),
        tested=model.test_function(x + y + weights),
        predicted=model.predict_function([X])[0],
        weights=weights[0],
        counts=np.array(counts),
    )


@case()
def weights_of_samples_and_classes_reach_the_function(K, keras, load):
    """The last array is the product of sample_weight and class_weight, ones without them."""
    x = keras.layers.Input((4,))
    model = drawn(keras.models.Model(x, keras.layers.Dense(3, activation="softmax")(x)))
    model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    model._make_train_function()
    function, seen = model.train_function, []

    def wrapped(arrays):
        seen.append(np.array(arrays[-1], "float64"))
        return function(arrays)

    model.train_function = wrapped
    settings = {"batch_size": 5, "shuffle": False, "verbose": 0}
    classes = {0: 1.0, 1: 2.0, 2: 0.5}
    loss = model.fit(X, LABELS, class_weight=classes, sample_weight=np.arange(10.0), **settings).history["loss"]
    plain = model.fit(X, LABELS, **settings).history["loss"]
    return {"loss": loss, "plain": plain, "seen": np.array(seen)}


@case()
def function_of_two_inputs_and_outputs(K, keras, load):
    """Targets by name come in the order of the outputs, behind all inputs; from arrays and from a generator."""
    layers = keras.layers
    a, b, shared = layers.Input((4,)), layers.Input((4,)), layers.Dense(3)
    joined = layers.concatenate([shared(a), shared(b)])
    outputs = [layers.Dense(2, name="p")(shared(a)), layers.Dense(3, activation="softmax", name="q")(joined)]
    model = drawn(keras.models.Model([a, b], outputs))
    losses = {"p": "mse", "q": "categorical_crossentropy"}
    model.compile("sgd", losses, metrics={"q": "accuracy"}, loss_weights={"p": 0.5})
    model._make_train_function()
    function, seen = model.train_function, []

    def wrapped(arrays):
        seen.append([np.shape(array) + (0,) * (2 - np.ndim(array)) for array in arrays])
        return function(arrays)

    def batches():
        while True:
            yield [X[:5], X[5:]], {"q": LABELS[:5], "p": Y[:5]}

    model.train_function = wrapped
    targets = {"q": LABELS, "p": Y}
    history = model.fit([X, 2 * X], targets, batch_size=5, epochs=2, shuffle=False, verbose=0).history
    found = {name: np.array(values, "float64") for name, values in history.items()}
    generated = model.fit_generator(batches(), 2, epochs=1, verbose=0).history["loss"]
    counts = [len(model._feed_inputs), len(model._feed_targets), len(model._feed_sample_weights), len(model.targets)]
    return dict(found, generated=generated, seen=np.array(seen), counts=np.array(counts))


@case()
def total_loss_changed_after_compile(K, keras, load):
    """What is set as model.total_loss is trained on; metrics stay those of compile."""
    model = network(keras)
    model.total_loss = model.total_loss + 0.1 * K.sum(K.square(model.get_layer("hidden").kernel))
    values = [model.train_on_batch(X, Y) for _ in range(2)]
    return dict(fitted(model), values=np.array(values), weight=model.get_weights()[0])


@case()
def collected_weights_changed_after_compile(K, keras, load):
    """Only these are trained, and a change of trainable without compile warns."""
    model = network(keras)
    model._collected_trainable_weights = model.get_layer("top").trainable_weights
    values = [model.train_on_batch(X, Y) for _ in range(3)]
    uncompiled = keras.models.Model(model.input, model.output)
    ended = outcome(uncompiled._make_train_function, RuntimeError)
    return dict(numbered(model.get_weights(), "weight"), values=np.array(values), ended=ended)


@case()
def metrics_that_are_tensors(K, keras, load):
    """model.add_metric before and after compile: means over batches in histories, and of a batch."""
    layers = keras.layers
    x = layers.Input((4,))
    hidden = layers.Dense(3, activation="tanh", name="hidden")(x)
    model = drawn(keras.models.Model(x, layers.Dense(2, name="top")(hidden)))
    model.add_metric(K.sum(hidden), name="total")
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    model.add_metric(K.mean(model.output), name="mean")
    found = fitted(model, validation_data=(X[:5], Y[:5]))
    found.update(evaluated=model.evaluate(X, Y, verbose=0), trained=model.train_on_batch(X, Y))
    return dict(found, names=np.array(model.metrics_names))
