"""Runs an old Grad-CAM script with one line changed, and compares with what Keras 2 computed with it unchanged."""

from __future__ import annotations

import difflib
import os
import sys
import tempfile
import traceback
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from k2compat.demo import pictures, shipped
from k2compat.demo.screen import Problem, load_tensorflow, quiet_keras, with_progress
from k2compat.escaping import one_line

if TYPE_CHECKING:
    from k2compat.demo.shipped import Arrays

EQUAL, DIFFERENT, UNUSABLE = range(3)
TOLERANCE = 1e-4
DIFF_STYLES = {"-": "red", "+": "green", "@": "cyan"}


@dataclass(frozen=True)
class ArrayComparison:
    """One array beside its golden; the difference is a share of the largest value of each picture's golden."""

    name: str
    shape: tuple[int, ...]
    difference: float
    remark: str = ""

    @property
    def equal(self) -> bool:
        return not self.remark and self.difference <= TOLERANCE


def run(out: Path, model: Path | None, image: Path | None, layer: str | None, screen: Console) -> int:
    """Run the demo on the shipped files or on the user's.

    Args:
        out: the folder to write to.
        model: the user's model; None for the shipped files.
        image: the user's picture, if there is a model.
        layer: the layer of the user's model to look at; None for its last convolution.
        screen: where results are printed; problems go to stderr.

    Returns:
        The exit code.
    """
    try:
        if os.environ.get("K2COMPAT_REPAIRS") == "0":
            raise Problem("K2COMPAT_REPAIRS=0 leaves Keras 3 as it is, and old scripts do not run on it; unset it")
        out = writable(out)
        if model is None or image is None:
            return run_shipped(out, screen)
        load_tensorflow(screen)
        from k2compat.demo import own_files

        own_files.draw(model, image, layer, out, screen)
    except Problem as problem:
        print(one_line(f"k2compat demo: {problem}"), file=sys.stderr)
        return UNUSABLE
    return EQUAL


def writable(folder: Path) -> Path:
    """Return the output folder, made if it is missing.

    Raises:
        Problem: if nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Problem(f"cannot write to the folder {folder}: {reason}; choose another with --out") from error


def run_shipped(out: Path, screen: Console) -> int:
    """Run the shipped script on the shipped pictures, compares, and writes the pictures."""
    goldens = read_goldens()
    show_diff(screen)
    load_tensorflow(screen)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            found = run_script(Path(scratch), screen)
        except Exception:  # a script that stops is a result too, and the traceback says where
            traceback.print_exc()
            screen.print("Verdict: DIFFERENT. The script stopped; under Keras 2 it ran to its end.", style="bold red")
            return DIFFERENT
        written = pictures.write(Path(scratch), out)
    comparisons = compare_all(goldens, found)
    screen.print(table_of(comparisons))
    show_hits(goldens, found, screen)
    screen.print(f"Wrote {len(written)} pictures to {out}; see {out / pictures.OVERVIEW} first.", soft_wrap=True)
    return verdict(comparisons, screen)


def read_goldens() -> Arrays:
    with np.load(shipped.GOLDENS) as file:
        return {name: file[name] for name in file.files}


def show_diff(screen: Console) -> None:
    """Print the difference between the script as it was for Keras 2 and as it runs now."""
    before, after = (script.read_text().splitlines() for script in (shipped.BEFORE, shipped.AFTER))
    screen.print(Rule("The script: one line changes"))
    for line in difflib.unified_diff(before, after, shipped.BEFORE.name, shipped.AFTER.name, lineterm=""):
        screen.print(Text(line, style=DIFF_STYLES.get(line[:1], "")))


def run_script(folder: Path, screen: Console) -> Arrays:
    """Return the arrays of the changed script on all pictures."""
    names = shipped.unpack(folder)
    screen.print(Rule(f"Running it on {len(names)} pictures"))
    heatmaps = folder / "heatmaps"

    def work() -> None:
        with quiet_keras():
            shipped.run_script(shipped.AFTER, folder)

    with_progress(screen, "Heatmaps", work, lambda: len(list(heatmaps.glob("*.npz"))), len(names))
    return shipped.collect(folder, names)


def compare_all(goldens: Arrays, found: Arrays) -> list[ArrayComparison]:
    return [compare(name, goldens[name], found[name]) for name in (*shipped.OF_ALL, *shipped.OF_SHOWN)]


def compare(name: str, golden: np.ndarray, found: np.ndarray) -> ArrayComparison:
    """Compare an array with its golden, picture by picture along the first axis."""
    if found.shape != golden.shape:
        return ArrayComparison(name, found.shape, np.inf, f"Keras 2 gave {golden.shape}")
    if not np.all(np.isfinite(found)):
        return ArrayComparison(name, found.shape, np.inf, f"{np.sum(~np.isfinite(found))} values are not finite")
    rows, expected = (array.reshape(len(array), -1).astype("float64") for array in (found, golden))
    scale = np.abs(expected).max(axis=1)
    difference = np.abs(rows - expected).max(axis=1) / np.where(scale == 0, 1, scale)
    return ArrayComparison(name, found.shape, float(difference.max()))


def table_of(comparisons: list[ArrayComparison]) -> Table:
    table = Table(title="Beside what Keras 2.3.1 on TensorFlow 1.15 computed")
    table.add_column("Array")
    table.add_column("Shape")
    table.add_column("Largest difference", justify="right")
    table.add_column("Verdict")
    for found in comparisons:
        word = found.remark or ("equal" if found.equal else "DIFFERENT")
        table.add_row(
            found.name,
            " x ".join(map(str, found.shape)),
            f"{found.difference:.1e}",
            Text(word, style="green" if found.equal else "bold red"),
        )
    table.caption = f"as a share of each picture's largest value; {TOLERANCE:g} is allowed"
    return table


def show_hits(goldens: Arrays, found: Arrays, screen: Console) -> None:
    """Print how often the peak of a heatmap lies in the digit's box: a measure that depends on neither Keras."""
    table = Table(title="How often the heatmap's peak lies in the digit's box")
    table.add_column("Computed by")
    table.add_column("Grad-CAM", justify="right")
    table.add_column("Guided", justify="right")
    here = f"k2compat on Keras {version('keras')}, TensorFlow {version('tensorflow')}"
    for computed_by, arrays in [
        (str(goldens["recorded_with"]).split(", Python", maxsplit=1)[0], goldens),
        (here, found),
    ]:
        table.add_row(computed_by, *(hit_rate(arrays[peaks]) for peaks in shipped.PEAKS))
    by_chance = np.mean(
        [(right - left + 1) * (bottom - top + 1) for left, top, right, bottom in shipped.boxes()["box"]]
    )
    share = by_chance / np.prod(found["heatmap_large"].shape[1:])
    table.caption = f"a peak anywhere would be in the box in {share:.0%} of the pictures"
    screen.print(table)


def hit_rate(peaks: np.ndarray) -> str:
    inside = shipped.hits(peaks)
    return f"{inside.sum()} of {inside.size} ({inside.mean():.1%})"


def verdict(comparisons: list[ArrayComparison], screen: Console) -> int:
    """Print the last line; return the exit code."""
    wrong = [found.name for found in comparisons if not found.equal]
    if wrong:
        screen.print(f"Verdict: DIFFERENT from Keras 2 in {', '.join(wrong)}.", style="bold red")
        return DIFFERENT
    screen.print(f"Verdict: EQUAL. All {len(comparisons)} arrays are those of Keras 2.", style="bold green")
    return EQUAL
