"""Calls a function as soon as a package has been imported, before the program goes on."""

from __future__ import annotations

import importlib.abc
import sys
from collections.abc import Callable, Collection
from typing import Any


class AfterImport(importlib.abc.MetaPathFinder):
    """A finder that finds what the others find.

    Attributes:
        packages: the names; of others it finds nothing.
        call: called after one of them was imported.
    """

    def __init__(self, packages: Collection[str], call: Callable[[], Any]):
        self.packages, self.call = packages, call

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in self.packages:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(name, path, target) if hasattr(finder, "find_spec") else None
            if spec is not None:
                spec.loader = Loader(spec.loader, self.call) if spec.loader is not None else None
                return spec
        return None


class Loader(importlib.abc.Loader):
    """The loader of a package, with a call after it."""

    def __init__(self, loader: Any, call: Callable[[], Any]):
        self.loader, self.call = loader, call

    def create_module(self, spec: Any) -> Any:
        return self.loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__loader__ = module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        self.call()
