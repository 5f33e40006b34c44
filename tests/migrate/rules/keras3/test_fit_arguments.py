"""Rule keras3.fit-arguments."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "keras3.fit-arguments"


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
    check_transformed(f"import keras\n{before}\n", f"import keras\n{after}\n", RULE)


def test_steps_are_whole():
    check_transformed(
        "import keras\nmodel.fit(g, steps_per_epoch=(n + 1) / 8, validation_steps=n // 8)\n",
        "import keras\nimport math\nmodel.fit(g, steps_per_epoch=math.ceil((n + 1) / 8), validation_steps=n // 8)\n",
        RULE,
    )


def test_what_has_no_counterpart_is_named():
    source = (
        "import keras\nmodel.fit(x, y, show_accuracy=True)\nmodel.compile('sgd', 'mse', metrics=['cosine_proximity'])\n"
    )
    check_noop(source, RULE, manual=[(2, "`show_accuracy=`"), (3, "`cosine_proximity`")])


def test_estimators_of_others_stay():
    check_noop("import keras\nfrom sklearn.svm import SVC\nm = SVC()\nm.fit(x, y, workers=3)\n", RULE)
