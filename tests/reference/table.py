"""The table of the parity suite: tests tell it what they found, the end of the run prints it."""

import io
import json

from rich.console import Console
from rich.table import Table

from reference.catalogue import GROUP_OF_MODULE, use_shapes

PROPERTY = "use shape"
CHECKS = ("golden", "live", "differences")
HEADINGS = {"golden": "golden", "live": "graph mode", "differences": "finite differences"}
OUTCOMES = {
    "passed": "yes",
    "xfailed": "gap",
    "xpassed": "GAP CLOSED",
    "failed": "NO",
    "error": "NO",
    "skipped": "skipped",
}


def told(record_property, case, check, error=None):
    """Notes on a test's report which check of which use shape it is, and the error once it is known.

    Args:
        record_property: pytest's fixture; it travels with the report, from other processes too.
        case: the golden case.
        check: one of ``CHECKS``.
        error: the largest relative error.
    """
    record_property(PROPERTY, json.dumps([case.name, check, None if error is None else float(error)]))


def results(stats):
    """What the reports of a run tell: case name -> check -> (outcome, error)."""
    found = {}
    for outcome, word in OUTCOMES.items():
        for report in stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", []):
                if name == PROPERTY:
                    case, check, error = json.loads(value)
                    found.setdefault(case, {})[check] = (word, error)
    return found


def lines(stats, colours):
    """The table as lines of text; none if no use shape ran."""
    found, shapes = results(stats), use_shapes()
    rows = [case for case in shapes.values() if case.name in found]
    if not rows:
        return []
    made = Table(title="Use shapes", title_justify="left")
    for heading in ("group", "use shape", *HEADINGS.values(), "largest error"):
        made.add_column(heading, justify="right" if heading == "largest error" else "left", overflow="fold")
    for case in rows:
        cells = [found[case.name].get(check, ("", None)) for check in CHECKS]
        errors = [error for _, error in cells if error is not None]
        worst = f"{max(errors):.0e}" if errors else ""
        made.add_row(GROUP_OF_MODULE[case.group], case.name, *(word for word, _ in cells), worst)
    counts = [
        f"{sum(found[case.name].get(check, [''])[0] == 'yes' for case in rows)} {HEADINGS[check]}" for check in CHECKS
    ]
    made.caption = (
        f"{len(rows)} use shapes in {len({GROUP_OF_MODULE[case.group] for case in rows})} groups; " + ", ".join(counts)
    )
    text = io.StringIO()
    Console(file=text, width=150, force_terminal=colours).print(made)
    return text.getvalue().splitlines()
