"""Rule native.unused-import."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "native.unused-import"

HEAD = "import keras\nimport tensorflow as tf\nfrom k2compat import backend as K\n"


BARE = "import keras\nimport tensorflow as tf\n"


def test_an_idle_import_goes():
    done = check_transformed(
        HEAD + "def build(input_shape):\n    pass\n", BARE + "def build(input_shape):\n    pass\n", "native"
    )
    assert [entry.rule for entry in done.changes] == ["native.unused-import"]


STAR = "from k2compat.backend import *\n"


def test_an_idle_star_goes():
    done = check_transformed(STAR + "mean = 1\nprint(mean)\n", "mean = 1\nprint(mean)\n", "native")
    assert [entry.rule for entry in done.changes] == ["native.unused-import"]
    check_transformed(STAR + "x.mean(sum=1)\n", "x.mean(sum=1)\n", "native")


def test_a_star_that_may_be_used_is_listed():
    check_noop(STAR + "print(sum(x))\n", "native", manual=[(1, "`sum` in line 2 may be from there")])
    # Where the use is listed, that says it all.
    check_noop(STAR + "from numpy import *\nmean(x)\n", "native", manual=[(3, "`mean` stays")])


@pytest.mark.parametrize(
    "source",
    [
        HEAD + "print(K.epsilon())\n",
        HEAD + "model = keras.models.load_model('old.h5')\n",
        "from keras import backend as K\n",
    ],
    ids=["read", "for its repairs", "of Keras"],
)
def test_other_imports_stay(source):
    check_noop(source, RULE)


def test_an_import_for_other_files_is_reported():
    check_noop(HEAD + "__all__ = ['K']\n", RULE, manual=[(3, "passed on between files")])


def test_names_beside_it_stay():
    check_transformed(
        "from k2compat.backend import mean, square\nprint(square(x))\n",
        "from k2compat.backend import square\nprint(square(x))\n",
        RULE,
    )
