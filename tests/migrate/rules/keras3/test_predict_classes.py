"""Rule keras3.predict-classes."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "keras3.predict-classes"
HEAD = "import numpy as np\nfrom keras.models import Sequential\nfrom keras.layers import Dense, Activation, LSTM\n"
ARGMAX = "np.argmax(model.predict(x, verbose=0), axis=-1)"
HALF = '(model.predict(x, verbose=0) > 0.5).astype("int32")'


@pytest.mark.parametrize(
    ("model", "after"),
    [
        ("model = Sequential()\nmodel.add(Dense(1))\nmodel.add(Dense(3))\nmodel.add(Activation('sigmoid'))\n", ARGMAX),
        ("model = Sequential()\nmodel.add(Dense(3))\nmodel.add(Dense(units=1, activation='sigmoid'))\n", HALF),
        ("model = Sequential([Dense(3), Dense(n, activation='softmax')])\n", ARGMAX),
        ("model = Sequential([Dense(3), Dense(n), Activation('softmax')])\n", ARGMAX),
    ],
)
def test_what_the_last_layer_says(model, after):
    source = HEAD + model + "y = {}\n"
    check_transformed(source.format("model.predict_classes(x, verbose=0)"), source.format(after), RULE)


@pytest.mark.parametrize(
    "model",
    [
        "model = load(f)\n",
        "model = Sequential([Dense(n, activation='sigmoid')])\n",
        "model = Sequential([LSTM(3)])\n",
        "model = Sequential()\nmodel.add(layer)\n",
    ],
)
def test_what_no_layer_says_is_named(model):
    source = HEAD + model + "y = model.predict_classes(x)\n"
    check_noop(source, RULE, manual=[(source.count("\n"), "how many outputs")])


def test_a_model_of_another_scope_is_another_model():
    source = HEAD + "model = Sequential([Dense(3)])\ndef f(model):\n    return model.predict_classes(x)\n"
    check_noop(source, RULE, manual=[(6, "how many outputs")])


def test_chances_are_predictions_of_a_model_of_keras():
    head = "from keras.models import load_model\nfrom sklearn.svm import SVC\nm, c = 0, SVC()\nn = load_model(f)\n"
    check_transformed(head + "n.predict_proba(x)\n", head + "n.predict(x)\n", RULE)
    check_noop("import keras\nfrom sklearn.svm import SVC\nc = SVC()\nc.predict_proba(x)\n", RULE)
    check_noop("import keras\nc.predict_proba(x)\n", RULE, manual=[(2, "does not make")])
