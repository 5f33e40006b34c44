"""Switches the import hooks on for this process, and for those it starts."""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import os
import sys
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from k2compat.imports.finder import FirstImport

KINDS = ("keras2", "keras3")
SWITCH = "TF_USE_LEGACY_KERAS"
# Set in the environment of processes that the program starts with its interpreter.
CHILDREN = "K2COMPAT_IMPORTS"
SITE = Path(__file__).parent / "site"
FIRST = ("keras", "tensorflow", "tf_keras")

_chosen: str | None = None


def activate(kind: str | None = None) -> str:
    """Let old module names lead to what they used to mean, from the first import of Keras or TensorFlow on.

    Args:
        kind: "keras2" or "keras3"; by default what ``TF_USE_LEGACY_KERAS`` says, else Keras 3 where it is installed.

    Returns:
        The kind. A second call changes nothing.

    Raises:
        K2ImportError: that Keras is not installed, or the other one has been imported before.
    """
    global _chosen  # noqa: PLW0603
    if _chosen is None:
        kind = kind or default_kind()
        package = package_of(kind)
        if package is None:
            raise refused(
                f"{kind}, which is not installed",
                "run `pip install tf_keras` for Keras 2, `pip install keras` for Keras 3.",
            )
        os.environ[SWITCH] = "1" if package == "tf_keras" else "0"
        _chosen = kind
        if any(name in sys.modules for name in FIRST):
            tell_late_import()
            load(package)
        else:
            sys.meta_path.insert(0, FirstImport(FIRST, functools.partial(loaded, package)))
    return _chosen


def default_kind() -> str:
    if os.environ.get(SWITCH, "").lower() in ("1", "true"):
        return "keras2"
    return "keras3" if package_of("keras3") else "keras2"


def package_of(kind: str) -> str | None:
    """The name of the installed package that has a kind of Keras."""
    for name in ("keras",) if kind == "keras3" else ("tf_keras", "keras"):
        try:
            if version(name.replace("_", "-")).partition(".")[0] == kind[-1]:
                return name
        except PackageNotFoundError:
            continue
    return None


def loaded(package: str, name: str) -> Any:
    """Return the module that a program gets under a name, with everything in place."""
    load(package)
    return sys.modules[name]


def load(package: str) -> None:
    """Import k2compat, and let all module names of Keras lead to it and to a Keras."""
    import tensorflow as tf

    used = tf.keras.Model.__module__.partition(".")[0]
    if used != package:
        raise refused(
            f"{package}, after TensorFlow was imported with {used}",
            "import k2compat.auto above everything else, or use `python -m k2compat run`.",
        )
    from k2compat.imports.served import serve, serve_backend
    from k2compat.naming.programs import Program

    Program.unmodified = True

    backend = importlib.import_module("k2compat.backend")
    serve(package)
    serve_backend(backend)
    sys.meta_path.insert(0, OtherKeras(package))


class OtherKeras(importlib.abc.MetaPathFinder):
    """Warns when a program imports a second Keras, whose layers do not go together with those of the first."""

    def __init__(self, package: str):
        self.package = package

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name == "tf_keras" != self.package:
            warnings.warn(
                "tf_keras is imported where `keras` and `tf.keras` are Keras 3: layers and tensors of one cannot be "
                "used with the other. TF_USE_LEGACY_KERAS=1 or `k2compat run --keras keras2` make all of them Keras 2.",
                stacklevel=2,
            )
        return None


def tell_late_import() -> None:
    if (
        any(name in sys.modules for name in ("keras.backend", "tf_keras.backend"))
        and "k2compat.backend" not in sys.modules
    ):
        warnings.warn(
            "k2compat.auto is imported after Keras: what was imported from Keras before stays as it was. Import "
            "k2compat.auto first.",
            stacklevel=3,
        )


def refused(received: str, advice: str) -> Exception:
    from k2compat.errors import K2ImportError, three_parts

    return K2ImportError(three_parts(f"a request for {received}", "one Keras in the program.", advice))


def activate_children() -> None:
    """Let the Python processes that this one starts do the same."""
    os.environ[CHILDREN] = "1"
    path = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(SITE), *([path] if path else [])])
