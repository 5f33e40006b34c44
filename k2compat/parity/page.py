"""The report as one HTML page that needs nothing else: the table, pictures, and the curves of trainings."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from k2compat.parity import report
from k2compat.parity.judge import RANDOM, SENSITIVE, Row
from k2compat.parity.pictures import as_picture, data_uri, side_by_side
from k2compat.parity.run import Parity

MOST_PICTURES, MOST_ELEMENTS = 60, 1 << 24
CURVE = (360, 140)  # pixels
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; vertical-align: top; }
th { border-bottom: 2px solid #999; } td { border-bottom: 1px solid #ddd; } td.number { text-align: right; }
.equal { color: #176b2c; } .random { color: #8a6100; } .wrong { color: #b00020; font-weight: 600; }
figure { display: inline-block; margin: 0 1rem 1rem 0; } figcaption { font-size: .85rem; color: #555; }
figure img { display: block; } pre { background: #f4f4f4; padding: 1rem; overflow: auto; }
.told { color: #555; margin: .1rem 0; } svg { background: #fafafa; border: 1px solid #ddd; display: block; }
"""


def page(parity: Parity) -> str:
    """The page."""
    script = escape(parity.script.name)
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Parity of {script}</title><style>{STYLE}</style>",
        f"<h1>Parity of {script}</h1>",
        f"<p class={tone(parity.comparison.equal and not parity.failed)}>{escape(report.verdict(parity).plain)}</p>",
        *(paragraph(line) for line in report.summary(parity.comparison)),
        *(f"<h2>{escape(side.title)} failed</h2><pre>{escape(side.failure)}</pre>" for side in parity.failed),
        *table(parity),
        *curves(parity),
        *pictures(parity),
        "<h2>What ran</h2>",
        *(paragraph(line) for line in report.sides_told(parity)),
        *(paragraph(line) for line in report.weights_told(parity.comparison)),
        *(paragraph(line) for line in report.notes_told(parity)),
        "</html>\n",
    ]
    return "\n".join(parts)


def paragraph(line: str) -> str:
    return f"<p class=told>{escape(line)}</p>"


def tone(fine: bool) -> str:
    return "equal" if fine else "wrong"


def tone_of(row: Row) -> str:
    return "random" if row.verdict in (RANDOM, SENSITIVE) else tone(row.fine)


def table(parity: Parity) -> Iterator[str]:
    """The table of the terminal."""
    yield "<h2>Results</h2><table><tr>"
    yield "".join(f"<th>{name}</th>" for name in ("#", "Where", "What", "Array", "Abs", "Rel", "Verdict")) + "</tr>"
    for line in report.lines(parity.comparison.rows):
        row = line.worst
        sizes = report.sizes(row)
        cells = [line.numbers, report.place(row), line.what, report.array(row)]
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        yield "".join(f"<td class=number>{size}</td>" for size in sizes)
        remark = f"<br><span class=told>{escape(line.remark)}</span>" if line.remark else ""
        yield f"<td class={tone_of(row)}>{escape(line.verdict)}{remark}</td></tr>"
    yield "</table>"
    yield paragraph(report.allowed(parity.comparison))


def pictures(parity: Parity) -> Iterator[str]:
    """Both pictures and their difference, of the results that are pictures: of a line in a loop, one."""
    rows = [line.worst for line in report.lines(parity.comparison.rows)]
    drawable = [row for row in rows if is_drawable(row)]
    if drawable:
        yield "<h2>Pictures</h2>"
    for row in drawable[:MOST_PICTURES]:
        assert row.a and row.b
        reference, found = (as_picture(value.load().reshape(value.shape)) for value in (row.a, row.b))
        assert reference is not None and found is not None
        yield f"<h3 class={tone_of(row)}>{escape(report.first_of(row))}</h3>"
        titles = ("reference", "k2compat", "difference")
        for title, (picture, scale) in zip(titles, side_by_side(reference, found), strict=True):
            image = f'<img alt="{title}" src="{data_uri(picture)}">'
            yield f"<figure>{image}<figcaption>{title}, {scale}</figcaption></figure>"
    if len(drawable) > MOST_PICTURES:
        yield paragraph(f"{len(drawable) - MOST_PICTURES} more pictures are left out.")


def is_drawable(row: Row) -> bool:
    """Whether both sides have a picture of one size that is not too large to be looked at."""
    if row.a is None or row.b is None or row.a.shape != row.b.shape or np.prod(row.a.shape) > MOST_ELEMENTS:
        return False
    return as_picture(row.a.load().reshape(row.a.shape)) is not None


def curves(parity: Parity) -> Iterator[str]:
    """The losses of each training, both sides in one plot."""
    found = [row for row in parity.comparison.rows if row.event.what.startswith("model.fit") and row.a and row.b]
    wanted = [row for row in found if row.value.name in ("loss", "val_loss", "loss by batch")]
    if wanted:
        yield "<h2>Training</h2>"
    for row in wanted:
        assert row.a and row.b
        plot = curve(row.a.load(), row.b.load())
        yield f"<figure>{plot}<figcaption>{escape(report.first_of(row))}</figcaption></figure>"


def curve(reference: np.ndarray, found: np.ndarray) -> str:
    """Two curves as SVG: the reference thick and pale below, k2compat thin on top."""
    values = np.concatenate([reference, found])
    values = values[np.isfinite(values)]
    if not values.size:
        return ""
    low, high = float(values.min()), float(values.max())
    width, height = CURVE
    lines = "".join(
        f'<polyline fill="none" stroke="{color}" stroke-width="{thick}" points="{points(side, low, high)}"/>'
        for side, color, thick in ((reference, "#f3b562", 5), (found, "#1f4e9c", 1.5))
    )
    labels = "".join(
        f'<text x="4" y="{y}" font-size="11">{value:.3g}</text>' for y, value in ((12, high), (height - 4, low))
    )
    return f'<svg width="{width}" height="{height}">{lines}{labels}</svg>'


def points(side: np.ndarray, low: float, high: float) -> str:
    width, height = CURVE
    x = np.linspace(40, width - 8, max(len(side), 2))[: len(side)]
    y = height - 10 - (side - low) / (high - low or 1) * (height - 20)
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True) if np.isfinite(b))
