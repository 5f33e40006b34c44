"""What these tests share: a seed for each case, a time to end, and a report of what was cast and caught."""

from __future__ import annotations

import argparse
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable


class Counts(Counter[str]):
    """How often something happened, and the first cases that failed."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[tuple[str, str]] = []

    def fail(self, problem: str, case: str = "") -> None:
        """Note a failure, with what shows it again."""
        self.failures.append((problem, case))


def run(check: Callable[[random.Random, Counts], None], summary: str | None, seconds: float = 60) -> int:
    """Check cases until the time is over, and print the figures.

    Args:
        check: checks one case, drawn at random.
        summary: of the command, for its help.
        seconds: how long by default.

    Returns:
        The exit code: 1 if something failed.
    """
    parser = argparse.ArgumentParser(description=summary, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=seconds, help="how long (default: %(default)g)")
    parser.add_argument("--seed", type=int, default=0, help="of the first case (default: %(default)s)")
    parser.add_argument("--cases", type=int, help="how many cases at most")
    options = parser.parse_args()
    counts, start, seed = Counts(), time.monotonic(), options.seed
    while time.monotonic() - start < options.seconds and (options.cases is None or seed - options.seed < options.cases):
        before = len(counts.failures)
        try:
            check(random.Random(seed), counts)
        except Exception:
            counts.fail(traceback.format_exc())
        for problem, case in counts.failures[before:]:
            print(f"--seed {seed} --cases 1: {problem}\n{case}", flush=True)
        seed += 1
    took = time.monotonic() - start
    print(f"{seed - options.seed} cases in {took:.0f} s: " + ", ".join(f"{counts[name]} {name}" for name in counts))
    print(f"{len(counts.failures)} failures")
    return int(bool(counts.failures))
