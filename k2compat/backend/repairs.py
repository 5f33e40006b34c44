"""The table of repairs: everything k2compat changes in Keras and TensorFlow at run time.

``K2COMPAT_REPAIRS=0`` in the environment leaves Keras alone; each entry can be undone by itself.
"""

from __future__ import annotations

import os
from functools import lru_cache
from types import SimpleNamespace

from k2compat.adapters import adapter
from k2compat.adapters.repair import Repair
from k2compat.backend import optimizers, shapes, variables
from k2compat.backend.nn import hard_sigmoid
from k2compat.backend.session import get_session
from k2compat.backend.tensorflow_repairs import DISPATCHER, tensorflow_repairs
from k2compat.graph import active
from k2compat.graph.dispatch import apply, convert, present
from k2compat.graph.phase import phase_state
from k2compat.graph.structure import leaves, plain_index, rebuild
from k2compat.graph.symbols import Lazy, Valueless, Variable


@lru_cache(maxsize=1)
def table() -> tuple[Repair, ...]:
    """All repairs, in the order in which they are applied."""
    engine = SimpleNamespace(
        apply=apply,
        present=present,
        run=get_session().run,
        placeholder=variables.placeholder,
        evaluating=active.evaluating,
        taped=active.taped,
        convert=convert,
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
    return (
        *tensorflow_repairs(),
        *adapter().repairs(engine),
    )


def repairs() -> list[Repair]:
    """The repairs, each with ``name``, ``reason`` and ``active``; ``undo()`` and ``apply()`` switch one off and on."""
    return list(table())


def install() -> None:
    """Applies the repairs; only the first one if ``K2COMPAT_REPAIRS`` is 0."""
    DISPATCHER.register()
    wanted = table() if os.environ.get("K2COMPAT_REPAIRS", "1") != "0" else table()[:1]
    for repair in wanted:
        repair.apply()
