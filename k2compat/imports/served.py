"""What the module names of old programs lead to, once a Keras and a backend are chosen."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from k2compat.imports.finder import Redirect

# The addresses that Keras had in TensorFlow. The last one there still is, with a Keras of its own that nothing repairs.
CONTRIB = ("tensorflow.contrib.keras", "tensorflow.contrib.keras.api.keras", "tensorflow.contrib.keras.python.keras")
INNER = ("tensorflow.python.keras._impl.keras", "tensorflow.python.keras.api._v1.keras", "tensorflow.python.keras")
# The modules that are Keras itself, the first by the name that programs give it; what is not loaded is skipped.
PACKAGES = ("keras", "tf_keras", "keras._tf_keras.keras", "tf_keras.api._v2.keras", "tensorflow.keras")


def serve(package: str) -> None:
    """Make all names of Keras one Keras: ``keras``, ``tensorflow.keras``, ``tensorflow.python.keras`` and others.

    Args:
        package: the name of the one in use, ``keras`` or ``tf_keras``.
    """
    import tensorflow as tf

    keras = importlib.import_module(package)
    assert tf.keras.Model  # TensorFlow loads it when it is asked for it, and has to find it as it is
    sys.modules.setdefault("tensorflow.keras", tf.keras)
    inner = {name: module for name, module in sys.modules.items() if below(INNER[-1], name)}
    for name in inner:
        del sys.modules[name]  # TensorFlow's own files have theirs by now

    def find(root: str, rest: str) -> Any:
        if not rest or any(below(f"{root}.{rest}", other) for other in (*CONTRIB, *INNER)):
            return front(root, keras, inner.get(root))
        if rest == "backend_config":
            return importlib.import_module("k2compat.backend")
        return module_of(package, rest) or inner.get(f"{root}.{rest}")

    replaced = (*CONTRIB, *INNER, *(() if package == "keras" else ("keras",)))
    sys.meta_path.insert(0, Redirect(replaced, find))
    sys.meta_path.append(Redirect(("tensorflow.keras",), lambda root, rest: module_of(package, rest) if rest else None))
    if package != "keras":
        sys.modules.pop("keras", None)
    importlib.import_module(PACKAGES[0])
    inside: Any = sys.modules["tensorflow.python"]
    inside.keras = importlib.import_module(INNER[-1])
    serve_contrib(tf)


def serve_old_modules(package: str) -> None:
    """Make the modules that Keras has given up importable, where no repair does."""
    from k2compat.repair.shared.old_modules import module_patches
    from k2compat.repair.table import put

    for target, name, module in module_patches(package):
        put(target, name, module)


def below(root: str, name: str) -> bool:
    return name == root or name.startswith(root + ".")


def front(name: str, keras: Any, further: Any) -> Any:
    """A module that has what a Keras has, and what stood at its own place before."""
    from k2compat.repair.shared.old_modules import Moved

    made = Moved(name, tuple(place for place in (keras, further) if place is not None))
    made.__version__ = keras.__version__  # type: ignore[attr-defined]
    return made


def module_of(package: str, rest: str) -> Any:
    """A module of Keras 2 where it is now: where it is public, or else where it is kept inside."""
    for name in (f"{package}.{rest}", *([f"{package}.src.{rest}"] if package == "tf_keras" else [])):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name is None or not below(missing.name, name):
                raise
    return None


def serve_contrib(tf: Any) -> None:
    """Make ``tf.contrib.keras`` Keras; ``tf.contrib`` is there with nothing else if TensorFlow has none."""
    from k2compat.repair.shared.old_modules import Moved

    contrib: Any = getattr(tf, "contrib", None)
    if contrib is None:
        tf.contrib = contrib = Moved("tensorflow.contrib", ())
    sys.modules.setdefault("tensorflow.contrib", contrib)
    contrib.keras = importlib.import_module(CONTRIB[0])


def stand_in(part: str, module: Any) -> None:
    """Make a module the part of Keras of that name, at all its addresses."""
    import tensorflow as tf

    owners = {name: sys.modules[name] for name in PACKAGES if name in sys.modules}
    for owner in [*owners.values(), tf.keras]:
        setattr(owner, part, module)
    for name in (*owners, "tensorflow.keras"):
        sys.modules[f"{name}.{part}"] = module


def serve_backend(backend: Any) -> None:
    """Make a module the ``K`` of all imports: ``keras.backend``, ``tf.keras.backend``, ``k2compat.backend``."""
    own = getattr(sys.modules["keras"], "backend", None)
    stand_in("backend", backend)
    backend.tensorflow_backend = backend
    if own is not backend and hasattr(backend, "BEHIND"):
        backend.BEHIND.append(own)
    sys.modules["k2compat"].backend = backend  # type: ignore[attr-defined]
    sys.modules["k2compat.backend"] = backend
    for root in ("keras", "tf_keras", "tensorflow.keras", "k2compat"):
        for file in ("tensorflow_backend", "common"):
            sys.modules[f"{root}.backend.{file}"] = backend
