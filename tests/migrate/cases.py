"""What the tests of the rules share: a rule is run on a text until nothing changes."""

import textwrap

from k2compat.migrate.engine import migrate
from k2compat.migrate.rules import RULES


def run(source, only="", **options):
    """Run the rules whose names begin with ``only`` (all by default); the result has text, changes and manual work."""
    rules = [rule() for rule in RULES if rule.name.startswith(only)]
    return migrate(textwrap.dedent(source), rules, **options)


def check_transformed(before, after, only="", **options):
    """Check that a text becomes another one, and that one stays; return what was done."""
    done = run(before, only, **options)
    assert done.text == textwrap.dedent(after)
    again = run(done.text, only, **options)
    assert again.text == done.text
    assert again.changes == []
    compile(done.text, "after", "exec")
    return done


def check_noop(source, only="", manual=(), **options):
    """Check that a text stays as it is; ``manual`` are (line, part of the message) of what needs manual work."""
    done = run(source, only, **options)
    assert done.text == textwrap.dedent(source)
    assert done.changes == []
    check_manual(done, manual)


def check_manual(done, manual):
    """Check that exactly these need manual work, by line of the text before."""
    assert [entry.line for entry in done.manual] == [line for line, _ in manual], done.manual
    for entry, (_, part) in zip(done.manual, manual, strict=True):
        assert part in entry.message
        assert entry.advice


OLD = "from keras import backend as K\n"
NEW = "from k2compat import backend as K\n"


def write(folder, **files):
    """Write files; in their names two underscores stand for a slash, and _py for .py."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
