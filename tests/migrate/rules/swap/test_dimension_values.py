"""Rule swap.dimension-values."""

import pytest

from migrate.cases import check_noop, check_transformed

RULE = "swap.dimension-values"
HEAD = "import keras\n"
CASES = {
    "n = x.shape[1].value": "n = x.shape[1]",
    "n = x.get_shape()[-1].value * y.shape[0].value": "n = x.get_shape()[-1] * y.shape[0]",
    "n = (input_shape[i].value)": "n = (input_shape[i])",
    "n = layer(x).shape[1].value  # size": "n = layer(x).shape[1]  # size",
}


@pytest.mark.parametrize("before", CASES)
def test_sizes_are_integers(before):
    check_transformed(f"{HEAD}{before}\n", f"{HEAD}{CASES[before]}\n", RULE)


STAY = [
    "x[1].value",
    "cells[i].value",
    "x.shape.value",
    "x.shape[1:].value",
    "x.shape[1].value = 3",
    "sheet.rows[1].value",
]


@pytest.mark.parametrize("source", STAY)
def test_what_stays(source):
    check_noop(f"{HEAD}{source}\n", RULE)
    check_noop("x.shape[1].value\n", RULE)
