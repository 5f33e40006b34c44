"""Lines of bounded width: as formatters leave them, and with the meaning they had."""

import ast
from textwrap import dedent

import pytest

from k2compat.line_folding import fitted

# A line, and what it becomes in 40 characters.
LINES = {
    "short = 1": ["short = 1"],
    "x = called(first_argument, second_argument)": ["x = called(", "    first_argument, second_argument", ")"],
    "x = -called(first_argument, second_argument)": ["x = -called(", "    first_argument, second_argument", ")"],
    "total = first_summand + second_summand + third": [
        "total = (",
        "    first_summand",
        "    + second_summand",
        "    + third",
        ")",
    ],
    "total = first + called(an_argument, another_one)": [
        "total = first + called(",
        "    an_argument, another_one",
        ")",
    ],
    "def function(parameter, other, third_parameter):": [
        "def function(",
        "    parameter, other, third_parameter",
        "):",
    ],
    "a_name_that_is_longer_than_a_line_may_be_there": ["a_name_that_is_longer_than_a_line_may_be_there"],
    "x = called(first_argument, second)  # comment": ["x = called(first_argument, second)  # comment"],
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_folded(line):
    found = fitted(line, 40)
    assert found == LINES[line]
    head = "\n    pass" if line.endswith(":") else ""
    assert ast.dump(ast.parse(dedent("\n".join(found)) + head)) == ast.dump(ast.parse(line + head))
