"""``k2compat demo``: an old Grad-CAM script with one line changed, compared with what Keras 2 computed with it."""

from __future__ import annotations

import argparse
from pathlib import Path

from k2compat.cli.options import Subparsers

EXAMPLE = "python -m k2compat demo --model my.h5 --image cat.jpg --layer block5_conv3"


def add_parser(subparsers: Subparsers) -> None:
    """Add ``demo``."""
    parser = subparsers.add_parser(
        "demo",
        help="run an old Grad-CAM script with one line changed, and compare with what Keras 2 computed",
        description="Runs an old Grad-CAM script with one line changed, compares every array with what Keras 2 "
        "computed, and writes the pictures. With --model and --image it draws the heatmap of your own picture.",
        epilog="Exit code: 0 equal (or drawn), 1 different, 2 a file or an option that cannot be used.",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("k2compat-demo"), metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument("--model", type=Path, metavar="FILE", help="your model, .h5 or .keras")
    parser.add_argument("--image", type=Path, metavar="FILE", help="your picture; it is resized to the model's input")
    parser.add_argument("--layer", metavar="NAME", help="the layer to look at (default: the last convolution)")
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Run the demo on the shipped files or on the user's.

    Returns:
        The exit code.
    """
    if (options.model is None) != (options.image is None):
        missing = "--image" if options.image is None else "--model"
        options.parser.error(f"--model and --image go together; {missing} is missing")
    if options.layer is not None and options.model is None:
        options.parser.error("--layer names a layer of your own model; --model and --image are missing")
    from k2compat.cli.terminal import console
    from k2compat.demo import run as demo

    return demo.run(options.out, options.model, options.image, options.layer, console())
