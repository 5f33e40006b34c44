"""Rule keras3.weight-files."""

import pytest

from k2compat.cli import main
from migrate.cases import check_noop, check_transformed, write

RULE = "keras3.weight-files"
HEAD = "import os\nfrom keras.models import Sequential\nfrom keras.callbacks import ModelCheckpoint\nmodel = Sequential()\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "model.save_weights('a/net.h5')\nm.load_weights('a/net.h5')",
            "model.save_weights('a/net.weights.h5')\nm.load_weights('a/net.weights.h5')",
        ),
        (
            "f = 'net.hdf5'\nm.save_weights(f)\nos.path.exists(f)",
            "f = 'net.weights.h5'\nm.save_weights(f)\nos.path.exists(f)",
        ),
        ("m.save_weights('w_%d.h5' % i, True)", "m.save_weights('w_%d.weights.h5' % i, True)"),
        ("m.save_weights(os.path.join(d, 'w.h5'))", "m.save_weights(os.path.join(d, 'w.weights.h5'))"),
        ("m.save_weights(f'{d}.h5'); g(f'{e}.h5')", "m.save_weights(f'{d}.weights.h5'); g(f'{e}.h5')"),
        (
            "m.save_weights(d + '.h5'); m.load_weights(d + '.h5')",
            "m.save_weights(d + '.weights.h5'); m.load_weights(d + '.weights.h5')",
        ),
        ("m.save_weights('w'); open(f, 'w')", "m.save_weights('w.weights.h5'); open(f, 'w')"),
        ("m.save_weights('{}.h5'.format(i))", "m.save_weights('{}.weights.h5'.format(i))"),
        (
            "ModelCheckpoint('w-{epoch:02d}.hdf5')\nm.load_weights('w-{epoch:02d}.hdf5')",
            "ModelCheckpoint('w-{epoch:02d}.h5')\nm.load_weights('w-{epoch:02d}.h5')",
        ),
        ("ModelCheckpoint('w.h5', save_weights_only=True)", "ModelCheckpoint('w.weights.h5', save_weights_only=True)"),
        ("model.save('net')", "model.save('net.h5')"),
    ],
)
def test_files_have_the_endings_of_keras_3(before, after):
    check_transformed(HEAD + before + "\n", HEAD + after + "\n", RULE)


@pytest.mark.parametrize(
    "source",
    [
        "model.save_weights('a.weights.h5')",
        "model.save('a.h5'); model.save('a.keras'); model.save('a.hdf5')",
        "model.load_weights('old.h5')",
        "ModelCheckpoint('a.h5')",
        "picture.save('a.png')",
    ],
)
def test_names_that_keras_3_takes_stay(source):
    check_noop(HEAD + source + "\n", RULE)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("model.save_weights(args.out)", "not known here"),
        ("model.load_weights('vgg16')", "reads no weights"),
        ("ModelCheckpoint(f)", "not known here"),
    ],
)
def test_names_that_are_not_known_are_named(source, message):
    check_noop(HEAD + source + "\n", RULE, manual=[(5, message)])


def test_a_model_and_weights_of_one_name_are_named():
    check_noop(
        HEAD + "model.save('a.h5')\nmodel.save_weights('a.h5')\n", RULE, manual=[(6, "a whole model and of weights")]
    )


def test_a_keras_may_come_from_another_file(here):
    uses = "from .compat import keras\nmodel = keras.models.Sequential()\nmodel.save_weights('{}')\n"
    write(here, p____init___py="", p__compat_py="import keras\nK = keras.backend\n", p__a_py=uses.format("a.h5"))
    assert main(["migrate", "--level", "keras3", "-q", "--write", "p"]) == 0
    assert (here / "p/a.py").read_text() == uses.format("a.weights.h5")


@pytest.mark.parametrize(
    "name", ["'%s' % path", "'{}'.format(path)", "'out/{name}'.format(name=path)", "'%s_%s' % (a, b)"]
)
def test_a_name_that_ends_in_another_one_is_not_known(name):
    check_noop(f"{HEAD}model.save_weights({name})\n", RULE, manual=[(5, "is not known here")])


@pytest.mark.parametrize("name", ["'wEND' % 3", "'w%dEND' % 3", "'w{:02d}END'.format(3)", "'w_{}_xEND'.format(path)"])
def test_a_name_that_ends_in_a_number_or_text_is_known(name):
    before = f"{HEAD}model.save_weights({name})\n"
    check_transformed(before.replace("END", ""), before.replace("END", ".weights.h5"), RULE)
