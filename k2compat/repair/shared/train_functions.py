"""The repair of ``model.train_function``, ``test_function`` and ``predict_function``, for either Keras."""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from k2compat import attributes
from k2compat.errors import K2ValueError, three_parts
from k2compat.graph.learning_phase import phase_state
from k2compat.naming.callers import is_program
from k2compat.repair.shared.compiled_model import collected, fed_inputs
from k2compat.repair.shared.loop_data import Reader
from k2compat.repair.shared.loop_steps import ModelRunner
from k2compat.repair.shared.model_functions import MODES, functions_of, number_of_feeds, phase_of
from k2compat.repair.shared.optimizers import SLOTS
from k2compat.repair.shared.own_optimizers import prepare
from k2compat.repair.table import Around, Repair, definer
from k2compat.training.input_checks import standardize
from k2compat.training.samples import Samples
from k2compat.training.stats import state_of

REASON = (
    "model.train_function, test_function and predict_function were functions from a list of arrays (inputs, targets, "
    "weights of samples, and the learning phase where it counts) to a list of values; programs call, wrap and replace "
    "them, or set them to None to have them made again. Keras calls its own with an iterator."
)


def functions_repair(kit: Any) -> Repair:
    """Make the repair of a Keras's models."""
    model = kit.keras.Model
    owners = {mode: f"{mode}_function" for mode in MODES}
    return Repair(
        "train_functions",
        REASON,
        [
            *((model, name, function_property(kit, mode)) for mode, name in owners.items()),
            *((model, f"_make_{mode}_function", maker(kit, mode)) for mode in MODES),
            (model, "__setattr__", Around(functools.partial(setting, names=frozenset(owners.values())))),
            (model, "_standardize_user_data", standardizing(kit)),
            (model, "_uses_dynamic_learning_phase", lambda self: bool(phase_of(self, "train"))),
            (model, "_check_trainable_weights_consistency", warn_of_weights),
            (definer(model, "reset_metrics"), "reset_metrics", Around(resetting)),
        ],
    )


class ModelFunction:
    """What ``model._make_train_function()`` and the like left on a model: a function of a list of arrays.

    Args:
        kit: of the model's Keras.
        model: the model.
        mode: "train", "test" or "predict".
    """

    def __init__(self, kit: Any, model: Any, mode: str):
        self._kit, self._model, self._mode = kit, model, mode
        self.name = f"{mode}_function"

    @property
    def inputs(self) -> list[Any]:
        """The symbolic tensors that are fed."""
        model = self._model
        phase = [phase_state.symbol] if phase_of(model, self._mode) else []
        if self._mode == "predict":
            return [*fed_inputs(model), *phase]
        return [*model._feed_inputs, *model._feed_targets, *model._feed_sample_weights, *phase]

    @property
    def outputs(self) -> list[Any]:
        """The symbolic tensors whose values are returned: the loss first, or the outputs of the model."""
        model = self._model
        if self._mode == "predict":
            return list(model.outputs)
        return [model.total_loss, *model.metrics_tensors]

    def __call__(self, inputs: Any) -> list[Any]:
        """Run the step.

        Args:
            inputs: a list of arrays: inputs, targets and weights of samples; and the learning phase where it counts.

        Returns:
            The loss of the batch and the metrics so far, or the outputs.

        Raises:
            TypeError: no list.
            ValueError: fewer arrays than the step needs.
        """
        if not isinstance(inputs, (list, tuple)):
            raise TypeError("`inputs` should be a list or tuple.")
        model, kit = self._model, self._kit
        counts = number_of_feeds(model, self._mode)
        arrays, phase = list(inputs[: sum(counts)]), list(inputs[sum(counts) :])
        if len(arrays) < sum(counts):
            raise K2ValueError(
                three_parts(
                    f"{self.name} of the model '{model.name}' with {len(arrays)} arrays",
                    f"{sum(counts)}: {counts[0]} inputs, {counts[1]} targets and {counts[2]} weights of samples.",
                    "pass x + y + sample_weights as model._standardize_user_data(x, y, sample_weight) gives them.",
                )
            )
        state_of(model).renew(kit.source(model))
        runner = ModelRunner(kit, model)
        is_other = bool(phase) and phase_state.fixed is None and bool(phase[0]) != (self._mode == "train")
        symbolic = runner.symbolic(self._mode, is_other)
        if symbolic is not None:
            return list(symbolic([*arrays, *phase]))
        samples = self._samples([np.asarray(array) for array in arrays], counts)
        batch = samples.part(0, samples.count)
        if self._mode == "predict":
            return list(runner.compiled_prediction(samples, batch))
        report = runner.compiled_report(self._mode, samples, batch)
        return list(report.values[: len(report.names)])

    def _samples(self, arrays: list[Any], counts: tuple[int, int, int]) -> Samples:
        x, y = arrays[: counts[0]], arrays[counts[0] : counts[0] + counts[1]]
        weights = arrays[counts[0] + counts[1] :]
        return Reader(self._kit, self._model, f"{self._mode}_step").standard(x, y, weights)


def is_taken(kit: Any, model: Any, mode: str) -> bool:
    """Return whether the function of a model is one of Keras 2's kind: that of a functional model, which is compiled if
    it is to be trained or tested; and no program has written how it is made.
    """
    name = f"make_{mode}_function"
    plain = getattr(type(model), name) is getattr(kit.keras.Model, name) and kit.is_plain(model, f"{mode}_step")
    return plain and (mode == "predict" or kit.compilation(model) is not None)


def function_property(kit: Any, mode: str) -> property:
    """Return ``train_function`` or the like: Keras's own for Keras, and for programs that of Keras 2."""
    name = f"{mode}_function"

    def get(self: Any) -> Any:
        if not is_program(sys._getframe(1)) or not is_taken(kit, self, mode):
            return vars(self).get(name)
        kept = functions_of(self)
        if mode in kept.given:
            return kept.given[mode]
        if mode in kept.made and kept.made[mode] is None:
            kept.made[mode] = ModelFunction(kit, self, mode)
        return kept.made.get(mode)

    def put(self: Any, value: Any) -> None:
        if not is_program(sys._getframe(1)) or not is_taken(kit, self, mode):
            vars(self)[name] = value
            return
        kept = functions_of(self)
        if value is None:
            is_new = mode in kept.made or mode in kept.given
            kept.made.pop(mode, None)
            kept.given.pop(mode, None)
            kept.symbolic.clear()
            if mode == "train" and is_new:
                forget_slots(self)
        elif value is kept.made.get(mode):
            kept.given.pop(mode, None)
        else:
            kept.given[mode] = value

    return property(get, put)


def setting(original: Callable[..., Any], names: frozenset[str]) -> Callable[..., Any]:
    """Return ``__setattr__`` that keeps the functions from Keras, which looks for layers and weights in them."""

    @functools.wraps(original)
    def __setattr__(self: Any, name: str, value: Any) -> None:
        if name in names:
            property_of = getattr(type(self), name)
            property_of.fset(self, value)
        else:
            original(self, name, value)

    return __setattr__


def forget_slots(model: Any) -> None:
    """Begin again with the moments of a model's optimizer: a new training function has new ones."""
    optimizer = model.optimizer
    vars(model).pop(attributes.STEPS, None)
    vars(optimizer).pop(attributes.STEPS, None)
    kind = next((one.__name__ for one in type(optimizer).__mro__ if one.__name__ in SLOTS), None)
    for name in (*SLOTS.get(kind or "", ()), "_velocity_hats"):
        for slot in getattr(optimizer, name, None) or ():
            slot.assign(np.zeros(slot.shape))


def maker(kit: Any, mode: str) -> Callable[[Any], None]:
    """Return ``_make_train_function`` or the like, which programs with threads called before these began.

    That for training gives the optimizer its weights.
    """

    def make(self: Any) -> None:
        if not is_taken(kit, self, mode):
            if mode != "predict" and kit.compilation(self) is None:
                raise RuntimeError("You must compile your model before using it.")
            getattr(self, f"make_{mode}_function")()
            return
        if mode == "train":
            self._check_trainable_weights_consistency()
            prepare(self)
        functions_of(self).made.setdefault(mode, None)

    make.__name__ = f"_make_{mode}_function"
    return make


def warn_of_weights(self: Any) -> None:
    """Warn if other weights are trainable now than when the model was compiled."""
    if attributes.TRAINED in vars(self) and len(self.trainable_weights) != len(collected(self)):
        warnings.warn(
            "Discrepancy between trainable weights and collected trainable weights, did you set `model.trainable` "
            "without calling `model.compile` after ?",
            UserWarning,
            stacklevel=3,
        )


def standardizing(kit: Any) -> Callable[..., Any]:
    """Return ``_standardize_user_data``: arrays as lists in the order of the model, with a weight for each sample."""

    def _standardize_user_data(
        self: Any,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        check_array_lengths: bool = True,
        batch_size: int | None = None,
    ) -> tuple[list[Any], list[Any], list[Any]]:
        reader = Reader(kit, self, "train_step")
        if reader.signature is None:
            raise K2ValueError(
                three_parts(
                    f"_standardize_user_data of the model '{self.name}', whose arrays are not checked",
                    "a functional or sequential model without steps of its own.",
                    "pass the arrays to its methods as they are.",
                )
            )
        inputs, targets, weights = standardize(reader.signature, x, y, sample_weight, class_weight, batch_size)
        slots = self._feed_sample_weights if targets else []
        full = [
            np.ones(target.shape[: len(slot.shape)], "float32") if weight is None else weight
            for target, slot, weight in zip(targets, slots, weights, strict=True)
        ]
        return inputs, targets, full

    return _standardize_user_data


def resetting(original: Callable[..., None]) -> Callable[..., None]:
    """Return ``reset_metrics`` that begins again with the means of symbolic tensors, too."""

    @functools.wraps(original)
    def reset_metrics(self: Any) -> None:
        kept = vars(self).get(attributes.FUNCTIONS)
        if kept is not None:
            kept.means.clear()
        original(self)

    return reset_metrics
