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
