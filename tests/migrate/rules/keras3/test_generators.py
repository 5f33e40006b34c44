"""Rule keras3.generators."""

import pytest

from k2compat.cli import main
from migrate.cases import check_manual, check_noop, check_transformed, run, write

RULE = "keras3.generators"
FLOWS = "train = gen.flow(x, y, batch_size=16)\nval = gen.flow_from_directory(d)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("model.fit_generator(g, 100, 5)", "model.fit(g, steps_per_epoch=100, epochs=5)"),
        ("model.fit_generator(g, **options)", "model.fit(g, **options)"),
        (
            "model.fit_generator(generator=g, steps_per_epoch=3, nb_worker=1, pickle_safe=True)",
            "model.fit(x=g, steps_per_epoch=3)",
        ),
        (
            "model.fit_generator(train, samples_per_epoch=100, nb_epoch=5, validation_data=val, nb_val_samples=65)",
            "model.fit(train, steps_per_epoch=6, epochs=5, validation_data=val, validation_steps=3)",
        ),
        (
            "model.fit_generator(gen.flow(x, y, batch_size=b),\n    samples_per_epoch=len(x),\n    nb_epoch=5)",
            "model.fit(gen.flow(x, y, batch_size=b),\n    steps_per_epoch=len(x) // b,\n    epochs=5)",
        ),
        ("model.fit_generator(train, 160, nb_epoch=2)", "model.fit(train, steps_per_epoch=10, epochs=2)"),
        (
            "model.fit_generator(train, validation_data=(a, b), nb_val_samples=8)",
            "model.fit(train, validation_data=(a, b))",
        ),
        ("model.evaluate_generator(val, steps=20, workers=3)", "model.evaluate(val, steps=20)"),
        ("model.predict_generator(val, 20)", "model.predict(val, steps=20)"),
    ],
)
def test_methods_for_generators(before, after):
    check_transformed(f"import keras\n{FLOWS}{before}\n", f"import keras\n{FLOWS}{after}\n", RULE)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("model.fit_generator(g(8), samples_per_epoch=100, nb_epoch=5)", "batch size is not known"),
        ("model.fit_generator(g, 1, 1, 1, None, v, 3, 1)", "by position"),
        ("model.fit_generator(*a)", "by `*args`"),
    ],
)
def test_counts_that_are_not_known_are_named(source, message):
    check_noop(f"import keras\n{source}\n", RULE, manual=[(2, message)])


def test_a_method_of_the_file_is_not_that_of_keras():
    source = "import keras\nclass A:\n    def fit_generator(self, g): pass\nA().fit_generator(g)\nb.fit_generator(g)\n"
    check_manual(run(source, RULE), [(4, "of line 3"), (5, "of line 3")])


def test_a_generator_yields_tuples():
    check_transformed(
        "import keras\ndef g():\n    yield [a, [b]], c\n    yield ([a], [b])\ndef other():\n    yield [a, b], c\n"
        "def p():\n    yield a[0]\nmodel.fit(g())\nbatches = p()\nmodel.predict(batches)\n",
        "import keras\ndef g():\n    yield (a, [b]), c\n    yield ((a,), (b,))\ndef other():\n    yield [a, b], c\n"
        "def p():\n    yield (a[0],)\nmodel.fit(g())\nbatches = p()\nmodel.predict(batches)\n",
        RULE,
    )


@pytest.mark.parametrize(
    "source",
    [
        "import keras\nmodel.fit(g, steps_per_epoch=3)\n",
        "import keras\ndef g():\n    yield (a, b), c\nmodel.fit(g())\n",
        "import keras\ndef g():\n    yield [a, b], c\nother(g())\n",
        "from sklearn.svm import SVC\nm = SVC()\nm.fit_generator(g)\n",
    ],
)
def test_what_is_as_it_should_be_stays(source):
    check_noop(source, RULE)


def test_a_method_with_other_arguments_is_not_that_of_keras():
    check_noop("import keras\nclassifier.fit_generator(generator=g, nb_epochs=5)\n", RULE)


def test_what_a_class_makes_its_instances_have():
    check_noop(
        "import keras\nfrom art import Ensemble\nclass T:\n    @classmethod\n    def setUpClass(cls):\n"
        "        cls.net = Ensemble()\n    def test(self):\n        self.net.fit_generator(None)\n",
        RULE,
    )


def test_models_that_functions_of_the_project_make(here):
    models = "import keras\ndef make():\n    return keras.Sequential()\nclass Net:\n    pass\ndef ResNet(): pass\n"
    trainers = "class Trainer:\n    def fit_generator(self, g): pass\ndef make():\n    return Trainer()\n"
    source = "import keras, keras_bert, models\nfrom trainers import make\nfrom keras_bert import get_model\n"
    source += "model = models.make()\nmodel.{0}(g)\nnet = models.Net()\nnet.fit_generator(g)\n"
    source += "resnet = models.ResNet()\nresnet.{0}(g)\ndense = keras_bert.DenseNet()\ndense.{0}(g)\n"
    source += "trainer = make()\ntrainer.fit_generator(g)\nbert = get_model()\nbert.{0}(g)\n"
    write(here, models_py=models, trainers_py=trainers, a_py=source.format("fit_generator"))
    main(["migrate", "--select", RULE, "-q", "--write", "a.py"])
    assert (here / "a.py").read_text() == source.format("fit")
