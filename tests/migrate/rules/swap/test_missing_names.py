"""Rule swap.missing-names."""

import pytest

from migrate.cases import check_manual, check_noop, check_transformed, run
from migrate.swap_cases import MISSING_NAMES


@pytest.mark.parametrize(("source", "manual"), MISSING_NAMES)
def test_what_is_reported(source, manual):
    check_noop(source, "swap.missing-names", manual=manual)


def test_a_missing_name_does_not_keep_the_rest():
    done = check_transformed(
        "from keras import backend as K\nK.mean(1)\nK._helper(1)\n",
        "from k2compat import backend as K\nK.mean(1)\nK._helper(1)\n",
        "swap",
    )
    check_manual(done, [(3, "no `_helper`")])


BRANCHES = [
    "if K.backend() == 'theano':\n    {}\nelse:\n    pass\n",
    "if K.backend() != 'tensorflow':\n    f({})\n",
    "if K.backend() == 'tensorflow':\n    pass\nelse:\n    {}\n",
    "if a:\n    pass\nelif K._BACKEND == 'cntk':\n    {}\n",
    "x = {} if K.backend() in ('theano', 'cntk') else 1\n",
    "def f(x):\n    if K.backend() == 'theano' and x:\n        return [{} for _ in x]\n",
]
OURS = [
    "if K.backend() == 'tensorflow':\n    {}\n",
    "if K.backend() == 'theano':\n    pass\nelse:\n    {}\n",
    "if backend() == 'theano':\n    {}\n",
    "if K.backend() == 'theano' or x:\n    {}\n",
    "if K.image_data_format() == 'channels_first':\n    {}\n",
    "if K.backend() == name:\n    {}\n",
]


@pytest.mark.parametrize("branch", BRANCHES)
def test_names_that_another_backend_alone_reads_are_not_reported(branch):
    check_noop("import k2compat.backend as K\n" + branch.format("K._other(1)"), "swap.missing-names")


@pytest.mark.parametrize("branch", OURS)
def test_names_that_tensorflow_may_read_are_reported(branch):
    done = run("import k2compat.backend as K\n" + branch.format("K._other(1)"), "swap.missing-names")
    assert ["`_other`" in entry.message for entry in done.manual] == [True]
