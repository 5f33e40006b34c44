"""Draws the whole programs: everyone's time in that of graph mode, on a logarithmic axis, and their memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.chart import COLOURS, TARGET, draw_lines
from benchmarks.contenders import CONTROL, KERAS3, REAL, REFERENCE, SUBJECT, SUBJECT_ON_KERAS2, TF_KERAS
from benchmarks.ratios import Ratio
from benchmarks.report import CurveReport, Report
from benchmarks.targets import PROGRAMS

NAMES = {
    "predict": "predict, one sample",
    "predict_on_batch": "predict_on_batch",
    "train_on_batch": "train_on_batch",
    "test_on_batch": "test_on_batch",
    "fit_one": "fit, one sample",
    "evaluate": "evaluate",
    "dqn": "episode of a DQN",
    "gan": "step of a GAN",
    "rate_finder": "learning-rate finder",
    "fit_dense": "epoch, dense",
    "fit_convnet": "epoch, convolutional",
    "fit_lstm": "epoch, LSTM",
}
MEMORY = "training_memory"
BARS = (SUBJECT, SUBJECT_ON_KERAS2, REAL, KERAS3, TF_KERAS)
# Paler than those of this package: they are what it is compared with.
PALE = {**COLOURS, KERAS3: "#E69F00", TF_KERAS: "#CC79A7"}
Bar = tuple[str, dict[str, Ratio]]


def draw_programs(reports: Sequence[Report], file: Path) -> bool:
    """Draw what there is of the programs into a PNG of their own.

    Returns:
        Whether there was something to draw.

    Raises:
        ImportError: matplotlib is not installed; it comes with the extra ``bench``.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    bars = bars_of(reports)
    memory = next((report for report in reports if report.name == MEMORY and isinstance(report, CurveReport)), None)
    if not bars and not memory:
        return False
    with pyplot.rc_context({"font.size": 11, "axes.titlesize": 12, "axes.titleweight": "bold"}):
        size = (15 if memory else 10, max(0.72 * len(bars) + 1.6, 4.0))
        figure = pyplot.figure(figsize=size, layout="constrained")
        left, *right = figure.subplots(1, 2, width_ratios=(1.6, 1), squeeze=False)[0] if memory else [figure.subplots()]
        draw_bars(left, bars)
        if memory:
            draw_memory(right[0], memory)
        figure.savefig(file, dpi=110)
        pyplot.close(figure)
    return True


def bars_of(reports: Sequence[Report]) -> list[Bar]:
    """Return the measured programs in the order of the names: name of a workload, contender -> ratio to graph mode."""
    by_name = {report.name: report for report in reports}
    found = []
    for name in NAMES:
        report = by_name.get(name)
        ratios = {who: report.number("call", who, REFERENCE) for who in BARS} if report else {}
        shown = {who: ratio for who, ratio in ratios.items() if ratio}
        if shown:
            found.append((name, shown))
    return found


def draw_bars(axes: Any, bars: Sequence[Bar]) -> None:
    """Draw a group of bars for each program, from 1 to the left or to the right, and its target."""
    from matplotlib.patches import Patch

    thickness = 0.84 / len(BARS)
    axes.set_xscale("log")
    for position, (name, ratios) in enumerate(bars):
        for number, (who, found) in enumerate(ratios.items()):
            y = position + thickness * (number - (len(ratios) - 1) / 2)
            axes.barh(y, found.median - 1, thickness * 0.92, left=1, color=PALE[who])
            beyond = found.median >= 1
            axes.annotate(
                f"{found.median:.2f}" if found.median < 1 else f"{found.median:.2g}",
                (found.median, y),
                xytext=(3 if beyond else -3, 0),
                textcoords="offset points",
                ha="left" if beyond else "right",
                va="center",
                fontsize=8,
            )
        axes.vlines(PROGRAMS[name][0], position - 0.46, position + 0.46, color=TARGET, linewidth=2.2, zorder=3)
    axes.axvline(1, color="black", linewidth=1)
    axes.margins(x=0.08, y=0.01)
    axes.set_yticks(range(len(bars)), [NAMES[name] for name, _ in bars])
    axes.invert_yaxis()
    axes.set_title(f"Whole programs: time in that of {REFERENCE}")
    axes.set_xlabel(f"ratio to {REFERENCE} of the same TensorFlow, logarithmic; red: the target of {SUBJECT}")
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.legend(handles=[Patch(color=PALE[name], label=name) for name in BARS], fontsize=9, loc="lower right")


def draw_memory(axes: Any, report: CurveReport) -> None:
    """Draw how much more memory everyone's process has than at the first point."""
    medians = {name: report.curve.medians(name) for name in report.curve.values if name != CONTROL}
    lines = {name: [value - values[0] for value in values] for name, values in medians.items()}
    title, label = "Memory of a process that predicts and trains", f"MB more than after {report.curve.points[0]}"
    draw_lines(axes, report, lines, title, label, PALE)
