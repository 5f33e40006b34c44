"""Where results leave the backend: K functions, sessions, tensors and models, each replaced by one that is recorded."""

from __future__ import annotations

import functools
import sys
from typing import Any, Iterator

from k2compat.parity.worker.recorder import Recorder, is_own, place_of
from k2compat.parity.worker.training_curve import recorded_fit

VALUES_OF_K = ("eval", "get_value", "batch_get_value")
LOSSES = ("evaluate", "evaluate_generator", "train_on_batch", "test_on_batch")
PREDICTIONS = ("predict", "predict_on_batch", "predict_generator", "predict_classes", "predict_proba")
TRAINING = ("fit", "fit_generator")
SAVING = ("save", "save_weights")
TRAINED = "weights at the end"
# The weights of so many models are compared at the end of the script.
MOST_MODELS = 16
# Where they may be; what a process has not loaded is passed over.
BACKENDS = (
    "k2compat.backend",
    "keras.backend",
    "keras.backend.tensorflow_backend",
    "tf_keras.backend",
)
PACKAGES = ("keras", "tf_keras", "tensorflow.keras")
MODELS_OF_GRAPH_MODE = ("tf_keras.src.engine.training_v1", "keras.src.engine.training_v1")
SESSIONS = (("tensorflow.python.client.session", "BaseSession"), ("k2compat.ops.session", "Session"))
TENSORS = (
    ("tensorflow.python.framework.ops", "Tensor"),
    ("tensorflow.python.framework.tensor", "Tensor"),
    ("tensorflow.python.ops.resource_variable_ops", "BaseResourceVariable"),
    ("tensorflow.python.ops.variables", "RefVariable"),
    ("tensorflow.python.ops.ref_variable", "RefVariable"),
    ("k2compat.graph.symbols", "Lazy"),
    ("k2compat.adapters.keras3.adapter", "keras.KerasTensor"),
    ("k2compat.adapters.keras2.internals", "KerasTensor"),
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
    """Make everything in this process that gives values record them.

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
        if "clear_session" in vars(backend):
            hooks.put(backend, "clear_session", forgetting(recorder, backend.clear_session))
    for owner in classes(SESSIONS):
        replace(hooks, owner, "run", functools.partial(recorder.recorded, "session.run"))
    for owner in classes(TENSORS):
        replace(hooks, owner, "eval", functools.partial(recorder.recorded, "tensor.eval"))
    for owner, callback in models():
        record_model(recorder, hooks, owner, callback)
    for owner in with_weights():
        replace(hooks, owner, "get_weights", functools.partial(recorder.recorded, "get_weights", which=name_of))
    return hooks


def record_model(recorder: Recorder, hooks: Hooks, owner: Any, callback: Any) -> None:
    """The methods that a class of models has itself."""
    for name in (*PREDICTIONS, *LOSSES):
        how: dict[str, Any] = {"loose": name in LOSSES, "trains": name == "train_on_batch"}
        replace(hooks, owner, name, functools.partial(recorder.recorded, "model." + name, which=name_of, **how))
    for name in SAVING:
        replace(hooks, owner, name, functools.partial(saving, recorder, "model." + name))
    for name in TRAINING:
        replace(hooks, owner, name, lambda call, what="model." + name: recorded_fit(recorder, what, call, callback))


def saving(recorder: Recorder, what: str, call: Any) -> Any:
    """Return a method that saves a model: the weights it saves are recorded."""

    @functools.wraps(call)
    def wrapper(model: Any, *args: Any, **kwargs: Any) -> Any:
        place = recorder.place(sys._getframe(1))
        if place is None:
            return call(model, *args, **kwargs)
        result = recorder.unseen(call, model, *args, **kwargs)
        recorder.values(place, what, name_of(model), weights_of(recorder, model))
        return result

    return wrapper


def weights_of(recorder: Recorder, model: Any) -> Any:
    """Return the weights of a model as results, each once: graph mode repeats those of layers a loss goes back to."""
    values = recorder.unseen(model.get_weights)
    listed = [id(weight) for layer in getattr(model, "layers", ()) for weight in layer.weights]
    if len(listed) == len(values):
        values = [value for index, value in enumerate(values) if listed.index(listed[index]) == index]
    return [(f"[{index}]", value) for index, value in enumerate(values)]


def record_trained(recorder: Recorder) -> None:
    """Record the weights that the models have at the end which the script trained.

    A model whose weights cannot be read any more, as after ``K.clear_session()`` in graph mode, is left out.
    """
    if len(recorder.trained) > MOST_MODELS:
        recorder.note(
            f"the script trained more than {MOST_MODELS} models; the weights at the end are those of the first"
        )
    for model, place in recorder.trained[:MOST_MODELS]:
        try:
            found = weights_of(recorder, model)
        except Exception as error:
            recorder.note(f"the weights at the end of {name_of(model)} cannot be read: {type(error).__name__}")
        else:
            recorder.values(place, TRAINED, name_of(model), found)


def forgetting(recorder: Recorder, clear: Any) -> Any:
    """``K.clear_session``, which ends what the models made before can be asked for."""

    @functools.wraps(clear)
    def call(*args: Any, **kwargs: Any) -> Any:
        if recorder.place(sys._getframe(1)) is not None:
            record_trained(recorder)
            recorder.trained.clear()
        return clear(*args, **kwargs)

    return call


def with_weights() -> list[Any]:
    """Return every class of a Keras with a ``get_weights`` of its own: of layers, models and optimizers."""
    found: dict[int, Any] = {}
    stack = [owner for owner, _ in models()]
    stack += [package.optimizers.Optimizer for package in packages() if hasattr(package, "optimizers")]
    while stack:
        owner = stack.pop()
        if id(owner) not in found and "get_weights" in dir(owner):
            found[id(owner)] = owner
            stack += type.__subclasses__(owner)
    return list(found.values())


def replace(hooks: Hooks, owner: Any, name: str, wrap: Any) -> None:
    """Replace a method if the class has it itself, and not from one above it."""
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
    """Return the modules that are a ``K`` in this process, each once."""
    found = [sys.modules[name] for name in BACKENDS if name in sys.modules]
    found += [package.backend for package in packages() if hasattr(package, "backend")]
    return list({id(module): module for module in found}.values())


def packages() -> Iterator[Any]:
    """Yield the modules that are a Keras in this process."""
    for name in PACKAGES:
        root, _, inner = name.partition(".")
        package = sys.modules.get(root)
        package = getattr(package, inner, None) if inner else package
        if hasattr(package, "Model"):
            yield package


def models() -> Iterator[tuple[Any, Any]]:
    """Yield every class among those that models are of, above and below, with the base of callbacks that belongs to
    it.
    """
    seen = set()
    for package in packages():
        roots = [package.Model, package.models.Sequential]
        roots += [sys.modules[name].Model for name in MODELS_OF_GRAPH_MODE if name in sys.modules]
        waiting = [owner for root in roots for owner in root.__mro__ if owner is not object]
        while waiting:
            owner = waiting.pop(0)
            if owner not in seen:
                seen.add(owner)
                yield owner, package.callbacks.Callback
                if issubclass(owner, package.Model):  # a repair may be of one kind of models alone
                    waiting += [found for found in type.__subclasses__(owner) if not is_the_scripts(found)]


def is_the_scripts(owner: Any) -> bool:
    """Return whether a class was made by the program that is recorded, whose methods call those of the classes above
    it.
    """
    module = sys.modules.get(owner.__module__)
    return is_own(getattr(module, "__file__", None) or "<none>")


def classes(places: Any) -> list[Any]:
    """Return the classes of this process among (module, path) pairs, each once, those above them included."""
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
