"""``k2compat demo --model --image``: the heatmap script, written for the user's own model and picture, and run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from rich.console import Console

from k2compat.demo import own_model, shipped
from k2compat.demo.own_model import Subject, quoted
from k2compat.demo.screen import Problem, one_line, quiet_keras

SCRIPT = "k2compat_heatmap.py"  # not a name that a script of the user's may have
# Kinds of pictures the script writes, after the name of the user's picture.
KINDS = ("heatmap", "overlay", "guided_heatmap", "guided_overlay")


def draw(model: Path, picture: Path, layer: str | None, out: Path, screen: Console) -> None:
    """Draw the heatmaps of one picture.

    Raises:
        Problem: if a file or the layer cannot be used.
    """
    with screen.status(f"Reading {model} ..."), quiet_keras():
        subject = own_model.inspect(model, picture, layer)
    script = out.resolve() / SCRIPT
    script.write_text(adapted(shipped.AFTER.read_text(), subject, script.parent))
    with screen.status("Drawing ..."), quiet_keras():
        try:
            shipped.run_script(script, script.parent)
        except Exception as error:  # whatever a model's own layers raise
            reason = f"{type(error).__name__}: {one_line(error)}"
            raise Problem(f"the script stopped with {reason}; run python {out / SCRIPT} to see where") from error
    missing = [str(file) for file in written(subject, out).values() if not file.is_file()]
    if missing:
        raise Problem(f"OpenCV could not write {', '.join(missing)}; give the picture or the folder another name")
    report(subject, out, screen)


def adapted(script: str, subject: Subject, out: Path) -> str:
    """Return the shipped script with the user's files, layer and sizes in place of its own.

    Raises:
        LookupError: if the shipped script does not have the lines that are to be replaced.
    """
    color = "" if subject.color_mode == "rgb" else f', color_mode="{subject.color_mode}"'
    changes = {
        'load_model("custom_model.h5")': f"load_model({quoted(subject.model)}, compile=False)",
        'model.get_layer("model_input")': subject.input,
        'sorted(glob.glob("pictures/*.png"))': f"[{quoted(subject.picture)}]",
        "import glob\n": "",
        "target_size=(96, 96)": f"target_size={subject.size}{color}",
        '"heatmaps/"': quoted(f"{out}/"),
    }
    if subject.maps == f"model.get_layer({quoted(subject.layer)}).output":
        changes['"block5_conv3"'] = quoted(subject.layer)
    else:
        changes['conv_layer = model.get_layer("block5_conv3")'] = f"conv_output = {subject.maps}  # of {subject.layer}"
        changes["conv_layer.output"] = "conv_output"
    if subject.rescales:
        changes[", axis=0) / 255.0"] = ", axis=0)"
    missing = [old for old in changes if old not in script]
    if missing:
        raise LookupError(f"the shipped script has no {missing}")
    # In one pass, so that nothing in the user's own paths and names is replaced.
    return re.sub("|".join(map(re.escape, changes)), lambda found: changes[found[0]], script)


def written(subject: Subject, out: Path) -> dict[str, Path]:
    """Return the files the script writes, by kind of picture."""
    return {kind: out / f"{subject.picture.stem}_{kind}.png" for kind in KINDS}


def report(subject: Subject, out: Path, screen: Console) -> None:
    """Print what was found, what was assumed and where the files are."""
    with np.load(out / f"{subject.picture.stem}.npz") as arrays:
        preds, heatmap, large = (arrays[name] for name in ("preds", "heatmap", "heatmap_large"))
    best = int(np.argmax(preds))
    column, row = shipped.peak_of(large)
    screen.print(f"Class {best} of 0 to {preds.size - 1}, with the output {preds[best]:.4f}")
    screen.print(f"Layer {subject.layer}, {heatmap.shape[0]}x{heatmap.shape[1]} maps")
    if large.max() > 0:
        screen.print(f"The heatmap's peak is at column {column}, row {row} of {large.shape[1]}x{large.shape[0]}")
    else:
        screen.print(
            "The heatmap is empty: nothing in these maps speaks for the class. An earlier layer may show more."
        )
    scale = "0 to 255, as the model scales them itself" if subject.rescales else "0 to 1"
    screen.print(
        f"Pixels were given to the model as {scale}; if it was trained otherwise, change that line in the script"
    )
    screen.print(f"Script: {out / SCRIPT}", soft_wrap=True)
    for kind, file in written(subject, out).items():
        screen.print(f"{kind.replace('_', ' ').capitalize()}: {file}", soft_wrap=True)
