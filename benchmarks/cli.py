"""Measures the workloads and prints ratios (``python -m benchmarks``); nothing is published unless all agree."""

from __future__ import annotations

import argparse
import compileall
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import readme, stored, targets, workloads
from benchmarks.contenders import CONTENDERS, CONTROL, REFERENCE
from benchmarks.curves import trace
from benchmarks.measure import QUICK, Plan, contenders_of, measure
from benchmarks.processes import ROOT, WorkerError
from benchmarks.ratios import DisagreementError, check_agreement
from benchmarks.report import CurveReport, Report, TimedReport, machine, machine_lines

AGREED, DISAGREED, FAILED = range(3)


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument(
        "--only",
        metavar="NAME",
        nargs="+",
        choices=[*workloads.names(), *workloads.groups()],
        help="some workloads, or groups of them: %(choices)s",
    )
    arguments.add_argument(
        "--contenders", metavar="NAMES", help=f"comma-separated; {REFERENCE} always runs: {', '.join(CONTENDERS)}"
    )
    arguments.add_argument("--quick", action="store_true", help="few of everything: a look, not a measurement")
    arguments.add_argument(
        "--repeats", type=positive, metavar="N", help=f"turns of measured calls (default {Plan().calls})"
    )
    arguments.add_argument(
        "--starts", type=positive, metavar="N", help=f"processes of each contender (default {Plan().starts})"
    )
    arguments.add_argument("--legacy-python", metavar="PATH", help="an interpreter with the real Keras 2: joins in")
    arguments.add_argument(
        "--from-json",
        type=Path,
        metavar="FILE",
        nargs="+",
        help="measure nothing: join what --json wrote in other runs",
    )
    arguments.add_argument("--json", type=Path, metavar="FILE", help="write everything measured")
    arguments.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables")
    arguments.add_argument("--readme", type=Path, metavar="FILE", help="put verdicts and chart between its marks")
    arguments.add_argument("--chart", type=Path, metavar="FILE", help="draw ratios and curves, as PNGs")
    return arguments


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a positive number")
    return number


def plan_of(options: argparse.Namespace) -> Plan:
    plan = QUICK if options.quick else Plan()
    wanted = {"calls": options.repeats, "starts": options.starts}
    return replace(plan, **{name: number for name, number in wanted.items() if number})


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
        0; 1 if contenders disagree; 2 if one fails, or a file cannot be read or written.
    """
    options = parser().parse_args(arguments)
    screen, errors = Console(width=None if sys.stdout.isatty() else 150), Console(stderr=True)
    try:
        reports = stored.read(options.from_json) if options.from_json else measured(options, errors)
    except DisagreementError as disagreement:
        errors.print("The contenders do not compute the same, so nothing is published:", style="bold red")
        errors.print(str(disagreement), highlight=False, markup=False, soft_wrap=True)
        return DISAGREED
    except (WorkerError, ValueError) as failure:
        errors.print(str(failure), highlight=False, markup=False, soft_wrap=True)
        return FAILED
    show(screen, reports)
    try:
        publish(options, reports)
    except (ImportError, ValueError) as failure:
        errors.print(str(failure), highlight=False, markup=False, soft_wrap=True)
        return FAILED
    return AGREED


def measured(options: argparse.Namespace, errors: Console) -> list[Report]:
    """Measures the workloads that are asked for; what is done is stored even if a later one fails."""
    plan = plan_of(options)
    # As an installation does: no contender's first process is to compile this package.
    compileall.compile_dir(ROOT / "k2compat", quiet=1)
    reports = []
    for name in asked_for(options.only) or plan.workloads or workloads.names():
        reports.append(run(name, options, plan, errors))
        if options.json:
            stored.write(options.json, reports)
    return reports


def asked_for(given: Sequence[str] | None) -> list[str]:
    """Return the names of workloads that names of workloads and groups stand for, each once."""
    groups = workloads.groups()
    return list(dict.fromkeys(name for item in given or [] for name in groups.get(item, [item])))


def run(name: str, options: argparse.Namespace, plan: Plan, errors: Console) -> Report:
    """Measures one workload.

    Raises:
        WorkerError: if a contender fails.
        DisagreementError: if contenders do not compute the same.
    """
    workload = workloads.load(name)
    wanted = options.contenders or (plan.contenders and ",".join(plan.contenders))
    contenders = chosen(contenders_of(workload, options.legacy_python), wanted)
    plan = plan.fitted(workload)
    traced = workloads.is_traced(workload)
    with tempfile.TemporaryDirectory() as folder, errors.status(name) as status:
        found: Any = (trace if traced else measure)(
            name, contenders, plan, Path(folder), options.legacy_python, status.update
        )
    title = workload.__doc__.splitlines()[0]
    agreement = check_agreement(found.results, share=getattr(workload, "AGREEING", 1.0))
    about = (name, title, agreement, found.versions, plan, machine())
    if traced:
        return CurveReport(found, workload.AXIS, workload.UNIT, workload.SUMMARIES, *about)
    return TimedReport(found, *about)


def show(screen: Console, reports: Sequence[Report]) -> None:
    """Prints the tables, the verdicts and, in words, where this package loses."""
    for report in reports:
        screen.print(report.table())
        for sentence in report.findings:
            screen.print(sentence, highlight=False)
    verdicts = targets.judge(reports)
    screen.print(targets.table(verdicts))
    for sentence in targets.in_words(verdicts):
        screen.print(sentence, highlight=False)
    screen.print(machine_lines(reports), highlight=False)


def publish(options: argparse.Namespace, reports: Sequence[Report]) -> None:
    """Writes the files that were asked for."""
    if options.json:
        stored.write(options.json, reports)
    if options.markdown:
        tables = [targets.markdown(targets.judge(reports)), *(report.markdown() for report in reports)]
        options.markdown.write_text("\n".join(["# Speed\n", *tables, machine_lines(reports), ""]), encoding="utf-8")
    charts = []
    if options.chart:
        from benchmarks.chart import draw  # matplotlib is not needed for anything else
        from benchmarks.program_chart import draw_programs

        draw(reports, options.chart)
        charts.append(options.chart)
        programs = options.chart.with_name(f"{options.chart.stem}_programs{options.chart.suffix}")
        charts += [programs] if draw_programs(reports, programs) else []
    if options.readme:
        readme.fill(options.readme, reports, charts)
