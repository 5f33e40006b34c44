"""The demo's shipped files, and the arrays a run of its script leaves.

The recorder of the goldens uses this file too, in the legacy environment: it has to run under Python 3.7.
"""

from __future__ import annotations

import csv
import os
import runpy
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

DATA = Path(__file__).parent / "data"
MODEL = DATA / "custom_model.h5"
BEFORE, AFTER = DATA / "heatmap_keras2.py", DATA / "heatmap_k2compat.py"
GOLDENS = DATA / "goldens.npz"
BOXES = DATA / "boxes.csv"
SHEET = DATA / "more_pictures.png"
# Pictures that are files of their own, of which every array is a golden; the others are on the sheet.
SHOWN = 8
SHEET_COLUMNS = 16
# What is compared for every picture, and what only for those shown, because it is large.
OF_ALL = ("preds", "pooled_grads", "heatmap", "guided")
OF_SHOWN = ("weighted_maps", "guided_grads", "heatmap_large", "guided_large")
# Array with the peaks -> the enlarged map they are taken from.
PEAKS = {"peaks": "heatmap_large", "guided_peaks": "guided_large"}

if TYPE_CHECKING:
    from collections.abc import Iterator

    Arrays = dict[str, np.ndarray]


def boxes() -> Arrays:
    """Return the boxes around the digits.

    Returns:
        picture (N,) str, digit (N,) int, and box (N, 4) int: left, top, right, bottom, all inside.
    """
    with BOXES.open(newline="") as file:
        rows = list(csv.DictReader(file))
    sides = ("left", "top", "right", "bottom")
    return {
        "picture": np.array([row["picture"] for row in rows]),
        "digit": np.array([int(row["digit"]) for row in rows]),
        "box": np.array([[int(row[side]) for side in sides] for row in rows]),
    }


def shown_pictures() -> list[Path]:
    return sorted((DATA / "pictures").glob("*.png"))


def unpack(folder: Path) -> list[str]:
    """Lay a folder out as the script expects it: custom_model.h5, pictures/, heatmaps/.

    Returns:
        The names of the pictures, without ending.
    """
    names = [str(name) for name in boxes()["picture"]]
    (folder / "heatmaps").mkdir()
    shutil.copy(MODEL, folder / "custom_model.h5")
    shutil.copytree(DATA / "pictures", folder / "pictures")
    tiles = cut(Image.open(SHEET))
    for name in names[SHOWN:]:
        next(tiles).save(folder / "pictures" / (name + ".png"))
    return names


def cut(sheet: Image.Image) -> Iterator[Image.Image]:
    """Yield the tiles of a sheet, row by row."""
    side = sheet.width // SHEET_COLUMNS
    for top in range(0, sheet.height, side):
        for left in range(0, sheet.width, side):
            yield sheet.crop((left, top, left + side, top + side))


def run_script(script: Path, folder: Path) -> None:
    """Run a script as ``cd folder; python script`` would, in this process."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        runpy.run_path(str(script), run_name="__main__")
    finally:
        os.chdir(before)


def collect(folder: Path, names: list[str]) -> Arrays:
    """Return the arrays a run wrote, stacked over the pictures, and the peaks of large maps: (N, 2), column, row."""
    stacks: dict[str, list] = {name: [] for name in (*OF_ALL, *OF_SHOWN, *PEAKS)}
    for number, name in enumerate(names):
        with np.load(str(folder / "heatmaps" / (name + ".npz"))) as found:
            for array in OF_ALL + (OF_SHOWN if number < SHOWN else ()):
                stacks[array].append(found[array])
            for peak, large in PEAKS.items():
                stacks[peak].append(peak_of(found[large]))
    return {name: np.stack(stack) for name, stack in stacks.items()}


def peak_of(heatmap: np.ndarray) -> tuple[int, int]:
    """Return column and row of the largest value."""
    row, column = np.unravel_index(int(np.argmax(heatmap)), heatmap.shape)
    return int(column), int(row)


def hits(peaks: np.ndarray) -> np.ndarray:
    """Return which peaks lie in their digit's box: (N,) bool."""
    left, top, right, bottom = boxes()["box"].T
    column, row = peaks.T
    return (left <= column) & (column <= right) & (top <= row) & (row <= bottom)
