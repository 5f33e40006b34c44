"""Puts the pictures of a run into the output folder: heatmaps, overlays, and sheets to see many at a glance."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from k2compat.demo import shipped

OVERVIEW = "overview.png"
ALL_OVERLAYS = "all_overlays.png"
KINDS = ("heatmap", "overlay", "guided_heatmap", "guided_overlay")
GAP = 4
WHITE = (255, 255, 255)


def write(run: Path, out: Path) -> list[Path]:
    """Write heatmap and overlay of each shown picture, the overview, and all overlays with their boxes.

    Args:
        run: the folder the script ran in.
        out: where to write.

    Returns:
        The files.
    """
    names = [str(name) for name in shipped.boxes()["picture"]]
    written = []
    for name in names[: shipped.SHOWN]:
        for kind in KINDS:
            written.append(out / f"{name}_{kind}.png")
            shutil.copy(run / "heatmaps" / written[-1].name, written[-1])
    overview(run, names[: shipped.SHOWN]).save(out / OVERVIEW)
    all_overlays(run, names).save(out / ALL_OVERLAYS)
    return [*written, out / OVERVIEW, out / ALL_OVERLAYS]


def overview(run: Path, names: list[str]) -> Image.Image:
    """Return picture, heatmap and overlay side by side, two such groups in a row."""
    threes = []
    for name in names:
        files = [run / "pictures" / f"{name}.png", *(run / "heatmaps" / f"{name}_{kind}.png" for kind in KINDS[:2])]
        threes.append(sheet([Image.open(file) for file in files], columns=3, gap=0))
    return sheet(threes, columns=2, gap=GAP)


def all_overlays(run: Path, names: list[str]) -> Image.Image:
    """Return the overlays of all pictures, the box around each digit drawn in white."""
    tiles = []
    for name, (left, top, right, bottom) in zip(names, shipped.boxes()["box"], strict=True):
        tile = Image.open(run / "heatmaps" / f"{name}_overlay.png")
        ImageDraw.Draw(tile).rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=WHITE)
        tiles.append(tile)
    return sheet(tiles, columns=20, gap=1)


def sheet(tiles: Sequence[Image.Image], columns: int, gap: int) -> Image.Image:
    """Return tiles of one size on a white sheet."""
    width, height = tiles[0].size
    rows = -(-len(tiles) // columns)
    result = Image.new("RGB", (columns * (width + gap) - gap, rows * (height + gap) - gap), WHITE)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        result.paste(tile, (column * (width + gap), row * (height + gap)))
    return result
