"""Where the imports of an old script lead, without a change in it."""

from __future__ import annotations

import sys
import types
from typing import Any


class Moved(types.ModuleType):
    """A module that finds its names in others."""

    def __init__(self, name: str, places: Any):
        super().__init__(name)
        self.__path__: list[str] = []
        self._places = places

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            for place in self._places:
                if hasattr(place, name):
                    return getattr(place, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


def keras_is(package: Any) -> None:
    """Makes ``keras`` and ``tensorflow.keras`` one package of Keras 2, with the modules it had in 2018.

    Args:
        package: the module of ``tf_keras``.
    """
    import tensorflow as tf

    assert tf.keras.Model  # TensorFlow loads it when it is asked for it, and has to find it as it is
    sys.modules.setdefault("tensorflow.keras", tf.keras)
    # A front, because what is put in the place of the backend is not what Keras itself should find there.
    sys.modules["keras"] = front = Moved("keras", [package])
    front.__version__, front.__path__ = package.__version__, package.__path__  # type: ignore[attr-defined]
    known = modules_below(package)
    for name, module in known.items():
        put("keras." + name, module)
        sys.modules["tensorflow.keras." + name] = module
    add_old_modules(package, known)


def modules_below(package: Any) -> dict[str, Any]:
    """The modules of Keras 2 by the names they had when they were its public ones; those above others first."""
    inner = package.__name__ + "."
    loaded = {name[len(inner) :]: module for name, module in sys.modules.items() if name.startswith(inner) and module}
    public = {name: module for name, module in loaded.items() if not name.startswith(("src", "api", "_"))}
    inside = {name[4:]: module for name, module in loaded.items() if name.startswith("src.")}
    return dict(sorted({**inside, **public}.items()))


def add_old_modules(package: Any, known: Any) -> None:
    """The modules that Keras 2 itself had given up by then, such as ``keras.layers.recurrent``."""
    from k2compat.tables.old_modules import OLD_MODULES

    for name, places in OLD_MODULES.items():
        if name not in known:
            found = [getattr(package, place) for place in places if hasattr(package, place)]
            put("keras." + name, Moved("keras." + name, found))


def put(name: str, module: Any) -> None:
    """Makes a module importable under a name, and an attribute of the one above it unless that has one."""
    sys.modules[name] = module
    above, _, last = name.rpartition(".")
    if above in sys.modules and not hasattr(sys.modules[above], last):
        setattr(sys.modules[above], last, module)


def part_is(name: str, module: Any) -> None:
    """Makes a module the part of Keras of that name, for all imports."""
    import tensorflow as tf

    for owner in {id(owner): owner for owner in (sys.modules["keras"], tf.keras)}.values():
        setattr(owner, name, module)
    for root in ("keras.", "tensorflow.keras."):
        sys.modules[root + name] = module


def backend_is(backend: Any) -> None:
    """Makes one module the ``K`` of all imports: ``keras.backend``, ``tf.keras.backend``, ``k2compat.backend``."""
    part_is("backend", backend)
    backend.tensorflow_backend = backend
    sys.modules["k2compat"].backend = backend  # type: ignore[attr-defined]
    sys.modules["k2compat.backend"] = backend
    for root in ("keras", "tensorflow.keras", "k2compat"):
        sys.modules[root + ".backend.tensorflow_backend"] = backend
