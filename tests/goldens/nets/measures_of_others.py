"""What is measured of everything that is no layer: kind -> measure -> named arrays."""

import numpy as np

from ..tools import drawn, normal, one_hot

MEASURES = {}
SHAPES = [(200, 150), (3, 3, 40, 60), (5, 50, 80)]
LABELS = np.array([0, 2, 1, 2, 0])
SCORES = normal(5, 3, seed=2)
POWERS = np.exp(SCORES)
PROBABILITIES = (POWERS / POWERS.sum(axis=-1, keepdims=True)).astype("float32")
WEIGHTS = np.array([1.0, 0.5, 2.0, 0.0, 1.5], "float32")


def measure(kind):
    def register(function):
        MEASURES.setdefault(kind, {})[function.__name__] = function
        return function

    return register


class Thing:
    """What a description names: ``value`` is the object, or the function with its arguments."""

    def __init__(self, description, K, keras):
        self.description, self.K, self.keras = description, K, keras
        self.name, self.kind = description["class"], description["kind"]
        self.arguments = {
            name: tuple(value) if isinstance(value, list) and name == "axis" else value
            for name, value in description["arguments"].items()
        }
        self.value = self.made()

    def made(self):
        found = getattr(getattr(self.keras, self.kind), self.name)
        makes = isinstance(found, type) or self.kind in ("initializers", "regularizers")
        if makes:
            return found(**self.arguments)
        if not self.arguments:
            return found
        arguments = self.arguments
        return (
            (lambda y_true, y_pred: found(y_true, y_pred, **arguments))
            if self.needs_two()
            else lambda x: found(x, **arguments)
        )

    def needs_two(self):
        return self.kind in ("losses", "metrics")

    def numbers(self, value):
        """Of an initializer: some give arrays."""
        return value if isinstance(value, np.ndarray) else self.K.eval(value)


@measure("initializers")
def statistics(thing):
    """Mean, deviation and range of the numbers for each of some shapes."""
    found = {}
    for shape in [(40, 40)] if thing.name == "Identity" else SHAPES:
        values = thing.numbers(thing.made()(shape))
        found[str(shape)] = np.array([values.mean(), values.std(), values.min(), values.max()], "float32")
    return found


@measure("initializers")
def structure(thing):
    """The shape and dtype, the values where only few are there, and the products of an orthogonal matrix."""
    shape = (30, 30) if thing.name == "Identity" else (30, 20)
    values = thing.numbers(thing.made()(shape))
    found = {"shape": np.array(values.shape), "float32": np.array(values.dtype == "float32")}
    if len(np.unique(values)) <= 2:
        found["values"] = values
    if thing.name == "Orthogonal":
        found["products"] = np.dot(values.T, values)
    return found


@measure("initializers")
def seeded(thing):
    """Whether two initializers, and two calls of one, give the same numbers."""
    first, second = thing.made(), thing.made()
    a, b, c = (thing.numbers(made((6, 6))) for made in (first, second, first))
    return {"two": np.array(np.array_equal(a, b)), "one": np.array(np.array_equal(a, c))}


@measure("initializers")
def of_a_layer(thing):
    """The kernel of a layer made with it, by its configuration."""
    if thing.name == "Identity":
        return {}
    keras = thing.keras
    config = keras.initializers.serialize(thing.value)
    model = keras.models.Sequential([keras.layers.Conv2D(60, 3, kernel_initializer=config, input_shape=(5, 5, 40))])
    values = model.get_weights()[0]
    return {"statistics": np.array([values.mean(), values.std(), values.min(), values.max()], "float32")}


def value_and_gradient(thing, function, array):
    K = thing.K
    x = K.placeholder(array.shape)
    y = function(x + 0.0)
    return dict(zip(("value", "gradient"), K.function([x], [y] + K.gradients(K.sum(K.square(y)), [x]))([array])))


@measure("regularizers")
def penalty(thing):
    return value_and_gradient(thing, thing.value, normal(3, 4))


@measure("regularizers")
def trained_with(thing):
    """Two steps of a layer that has it."""
    keras = thing.keras
    model = keras.models.Sequential([keras.layers.Dense(2, kernel_regularizer=thing.value, input_shape=(3,))])
    drawn(model).compile("sgd", "mse")
    losses = [model.train_on_batch(normal(4, 3, seed=1), normal(4, 2, seed=2)) for _ in range(2)]
    return {"losses": losses, "kernel": model.get_weights()[0]}


@measure("constraints")
def limited(thing):
    K = thing.K
    return {
        str(array.shape): K.eval(thing.value(K.variable(array))) for array in (normal(3, 4), normal(2, 2, 3, 2, seed=1))
    }


@measure("constraints")
def trained_under(thing):
    """Two steps of a layer whose kernel and bias are under it."""
    keras, given = thing.keras, {"kernel_constraint": thing.value}
    model = keras.models.Sequential([keras.layers.Dense(2, input_shape=(3,), **given), keras.layers.Dense(2)])
    drawn(model).compile("sgd", "mse")
    losses = [model.train_on_batch(normal(4, 3, seed=1), normal(4, 2, seed=2)) for _ in range(2)]
    return {"losses": losses, "kernel": model.get_weights()[0]}


@measure("activations")
def activated(thing):
    return value_and_gradient(thing, thing.value, 1.5 * normal(4, 3, seed=4))


@measure("activations")
def activated_by_name(thing):
    """As the activation of a layer, by its name."""
    if thing.arguments:
        return {}
    keras = thing.keras
    model = keras.models.Sequential([keras.layers.Dense(3, activation=thing.name, input_shape=(4,))])
    return {"output": drawn(model).predict(normal(5, 4))}


def labelled(thing):
    """Targets and predictions that suit a loss or metric."""
    name, from_logits = thing.name.lower(), thing.arguments.get("from_logits")
    sparse = name.startswith("sparse")
    true = LABELS.astype("float32")[:, None] if sparse else one_hot(LABELS, 3)
    if name == "meaniou":
        return LABELS.astype("float32")[:, None], np.array([0, 1, 1, 2, 2], "float32")[:, None]
    if name == "accuracy":
        return one_hot(LABELS, 3), np.round(PROBABILITIES)
    bounded = ("crossentropy", "divergence", "kld", "poisson", "logarithmic", "msle", "binary", "auc", "tives")
    bounded += ("precision", "recall", "sensitivity", "specificity", "sparse", "categorical_accuracy")
    within = any(word in name for word in bounded) and not from_logits
    if "auc" in name or "tivity" in name or "ficity" in name:
        return one_hot(LABELS, 3)[:, :1], PROBABILITIES[:, :1]
    return true, PROBABILITIES if within else SCORES


@measure("losses")
def called(thing):
    """Its values and gradients, called on placeholders; of an object with the weights of samples, too."""
    K = thing.K
    true, predicted = labelled(thing)
    t, p = K.placeholder(true.shape), K.placeholder(predicted.shape)
    losses = [thing.value(t, p)]
    if (
        thing.name[0].isupper()
        and "name" not in thing.arguments
        and thing.name not in ("KLD", "MAE", "MAPE", "MSE", "MSLE")
    ):
        losses.append(thing.value(t, p, sample_weight=K.constant(WEIGHTS)))
    grads = [K.gradients(K.sum(loss), p)[0] for loss in losses]
    values = K.function([t, p], losses + grads)([true, predicted])
    return {"%d" % i: value for i, value in enumerate(values)}


@measure("losses")
def trained_on(thing):
    """Three steps of a model, the last with weights of samples."""
    keras, (true, predicted) = thing.keras, labelled(thing)
    activation = "softmax" if predicted is PROBABILITIES else "linear"
    model = keras.models.Sequential([keras.layers.Dense(3, activation=activation, input_shape=(4,))])
    drawn(model).compile(keras.optimizers.SGD(lr=0.05), thing.value)
    x = normal(5, 4, seed=3)
    losses = [model.train_on_batch(x, true, sample_weight=weights) for weights in (None, None, WEIGHTS)]
    return {"losses": np.array(losses), "kernel": model.get_weights()[0], "bias": model.get_weights()[1]}


@measure("losses")
def by_name(thing):
    """A model compiled with its name."""
    if thing.arguments or thing.name[0].isupper():
        return {}
    keras, (true, _) = thing.keras, labelled(thing)
    model = keras.models.Sequential([keras.layers.Dense(3, activation="softmax", input_shape=(4,))])
    drawn(model).compile("sgd", thing.name)
    return {"loss": np.array(model.test_on_batch(normal(5, 4, seed=3), true))}


@measure("metrics")
def measured(thing):
    """What a model reports: of one batch, of several together, with weights of samples, and while it trains."""
    keras, (true, predicted) = thing.keras, labelled(thing)
    model = keras.models.Sequential([keras.layers.Activation("linear", input_shape=predicted.shape[1:])])
    kind = "sparse" if "sparse" in thing.name.lower() else ""
    model.compile("sgd", "sparse_categorical_crossentropy" if kind else "mse", metrics=[thing.value])
    found = {
        "batch": model.test_on_batch(predicted, true),
        "all": model.evaluate(predicted, true, batch_size=2, verbose=0),
        "weighted": model.test_on_batch(predicted, true, sample_weight=WEIGHTS),
        "repeated": model.test_on_batch(predicted[:3], true[:3]),
    }
    return {name: np.ravel(np.asarray(values[1:], "float32")) for name, values in found.items()}


@measure("metrics")
def measured_with_weights(thing):
    """As one of ``weighted_metrics``."""
    keras, (true, predicted) = thing.keras, labelled(thing)
    model = keras.models.Sequential([keras.layers.Activation("linear", input_shape=predicted.shape[1:])])
    sparse = "sparse" in thing.name.lower()
    model.compile("sgd", "sparse_categorical_crossentropy" if sparse else "mse", weighted_metrics=[thing.made()])
    values = model.test_on_batch(predicted, true, sample_weight=WEIGHTS)
    return {"batch": np.ravel(np.asarray(values[1:], "float32"))}


@measure("optimizers")
def steps(thing):
    """The losses of five steps, and the weights after the first, the third and the fifth."""
    keras, found = thing.keras, {"losses": []}
    inputs = keras.layers.Input((3,), dtype="int32")
    table = keras.layers.Flatten()(keras.layers.Embedding(5, 2)(inputs))
    output = keras.layers.Dense(2)(keras.layers.Dense(3, activation="tanh")(table))
    model = drawn(keras.models.Model(inputs, output))
    model.compile(thing.value, "mse")
    x = np.random.RandomState(5).randint(0, 5, (4, 3))
    for step in range(5):
        found["losses"].append(model.train_on_batch(x, normal(4, 2, seed=6)))
        if step in (0, 2, 4):
            found.update({"%d: %d" % (step, i): weight for i, weight in enumerate(model.get_weights())})
    found["losses"] = np.array(found["losses"])
    return found
