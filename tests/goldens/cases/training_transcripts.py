"""Everything that callbacks are told: each hook with its number and the keys, order, types and values of its logs."""

import os
import shutil
import tempfile

import numpy as np

from ..registry import case
from ..tools import normal, told
from .generators import batches, plain, slices
from .training import dense
from .training_batches import X, Y
from .training_steps import TOLERANCE, classifier


def described(value):
    """The type of a value in logs, or the shapes of arrays."""
    if isinstance(value, list):
        return "[%s]" % ", ".join(described(item) for item in value)
    if isinstance(value, np.ndarray):
        return "array%s" % (value.shape,)
    return type(value).__name__


def is_number(value):
    return isinstance(value, (int, float, np.number)) or (isinstance(value, np.ndarray) and value.ndim == 0)


def transcript(keras, newer=False):
    """A callback that writes down what its hooks get, in lines, with the numbers in a list of their own."""

    class Transcript(keras.callbacks.Callback):
        def __init__(self):
            super(Transcript, self).__init__()
            self.lines, self.numbers = [], []

        def write(self, hook, number, logs):
            logs = {} if logs is None else logs
            items = " ".join("%s:%s" % (key, described(value)) for key, value in logs.items())
            self.lines.append(("%s %s %s" % (hook, "" if number is None else number, items)).strip())
            self.numbers += [float(value) for value in logs.values() if is_number(value)]

        def found(self, prefix=""):
            params = ["%s=%r" % (name, self.params[name]) for name in sorted(self.params)]
            data = "None" if self.validation_data is None else described(list(self.validation_data))
            return {
                prefix + "lines": np.array(self.lines),
                prefix + "numbers": np.array(self.numbers),
                prefix + "params": np.array(params),
                prefix + "validation_data": data,
            }

    def hook(name, numbered):
        if numbered:
            return lambda self, number, logs=None: self.write(name, number, logs)
        return lambda self, logs=None: self.write(name, None, logs)

    names = ["train_batch", "test_batch", "predict_batch", "epoch"] if newer else ["batch", "epoch"]
    if not newer:
        names += ["test_batch", "predict_batch"]
    for name in names:
        for end in ("begin", "end"):
            setattr(Transcript, "on_%s_%s" % (name, end), hook("on_%s_%s" % (name, end), True))
    for name in ("train", "test", "predict"):
        for end in ("begin", "end"):
            setattr(Transcript, "on_%s_%s" % (name, end), hook("on_%s_%s" % (name, end), False))
    return Transcript()


def as_text(history):
    """The keys of a history in their order, with the types of the values."""
    return np.array(["%s:%s" % (name, type(values[0]).__name__) for name, values in history.history.items()])


@case(tolerance=TOLERANCE)
def transcript_of_fit(K, keras, load):
    """Arrays with a validation; both names of the hooks; the history and its params."""
    found = {}
    for name, newer in (("old_", False), ("new_", True)):
        model, watch = classifier(keras, "sgd", metrics=["accuracy"]), transcript(keras, newer)
        np.random.seed(3)
        history = model.fit(X, Y, 8, 2, verbose=0, validation_split=0.3, callbacks=[watch])
        found.update(watch.found(name))
        params = ["%s=%r" % (key, history.params[key]) for key in sorted(history.params)]
        found.update({name + "history": as_text(history), name + "history_params": np.array(params)})
        found[name + "kept"] = model.history is history
    return found


@case(tolerance=TOLERANCE)
def transcript_of_fit_without_validation(K, keras, load):
    """Regularised, with batch normalization: the learning phase counts among validation data where there are some."""
    found = {}
    for name, kwargs in (("alone_", {}), ("validated_", {"validation_data": (X[:4], Y[:4], np.arange(4.0))})):
        model = keras.models.Sequential(
            [dense(keras, 3, 1, 5, input_shape=(5,), kernel_regularizer="l2"), keras.layers.BatchNormalization()]
        )
        model.compile("sgd", "mse")
        watch = transcript(keras)
        model.fit(X, Y, 8, 1, verbose=0, shuffle=False, callbacks=[watch], **kwargs)
        found.update(watch.found(name))
    return found


@case(tolerance=TOLERANCE)
def transcript_of_evaluate_and_predict(K, keras, load):
    """Params and logs of both, with two outputs."""
    x = keras.layers.Input((5,))
    model = keras.models.Model(x, [dense(keras, 3, 1, 5, name="a")(x), dense(keras, 1, 2, 5, name="b")(x)])
    model.compile("sgd", ["mse", "mae"], metrics=[["mae"], ["mse"]])
    y, found = [Y, normal(22, 1, seed=1)], {"names": np.array(model.metrics_names)}
    for name, run in (
        ("evaluate_", lambda watch: model.evaluate(X, y, 8, verbose=0, callbacks=[watch])),
        ("predict_", lambda watch: model.predict(X, 8, callbacks=[watch])),
    ):
        watch = transcript(keras)
        run(watch)
        found.update(watch.found(name))
    return found


@case(tolerance=TOLERANCE)
def transcript_of_generators(K, keras, load):
    """fit, evaluate and predict from a generator; validation by a generator, and by arrays."""
    found = {}
    others = (normal(5, 3, seed=4), normal(5, 1, seed=5))
    for name, kwargs in (
        ("alone_", {}),
        ("generator_", {"validation_data": batches(1, 30), "validation_steps": 2}),
        ("arrays_", {"validation_data": others}),
    ):
        model, watch = plain(keras), transcript(keras)
        history = model.fit_generator(batches(1, 0), 3, epochs=2, verbose=0, callbacks=[watch], **kwargs)
        found.update(watch.found(name))
        found[name + "history"] = as_text(history)
    for name, run in (
        ("evaluate_", lambda watch: model.evaluate_generator(batches(1, 0), 3, callbacks=[watch])),
        ("predict_", lambda watch: model.predict_generator(inputs(), 3, callbacks=[watch])),
    ):
        watch = transcript(keras)
        run(watch)
        found.update(watch.found(name))
    return found


def inputs():
    """Batches of inputs alone."""
    for x, _ in batches(1, 0):
        yield x


@case(tolerance=TOLERANCE)
def transcript_of_a_sequence(K, keras, load):
    """fit_generator with a Sequence to train on and one to validate on; fit with one."""
    found = {}
    for name, run in (
        ("generator_", lambda model, **kwargs: model.fit_generator(slices(keras, 0), **kwargs)),
        ("fit_", lambda model, **kwargs: model.fit(slices(keras, 0), **kwargs)),
    ):
        model, watch = plain(keras), transcript(keras)
        run(model, epochs=2, verbose=0, callbacks=[watch], shuffle=False, validation_data=slices(keras, 30))
        found.update(watch.found(name))
    return found


@case(tolerance=TOLERANCE)
def logs_are_shared(K, keras, load):
    """What a callback writes into the logs of an epoch, the next ones, the history and the checkpoint's name see."""

    class Writer(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["val_auc"] = 0.25 * epoch
            logs["count"] = len(logs)

        def on_batch_end(self, batch, logs=None):
            logs["extra"] = batch

    folder = tempfile.mkdtemp()
    try:
        watch, model = transcript(keras), classifier(keras, "sgd", metrics=["accuracy"])
        path = os.path.join(folder, "at-{epoch:02d}-{val_auc:.2f}.h5")
        best = keras.callbacks.ModelCheckpoint(path, monitor="val_auc", mode="max", save_best_only=True)
        history = model.fit(X, Y, 11, 3, verbose=0, shuffle=False, callbacks=[Writer(), watch, best])
        return dict(watch.found(), history=as_text(history), files=np.array(sorted(os.listdir(folder))))
    finally:
        shutil.rmtree(folder)


@case(tolerance=TOLERANCE)
def learning_rates_in_logs(K, keras, load):
    """A schedule of one argument, one of two, and a rate that falls when the loss does not."""
    found = {}
    for name, callback in (
        ("by_epoch_", keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))),
        ("by_rate_", keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)),
        ("plateau_", keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, patience=1, epsilon=10.0)),
    ):
        model, watch = classifier(keras, keras.optimizers.SGD(lr=0.2)), transcript(keras)
        with told():
            history = model.fit(X, Y, 11, 4, verbose=0, shuffle=False, callbacks=[callback, watch])
        found.update(watch.found(name))
        found[name + "history"] = as_text(history)
        found[name + "rate"] = K.get_value(model.optimizer.lr)
    return found


@case(tolerance=1e-3)  # at this rate differences grow
def callbacks_that_watch(K, keras, load):
    """Checkpoints by ``val_acc``, by a name that is not there, each second epoch; stops, with the best weights."""
    folder, found = tempfile.mkdtemp(), {}
    checkpoint, stop = keras.callbacks.ModelCheckpoint, keras.callbacks.EarlyStopping
    try:
        for name, metric, callbacks in (
            ("acc", "acc", [checkpoint(os.path.join(folder, "acc-{epoch}.h5"), "val_acc", save_best_only=True)]),
            (
                "missing",
                "accuracy",
                [checkpoint(os.path.join(folder, "no-{epoch}.h5"), "val_acc", save_best_only=True)],
            ),
            ("period", "acc", [checkpoint(os.path.join(folder, "two-{epoch}.h5"), period=2, save_weights_only=True)]),
            ("stop", "acc", [stop("val_loss", patience=1, restore_best_weights=True)]),
            ("absent", "accuracy", [stop("val_acc", patience=1)]),
        ):
            optimizer = keras.optimizers.SGD(lr=2.0)
            model = classifier(keras, optimizer, metrics=[metric])
            np.random.seed(2)
            with told() as warned:
                history = model.fit(X, Y, 4, 6, verbose=0, validation_split=0.3, callbacks=callbacks)
            texts = {str(one.message) for one in warned if "available" in str(one.message)}
            found[name + "_history"] = as_text(history)
            found[name + "_loss"] = np.array(history.history["val_loss"], "float64")
            found[name + "_warned"] = np.array(sorted(texts) or ["nothing"])
            found[name + "_weights"] = np.concatenate([weight.ravel() for weight in model.get_weights()])
        return dict(found, files=np.array(sorted(os.listdir(folder))))
    finally:
        shutil.rmtree(folder)
