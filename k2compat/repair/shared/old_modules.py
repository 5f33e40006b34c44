"""The modules of Keras 2 that are gone, as modules that find their names where they are now."""

from __future__ import annotations

import importlib
import importlib.util
import operator
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from k2compat.tables.imported_names import IMPORTED, PLACES
from k2compat.tables.old_modules import OLD_MODULES
from k2compat.tables.old_names import ADDED, ALIASES, THROUGH_LAYERS


class Moved(types.ModuleType):
    """A module of Keras 2 that finds its names where they are now."""

    def __init__(self, name: str, places: tuple[Any, ...], imported: Mapping[str, str] | None = None):
        titles = [getattr(place, "__name__", place) for place in places]
        super().__init__(name, f"The names of Keras 2's ``{name}``, from {' and '.join(titles)}.")
        self.__path__: list[str] = []  # others are imported from below it
        self._places = places
        self._imported = dict(imported or {})

    @property
    def __all__(self) -> list[str]:
        """The names that ``from module import *`` brings."""
        return sorted({name for place in self._places for name in public_names(as_module(place))})

    def __dir__(self) -> list[str]:
        """Return the names that can be asked for."""
        return sorted({*vars(self), *self.__all__})

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            for place in self._places:
                found = getattr(as_module(place), name, None)
                if found is not None:
                    return found
            if name in self._imported:
                return resolved(self._imported[name])
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def resolved(place: str) -> Any:
    """Return something in a module by its name, or a module."""
    module, _, name = place.rpartition(".")
    found = getattr(importlib.import_module(module), name, None) if module else None
    return importlib.import_module(place) if found is None else found


def as_module(place: Any) -> Any:
    """Return a module that is given as it is or by its name."""
    return importlib.import_module(place) if isinstance(place, str) else place


def public_names(module: Any) -> list[str]:
    """Return the names that ``from module import *`` brings."""
    return list(getattr(module, "__all__", None) or (name for name in vars(module) if not name.startswith("_")))


def is_there(name: str) -> bool:
    """Return whether a module can be imported as things are."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the one above it is no package
        return False


def module_patches(
    package: str,
    further: Mapping[str, tuple[str, ...]] | None = None,
    private: Mapping[str, Any] | None = None,
) -> Iterator[tuple[Any, str, Any]]:
    """Yield each old module, importable and an attribute of the one above it.

    Args:
        package: the name of the Keras.
        further: old modules that only this Keras has elsewhere -> where their names are now.
        private: names that all modules of the engine have, and what they are in this Keras.
    """
    modules = {
        "backend.tensorflow_backend": ("k2compat.backend",),
        "backend.common": ("k2compat.backend",),
        **{name: tuple(at(package, place) for place in places) for name, places in OLD_MODULES.items()},
        **(further or {}),
    }
    made: dict[str, Any] = {}
    for name, places in modules.items():
        above, _, last = name.rpartition(".")
        if above not in made and is_there(f"{package}.{name}"):
            continue  # this Keras has it
        module = made[name] = Moved(f"{package}.{name}", places, imported_by(package, name))
        if name.startswith("engine"):
            vars(module).update(private or {})
        parent = made.get(above) or importlib.import_module(f"{package}.{above}".rstrip("."))
        yield sys.modules, module.__name__, module
        yield parent, last, module


def imported_by(package: str, module: str) -> dict[str, str]:
    """Return what a module of Keras 2 had imported, and where that is now."""
    return {name: at(package, PLACES[name]) for name in IMPORTED.get(module, ())}


def imported(keras: Any, modules: Iterable[tuple[Any, str, Any]]) -> Iterator[tuple[Any, str, Any]]:
    """Yield what modules that there still are had imported for their own use, ``K`` above all.

    Args:
        keras: the package.
        modules: what ``module_patches`` has given, whose modules cannot be imported yet.
    """
    known = {module.__name__: module for _, _, module in modules}
    for module in IMPORTED:
        if module not in OLD_MODULES and is_there(f"{keras.__name__}.{module}"):
            place = importlib.import_module(f"{keras.__name__}.{module}")
            for name, found in imported_by(keras.__name__, module).items():
                if found not in known:
                    known[found] = resolved(found)
                if not hasattr(place, name):
                    yield place, name, known[found]


def at(package: str, place: str) -> str:
    """Return the full name of a place in a Keras or in k2compat."""
    return place if place.startswith("k2compat.") else f"{package}.{place}"


def renamed(keras: Any) -> Iterator[tuple[Any, str, Any]]:
    """Yield the names of a Keras that were spelled otherwise, where it does not have them so."""
    for module, names in ALIASES.items():
        place = getattr(keras, module)
        missing = {old: new for old, new in names.items() if hasattr(place, new) and not hasattr(place, old)}
        yield from ((place, old, getattr(place, new)) for old, new in missing.items())


def added(keras: Any, addresses: Callable[[str], Iterable[Any]]) -> Iterator[tuple[Any, str, Any]]:
    """Yield the functions and classes that no Keras has, at the addresses of Keras 2.

    Args:
        keras: the package.
        addresses: gives a module of it under each of its addresses; those in packages below have the one in ``keras``.
    """
    for module, names in ADDED.items():
        for place in [operator.attrgetter(module)(keras)] if "." in module else addresses(module):
            for name, file in names.items():
                if not hasattr(place, name):
                    yield place, name, getattr(importlib.import_module(f"k2compat.legacy.{file}"), name)


def through_layers(keras: Any) -> Iterator[tuple[Any, str, Any]]:
    """Yield what the modules of layers and models had imported for their own use."""
    yield from ((keras.layers, name, getattr(keras, name)) for name in THROUGH_LAYERS)
    yield keras.models, "InputLayer", keras.layers.InputLayer

    def as_repaired(*args: Any, **kwargs: Any) -> Any:
        """``keras.layers.Input`` as it is when it is called: another repair puts its own in that place."""
        return keras.layers.Input(*args, **kwargs)

    yield keras.models, "Input", as_repaired
