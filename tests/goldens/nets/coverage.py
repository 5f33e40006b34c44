"""The page that says, class by class and argument by argument, what gives the numbers of Keras 2.3.1."""

import pathlib

from . import draws, known, left_out, store, surface
from .judge import TOLERANCE

KERASES = {"keras3": "Keras 3", "keras2": "Keras 2"}
HEAD = """# What gives the numbers of Keras 2.3.1

Every class of Keras 2.3.1 was made with each of its arguments, in small models drawn at random: forward pass in both
learning phases, gradients, training steps, masks, states, copies and files. What the real thing gave (on TensorFlow
1.15.5) is kept in the repository, and the tests compare it with what comes out under k2compat. "Equal" means equal in
every draw that is compared, to %s of the largest value. Layers are trained, copied and saved in one draw of each class.
A draw that raised an error in 2.3.1 says nothing.

This page is written by `python -m tests.goldens.nets.coverage`.
"""


def drawn_arguments(kind):
    """Class -> its draws, each with its subject."""
    found, subjects = {}, draws.subjects()
    for subject in draws.subjects_of(kind):
        for name, description in subjects[subject].items():
            found.setdefault(description["class"], {})[subject, name] = set(description["arguments"])
    return found


def differing(kind):
    """Subject and draw -> the entries of what is known to differ."""
    found = {}
    for entry in known.KNOWN:
        for draw in entry.draws if kind in entry.kinds else ():
            found.setdefault((entry.subject, draw), []).append(entry)
    return found


def compared(kind):
    """Subject and draw of all that is compared under a Keras."""
    subjects = known.MEASURED[kind]
    return {(subject, name) for subject in subjects for name in known.compared(kind, subject, store.read(subject)[0])}


def cell(entries, measured, every, cited):
    """What is said of a class under one Keras."""
    here = [draw for draw in every if draw in measured]
    if not here:
        return "not compared yet"
    told = []
    for entry in known.KNOWN:
        if any(entry in entries.get(draw, []) for draw in here):
            number = cited.setdefault(entry.reason, len(cited) + 1)
            what = ", ".join("`%s`" % argument for argument in entry.arguments) or "by default"
            told.append("differs %s: [%d](#differences)" % (what, number))
    arguments = set().union(*(every[draw] for draw in every))
    left = sorted(arguments - set().union(*(every[draw] for draw in here)))
    told = list(dict.fromkeys(told)) or ["equal"]
    return "; ".join(told + (["not compared yet: " + ", ".join("`%s`" % name for name in left)] if left else []))


def rows(subject, offered, aliases, sides, cited):
    """The rows of one kind."""
    every = drawn_arguments(subject)
    for name in sorted(offered):
        if name not in every:
            yield "| `%s` | | not drawn: %s | |" % (name, left_out.reason(subject, name))
            continue
        of_class = sorted({argument for given in every[name].values() for argument in given})
        others = sorted(alias for alias, real in aliases.items() if real == name)
        shown = "`%s`" % name + (" (%s)" % ", ".join("`%s`" % other for other in others) if others else "")
        cells = [cell(*side, every[name], cited) for side in sides]
        yield "| %s | %s | %s | %s |" % (shown, ", ".join("`%s`" % a for a in of_class), *cells)


def lines():
    offered, aliases = surface.stored()
    sides = [(differing(kind), compared(kind)) for kind in KERASES]
    yield from (HEAD % TOLERANCE).splitlines()
    cited = {}
    for subject in surface.KINDS:
        yield from ["", "## %s" % subject.capitalize(), ""]
        yield from ["| | arguments | %s | %s |" % tuple(KERASES.values()), "| --- | --- | --- | --- |"]
        yield from rows(subject, offered[subject], aliases[subject], sides, cited)
    yield from ["", "## Differences", ""]
    for reason, number in sorted(cited.items(), key=lambda item: item[1]):
        yield "%d. %s" % (number, reason)


def main():
    path = pathlib.Path(__file__).parents[3] / "docs" / "keras2-coverage.md"
    path.write_text("\n".join(lines()) + "\n")
    print("wrote %s" % path)


if __name__ == "__main__":
    main()
