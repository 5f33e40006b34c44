"""Which samples ``fit`` puts into which batch, what it weighs them with, and when it stops."""

import numpy as np

from ..registry import case
from ..tools import integers, normal, numbered, one_hot
from .training import dense
from .training_steps import TOLERANCE, batch_losses, classifier

X, LABELS = normal(22, 5, seed=3), integers(3, 22, seed=4)
Y = one_hot(LABELS, 3)


def as_arrays(history):
    """Curves as arrays of one dtype: Keras 2 mixes two."""
    return {name: np.array(history[name], "float64") for name in sorted(history)}


def fitted(keras, seed=7, **kwargs):
    """What a training on batches of five gives: the losses of batches and epochs, and the next number NumPy draws."""
    model, watch = classifier(keras, "sgd", metrics=["accuracy"]), batch_losses(keras)
    callbacks = [watch] + kwargs.pop("callbacks", [])
    np.random.seed(seed)
    history = model.fit(X, Y, batch_size=5, callbacks=callbacks, verbose=0, **kwargs)
    found = dict(as_arrays(history.history), ran=np.array(history.epoch), batches=np.array(watch.values))
    return dict(found, **dict(numbered(model.get_weights(), "weight"), drawn=np.random.uniform()))


def each(keras, ways):
    found = {}
    for name, kwargs in sorted(ways.items()):
        found.update({name + "_" + key: value for key, value in fitted(keras, **kwargs).items()})
    return found


@case(tolerance=TOLERANCE)
def batches_in_order(K, keras, load):
    """Shuffled, by batches, not at all; 22 samples in batches of five leave two."""
    return each(
        keras,
        {
            "shuffled": {"epochs": 3},
            "by_batch": {"epochs": 3, "shuffle": "batch"},
            "unshuffled": {"epochs": 3, "shuffle": False},
            "later": {"epochs": 4, "initial_epoch": 2},
        },
    )


@case(tolerance=TOLERANCE)
def batches_and_validation(K, keras, load):
    """Samples split off at the end, others given; each epoch, some epochs."""
    others = (normal(7, 5, seed=5), one_hot(integers(3, 7, seed=6), 3))
    return each(
        keras,
        {
            "split": {"epochs": 3, "validation_split": 0.3},
            "given": {"epochs": 3, "validation_data": others},
            "weighed": {"epochs": 2, "validation_data": others + (np.linspace(0.1, 2, 7),)},
            "second": {"epochs": 5, "validation_data": others, "validation_freq": 2},
            "chosen": {"epochs": 4, "validation_data": others, "validation_freq": [1, 4]},
        },
    )


@case(tolerance=TOLERANCE)
def batches_with_weights(K, keras, load):
    """Weights of samples and classes, alone and together, split and not."""
    samples, classes = np.linspace(0.1, 2, 22), {0: 1.0, 1: 3.0, 2: 0.25}
    return each(
        keras,
        {
            "samples": {"epochs": 2, "sample_weight": samples},
            "classes": {"epochs": 2, "class_weight": classes},
            "both": {"epochs": 2, "sample_weight": samples, "class_weight": classes},
            "split": {"epochs": 2, "sample_weight": samples, "class_weight": classes, "validation_split": 0.3},
        },
    )


def stopper(keras, name):
    """A callback that stops at the end of the third batch of an epoch, or of the second epoch."""

    def stop(number, logs):
        callback.model.stop_training = number == (2 if name == "on_batch_end" else 1)

    callback = keras.callbacks.LambdaCallback(**{name: stop})
    return callback


@case(tolerance=TOLERANCE)
def batches_until_stopped(K, keras, load):
    """A callback stops within an epoch, which leaves out its validation, or at the end of one."""
    found = {}
    for name in ("on_batch_end", "on_epoch_end"):
        made = fitted(keras, epochs=5, callbacks=[stopper(keras, name)], validation_split=0.3)
        found.update({name + "_" + key: value for key, value in made.items()})
    return found


@case(tolerance=TOLERANCE)
def batches_of_several_inputs(K, keras, load):
    """Two inputs and two outputs, given as dicts, with weights for one of them."""
    a, b = keras.layers.Input((5,), name="a"), keras.layers.Input((2,), name="b")
    hidden = keras.layers.concatenate([dense(keras, 3, 1, 5, activation="tanh")(a), dense(keras, 3, 2, 2)(b)])
    outputs = [
        dense(keras, 3, 3, 6, name="kind", activation="softmax")(hidden),
        dense(keras, 1, 4, 6, name="size")(hidden),
    ]
    model, watch = keras.models.Model([a, b], outputs), batch_losses(keras)
    model.compile(
        "adam",
        {"kind": "categorical_crossentropy", "size": "mse"},
        metrics={"kind": "accuracy", "size": "mae"},
        loss_weights={"kind": 0.5, "size": 2.0},
    )
    np.random.seed(3)
    x, y = {"a": X, "b": normal(22, 2, seed=8)}, {"kind": Y, "size": normal(22, seed=9)}
    weights = {"size": np.linspace(0.1, 2, 22)}
    history = model.fit(x, y, 5, 3, verbose=0, sample_weight=weights, validation_split=0.2, callbacks=[watch])
    evaluated = model.evaluate(x, y, batch_size=8, verbose=0)
    found = dict(as_arrays(history.history), batches=np.array(watch.values), evaluated=np.array(evaluated))
    return dict(found, **numbered(model.get_weights(), "weight"))


@case(tolerance=TOLERANCE)
def batches_one_by_one(K, keras, load):
    """Values of single batches, whose metrics are their own, or running ones; whole data in batches afterwards."""
    model, found = classifier(keras, "sgd", metrics=["accuracy"]), {}
    for name, kwargs in (("own", {}), ("running", {"reset_metrics": False})):
        trained = [model.train_on_batch(X[i : i + 5], Y[i : i + 5], **kwargs) for i in (0, 5, 10)]
        tested = [model.test_on_batch(X[i : i + 5], Y[i : i + 5], **kwargs) for i in (0, 5, 10)]
        found.update({name + "_trained": np.array(trained), name + "_tested": np.array(tested)})
        model.reset_metrics()
    weighed = model.train_on_batch(X[:5], Y[:5], sample_weight=np.arange(5.0), class_weight={0: 1.0, 1: 3.0, 2: 0.25})
    found.update(weighed=np.array(weighed), evaluated=np.array(model.evaluate(X, Y, 8, verbose=0)))
    found.update(predicted=model.predict(X, 5), at_once=model.predict_on_batch(X[:3]))
    plain = classifier(keras, "sgd")
    values = [plain.train_on_batch(X, Y), plain.test_on_batch(X, Y), plain.evaluate(X, Y, verbose=0)]
    kinds = [type(value).__name__ for value in values] + [type(value).__name__ for value in trained[0]]
    kinds += [type(value).__name__ for value in model.evaluate(X, Y, verbose=0)]
    return dict(found, values=np.array(values, "float64"), kinds=np.array(kinds))
