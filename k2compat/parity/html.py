"""The report as one HTML page that needs nothing else: the table, pictures, and the curves of trainings."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from k2compat.escaping import escaped
from k2compat.parity import report
from k2compat.parity.comparison import RANDOM, SENSITIVE, Row
from k2compat.parity.images import as_picture, data_uri, side_by_side
from k2compat.parity.side import Parity

MOST_PICTURES, MOST_ELEMENTS = 60, 1 << 24
CURVE = (360, 140)  # pixels
STYLE = """
:root { color-scheme: light dark; --text: #222; --page: #fff; --quiet: #555; --line: #ddd; --panel: #f4f4f4;
  --equal: #176b2c; --random: #7a5600; --wrong: #b00020; --reference: #f3b562; --found: #1f4e9c; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e6e6; --page: #16181c; --quiet: #a8adb5; --line: #3a3f47;
  --panel: #22262c; --equal: #6fcf83; --random: #e5b95c; --wrong: #ff7d8e; --reference: #b5792a; --found: #8ab4f8; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
  color: var(--text); background: var(--page); overflow-wrap: break-word; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline: 2px solid var(--found); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; min-width: 40rem; overflow-wrap: normal; }
th, td { text-align: left; padding: .3rem .6rem; vertical-align: top; }
th { border-bottom: 2px solid var(--quiet); } td { border-bottom: 1px solid var(--line); }
td.number { text-align: right; white-space: nowrap; }
.equal { color: var(--equal); } .random { color: var(--random); } .wrong { color: var(--wrong); font-weight: 600; }
figure { display: inline-block; margin: 0 1rem 1rem 0; max-width: 100%; }
figcaption, .told { color: var(--quiet); } figcaption { font-size: .85rem; }
figure img, svg { display: block; max-width: 100%; height: auto; }
pre { background: var(--panel); padding: 1rem; overflow: auto; } .told { margin: .1rem 0; }
svg { background: var(--panel); border: 1px solid var(--line); } svg text { fill: var(--quiet); }
polyline { fill: none; } .reference { stroke: var(--reference); } .found { stroke: var(--found); }
"""
VIEWPORT = '<meta name=viewport content="width=device-width, initial-scale=1">'


def page(parity: Parity) -> str:
    """Return the page."""
    script = escape(parity.script.name)
    parts = [
        f"<!doctype html><html lang=en><head><meta charset=utf-8>{VIEWPORT}",
        f"<title>Parity of {script}</title><style>{STYLE}</style></head><body><main>",
        f"<h1>Parity of {script}</h1>",
        f"<p class={tone(parity.comparison.equal and not parity.failed)}>{escape(report.verdict(parity).plain)}</p>",
        *(paragraph(line) for line in report.summary(parity.comparison)),
        *(f"<h2>{escape(side.title)} failed</h2>{failure(side.failure)}" for side in parity.failed),
        *table(parity),
        *curves(parity),
        *pictures(parity),
        "<h2>What ran</h2>",
        *(paragraph(line) for line in report.sides_told(parity)),
        *(paragraph(line) for line in report.weights_told(parity.comparison)),
        *(paragraph(line) for line in report.notes_told(parity)),
        "</main></body></html>\n",
    ]
    return escaped("\n".join(parts))


def paragraph(line: str) -> str:
    return f"<p class=told>{escape(line)}</p>"


def failure(text: str) -> str:
    return f"<pre tabindex=0>{escape(text)}</pre>"


def tone(fine: bool) -> str:
    return "equal" if fine else "wrong"


def tone_of(row: Row) -> str:
    return "random" if row.verdict in (RANDOM, SENSITIVE) else tone(row.fine)


def table(parity: Parity) -> Iterator[str]:
    """Yield the table of the terminal."""
    yield "<h2 id=results>Results</h2><div class=scroll tabindex=0 role=region aria-labelledby=results>"
    yield "<table><thead><tr>"
    headings = ("#", "Where", "What", "Array", "Abs", "Rel", "Verdict")
    yield "".join(f"<th scope=col>{name}</th>" for name in headings) + "</tr></thead><tbody>"
    for line in report.lines(parity.comparison.rows):
        row = line.worst
        sizes = report.sizes(row)
        cells = [line.numbers, report.place(row), line.what, line.array]
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        yield "".join(f"<td class=number>{size}</td>" for size in sizes)
        remark = f"<br><span class=told>{escape(line.remark)}</span>" if line.remark else ""
        yield f"<td class={tone_of(row)}>{escape(line.verdict)}{remark}</td></tr>"
    yield "</tbody></table></div>"
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
    """Return whether both sides have a picture of one size that is not too large to be looked at."""
    if row.a is None or row.b is None or row.a.shape != row.b.shape or np.prod(row.a.shape) > MOST_ELEMENTS:
        return False
    return as_picture(row.a.load().reshape(row.a.shape)) is not None


def curves(parity: Parity) -> Iterator[str]:
    """Yield the losses of each training, both sides in one plot."""
    found = [row for row in parity.comparison.rows if row.event.curves and row.a and row.b]
    wanted = [row for row in found if row.value.name in ("loss", "val_loss", "loss by batch")]
    if wanted:
        yield "<h2>Training</h2>"
    for row in wanted:
        assert row.a and row.b
        title = escape(report.first_of(row))
        yield f"<figure>{curve(row.a.load(), row.b.load(), title)}<figcaption>{title}</figcaption></figure>"


def curve(reference: np.ndarray, found: np.ndarray, title: str) -> str:
    """Two curves as SVG: the reference thick and pale below, k2compat thin on top."""
    values = np.concatenate([reference, found])
    values = values[np.isfinite(values)]
    if not values.size:
        return ""
    low, high = float(values.min()), float(values.max())
    width, height = CURVE
    lines = "".join(
        f'<polyline class="{color}" stroke-width="{thick}" points="{points(side, low, high)}"/>'
        for side, color, thick in ((reference, "reference", 5), (found, "found", 1.5))
    )
    labels = "".join(
        f'<text x="4" y="{y}" font-size="11">{value:.3g}</text>' for y, value in ((12, high), (height - 4, low))
    )
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg {size} role="img" aria-label="{title}, reference and k2compat">{lines}{labels}</svg>'


def points(side: np.ndarray, low: float, high: float) -> str:
    width, height = CURVE
    x = np.linspace(40, width - 8, max(len(side), 2))[: len(side)]
    y = height - 10 - (side - low) / (high - low or 1) * (height - 20)
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True) if np.isfinite(b))
