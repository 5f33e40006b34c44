"""``k2compat parity``: runs an old script in graph mode and under k2compat, and compares every result."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from k2compat.cli.screen import console
from k2compat.parity import page, report
from k2compat.parity.run import ParityError, Side, parity

UNUSABLE = 2


def run(options: argparse.Namespace) -> int:
    """Compares, prints the report and writes the files asked for.

    Returns:
        The exit code: 0 parity, 1 differences, 2 a side failed or the comparison cannot be made.
    """
    options = with_options_after_the_script(options)
    screen = console()
    status: Any = screen.status("Starting ...") if screen.is_terminal else nullcontext()

    def watch(side: Side) -> None:
        status.update(f"{side.title}: {side.results} results, {side.seconds:.0f} s")

    kept = Path(options.keep) if options.keep else Path(tempfile.mkdtemp(prefix="k2compat-parity-"))
    try:
        with status:
            done = parity(
                options.script,
                options.arguments,
                folder=kept,
                legacy_python=options.legacy_python,
                keras=options.keras,
                rtol=options.rtol,
                atol=options.atol,
                timeout=options.timeout,
                seed=options.seed,
                watch=watch if screen.is_terminal else lambda side: None,
            )
        screen.print(report.rendered(done, options.every_call))
        if options.json:
            options.json.write_text(json.dumps(report.as_json(done), indent=1) + "\n")
        if options.html:
            options.html.write_text(page.page(done))
    except (ParityError, OSError) as problem:
        print(f"k2compat parity: {problem}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print(f"k2compat parity: interrupted; what was recorded so far is in {kept}", file=sys.stderr)
        return UNUSABLE
    return done.exit_code


def with_options_after_the_script(options: argparse.Namespace) -> argparse.Namespace:
    """Takes options that stand after the script for the command's own, unless the script has one of that name.

    A script that parses its arguments has their names in its text.
    """
    script = Path(options.script)
    text = script.read_text(errors="replace") if script.is_file() else ""
    actions = {name: action for action in options.parser._actions for name in action.option_strings}
    own: list[str] = []
    theirs: list[str] = []
    rest = list(options.arguments)
    while rest:
        word = rest.pop(0)
        name = word.partition("=")[0]
        if word == "--":
            theirs, rest = theirs + rest, []
        elif name in actions and name not in text:
            own.append(word)
            own += [rest.pop(0)] if rest and actions[name].nargs is None and "=" not in word else []
        else:
            theirs.append(word)
    options = options.parser.parse_args([*own, options.script], options)
    options.arguments = theirs
    return options
