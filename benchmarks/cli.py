"""Measures the workloads and prints ratios (``python -m benchmarks``); nothing is published unless all agree."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from rich.console import Console

from benchmarks import workloads
from benchmarks.contenders import CONTENDERS, CONTROL, REFERENCE
from benchmarks.measure import QUICK, Plan, WorkerError, contenders_of, measure
from benchmarks.ratios import DisagreementError, check_agreement
from benchmarks.report import Report, machine, machine_line

AGREED, DISAGREED, FAILED = range(3)


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("--only", metavar="NAME", choices=workloads.names(), help="one workload: %(choices)s")
    arguments.add_argument(
        "--contenders", metavar="NAMES", help=f"comma-separated; {REFERENCE} always runs: {', '.join(CONTENDERS)}"
    )
    arguments.add_argument("--quick", action="store_true", help="few repeats: a look, not a measurement")
    arguments.add_argument(
        "--repeats", type=positive, metavar="N", help=f"turns of measured calls (default {Plan().calls})"
    )
    arguments.add_argument("--legacy-python", metavar="PATH", help="an interpreter with the real Keras 2: joins in")
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write everything measured")
    arguments.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables")
    return arguments


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a positive number")
    return number


def plan_of(options: argparse.Namespace) -> Plan:
    plan = QUICK if options.quick else Plan()
    return replace(plan, calls=options.repeats) if options.repeats else plan


def chosen(available: Sequence[str], wanted: str | None) -> list[str]:
    """The contenders asked for, the reference and its repetition always among them.

    Raises:
        ValueError: for a name that is no contender.
    """
    names = [name.strip() for name in wanted.split(",")] if wanted else list(available)
    unknown = set(names) - set(CONTENDERS)
    if unknown:
        raise ValueError(f"--contenders: no contender is named {', '.join(sorted(unknown))}")
    return [name for name in available if name in {*names, REFERENCE, CONTROL}]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmarks.

    Returns:
        0; 1 if contenders disagree; 2 if one fails.
    """
    options = parser().parse_args(arguments)
    plan = plan_of(options)
    screen, errors = Console(width=None if sys.stdout.isatty() else 150), Console(stderr=True)
    try:
        reports = [run(name, options, plan, errors) for name in ([options.only] if options.only else workloads.names())]
    except DisagreementError as disagreement:
        errors.print("The contenders do not compute the same, so nothing is published:", style="bold red")
        errors.print(str(disagreement), highlight=False, markup=False)
        return DISAGREED
    except (WorkerError, ValueError) as failure:
        errors.print(str(failure), highlight=False, markup=False)
        return FAILED
    for report in reports:
        screen.print(report.table())
        for sentence in report.findings:
            screen.print(sentence, highlight=False)
    screen.print(machine_line(reports, plan), highlight=False)
    publish(options, plan, reports)
    return AGREED


def run(name: str, options: argparse.Namespace, plan: Plan, errors: Console) -> Report:
    """Measures one workload.

    Raises:
        WorkerError: if a contender fails.
        DisagreementError: if contenders do not compute the same.
    """
    workload = workloads.load(name)
    contenders = chosen(contenders_of(workload.SCRIPTS, options.legacy_python), options.contenders)
    with tempfile.TemporaryDirectory() as folder, errors.status(name) as status:
        measured = measure(name, contenders, plan, Path(folder), options.legacy_python, status.update)
    return Report(name, workload.__doc__.splitlines()[0], measured, check_agreement(measured.results))


def publish(options: argparse.Namespace, plan: Plan, reports: list[Report]) -> None:
    """Writes the files that were asked for."""
    if options.json:
        data = {"machine": machine(), "plan": asdict(plan), "workloads": [report.data() for report in reports]}
        options.json.write_text(json.dumps(data, indent=1))
    if options.markdown:
        tables = "\n".join(report.markdown() for report in reports)
        options.markdown.write_text(f"{tables}\n{machine_line(reports, plan)}\n", encoding="utf-8")
