"""Expressions that nest deeply are parsed in parts, in time that grows with their length, to the same tree."""

import ast
import sys
import textwrap
import time

import libcst as cst
import pytest

from k2compat.cli import main
from k2compat.migrate.files.migrate_file import DEEPEST
from k2compat.migrate.syntax import deep
from k2compat.migrate.syntax.module import CannotParse, Module
from migrate.cases import OLD, run, write

DEEP = {
    "sum": lambda n: "x = " + " + ".join(f"f(y{i})" for i in range(n)),
    "differences": lambda n: "x = " + "a - (" * 50 + " + ".join(["b"] * n) + ")" * 50,
    "attributes": lambda n: "x = a" + ".b" * n,
    "calls": lambda n: "x = a" + ".b(1, 'c')[2]" * (n // 3),
    "stores": lambda n: "a" + ".b" * n + " = 1",
    "minus": lambda n: "x = " + "-" * n + "1",
    "not": lambda n: "x = " + "not " * n + "1",
    "if": lambda n: "x = " + "1 if a else " * n + "2",
    "lambda": lambda n: "x = " + "lambda: " * n + "1",
    "power": lambda n: "x = " + "1 ** " * n + "1",
    "adjoining": lambda n: "x = " + "(a)if(b)else " * n + "2",
    "lines": lambda n: "x = (  # first\n" + "    a  # c\n\n    +\n" * n + "    b\n)",
    "backslashes": lambda n: "x = a" + " \\\n  + b" * n,
    "in a call": lambda n: "f(1, *a, k=" + "+".join(["b"] * n) + ", **c)[" + "+".join(["b"] * n) + ":, ...]",
    "twice": lambda n: "x = [" + "+".join(["b"] * n) + ", " + "+".join(["'é€'"] * n) + "]",
    "generator": lambda n: "x = sum(" + " + ".join(["b"] * n) + " for b in c)",
    "f-string": lambda n: "x = f'{" + "+".join(["b"] * n) + "}'",
    "decorator": lambda n: "@" + "a" + ".b" * n + "\ndef f(x=" + "+".join(["b"] * n) + "):\n    return x",
}
WRAPS = ["{}", "def f():\n    if 1:\n{}\n", "class A:\n\tdef f(self):\n\t\tpass\n{}\n"]
INDENTS = ["", " " * 8, "\t\t"]


@pytest.fixture(autouse=True)
def _as_for_a_file():
    """Let functions call each other as deeply as they may while a file is worked on."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(DEEPEST)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.parametrize(
    ("wrap", "indent", "end"),
    list(zip(WRAPS, INDENTS, ["\n", "\r\n", "\n"], strict=True)),
    ids=["top", "function", "tabs"],
)
@pytest.mark.parametrize("name", DEEP)
def test_the_tree_is_the_same(name, wrap, indent, end):
    text = wrap.format(textwrap.indent(DEEP[name](410), indent)).replace("\n", end)
    parts = list(deep._parts(text, ast.parse(text).body))
    assert len(parts) > 1 or name in ("f-string", "adjoining")
    tree = deep.parse(text, ast.parse(text).body)
    assert tree.code == text
    assert ast.dump(ast.parse(tree.code)) == ast.dump(ast.parse(text))
    assert same(tree, cst.parse_module(text))


def same(tree, other):
    """Return whether trees have equal nodes, but for how blanks at the beginning of lines are kept."""
    kinds = []
    for found in (tree, other):
        waiting, nodes = [found], []
        while waiting:
            node = waiting.pop()
            nodes.append((type(node), node.value if isinstance(node, cst.Name) else None))
            waiting += [child for child in node.children if not isinstance(child, cst.BaseParenthesizableWhitespace)]
        kinds.append(nodes)
    return kinds[0] == kinds[1]


@pytest.mark.parametrize("name", ["sum", "attributes", "if", "lines"])
def test_depth_costs_no_more_than_length(name):
    start = time.process_time()
    module = Module(DEEP[name](2000))
    assert module.tree.code == module.source
    assert time.process_time() - start < 10  # alone, libcst takes this long for a sum of 2000 terms


def test_a_sum_of_3000_terms_is_migrated_to_the_last_level():
    start = time.process_time()
    done = run(OLD + "x = " + " + ".join(f"K.eval(y{i})" for i in range(3000)), "")
    assert len(done.changes) + len(done.manual) >= 3000
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    "text", ["x = " + "(" * 1500 + "1" + ")" * 1500, "x = " + "not " * 20_000 + "1", "x = " + "[" * 1500], ids=len
)
def test_what_libcst_would_crash_on_is_said(here, capsys, text):
    with pytest.raises(CannotParse):
        Module(text)
    write(here, a_py=OLD, b_py=OLD + text + "\n", c_py=OLD)
    assert main(["migrate", "--write", "."]) == 3
    errors = capsys.readouterr().err
    assert "b.py: cannot be parsed as Python 3: " in errors
    assert "2 written" in errors
    assert main(["audit", "."]) == 3
