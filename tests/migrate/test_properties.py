"""Whatever old statements come together in a file: twice is once, the result compiles, comments and strings stay."""

import io
import textwrap
import tokenize

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.cases import run
from migrate.swap_cases import (
    ATTRIBUTES,
    ATTRIBUTES_THAT_STAY,
    DYNAMIC_IMPORTS,
    IMPORTS,
    IMPORTS_ABOVE,
    MISSING_NAMES,
    PRIVATE_MODULES,
    THIRD_PARTY_BACKENDS,
)

REPORTED = [*ATTRIBUTES_THAT_STAY, *MISSING_NAMES, *DYNAMIC_IMPORTS, *THIRD_PARTY_BACKENDS]
PIECES = [*ATTRIBUTES, *IMPORTS, *IMPORTS_ABOVE, *PRIVATE_MODULES, *(source for source, _ in REPORTED)]
WRAPS = [
    "{}",
    "def f(x):\n{}",
    "class A:\n{}",
    "if x:\n{}\nelse:\n    pass",
    "try:\n{}\nexcept ImportError:\n    pass",
    "# c\n{}  # d",
]


def wrapped(piece, wrap):
    indent = "" if wrap.startswith(("{", "#")) else "    "
    return wrap.format(textwrap.indent(piece.rstrip("\n"), indent)) + "\n"


def compiles(text):
    try:
        compile(text, "text", "exec")
    except SyntaxError:  # a star import in a function, a comment after a line that goes on
        return False
    return True


def kept(text, kind):
    tokens = tokenize.generate_tokens(io.StringIO(text, newline="").readline)
    return [token.string for token in tokens if token.type == kind]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(WRAPS)), min_size=1, max_size=4),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_comes_together(parts, end):
    old = "".join(wrapped(*part) for part in parts).replace("\r\n", "\n").replace("\n", end)
    if not compiles(old):
        return
    for rules in ("swap.", ""):
        done = run(old, rules)
        assert compiles(done.text)
        again = run(done.text, rules)
        assert again.text == done.text
        assert [entry.message for entry in again.manual] == [entry.message for entry in done.manual]
        assert done.text.count("\n") == done.text.count(end)
        if rules:  # later levels take out whole statements
            assert sorted(kept(done.text, tokenize.COMMENT)) == sorted(kept(old, tokenize.COMMENT))
