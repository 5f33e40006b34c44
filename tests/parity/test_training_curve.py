"""What a program computes without K is recorded too, and a difference planted in any of it is found and named."""

import numpy as np
import pytest
import tensorflow as tf
from kerases import keras, layers

from k2compat import parity
from k2compat.parity import report
from k2compat.parity.recording import Recording
from k2compat.parity.worker.recorder import Recorder

RNG = np.random.RandomState(0)
X, Y = RNG.normal(size=(8, 4)).astype("float32"), RNG.normal(size=(8, 1)).astype("float32")


def small_model():
    np.random.seed(3)
    tf.random.set_seed(3)
    model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def batches():
    while True:
        yield X[:4], Y[:4]
        yield X[4:], Y[4:]


CALLS = {
    "predict": lambda model: model.predict(X, verbose=0),
    "predict_on_batch": lambda model: model.predict_on_batch(X),
    "predict_generator": lambda model: model.predict_generator(((x,) for x, _ in batches()), 2),
    "predict_classes": lambda model: model.predict_classes(X),
    "predict_proba": lambda model: model.predict_proba(X),
    "evaluate": lambda model: model.evaluate(X, Y, verbose=0),
    "evaluate_generator": lambda model: model.evaluate_generator(batches(), 2),
    "train_on_batch": lambda model: model.train_on_batch(X, Y),
    "test_on_batch": lambda model: model.test_on_batch(X, Y),
    "get_weights": lambda model: model.get_weights(),
}


def recorded(work, *arguments):
    with parity.record() as recording:
        work(*arguments)
    return recording


@pytest.mark.parametrize("name", CALLS)
def test_a_difference_in_what_a_method_gives_is_found(name, monkeypatch):
    call = CALLS[name]
    left = recorded(call, small_model())
    again = recorded(call, small_model())
    assert parity.compare(left, again).equal
    owner = next(owner for owner in keras.Sequential.__mro__ if name in vars(owner))
    original = vars(owner)[name]

    def planted(self, *args, **kwargs):
        found = original(self, *args, **kwargs)
        if not isinstance(found, list):
            return found + type(np.asarray(found).flat[0])(1)
        return [*found[:-1], found[-1] + 0.01]

    monkeypatch.setattr(owner, name, planted)
    right = recorded(call, small_model())
    comparison = parity.compare(left, right)
    first = comparison.first_difference
    assert first.event.what == ("get_weights" if name == "get_weights" else f"model.{name}")
    assert first.verdict == "DIFFERS"
    assert [row.fine for row in comparison.rows].count(False) == 1


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, with NumPy 2
def test_weights_of_layers_and_saved_models_are_recorded(tmp_path):
    def work(shift):
        model = small_model()
        model.layers[0].set_weights([weight + shift for weight in model.layers[0].get_weights()])
        model.save_weights(str(tmp_path / "net.weights.h5"))
        model.layers[0].get_weights()

    left, right = recorded(work, 0.0), recorded(work, 0.01)
    assert [event.what for event in left.events] == ["get_weights", "model.save_weights", "get_weights"]
    rows = parity.compare(left, right).rows
    assert [row.verdict for row in rows] == ["equal"] * 2 + ["DIFFERS"] * 2 + ["equal"] * 2 + ["DIFFERS"] * 2
    lines = report.lines(rows)
    assert [line.verdict for line in lines] == ["equal", "DIFFERS, 2 of 4 arrays", "DIFFERS, 2 of 2 arrays"]
    assert lines[1].array.endswith("float32; 3 other arrays")


def test_what_is_no_number_any_more_is_a_difference(tmp_path):
    recordings = []
    for index, result in enumerate(([0.5, 0.25], 0.5, [0.5, 1], {"loss": 0.5, "mae": 0.25})):
        recorder = Recorder(str(tmp_path / str(index)))
        recorder.call(("script.py", 1), "model.evaluate", None, True, lambda value: value, (result,), {})
        recorder.writer.close()
        recordings.append(Recording(tmp_path / str(index)))
    found = [[row.verdict for row in parity.compare(recordings[0], right).rows] for right in recordings]
    only = ["ONLY IN REFERENCE"] * 2
    assert found[0] == ["equal", "equal"]
    assert found[1] == [*only, "ONLY IN K2COMPAT"]
    assert found[2] == ["equal", "DIFFERS"]
    assert found[3] == [*only, "ONLY IN K2COMPAT", "ONLY IN K2COMPAT"]


# Trainings.


def fit(model, epochs=2, callbacks=()):
    return model.fit(X, Y, epochs=epochs, batch_size=4, shuffle=False, verbose=0, callbacks=list(callbacks))


def test_a_history_is_recorded_with_all_its_keys():
    (event,) = recorded(fit, small_model()).events
    names = [value.name for value in event.values]
    assert {"loss", "mae", "loss by batch", "mae by batch", "history['loss']", "history['mae']"} == set(names)
    found = {value.name: value.load() for value in event.values}
    np.testing.assert_array_equal(found["loss"], found["history['loss']"])
    assert found["mae by batch"].shape == (4,)
    (line,) = report.lines(parity.compare(*[recorded(fit, small_model()) for _ in range(2)]).rows)
    assert line.verdict == "equal"
    assert line.array.endswith("float64; 5 other curves")


class Writes(keras.callbacks.Callback):
    """Writes a number of its own into the logs of an epoch, as scripts do with the area under a curve."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def on_epoch_end(self, epoch, logs=None):
        logs["auc"] = self.value * (epoch + 1)


def test_what_callbacks_write_is_compared():
    left, right = (recorded(fit, small_model(), 3, [Writes(value)]) for value in (0.5, 0.6))
    rows = parity.compare(left, right).rows
    wrong = [row.value.name for row in rows if not row.fine]
    assert "auc" in wrong
    assert {"auc", "history['auc']"} >= set(wrong)
    (line,) = report.lines(rows)
    assert line.remark == "first apart: auc from epoch 1 on"


def training(folder, history, batches=None):
    """A recording of one training that left a history."""
    recorder = Recorder(str(folder))
    recorder.writer.line("training", training=1, file="script.py", line=3, what="model.fit")
    for epoch in range(max(map(len, history.values()))):
        losses = {name: values[epoch] for name, values in history.items() if epoch < len(values)}
        given = {"loss": recorder.writer.array(np.asarray(batches[epoch], "float64"))} if batches else {}
        recorder.writer.line("epoch", training=1, losses=losses, batches=given)
    arrays = {name: recorder.writer.array(np.asarray(values, "float64")) for name, values in history.items()}
    recorder.result(("script.py", 3), "model.fit", None, [], training=1, history=arrays)
    recorder.writer.close()
    return Recording(folder)


HISTORY = {"val_loss": [3.0, 2.0], "loss": [4.0, 2.0], "accuracy": [0.5, 0.75], "lr": [0.1, 0.05]}
BATCHES = [[4.0, 4.0], [2.0, 2.0]]


@pytest.mark.parametrize(
    ("change", "verdict", "remark"),
    [
        ({"loss": [4.0, 2.01]}, "DIFFERS, 2 of 9 curves", "first apart: history['loss'] from epoch 2 on"),
        ({"accuracy": None}, "ONLY IN REFERENCE, 2 of 9 curves", "only in reference: accuracy, history['accuracy']"),
        ({"f1": [1.0, 1.0]}, "ONLY IN K2COMPAT, 2 of 11 curves", "only in k2compat: f1, history['f1']"),
        (
            {"accuracy": None, "acc": [0.5, 0.75]},
            "NAME DIFFERS, 2 of 9 curves",
            "accuracy became acc; history['accuracy'] became history['acc']",
        ),
        (
            {"lr": None, "learning_rate": [0.1, 0.05]},
            "NAME DIFFERS, 2 of 9 curves",
            "history['lr'] became history['learning_rate']; lr became learning_rate",
        ),
        ({"lr": [0.1]}, "DIFFERS, 2 of 9 curves", "only the first"),
        (
            {name: values[:1] for name, values in HISTORY.items()},
            "SHAPE DIFFERS, 9 of 9 curves",
            "(2,) became (1,), equal as far as both go; (4,) became (2,), equal as far as both go",
        ),
    ],
    ids=["value", "missing", "added", "acc", "lr", "nan", "shorter"],
)
def test_each_difference_of_a_history_is_told_in_one_line(tmp_path, change, verdict, remark):
    history = {name: values for name, values in {**HISTORY, **change}.items() if values is not None}
    longest = max(map(len, history.values()))
    left = training(tmp_path / "a", HISTORY, BATCHES)
    comparison = parity.compare(left, training(tmp_path / "b", history, BATCHES[:longest]))
    (line,) = report.lines(comparison.rows)
    assert not comparison.equal
    if remark == "only the first":  # a key that is missing in the last epoch
        assert {row.value.name for row in line.wrong} == {"lr", "history['lr']"}
        return
    assert line.verdict == verdict
    assert line.remark == remark
    assert verdict.partition(",")[0] in str(comparison)


def test_the_batch_a_training_parts_at_is_told(tmp_path):
    right = {**HISTORY, "loss": [4.0, 2.2]}
    left = training(tmp_path / "a", HISTORY, BATCHES)
    comparison = parity.compare(left, training(tmp_path / "b", right, [[4.0, 4.0], [2.0, 2.2]]))
    (line,) = report.lines(comparison.rows)
    assert line.remark == "first apart: loss by batch from epoch 2, batch 2 on"
    assert (line.numbers, line.count) == ("1", "")
