"""Small trainings drawn at random, as plain data; and how one runs, in this file alone, so that Keras 2.3.1 can, too.

``LEGACY/bin/python tests/nightly/training_draws.py`` reads draws from its input, a line of JSON each, and answers in
lines of JSON. It is Python 3.7.
"""

import json
import os
import random
import sys
import traceback

import numpy as np

SAMPLES = 12
OPTIMIZERS = {
    "SGD": [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {"decay": 0.1}, {"clipnorm": 0.5}],
    "RMSprop": [{}, {"rho": 0.8}, {"decay": 0.1}, {"clipvalue": 0.1}],
    "Adagrad": [{}, {"decay": 0.1}],
    "Adadelta": [{}, {"rho": 0.9}],
    "Adam": [{}, {"amsgrad": True}, {"decay": 0.1}, {"clipnorm": 0.5}, {"beta_1": 0.5}],
    "Adamax": [{}, {"decay": 0.1}],
    "Nadam": [{}, {"schedule_decay": 0.01}],
}
LOSSES = {
    "softmax": ["categorical_crossentropy", "sparse_categorical_crossentropy", "kullback_leibler_divergence"],
    "sigmoid": ["binary_crossentropy", "mse", "poisson"],
    "linear": ["mse", "mae", "mape", "msle", "hinge", "squared_hinge", "logcosh", "cosine_proximity"],
}
METRICS = [[], [], ["accuracy"], ["mae"], ["mse", "accuracy"]]
ACTIVATIONS = ["tanh", "sigmoid", "relu", "elu", "softplus", "linear", "selu"]
REGULARIZERS = [None, None, None, ["l2", 0.05], ["l1", 0.02]]
CONSTRAINTS = [None, None, None, "non_neg", "max_norm"]


def drawn(seed):
    """Return the description of a training."""
    draw = random.Random(seed)
    kind = draw.choice(["dense", "dense", "image", "sequence", "words"])
    last = draw.choice(sorted(LOSSES))
    optimizer = draw.choice(sorted(OPTIMIZERS))
    method = draw.choice(["train_on_batch", "fit"])
    return {
        "seed": seed,
        "kind": kind,
        "layers": layers_of(draw, kind),
        "units": draw.randint(2, 4),
        "last": last,
        "loss": draw.choice(LOSSES[last]),
        "metrics": draw.choice(METRICS),
        "optimizer": [optimizer, dict(draw.choice(OPTIMIZERS[optimizer]), lr=draw.choice([0.01, 0.1]))],
        "method": method,
        "steps": draw.randint(1, 3),
        "batch": draw.choice([SAMPLES, 5]),
        "sample_weight": draw.random() < 0.4,
        "class_weight": draw.random() < 0.2 and last == "softmax",
        "validated": method == "fit" and draw.random() < 0.3,
        "two_outputs": draw.random() < 0.25,
        "frozen": draw.random() < 0.15,
    }


def layers_of(draw, kind):
    """Return the descriptions of hidden layers.

    A bias or a normalization right before a normalization would have gradients that are nothing but rounding errors,
    which optimizers make as large as others.
    """
    found = []
    for number in range(draw.randint(1, 3)):
        one = layer(draw, kind, number)
        if one[0] == "BatchNormalization" and found:
            if found[-1][0] == one[0]:
                continue
            found[-1][1]["use_bias"] = False
        found.append(one)
    return found


def layer(draw, kind, number):
    """Return the description of a hidden layer: a class and its arguments."""
    options = {"kernel_regularizer": draw.choice(REGULARIZERS), "kernel_constraint": draw.choice(CONSTRAINTS)}
    options = {name: value for name, value in options.items() if value}
    if draw.random() < 0.2:
        return ["BatchNormalization", {"momentum": draw.choice([0.5, 0.99])}]
    if number == 0 and kind in ("sequence", "words"):
        return [
            draw.choice(["LSTM", "GRU", "SimpleRNN"]),
            dict(options, units=draw.randint(1, 4), return_sequences=True),
        ]
    activation = draw.choice(ACTIVATIONS)
    if kind == "image" and number == 0:
        padding = draw.choice(["same", "valid"])
        return ["Conv2D", dict(options, filters=2, kernel_size=3, padding=padding, activation=activation)]
    return ["Dense", dict(options, units=draw.randint(2, 5), activation=activation)]


def normal(seed, *shape):
    return np.random.RandomState(seed % 2**31).standard_normal(shape).astype("float32")


def built(description, keras):
    """Return the model of a description, with weights from its seed."""
    layers, kind = keras.layers, description["kind"]
    if kind == "words":
        x = layers.Input((5,))
        y = layers.Embedding(10, 3)(x)
    else:
        x = y = layers.Input({"dense": (4,), "image": (6, 6, 2), "sequence": (5, 3)}[kind])
    for name, given in description["layers"]:
        options = dict(given)
        if "kernel_regularizer" in options:
            penalty, rate = options["kernel_regularizer"]
            options["kernel_regularizer"] = getattr(keras.regularizers, penalty)(rate)
        y = getattr(layers, name)(**options)(y)
    y = layers.Flatten()(y) if kind != "dense" else y
    outputs = [layers.Dense(description["units"], activation=description["last"], name="first")(y)]
    if description["two_outputs"]:
        outputs.append(layers.Dense(1, name="second")(y))
    model = keras.models.Model(x, outputs if len(outputs) > 1 else outputs[0])
    if description["frozen"]:
        model.layers[1].trainable = False
    chance = np.random.RandomState(description["seed"])
    weights = [0.5 * chance.standard_normal(weight.shape) for weight in model.get_weights()]
    model.set_weights([np.abs(weight) + 0.1 if weight.ndim == 1 else weight for weight in weights])
    return model


def data(description):
    """Return inputs, targets and weights."""
    seed, units = description["seed"], description["units"]
    shape = {"dense": (4,), "image": (6, 6, 2), "sequence": (5, 3), "words": (5,)}[description["kind"]]
    x = normal(seed + 1, SAMPLES, *shape)
    if description["kind"] == "words":
        x = np.random.RandomState(seed).randint(0, 10, (SAMPLES, 5))
    classes = np.random.RandomState(seed + 2).randint(0, units, SAMPLES)
    y = np.eye(units, dtype="float32")[classes]
    if description["loss"].startswith("sparse"):
        y = classes.reshape(-1, 1).astype("float32")
    elif description["last"] == "linear":
        y = normal(seed + 3, SAMPLES, units)
    weights = np.random.RandomState(seed + 4).uniform(0.2, 2.0, SAMPLES) if description["sample_weight"] else None
    if not description["two_outputs"]:
        return x, y, weights
    return x, [y, normal(seed + 5, SAMPLES, 1)], None if weights is None else [weights, weights[::-1].copy()]


def trained(description, keras):
    """Run a training; return named lists of numbers."""
    model = built(description, keras)
    name, options = description["optimizer"]
    loss = [description["loss"], "mse"] if description["two_outputs"] else description["loss"]
    metrics = {"first": description["metrics"]} if description["two_outputs"] else description["metrics"]
    model.compile(getattr(keras.optimizers, name)(**options), loss, metrics=metrics)
    x, y, weights = data(description)
    of_classes = {number: 1.0 + number for number in range(description["units"])}
    of_classes = of_classes if description["class_weight"] and not description["two_outputs"] else None
    found = {}
    if description["method"] == "fit":
        options = {"validation_split": 0.25} if description["validated"] else {}
        options.update(sample_weight=weights, class_weight=of_classes, verbose=0, shuffle=False)
        history = model.fit(x, y, epochs=description["steps"], batch_size=description["batch"], **options).history
        found.update((f"history {key}", values) for key, values in history.items())
    else:
        given = {"sample_weight": weights, "class_weight": of_classes}
        for step in range(description["steps"]):
            found[f"step {step}"] = model.train_on_batch(x, y, **given)
    found["evaluated"] = model.evaluate(x, y, batch_size=5, sample_weight=weights, verbose=0)
    predicted = model.predict(x)
    for number, value in enumerate(predicted if isinstance(predicted, list) else [predicted]):
        found[f"predicted {number}"] = value
    for number, weight in enumerate(model.get_weights()):
        found[f"weight {number}"] = weight
    return {name: np.asarray(value, "float64").tolist() for name, value in found.items()}


def answered(description, keras):
    """Return the results, or how it failed."""
    keras.backend.clear_session()
    try:
        return trained(description, keras)
    except Exception:
        return traceback.format_exc()


def main():
    """Answer draws with what Keras gives."""
    answers, sys.stdout = sys.stdout, sys.stderr
    import keras
    import tensorflow as tf

    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # run as a script, from anywhere
    from goldens import record  # noqa: F401  (makes k2compat known)
    from k2compat.parity.worker.update_order import compute_before_updating

    compute_before_updating(type(keras.backend.function([], [keras.backend.constant(0.0)])), tf)
    for line in sys.stdin:
        answers.write(json.dumps(answered(json.loads(line), keras)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
