"""The table of repairs: everything k2compat changes in Keras and TensorFlow at run time.

``K2COMPAT_REPAIRS=0`` in the environment leaves Keras alone; each entry can be undone by itself.
"""

from __future__ import annotations

import graphlib
import importlib
import os
import pkgutil
from collections.abc import Iterable

from k2compat.adapters.registry import adapter, each_loaded
from k2compat.codegen import caveats
from k2compat.repair.table import TABLE, Elsewhere, Repair
from k2compat.repair.tensorflow import DISPATCHER, tensorflow_repairs

# Kind of Keras -> the package of its repairs.
REPAIRS = {"keras2": "k2compat.repair.keras2", "keras3": "k2compat.repair.keras3"}


def repairs() -> list[Repair]:
    """Return the repairs, each with ``name``, ``reason`` and ``active``; ``undo()`` and ``apply()`` switch one off and
    on.

    Those of a Keras are there as soon as it is in use.
    """
    adapter()
    return list(TABLE)


def add(made: Iterable[Repair]) -> None:
    """Put repairs into the table and applies them, or only the needed ones if ``K2COMPAT_REPAIRS`` is 0."""
    for repair in made:
        TABLE.append(repair)
        if repair.needed or os.environ.get("K2COMPAT_REPAIRS", "1") != "0":
            repair.apply()


def applied_caveats() -> Iterable[tuple[str, Elsewhere]]:
    """Yield the names of repairs that are applied, and what layers compute where they are not."""
    return ((repair.name, repair.elsewhere) for repair in TABLE if repair.active and repair.elsewhere is not None)


def install() -> None:
    """Apply the repairs of TensorFlow, and those of each Keras in use, now or later."""
    DISPATCHER.register()
    caveats.SOURCES.append(applied_caveats)
    add(tensorflow_repairs())
    each_loaded(lambda found: add(repairs_in(REPAIRS[found.kind])))


def repairs_in(package: str) -> list[Repair]:
    """Return the repairs of all files of a package: what their functions ``repairs()`` give, where they have one.

    Files come in the order of their names; one that has to come later says after which others in ``AFTER``.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(importlib.import_module(package).__path__))
    modules = {name: importlib.import_module(f"{package}.{name}") for name in names}
    order = graphlib.TopologicalSorter({name: getattr(module, "AFTER", ()) for name, module in modules.items()})
    return [repair for name in order.static_order() for repair in getattr(modules[name], "repairs", list)()]
