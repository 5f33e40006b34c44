"""The finders on ``sys.meta_path``: one loads k2compat before the first Keras, the others redirect old module names."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import threading
from collections.abc import Callable
from typing import Any


class Alias(importlib.abc.Loader):
    """A loader that gives a module that is there under another name."""

    def __init__(self, find: Callable[[], Any]):
        self._find = find
        self._spec: Any = None

    def create_module(self, spec: Any) -> Any:
        module = self._find()
        self._spec = getattr(module, "__spec__", None)
        return module

    def exec_module(self, module: Any) -> None:
        """Give the module its own spec back, which the import replaced."""
        module.__spec__ = self._spec


class FirstImport(importlib.abc.MetaPathFinder):
    """Calls a function when the program imports the first of some packages, before it gets it.

    Attributes:
        packages: their names.
        load: called once with the name that is imported; returns what the program gets under it.
    """

    def __init__(self, packages: tuple[str, ...], load: Callable[[str], Any]):
        self.packages, self.load = packages, load
        self._is_done = False

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in self.packages or self._is_done:
            return None
        # Not here: Python holds the lock of all imports while it asks for a spec.
        return importlib.machinery.ModuleSpec(name, Alias(lambda: self._load(name)))

    def _load(self, name: str) -> Any:
        self._is_done = True  # what is imported from now on is found as ever
        return self.load(name)


class Redirect(importlib.abc.MetaPathFinder):
    """Finds modules below some names by asking for them elsewhere.

    Attributes:
        roots: the names; of two that fit the longer one counts.
        find: called with a root and the rest of a module's name; returns a module or None.
    """

    def __init__(self, roots: tuple[str, ...], find: Callable[[str, str], Any]):
        self.roots, self.find = sorted(roots, key=len, reverse=True), find
        self._asked = threading.local()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        root = next((root for root in self.roots if name == root or name.startswith(root + ".")), None)
        if root is None or getattr(self._asked, "name", None) == name:
            return None
        self._asked.name = name  # the search itself may ask for the same name
        try:
            module = self.find(root, name[len(root) + 1 :])
        finally:
            self._asked.name = None
        if module is None:
            return None
        return importlib.machinery.ModuleSpec(name, Alias(lambda: module), is_package=hasattr(module, "__path__"))
