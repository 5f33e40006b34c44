"""The table of repairs: everything k2compat changes in Keras and TensorFlow at run time.

``K2COMPAT_REPAIRS=0`` in the environment leaves Keras alone; each entry can be undone by itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from types import SimpleNamespace

from k2compat.adapters import adapter, each_loaded
from k2compat.adapters.repair import TABLE, Repair
from k2compat.backend import optimizers, shapes, variables
from k2compat.backend.nn import hard_sigmoid
from k2compat.backend.session import get_session
from k2compat.backend.tensorflow_repairs import DISPATCHER, tensorflow_repairs
from k2compat.graph import active
from k2compat.graph.dispatch import apply, convert, present
from k2compat.graph.phase import phase_state
from k2compat.graph.structure import leaves, plain_index, rebuild
from k2compat.graph.symbols import Lazy, Valueless, Variable, is_symbol


def engine() -> SimpleNamespace:
    """What the repairs of a Keras use of the engine."""
    return SimpleNamespace(
        apply=apply,
        present=present,
        run=get_session().run,
        placeholder=variables.placeholder,
        evaluating=active.evaluating,
        taped=active.taped,
        convert=convert,
        is_symbol=is_symbol,
        Lazy=Lazy,
        Variable=Variable,
        resize_images=shapes.resize_images,
        Valueless=Valueless,
        hard_sigmoid=hard_sigmoid,
        leaves=leaves,
        plain_index=plain_index,
        rebuild=rebuild,
        phase_state=phase_state,
        optimizers=optimizers,
        moving_average_update=variables.moving_average_update,
    )


def repairs() -> list[Repair]:
    """The repairs, each with ``name``, ``reason`` and ``active``; ``undo()`` and ``apply()`` switch one off and on.

    Those of a Keras are there as soon as it is in use.
    """
    adapter()
    return list(TABLE)


def add(made: Iterable[Repair]) -> None:
    """Puts repairs into the table and applies them, or only the needed ones if ``K2COMPAT_REPAIRS`` is 0."""
    for repair in made:
        TABLE.append(repair)
        if repair.needed or os.environ.get("K2COMPAT_REPAIRS", "1") != "0":
            repair.apply()


def install() -> None:
    """Applies the repairs of TensorFlow, and those of each Keras in use, now or later."""
    DISPATCHER.register()
    add(tensorflow_repairs())
    each_loaded(lambda found: add(found.repairs(engine())))
