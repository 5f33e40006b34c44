"""Rules keras3.fit-arguments and keras3.generators."""

import pytest

from migrate.cases import check_left, check_noop, check_transformed, run

FIT, GENERATORS = "keras3.fit-arguments", "keras3.generators"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("model.fit(x, y, nb_epoch=3, verbose=1)", "model.fit(x, y, epochs=3, verbose=1)"),
        ("model.fit(g, workers=4, use_multiprocessing=True, max_queue_size=9)", "model.fit(g)"),
        ("model.fit(x, y, class_weight='auto')", "model.fit(x, y)"),
        ("model.compile('sgd', loss='kullback_leibler_divergence')", "model.compile('sgd', loss='kl_divergence')"),
        ("model.compile('sgd', loss={'a': 'logcosh'})", "model.compile('sgd', loss={'a': 'log_cosh'})"),
    ],
)
def test_arguments(before, after):
    check_transformed(f"import keras\n{before}\n", f"import keras\n{after}\n", FIT)


def test_steps_are_whole():
    check_transformed(
        "import keras\nmodel.fit(g, steps_per_epoch=(n + 1) / 8, validation_steps=n // 8)\n",
        "import keras\nimport math\nmodel.fit(g, steps_per_epoch=math.ceil((n + 1) / 8), validation_steps=n // 8)\n",
        FIT,
    )


def test_what_has_no_counterpart_is_named():
    source = (
        "import keras\nmodel.fit(x, y, show_accuracy=True)\nmodel.compile('sgd', 'mse', metrics=['cosine_proximity'])\n"
    )
    check_noop(source, FIT, left=[(2, "`show_accuracy=`"), (3, "`cosine_proximity`")])


def test_estimators_of_others_stay():
    check_noop("import keras\nfrom sklearn.svm import SVC\nm = SVC()\nm.fit(x, y, workers=3)\n", FIT)


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
    check_transformed(f"import keras\n{FLOWS}{before}\n", f"import keras\n{FLOWS}{after}\n", GENERATORS)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("model.fit_generator(g(8), samples_per_epoch=100, nb_epoch=5)", "batch size is not known"),
        ("model.fit_generator(g, 1, 1, 1, None, v, 3, 1)", "by position"),
        ("model.fit_generator(*a)", "by `*args`"),
    ],
)
def test_counts_that_are_not_known_are_named(source, message):
    check_noop(f"import keras\n{source}\n", GENERATORS, left=[(2, message)])


def test_a_method_of_the_file_is_not_that_of_keras():
    source = "import keras\nclass A:\n    def fit_generator(self, g): pass\nA().fit_generator(g)\nb.fit_generator(g)\n"
    check_left(run(source, GENERATORS), [(4, "of line 3"), (5, "of line 3")])


def test_a_generator_yields_tuples():
    check_transformed(
        "import keras\ndef g():\n    yield [a, [b]], c\n    yield ([a], [b])\ndef other():\n    yield [a, b], c\n"
        "def p():\n    yield a[0]\nmodel.fit(g())\nbatches = p()\nmodel.predict(batches)\n",
        "import keras\ndef g():\n    yield (a, [b]), c\n    yield ((a,), (b,))\ndef other():\n    yield [a, b], c\n"
        "def p():\n    yield (a[0],)\nmodel.fit(g())\nbatches = p()\nmodel.predict(batches)\n",
        GENERATORS,
    )
