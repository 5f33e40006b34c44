"""Switches the import hooks on in a Python process that a program under ``k2compat run`` starts.

Its folder is on the process's path, and Python imports this at its start. A ``sitecustomize`` of the user comes after.
"""

import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def import_own():  # type: ignore[no-untyped-def]
    """Import the ``sitecustomize`` that this one stands before, if there is one."""
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != HERE]
    own = sys.modules.pop("sitecustomize")
    try:
        __import__("sitecustomize")
    except ModuleNotFoundError as missing:
        if missing.name != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = own


def import_k2compat():  # type: ignore[no-untyped-def]
    """Import the k2compat this file belongs to, wherever the process was started."""
    folder = os.path.dirname(os.path.dirname(HERE))
    file = os.path.join(folder, "__init__.py")
    spec = importlib.util.spec_from_file_location("k2compat", file, submodule_search_locations=[folder])
    sys.modules["k2compat"] = module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]


if os.environ.get("K2COMPAT_IMPORTS") == "1":
    import_k2compat()
    importlib.import_module("k2compat.imports.activate").activate()
import_own()
