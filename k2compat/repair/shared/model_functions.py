"""The functions of Keras 2 that train, test and ask a model: those that a program set, and what they are fed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from k2compat import attributes
from k2compat.errors import K2ValueError, three_parts
from k2compat.graph.learning_phase import phase_state
from k2compat.ops.variables import is_placeholder
from k2compat.repair.shared.compiled_model import fed_inputs
from k2compat.repair.shared.kept_updates import needs_inputs
from k2compat.training.samples import Samples, packed
from k2compat.training.stats import state_of

MODES = ("train", "test", "predict")
METHODS = {
    "fit": ("train", "test"),
    "evaluate": ("test",),
    "predict": ("predict",),
    "train_on_batch": ("train",),
    "test_on_batch": ("test",),
    "predict_on_batch": ("predict",),
}


class Added:
    """The symbolic tensors that a program made metrics of a model.

    Attributes:
        metrics: those of ``add_metric``, by name.
        tensors: those appended to ``metrics_tensors``, since the model was compiled.
        names: what was appended to ``metrics_names``.
    """

    def __init__(self) -> None:
        self.metrics: dict[str, Any] = {}
        self.tensors: list[Any] = []
        self.names: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.metrics or self.tensors)

    def by_name(self) -> dict[str, Any]:
        """Return the tensors by name; one that was given none has a number."""
        names = [*self.names, *(f"metric_{number}" for number in range(len(self.names) + 1, len(self.tensors) + 1))]
        return {**self.metrics, **dict(zip(names, self.tensors, strict=False))}


class Functions:
    """The functions of one model since it was compiled.

    Attributes:
        given: those that a program set, by mode.
        made: those that were made, by mode: ``None`` for one that was used and that nobody has asked for.
        symbolic: the steps that are computed by ``K.function``, by mode and learning phase and added tensors.
        means: sum and count of each value that is reported as a mean over batches, since the metrics were reset.
    """

    def __init__(self) -> None:
        self.given: dict[str, Callable[[list[Any]], Any]] = {}
        self.made: dict[str, Any] = {}
        self.symbolic: dict[Any, Any] = {}
        self.means: dict[str, tuple[float, float]] = {}

    def running(self, name: str, values: Any) -> np.float32:
        """Return the mean of all values under a name since the metrics were reset, those of a batch among them."""
        total, count = self.means.get(name, (0.0, 0.0))
        total, count = total + float(np.sum(values, dtype="float64")), count + np.size(values)
        self.means[name] = total, count
        return np.float32(total / count)


def functions_of(model: Any) -> Functions:
    """Return the functions of a model."""
    own = vars(model)
    found = own.get(attributes.FUNCTIONS)
    if found is None:
        found = own[attributes.FUNCTIONS] = Functions()  # past Keras's attribute tracking
    return found


def is_given(model: Any, method: str) -> bool:
    """Return whether a method of a model has to call a function that a program has set."""
    kept = vars(model).get(attributes.FUNCTIONS)
    return kept is not None and any(mode in kept.given for mode in METHODS.get(method, ()))


def tensors_of(model: Any) -> tuple[bool, bool]:
    """Return whether inputs of a model are tensors that are not fed, and whether targets are."""
    functional = getattr(model, "_functional", None) or model
    inputs = getattr(functional, "inputs", None) or []
    targets = vars(model).get(attributes.TARGETS)
    given = list(targets.values()) if isinstance(targets, dict) else targets
    given = given if isinstance(given, (list, tuple)) else [given]
    return (
        any(hasattr(tensor, attributes.SOURCE) for tensor in inputs),
        any(target is not None and not is_placeholder(target) for target in given),
    )


def needs_symbols(model: Any, mode: str, tensors: tuple[bool, bool]) -> bool:
    """Return whether a step of a model is computed from its symbolic loss and metrics, because a program changed these,
    has inputs or targets that are tensors, or gave updates of symbolic tensors to a layer.
    """
    if mode == "predict":
        return tensors[0]
    own = vars(model)
    changed = f"{attributes.OWN}total_loss" in own or bool(own.get(attributes.TENSORS))
    return any(tensors) or changed or (mode == "train" and state_of(model).fact("updates", needs_inputs, model))


def feeds_of(model: Any, mode: str, samples: Samples, arrays: Sequence[Any]) -> list[Any]:
    """Return what a function of Keras 2 is fed for a batch: a flat list of inputs, targets and weights of samples, and
    a learning phase behind them where the model uses one.
    """
    data = packed(samples.structure, arrays)
    x, y, weights = (*data, None, None)[:3] if isinstance(data, tuple) else (data, None, None)
    feeds = leaves(x)
    if mode != "predict":
        targets = leaves(y)
        given: list[Any] = leaves(weights) or [None] * len(targets)
        slots = model._feed_sample_weights if targets else []
        feeds += targets
        feeds += [
            ones(target, slot) if one is None else one for target, slot, one in zip(targets, slots, given, strict=False)
        ]
    return feeds + phase_of(model, mode)


def leaves(part: Any) -> list[Any]:
    """Return the arrays in a structure, flat."""
    if part is None:
        return []
    if isinstance(part, (tuple, list)):
        return [leaf for one in part for leaf in leaves(one)]
    if isinstance(part, dict):
        return [leaf for one in part.values() for leaf in leaves(one)]
    return [part]


def ones(target: Any, slot: Any) -> np.ndarray:
    """Return the weights of samples that were given none."""
    return np.ones(target.shape[: len(slot.shape)], "float32")


def phase_of(model: Any, mode: str) -> list[Any]:
    """Return the learning phase that a function is fed, in a list; none where the model does not depend on it."""
    if phase_state.fixed is not None or not getattr(model, "uses_learning_phase", False):
        return []
    return [{"train": 1, "test": 0, "predict": 0}[mode]]


def number_of_feeds(model: Any, mode: str) -> tuple[int, int, int]:
    """Return how many inputs, targets and weights a function is fed."""
    inputs = len(fed_inputs(model))
    if mode == "predict":
        return inputs, 0, 0
    return inputs, len(model._feed_targets), len(model._feed_sample_weights)


def refuse_replaced(model: Any, method: str, reason: Exception) -> None:
    """Raise an error if a call that is left to Keras had to use a function or tensors that Keras does not know.

    Raises:
        ValueError: the program set ``model.train_function`` or the like, or its loss.
    """
    tensors = state_of(model).fact("tensors", tensors_of, model)
    symbolic = any(needs_symbols(model, mode, tensors) for mode in METHODS[method])
    if symbolic or is_given(model, method):
        raise K2ValueError(
            three_parts(
                f"{method} of the model '{model.name}', whose functions, loss, metrics or data are a program's own "
                f"tensors, in a call that Keras runs: {reason}",
                "arrays, or nothing where inputs and targets are tensors.",
                "pass arrays, and no arguments that Keras 2 did not have.",
            )
        )
