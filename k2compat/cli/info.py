"""``k2compat info``: prints what a bug report needs: versions, the Keras in use, repairs, settings and devices."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib import metadata
from typing import Any

from k2compat.cli.options import Subparsers
from k2compat.version import version

PACKAGES = ("tensorflow", "keras", "tf_keras", "numpy", "h5py", "opencv-python-headless", "opencv-python", "libcst")
SETTINGS = ("TF_USE_LEGACY_KERAS", "KERAS_BACKEND", "CUDA_VISIBLE_DEVICES")
EXAMPLE = "python -m k2compat info --json > info.json"


def add_parser(subparsers: Subparsers) -> None:
    """Add ``info``."""
    parser = subparsers.add_parser(
        "info",
        help="print versions, the Keras in use, repairs and devices, for a bug report",
        description="Prints what a bug report needs: versions, the Keras in use, repairs, settings and devices.",
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the facts.

    Args:
        options: ``json``, whether to print them as JSON.

    Returns:
        0.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when it is imported
    found = facts()
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    width = max(map(len, found))
    for name, value in found.items():
        shown = ", ".join(map(str, value)) or "none" if isinstance(value, list) else value
        print(f"{name:{width}}  {shown}")
    return 0


def facts() -> dict[str, Any]:
    """Return each fact under its name."""
    import tensorflow as tf

    import k2compat.backend  # noqa: F401 (applies the repairs)
    from k2compat.adapters.registry import kind_of, package_of_tensorflow
    from k2compat.repair.install import repairs

    found = repairs()
    devices = [f"{device.device_type}: {device.name}" for device in tf.config.list_physical_devices()]
    return {
        "k2compat": version(),
        "Python": f"{platform.python_version()} ({sys.executable})",
        "system": platform.platform(),
        **{package: installed(package) for package in PACKAGES},
        "tf.keras is": kind_of(package_of_tensorflow()),
        "repairs applied": sum(repair.active for repair in found),
        "repairs not applied": [repair.name for repair in found if not repair.active],
        "settings": [f"{name}={value}" for name, value in sorted(os.environ.items()) if is_setting(name)],
        "devices": devices,
    }


def installed(package: str) -> str:
    """Return the installed version of a package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def is_setting(name: str) -> bool:
    """Return whether an environment variable changes what k2compat or TensorFlow does here."""
    return name in SETTINGS or name.startswith("K2COMPAT_")
