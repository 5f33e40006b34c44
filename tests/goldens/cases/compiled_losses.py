"""Losses and metrics of compiled models: masks, sample weights, labels, the choice of accuracy, crossentropies."""

import functools

import numpy as np

from ..registry import case
from ..tools import integers, normal, one_hot


def single(function):
    """Registers a case whose results are float32: logs are Python numbers on one side, and NumPy's on the other."""

    @functools.wraps(function)
    def run(K, keras, load):
        return {name: np.asarray(value, "float32") for name, value in function(K, keras, load).items()}

    return case()(run)


def filled(model, scale=0.6):
    """The model, with weights that are the same on either side."""
    model.set_weights([scale * normal(*w.shape, seed=5 + i) for i, w in enumerate(model.get_weights())])
    return model


def dense(keras, units, activation=None, scale=0.6, outputs=1):
    """Input -> Dense (tanh) -> Dense, as many as there are outputs."""
    x = keras.layers.Input((3,))
    y = keras.layers.Dense(4, activation="tanh")(x)
    ends = [keras.layers.Dense(units, activation=activation, name="end%d" % i)(y) for i in range(outputs)]
    return filled(keras.models.Model(x, ends if outputs > 1 else ends[0]), scale)


def sequence(keras, activation):
    """Input -> two steps of three classes."""
    x = keras.layers.Input((3,))
    y = keras.layers.Reshape((2, 3))(keras.layers.Dense(6, activation="tanh")(x))
    return filled(keras.models.Model(x, keras.layers.Activation(activation)(keras.layers.Dense(3)(y))), 3)


def tagger(keras, units=2, activation="softmax"):
    """Embedding with a mask -> SimpleRNN -> Dense of each step."""
    layers = keras.layers
    x = layers.Input((5,))
    steps = layers.SimpleRNN(4, return_sequences=True)(layers.Embedding(8, 3, mask_zero=True)(x))
    return filled(keras.models.Model(x, layers.TimeDistributed(layers.Dense(units, activation=activation))(steps)))


def words(text):
    return text.split()


def compiled(keras, model, loss, **kwargs):
    model.compile(keras.optimizers.SGD(0.1), loss, **kwargs)
    return model


def fitted(model, x, y, **kwargs):
    """What fit, evaluate and test_on_batch of a compiled model give."""
    history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0, **kwargs).history
    found = {"fit_" + name: history[name] for name in history}
    found["evaluate"] = model.evaluate(x, y, batch_size=4, verbose=0)
    model.reset_metrics()
    return dict(found, fit_test=model.test_on_batch(x, y), fit_weight=model.get_weights()[0])


def trained(model, x, y, times=2, **kwargs):
    return [model.train_on_batch(x, y, **kwargs) for _ in range(times)]


def totals(K, model, *feeds):
    """The total loss of a compiled model and its gradient for the last weight, for each list of arrays to feed."""
    inputs = model.inputs + model.targets + model.sample_weights
    weight = model.trainable_weights[-1]
    f = K.function(inputs, [model.total_loss, K.gradients(model.total_loss, [weight])[0]])
    results = [f(list(feed)) for feed in feeds]
    return [[float(loss), *gradient.ravel()] for loss, gradient in results]


NOTES = integers(7, 9, 5, seed=3) + 1
for row in range(0, 9, 2):
    NOTES[row, 1 + row // 3 :] = 0
TAGS = one_hot(integers(2, 9, 5, seed=4), 2)
SHARES = np.linspace(0, 1, 9)
X, Y, RATES = normal(7, 3, seed=1), normal(7, 2, seed=2), np.linspace(0, 2, 7)


@single
def masked_losses(K, keras, load):
    """Padded steps in losses, accuracy, metric functions and the total loss; with and without sample weights."""

    def margin(y_true, y_pred):
        return K.max(K.abs(y_true - y_pred), axis=-1)

    metrics = {"metrics": ["accuracy", "mae", margin], "weighted_metrics": ["mse"]}
    model = compiled(keras, tagger(keras), "categorical_crossentropy", **metrics)
    found = {"weighted": trained(model, NOTES, TAGS, sample_weight=SHARES)}
    found["total"] = totals(K, model, (NOTES, TAGS, np.ones(9)), (NOTES, TAGS, SHARES))
    model = compiled(keras, tagger(keras), "categorical_crossentropy", metrics=["accuracy", "mse", margin])
    found.update(fitted(model, NOTES, TAGS))
    own = compiled(keras, tagger(keras), margin)
    return dict(found, own=trained(own, NOTES, TAGS), own_total=totals(K, own, (NOTES, TAGS, SHARES)))


@single
def masked_loss_objects(K, keras, load):
    """Padded steps in loss and metric objects."""
    losses, metrics, found = keras.losses, keras.metrics, {}
    for name, loss in (
        ("sum", losses.MeanSquaredError(reduction="sum")),
        ("binary", losses.BinaryCrossentropy(label_smoothing=0.1)),
    ):
        kwargs = {"metrics": [metrics.BinaryAccuracy(), metrics.MeanAbsoluteError()]}
        model = compiled(keras, tagger(keras, 2, "sigmoid"), loss, **kwargs)
        found[name] = trained(model, NOTES, TAGS, sample_weight=SHARES)
    return found


@single
def losses_weighted_by_steps(K, keras, load):
    """sample_weight_mode="temporal": weights of steps beside a mask."""
    weights = np.abs(normal(9, 5, seed=6))
    kwargs = {"metrics": ["accuracy"], "weighted_metrics": ["mae"], "sample_weight_mode": "temporal"}
    model = compiled(keras, tagger(keras), "categorical_crossentropy", **kwargs)
    total = totals(K, model, (NOTES, TAGS, weights))
    return {"train": trained(model, NOTES, TAGS, sample_weight=weights), "total": total}


@single
def chosen_accuracies(K, keras, load):
    """What "accuracy" and "ce" stand for, by loss and output; unbounded outputs are rounded."""
    found, numbers = {}, np.array([0.0, 1, 2, 1, 0, -1, 3])
    rows = one_hot(integers(3, 7, seed=5), 3)
    cases = {
        "regression": ("mse", 1, None, numbers),
        "binary": ("binary_crossentropy", 1, "sigmoid", integers(2, 7, seed=5)),
        "labels": ("binary_crossentropy", 3, "sigmoid", integers(2, 7, 3, seed=5)),
        "classes": ("categorical_crossentropy", 3, "softmax", rows),
        "sparse": ("sparse_categorical_crossentropy", 3, "softmax", integers(3, 7, seed=5)),
        "sparse_object": (keras.losses.SparseCategoricalCrossentropy(), 3, "softmax", integers(3, 7, 1, seed=5)),
        "distance": (keras.losses.mean_squared_error, 3, "softmax", rows),
        "two": ("binary_crossentropy", 2, "softmax", one_hot(integers(2, 7, seed=5), 2)),
        "hinge": ("hinge", 1, "tanh", integers(2, 7, seed=5)),
    }
    for name, (loss, units, activation, y) in cases.items():
        model = dense(keras, units, activation, 1.5)
        names = ["acc"] if units == 1 and activation != "sigmoid" else ["accuracy", "ce"]
        found[name] = compiled(keras, model, loss, metrics=names).test_on_batch(X, y)
    metrics = ["binary_accuracy", keras.metrics.BinaryAccuracy("above", threshold=0.7)]
    found["threshold"] = compiled(keras, dense(keras, 1, None, 1.5), "mse", metrics=metrics).test_on_batch(X, numbers)
    return found


@single
def labels_of_any_type(K, keras, load):
    """Metric functions and losses written with K get labels as floats, one-dimensional ones as a column."""

    def overlap(y_true, y_pred):
        a, b = K.flatten(y_true), K.flatten(y_pred)
        return (2.0 * K.sum(a * b) + 1) / (K.sum(a) + K.sum(b) + 1)

    def error(y_true, y_pred):
        return K.mean(K.square(y_true - y_pred), axis=-1) + 0.5 * (1 - y_true[:, 0])

    def own_classes(y_true, y_pred):
        return K.sparse_categorical_crossentropy(y_true, y_pred)

    def hits(y_true, y_pred):
        return K.cast(K.equal(K.max(y_true, axis=-1), K.cast(K.argmax(y_pred, axis=-1), K.floatx())), K.floatx())

    found, flags = {}, integers(2, 7, seed=9)
    for kind, column, loss in (("int64", False, "mse"), ("bool", True, error), ("uint8", False, error)):
        model = compiled(keras, dense(keras, 1, "sigmoid"), loss, metrics=[overlap, error, "acc"])
        y = flags.astype(kind)
        found[kind] = trained(model, X, y[:, None] if column else y)
    found.update(fitted(model, X, flags.astype("uint8")))
    classes = integers(3, 7, seed=9)
    for name, loss in (("built", "sparse_categorical_crossentropy"), ("own", own_classes)):
        model = compiled(keras, dense(keras, 3, "softmax"), loss, metrics=[hits, "acc", "sparse_categorical_accuracy"])
        found[name] = trained(model, X, classes)
    return found


def crossentropy_targets():
    """One-hot rows, every third of them zeros, and the same for two steps."""
    rows = one_hot(integers(3, 7, seed=5), 3)
    rows[::3] = 0
    return rows, np.stack([rows, rows[::-1]], axis=1)


@single
def crossentropies_of_activations(K, keras, load):
    """Crossentropies of softmax and sigmoid outputs, of vectors and sequences; rows of zeros as target."""
    found, (rows, steps) = {}, crossentropy_targets()
    for loss in ("categorical_crossentropy", "binary_crossentropy"):
        for activation in ("softmax", "sigmoid"):
            for name, model, y in (
                ("vector", dense(keras, 3, activation, 4), rows),
                ("sequence", sequence(keras, activation), steps),
            ):
                compiled(keras, model, loss)
                found["_".join([loss, activation, name])] = totals(K, model, (X, y, np.ones(7)))
    classes = integers(3, 7, seed=5)
    model = compiled(keras, dense(keras, 3, "softmax", 4), "sparse_categorical_crossentropy")
    found["sparse"] = totals(K, model, (X, classes[:, None], np.ones(7)))
    model = compiled(keras, sequence(keras, "softmax"), keras.losses.SparseCategoricalCrossentropy())
    found["sparse_sequence"] = totals(K, model, (X, np.stack([classes, classes[::-1]], axis=1)[..., None], np.ones(7)))
    return found


@single
def crossentropies_in_training(K, keras, load):
    """Crossentropies of softmax outputs as names, objects, and functions of a loss, in train_on_batch."""
    found, (rows, steps) = {}, crossentropy_targets()
    losses = keras.losses
    for name, loss, y in (
        ("name", "categorical_crossentropy", rows),
        ("name_of_sequence", "categorical_crossentropy", steps),
        ("object", losses.BinaryCrossentropy(), rows),
        ("function_of_sequence", losses.categorical_crossentropy, steps),
        ("within", lambda y_true, y_pred: 2 * losses.binary_crossentropy(y_true, y_pred), rows),
        ("within_of_sequence", lambda y_true, y_pred: 2 * losses.categorical_crossentropy(y_true, y_pred), steps),
        ("backend_of_sequence", lambda y_true, y_pred: K.categorical_crossentropy(y_true, y_pred), steps),  # noqa: PLW0108
    ):
        model = sequence(keras, "softmax") if y is steps else dense(keras, 3, "softmax", 4)
        found[name] = trained(compiled(keras, model, loss), X, y)
        found[name + "_weight"] = model.get_weights()[-1]
    return found


@single
def metrics_by_name_and_object(K, keras, load):
    """Every metric by its names and as an object, plain and weighted."""
    metrics, found = keras.metrics, {}
    shares = np.round(np.abs(normal(7, 3, seed=3)) / 4, 2)
    rows = one_hot(integers(3, 7, seed=5), 3)
    names = words(
        "mse mae mape msle hinge squared_hinge categorical_hinge logcosh kullback_leibler_divergence poisson "
        "cosine_proximity cosine_similarity cosine binary_crossentropy categorical_crossentropy "
        "binary_accuracy categorical_accuracy"
    )
    objects = {
        "BinaryAccuracy": {}, "CategoricalAccuracy": {}, "TopKCategoricalAccuracy": {"k": 2}, "Precision": {},
        "Recall": {}, "AUC": {"num_thresholds": 20}, "TruePositives": {}, "FalseNegatives": {}, "MeanSquaredError": {},
        "RootMeanSquaredError": {}, "CosineSimilarity": {}, "KLDivergence": {}, "LogCoshError": {}, "Poisson": {},
        "Hinge": {}, "SquaredHinge": {}, "CategoricalHinge": {}, "BinaryCrossentropy": {"label_smoothing": 0.1},
        "CategoricalCrossentropy": {"label_smoothing": 0.1}, "MeanAbsolutePercentageError": {},
    }  # fmt: skip
    for argument in ("metrics", "weighted_metrics"):
        model = compiled(keras, dense(keras, 3, "sigmoid"), "mse", **{argument: names})
        found["names_" + argument] = model.evaluate(X, shares, batch_size=4, verbose=0, sample_weight=RATES)
        made = [getattr(metrics, name)(**arguments) for name, arguments in objects.items()]
        model = compiled(keras, dense(keras, 3, "sigmoid"), "mse", **{argument: made})
        found["objects_" + argument] = model.evaluate(X, rows, batch_size=4, verbose=0, sample_weight=RATES)
    return found


@single
def several_outputs(K, keras, load):
    """Losses, metrics and loss weights for several outputs: one for all, lists, nested lists, by name."""
    layers, found = keras.layers, {}

    def make():
        x = layers.Input((3,))
        y = layers.Dense(4, activation="tanh")(x)
        outputs = [layers.Dense(1, activation="sigmoid", name="a")(y), layers.Dense(2, name="b")(y)]
        return filled(keras.models.Model(x, outputs))

    targets, rates = [integers(2, 7, 1, seed=5), Y], [RATES, np.linspace(3, 0, 7)]
    both = ["binary_crossentropy", "mse"]
    ways = {
        "flat": {"loss": "mse", "metrics": ["mae", "accuracy"]},
        "three": {"loss": both, "metrics": ["mae", "acc", "mse"], "loss_weights": [0.5, 2.0]},
        "mixed": {"loss": "mse", "metrics": ["accuracy", ["mse", "mae"]], "loss_weights": [1.0, 3.0]},
        "names": {"loss": {"b": "mae", "a": "mse"}, "metrics": {"b": ["mse"], "a": "acc"}, "loss_weights": {"b": 3.0}},
        "weighted": {"loss": "mse", "weighted_metrics": ["mae", "acc"]},
        "objects": {"loss": "mse", "metrics": [keras.metrics.MeanAbsoluteError(), keras.metrics.BinaryAccuracy()]},
    }
    for name, kwargs in ways.items():
        found[name] = trained(compiled(keras, make(), **kwargs), X, targets, sample_weight=rates)
    model = compiled(keras, make(), both, metrics=["mae"])
    return dict(found, **fitted(model, X, targets))


@single
def class_weights(K, keras, load):
    """class_weight in fit, with metrics that weigh samples or not."""
    found, weights = {}, {0: 0.5, 1: 2.0, 2: 3.0}
    for name, loss, units, activation, y in (
        ("binary", "binary_crossentropy", 1, "sigmoid", integers(2, 7, seed=5)),
        ("classes", "categorical_crossentropy", 3, "softmax", one_hot(integers(3, 7, seed=5), 3)),
    ):
        model = compiled(keras, dense(keras, units, activation), loss, metrics=["mae"], weighted_metrics=["acc"])
        history = model.fit(X, y, class_weight=weights, epochs=2, batch_size=3, shuffle=False, verbose=0).history
        found.update({"%s_%s" % (name, key): history[key] for key in ("loss", "mae", "acc")})
    return found


@single
def regularised_losses(K, keras, load):
    """Penalties count in the losses of training and of tests."""
    layers, l2 = keras.layers, keras.regularizers.l2
    x = layers.Input((3,))
    y = layers.Dense(4, activation="tanh", kernel_regularizer=l2(0.1), activity_regularizer=l2(0.05))(x)
    model = filled(keras.models.Model(x, layers.Dense(2, bias_regularizer=l2(0.2))(y)))
    compiled(keras, model, "mse", metrics=["mae"])
    return dict(fitted(model, X, Y), total=totals(K, model, (X, Y, RATES)))
