"""Rule keras3.accuracy-keys."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "keras3.accuracy-keys"
HEAD = "from keras.callbacks import *\nmodel.compile('sgd', 'mse', metrics=[{!r}])\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("h.history['acc'] + history['val_acc']", "h.history['accuracy'] + history['val_accuracy']"),
        ('EarlyStopping(monitor="val_acc")', 'EarlyStopping(monitor="val_accuracy")'),
        (
            "ModelCheckpoint('w.{epoch}-{val_acc:.2f}.h5', 'val_acc')",
            "ModelCheckpoint('w.{epoch}-{val_accuracy:.2f}.h5', 'val_accuracy')",
        ),
        ("logs.get('acc')", "logs.get('accuracy')"),
        ("h.history['lr']", "h.history['learning_rate']"),
        ("d['acc'], f('val_acc'), args['lr']", "d['acc'], f('val_acc'), args['lr']"),
    ],
)
def test_keys_follow_the_metrics(before, after):
    head = HEAD.format("accuracy")
    check_transformed(head + before + "\n", head + after + "\n", RULE)


def test_keys_stay_where_the_metrics_say_so():
    check_noop(HEAD.format("acc") + "h.history['acc']\n", RULE)


@pytest.mark.parametrize(
    "head",
    ["import keras\n\n", "import keras\nm.compile('sgd', 'mse', ['acc']); n.compile('sgd', 'mse', ['accuracy'])\n"],
)
def test_keys_without_metrics_are_named(head):
    check_noop(head + "h.history['acc']\n", RULE, manual=[(3, "`acc`")])


def test_keys_of_outputs_are_named():
    check_noop(HEAD.format("accuracy") + "h.history['val_out_acc']\n", RULE, manual=[(3, "`val_out_acc`")])


@pytest.mark.parametrize(
    "own",
    [
        "class C(Callback):\n"
        "    def __init__(self):\n        self.history = {}\n"
        "    def on_batch_end(self, batch, logs=None):\n"
        "        self.history.setdefault('lr', []).append(1)\n"
        "        self.history['acc'] = self.history.get('acc')\n"
        "c = C()\nplot(c.history['lr'], c.history['acc'])\n",
        "history = {'acc': []}\nhistory['acc'].append(1)\n",
        "from collections import defaultdict\nlogs = defaultdict(list)\nlogs['lr'].append(1)\n",
    ],
    ids=["attribute", "name", "defaultdict"],
)
def test_dicts_of_the_script_itself_keep_their_keys(own):
    check_noop(HEAD.format("accuracy") + own, RULE)


def test_histories_beside_an_own_dict_are_renamed():
    own = "class C(Callback):\n    def __init__(self):\n        self.history = {}\n"
    before = HEAD.format("accuracy") + own + "h = model.fit(x, y)\nprint(h.history['acc'])\n"
    check_transformed(before, before.replace("['acc']", "['accuracy']"), RULE)


@pytest.mark.parametrize(
    "source",
    [
        "def on_epoch_end(self, epoch, logs):\n    logs['lr'] = f()\n    print(logs['lr'])\n",
        "from keras_contrib.callbacks import CyclicLR\nclr = CyclicLR()\nmodel.fit(x, callbacks=[clr])\nprint(clr.history['lr'])\n",
    ],
    ids=["stored", "callback"],
)
def test_a_rate_that_the_program_writes_keeps_its_key(source):
    check_noop(HEAD.format("accuracy") + source, RULE)


def test_a_rate_of_keras_has_its_name():
    before = HEAD.format("accuracy") + "h = model.fit(x, y)\nprint(h.history['lr'])\n"
    check_transformed(before, before.replace("['lr']", "['learning_rate']"), RULE)
