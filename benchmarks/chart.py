"""Draws measured workloads: ratios as bars with their targets, and curves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTROL, EAGER, FROZEN, HAND, REAL, REFERENCE, SUBJECT, SUBJECT_ON_KERAS2
from benchmarks.ratios import Ratio
from benchmarks.report import CurveReport, Report
from benchmarks.targets import TARGETS, Target

# Readable for those who do not tell all colours apart (Okabe and Ito).
COLOURS = {
    SUBJECT: "#0072B2",
    FROZEN: "#3A93C4",
    SUBJECT_ON_KERAS2: "#009E73",
    HAND: "#C77700",
    EAGER: "#CC79A7",
    REAL: "#999999",
    REFERENCE: "#000000",
}
BARS = (SUBJECT, FROZEN, HAND, EAGER)
LINES = tuple(COLOURS)
NAMES = {
    "resnet50": "Grad-CAM ResNet50",
    "resnet50_batch8": "… batch 8",
    "vgg16": "Grad-CAM VGG16",
    "vgg16_batch8": "… batch 8",
    "mobilenetv2": "Grad-CAM MobileNetV2",
    "mobilenetv2_batch8": "… batch 8",
    "deepdream": "DeepDream step",
    "style": "style transfer step",
    "classes": "gradients of ten classes",
    "penalty": "gradient penalty",
    "policy": "policy gradient step",
    "gradient": "tiny model, one gradient",
    "recording": "recording 1,000 calls",
    "chain": "chain of calls",
    "pictures": "new function for each picture",
}
TARGET = "#D00000"
LONGEST_BAR = 2.0
Bar = tuple[Report, Target, str]


def draw(reports: Sequence[Report], file: Path) -> None:
    """Draws what there is of the reports into one PNG.

    Raises:
        ImportError: matplotlib is not installed; it comes with the extra ``bench``.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    bars = bars_of(reports)
    curves = [curve for curve in map(panel_of, reports) if curve]
    height = max(0.62 * len(bars) + 1.6, 3.2 * len(curves), 4.0)
    with pyplot.rc_context({"font.size": 11, "axes.titlesize": 12, "axes.titleweight": "bold"}):
        figure = pyplot.figure(figsize=(15 if curves and bars else 9, height), layout="constrained")
        panes = figure.subfigures(1, 2, width_ratios=(1.2, 1)) if curves and bars else [figure, figure]
        if bars:
            draw_bars(panes[0].subplots(), bars)
        if curves:
            for axes, (report, draw_curve) in zip(
                panes[1].subplots(len(curves), 1, squeeze=False)[:, 0], curves, strict=True
            ):
                draw_curve(axes, report)
        figure.savefig(file, dpi=110)
        pyplot.close(figure)


def bars_of(reports: Sequence[Report]) -> list[Bar]:
    """The workloads that have a target against the reference: report, target, name; in the order of the names."""
    by_name = {report.name: report for report in reports}
    measures = {
        target.workload: target
        for target in TARGETS
        if target.subject == SUBJECT and target.against == REFERENCE and target.measure != "process"
    }
    wanted = [name for name in NAMES if name in by_name and name in measures]
    found = [(by_name[name], measures[name], NAMES[name]) for name in wanted]
    process = [target for target in TARGETS if target.measure == "process" and target.against == REFERENCE]
    found += [
        (by_name[target.workload], target, "process to the first heatmap")
        for target in process
        if target.workload in by_name
    ]
    return [bar for bar in found if bar[0].number(bar[1].measure, SUBJECT, REFERENCE)]


def draw_bars(axes: Any, bars: Sequence[Bar]) -> None:
    """A group of bars for each workload: its time in that of the reference, and the target."""
    thickness = 0.84 / len(BARS)
    for position, (report, target, _) in enumerate(bars):
        ratios = {name: report.number(target.measure, name, REFERENCE) for name in BARS}
        shown = [(name, found) for name, found in ratios.items() if found]
        top = position - thickness * (len(shown) - 1) / 2
        for number, (name, found) in enumerate(shown):
            draw_bar(axes, top + thickness * number, thickness * 0.92, name, found)
        axes.vlines(target.at_most, position - 0.46, position + 0.46, color=TARGET, linewidth=2.2, zorder=3)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlim(0, LONGEST_BAR)
    axes.margins(y=0.01)
    axes.set_yticks(range(len(bars)), [name for _, _, name in bars])
    axes.invert_yaxis()
    axes.set_title(f"Time in that of {REFERENCE}: shorter is faster")
    axes.set_xlabel(f"ratio to {REFERENCE} of the same TensorFlow (whiskers: quartiles)")
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.legend(
        handles=legend(), loc="upper center", fontsize=10, ncols=3, bbox_to_anchor=(0.4, -0.05 - 0.3 / len(bars))
    )


def draw_bar(axes: Any, y: float, thickness: float, name: str, found: Ratio) -> None:
    """One bar with its number; a bar too long for the chart is cut off at its edge, and its number says so."""
    cut = found.median > LONGEST_BAR
    axes.barh(y, min(found.median, LONGEST_BAR), thickness, color=COLOURS[name])
    axes.hlines(y, found.low, found.high, color="#444444", linewidth=1.2)
    inside = found.median > 0.3
    axes.text(
        0.02 if inside else found.high + 0.02,
        y,
        f"{found.median:.2f}" + (" (cut off)" if cut else ""),
        va="center_baseline",
        zorder=4,
        fontsize=9,
        color="white" if inside else "black",
        weight="bold",
    )


def legend() -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    patches = [Patch(color=COLOURS[name], label=name) for name in BARS]
    return [*patches, Line2D([], [], color=TARGET, linewidth=2.2, label=f"target of {SUBJECT}")]


def panel_of(report: Report) -> Any:
    """The panel of a curve that is worth one: report and what draws it; None for others."""
    panels = {"pictures": draw_pictures, "memory": draw_memory, "chain": draw_chain}
    return (report, panels[report.name]) if report.name in panels else None


def lines_of(report: CurveReport) -> dict[str, list[float]]:
    """Contender -> medians at the points."""
    return {name: report.curve.medians(name) for name in LINES if name in report.curve.values and name != CONTROL}


def draw_lines(
    axes: Any,
    report: CurveReport,
    lines: dict[str, Sequence[float]],
    title: str,
    label: str,
    colours: dict[str, str] = COLOURS,
) -> None:
    for name, values in lines.items():
        axes.plot(
            report.curve.points[: len(values)],
            values,
            color=colours[name],
            label=name,
            marker="o",
            markersize=3,
            linewidth=2,
            zorder=3 if name == SUBJECT else 2,
        )
    axes.set_title(title)
    axes.set_xlabel(report.axis)
    axes.set_ylabel(label)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=9)


def draw_pictures(axes: Any, report: CurveReport) -> None:
    lines = {name: list(accumulate(values)) for name, values in lines_of(report).items()}
    draw_lines(axes, report, lines, "A new function for each picture, Grad-CAM on ResNet50", "seconds altogether")
    axes.set_ylim(bottom=0)


def draw_memory(axes: Any, report: CurveReport) -> None:
    lines = {name: [value - values[0] for value in values] for name, values in lines_of(report).items()}
    first = report.curve.points[0]
    draw_lines(axes, report, lines, "Memory of a process that rebuilds one gradient", f"MB more than after {first}")
    target = next(target for target in TARGETS if target.workload == report.name)
    axes.axhline(target.at_most, color=TARGET, linewidth=1.6, linestyle="--")


def draw_chain(axes: Any, report: CurveReport) -> None:
    draw_lines(axes, report, lines_of(report), "Building and running a chain of calls", "seconds")
    axes.set_ylim(bottom=0)
