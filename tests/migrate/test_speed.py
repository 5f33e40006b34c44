"""The work grows as the text does."""

import sys

import pytest

from migrate.cases import run

SCRIPT = """model = load_model("{n}.h5")
grads = K.gradients(model.output[:, 3], model.get_layer("conv").output)[0]
iterate = K.function([model.input], [K.mean(grads), grads])
value, _ = iterate([image])
model.compile(loss="mse", optimizer=SGD(lr=0.1), metrics=["acc"])
model.fit(x, y, nb_epoch=3)
"""


CLASS = """    def loss_{n}(self, y_true, y_pred):
        self.model = Sequential()
        self.model.add(Dense(3, init="uniform"))
        self.model.compile(loss=self.loss_{n}, optimizer=SGD(lr=0.1), metrics=["acc"])
        return K.mean(K.sqrt(y_true - y_pred)) + K.epsilon()
"""


HEAD = """from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential, load_model
from keras.optimizers import SGD
"""


def python_calls(text):
    """How many functions of Python run while a text is migrated."""
    count = 0

    def profile(frame, event, argument):
        nonlocal count
        count += event == "call"

    sys.setprofile(profile)
    try:
        done = run(text)
    finally:
        sys.setprofile(None)
    assert done.changes
    return count


@pytest.mark.parametrize("part", [SCRIPT, CLASS], ids=["script", "class"])
def test_work_grows_as_the_text_does(part):
    head = HEAD + ("class A:\n" if part == CLASS else "")
    few, many = (python_calls(head + "".join(part.format(n=n) for n in range(count))) for count in (4, 20))
    assert many <= 5 * few


def test_work_grows_as_a_long_sum_does():
    sums = (" + ".join(["K.sum(model.output)"] * count) for count in (100, 400))
    few, many = (python_calls(f"{HEAD}model = load_model('a')\nf = K.function([model.input], [{x}])\n") for x in sums)
    assert many <= 7 * few
