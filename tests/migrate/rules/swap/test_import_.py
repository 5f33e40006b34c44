"""Rule swap.import."""

import pytest

from migrate.cases import check_manual, check_noop, check_transformed
from migrate.swap_cases import IMPORTS, IMPORTS_ABOVE

RULE = "swap.import"


@pytest.mark.parametrize("before", IMPORTS)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"], ids=repr)
def test_imports(before, end):
    source, result = (text.replace("\n", end or "\n") + end for text in (before, IMPORTS[before]))
    check_transformed(source, result, RULE)


@pytest.mark.parametrize("before", IMPORTS_ABOVE)
def test_what_only_k2compat_brings_back_is_imported_below_it(before):
    check_transformed(before, IMPORTS_ABOVE[before], RULE)


STAY = [
    ("from keras import layers\n", []),
    ("from keras_contrib import backend as K\n", []),
    ("from .keras import backend as K\n", []),
    ("from mine.keras import backend as K\n", []),
    ("'''\n>>> from keras import backend as K\n'''\n", []),
    ("from keras.backend import theano_backend as K\n", [(1, "`theano_backend`")]),
    ("import keras.backend.theano_backend as K\n", [(1, "`theano_backend`")]),
    ("from keras.backend import result_type\n", [(1, "`result_type`")]),
    ("from keras import backend as K\nK.mean\nK.result_type(1)\n", [(1, "`K.result_type` in line 3")]),
    ("from keras import backend as K\nB = K\nB.result_type(1)\n", [(1, "`B.result_type` in line 3")]),
    (
        "if x:\n    from keras import backend as K\nelse:\n    from mine import backend as K\n",
        [(2, "binds it to `mine.backend`")],
    ),
    (
        "try:\n    from keras.backend import tensorflow_backend as K\nexcept:\n    from keras.backend import cntk_backend as K",
        [(2, "`keras.backend.cntk_backend`"), (4, "`cntk_backend`")],
    ),
]


@pytest.mark.parametrize(("source", "manual"), STAY)
def test_what_stays(source, manual):
    check_noop(source, RULE, manual=manual)


def test_each_scope_is_for_itself():
    done = check_transformed(
        "from keras import backend as K\ndef f():\n    from keras import backend as K\n    K.result_type(1)\n",
        "from k2compat import backend as K\ndef f():\n    from keras import backend as K\n    K.result_type(1)\n",
        RULE,
    )
    check_manual(done, [(3, "`K.result_type` in line 4")])


def test_a_name_that_is_bound_to_something_else_later_is_swapped():
    check_transformed("from keras import backend as K\nK = 3\n", "from k2compat import backend as K\nK = 3\n", RULE)
