"""Steps of a model that are computed from its symbolic loss by ``K.function``, as Keras 2 computed all of them."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.graph.learning_phase import phase_state
from k2compat.ops.own_steps import asked
from k2compat.ops.registry import current
from k2compat.repair.shared.compiled_model import fed_inputs
from k2compat.repair.shared.model_functions import functions_of


class SymbolicStep:
    """A step of "train", "test" or "predict".

    Args:
        kit: of the model's Keras.
        model: the model.
        mode: of the step.
        output_losses: the loss of each output by its name, where there are several.

    Attributes:
        inputs: what is fed, a learning phase last.
        outputs: the symbolic tensors that are reported.
    """

    def __init__(self, kit: Any, model: Any, mode: str, output_losses: dict[str, Any]):
        self._kit, self._model, self._mode = kit, model, mode
        if mode == "predict":
            self.inputs, self.outputs = [*fed_inputs(model)], [*model.outputs]
            self._function = made(self.inputs, self.outputs, model.state_updates)
            return
        self.inputs = [*model._feed_inputs, *model._feed_targets, *model._feed_sample_weights]
        added = vars(model).get(attributes.TENSORS)
        tensors = added.by_name() if added else {}
        self._losses, self._tensors = list(output_losses), list(tensors)
        self._has = [(y is not None, w is not None) for y, w in zip(model.targets, model.sample_weights, strict=True)]
        self.outputs = [model.total_loss, *output_losses.values(), *tensors.values()]
        beside = [one for one in (*model.targets, *model.outputs, *model.sample_weights) if one is not None]
        updates = model.state_updates if mode == "test" else [*model.updates, *stepped(model)]
        self._function = made(self.inputs, [*self.outputs, *beside], updates)

    def __call__(self, arrays: list[Any]) -> list[Any]:
        """Run the step for arrays, one for each input; the learning phase may be missing.

        Returns:
            The loss of the batch, and what else is reported in the order of ``model.metrics_names``; of a prediction
            the outputs.
        """
        count = len(self.inputs)
        phase = arrays[count] if len(arrays) > count else {"train": 1}.get(self._mode, 0)
        fed = [*arrays[:count], *([phase] if phase_state.fixed is None else [])]
        found = self._function(fed)
        if self._mode == "predict":
            return list(found)
        model, keep = self._model, functions_of(self._model)
        names, values = [*self._losses, *self._tensors], iter(found)
        reported = {"loss": next(values)}
        for name in names:
            reported[name] = keep.running(name, next(values))
        targets = [next(values) if has else None for has, _ in self._has]
        outputs = [next(values) for _ in self._has]
        weights = [next(values) if has else None for _, has in self._has]
        reported.update(self._kit.measured(model, *map(tensors_or_none, (targets, outputs, weights))))
        order = [name for name in model.metrics_names if name in reported]
        return [reported[name] for name in [*order, *(name for name in reported if name not in order)]]


def made(inputs: list[Any], outputs: list[Any], updates: Any) -> Any:
    """Make a K function that is fed a learning phase behind its inputs, unless the program fixed that."""
    phase = [current("learning_phase")()] if phase_state.fixed is None else []
    return current("function")([*inputs, *phase], outputs, updates=list(updates))


def stepped(model: Any) -> list[Any]:
    """Return the updates of a step of a model's optimizer."""
    return list(asked(model.optimizer.get_updates, model.total_loss, list(model._collected_trainable_weights)))


def tensors_or_none(values: list[Any]) -> list[Any]:
    """Return arrays as tensors."""
    return [None if value is None else tf.convert_to_tensor(value) for value in values]
