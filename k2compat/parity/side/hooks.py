"""Where results leave the backend: K functions, sessions, tensors and models, each replaced by one that is recorded."""

from __future__ import annotations

import functools
import sys
from typing import Any, Iterator

from k2compat.parity.side.recorder import Recorder, place_of
from k2compat.parity.side.training import recorded_fit

VALUES_OF_K = ("eval", "get_value", "batch_get_value")
LOSSES = ("evaluate", "evaluate_generator", "train_on_batch", "test_on_batch")
PREDICTIONS = ("predict", "predict_on_batch", "predict_generator", "predict_classes", "predict_proba")
TRAINING = ("fit", "fit_generator")
# Where they may be; what a process has not loaded is passed over.
BACKENDS = (
    "k2compat.backend",
    "keras.backend",
    "keras.backend.tensorflow_backend",
    "tf_keras.backend",
)
PACKAGES = ("keras", "tf_keras", "tensorflow.keras")
MODELS_OF_GRAPH_MODE = ("tf_keras.src.engine.training_v1", "keras.src.engine.training_v1")
SESSIONS = (("tensorflow.python.client.session", "BaseSession"), ("k2compat.backend.session", "Session"))
TENSORS = (
    ("tensorflow.python.framework.ops", "Tensor"),
    ("tensorflow.python.framework.tensor", "Tensor"),
    ("tensorflow.python.ops.resource_variable_ops", "BaseResourceVariable"),
    ("tensorflow.python.ops.variables", "RefVariable"),
    ("tensorflow.python.ops.ref_variable", "RefVariable"),
    ("k2compat.graph.symbols", "Lazy"),
    ("k2compat.adapters.keras3", "keras.KerasTensor"),
    ("k2compat.adapters.keras2_package", "KerasTensor"),
)
_MISSING = object()


class Hooks:
    """Replaces attributes of modules and classes, and puts them back."""

    def __init__(self) -> None:
        self._undo: list[tuple[Any, str, Any]] = []

    def put(self, owner: Any, name: str, value: Any) -> None:
        self._undo.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, value)

    def undo(self) -> None:
        while self._undo:
            owner, name, before = self._undo.pop()
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)


class RecordedFunction:
    """A function that ``K.function`` made for the script; its results are recorded when the script calls it."""

    def __init__(self, function: Any, recorder: Recorder):
        recorder.functions += 1
        self._function, self._recorder, self._which = function, recorder, recorder.functions

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        place = self._recorder.place(sys._getframe(1))
        if place is None:
            return self._function(*args, **kwargs)
        return self._recorder.call(place, "K.function", self._which, False, self._function, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._function, name)


def install(recorder: Recorder) -> Hooks:
    """Makes everything in this process that gives values record them.

    Returns:
        The hooks, to be undone.
    """
    hooks = Hooks()
    for backend in backends():
        if "function" in vars(backend):
            hooks.put(backend, "function", recorded_maker(recorder, backend.function))
        for name in VALUES_OF_K:
            if name in vars(backend):
                hooks.put(backend, name, recorder.recorded("K." + name, getattr(backend, name)))
    for owner in classes(SESSIONS):
        replace(hooks, owner, "run", functools.partial(recorder.recorded, "session.run"))
    for owner in classes(TENSORS):
        replace(hooks, owner, "eval", functools.partial(recorder.recorded, "tensor.eval"))
    for owner, callback in models():
        record_model(recorder, hooks, owner, callback)
    return hooks


def record_model(recorder: Recorder, hooks: Hooks, owner: Any, callback: Any) -> None:
    """The methods that a class of models has itself."""
    for name in (*PREDICTIONS, *LOSSES):
        wrap = functools.partial(recorder.recorded, "model." + name, which=name_of, loose=name in LOSSES)
        replace(hooks, owner, name, wrap)
    for name in TRAINING:
        replace(hooks, owner, name, lambda call, what="model." + name: recorded_fit(recorder, what, call, callback))


def replace(hooks: Hooks, owner: Any, name: str, wrap: Any) -> None:
    """Replaces a method if the class has it itself, and not from one above it."""
    if callable(vars(owner).get(name)):
        hooks.put(owner, name, wrap(vars(owner)[name]))


def recorded_maker(recorder: Recorder, make: Any) -> Any:
    """``K.function``, whose functions are recorded if the script makes them."""

    @functools.wraps(make)
    def function(*args: Any, **kwargs: Any) -> Any:
        made = make(*args, **kwargs)
        return made if place_of(sys._getframe(1)) is None else RecordedFunction(made, recorder)

    return function


def backends() -> list[Any]:
    """The modules that are a ``K`` in this process, each once."""
    found = [sys.modules[name] for name in BACKENDS if name in sys.modules]
    found += [package.backend for package in packages() if hasattr(package, "backend")]
    return list({id(module): module for module in found}.values())


def packages() -> Iterator[Any]:
    """The modules that are a Keras in this process."""
    for name in PACKAGES:
        root, _, inner = name.partition(".")
        package = sys.modules.get(root)
        package = getattr(package, inner, None) if inner else package
        if hasattr(package, "Model"):
            yield package


def models() -> Iterator[tuple[Any, Any]]:
    """Every class among those that models are of, with the base of callbacks that belongs to it."""
    seen = set()
    for package in packages():
        roots = [package.Model, package.models.Sequential]
        roots += [sys.modules[name].Model for name in MODELS_OF_GRAPH_MODE if name in sys.modules]
        for owner in [owner for root in roots for owner in root.__mro__]:
            if owner not in seen and owner is not object:
                seen.add(owner)
                yield owner, package.callbacks.Callback


def classes(places: Any) -> list[Any]:
    """The classes of this process among (module, path) pairs, each once, those above them included."""
    found: dict[int, Any] = {}
    for module, path in places:
        if module in sys.modules:
            thing: Any = sys.modules[module]
            for name in path.split("."):
                thing = getattr(thing, name, None)
            found.update((id(owner), owner) for owner in getattr(thing, "__mro__", ())[:-1])
    return list(found.values())


def name_of(model: Any) -> Any:
    return getattr(model, "name", None)
