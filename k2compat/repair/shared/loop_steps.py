"""The steps of one model, and what they report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat import attributes
from k2compat.graph.learning_phase import phase_state
from k2compat.repair.shared.model_functions import feeds_of, functions_of, needs_symbols, tensors_of
from k2compat.repair.shared.symbolic_steps import SymbolicStep
from k2compat.runtime.direct_call import caller
from k2compat.training import loop
from k2compat.training.hooks import is_of_keras
from k2compat.training.loop import Report
from k2compat.training.samples import Samples, flattened, packed
from k2compat.training.stats import state_of
from k2compat.training.steps import Shape, Step

STEPS = {"train": "train_step", "test": "test_step", "predict": "predict_step"}


class Layout:
    """What the results of a step are, found out when it is traced.

    Attributes:
        names: of the losses and metrics that are reported, in order.
        is_own: whether the loss is that of the batch alone.
        structure: of the outputs of a model.
        is_list: whether they are a list.
    is_list: whether they are a list.
    """

    names: Sequence[str] = ()
    is_own = False
    structure: Any = None
    is_list = False


class ModelRunner:
    """Runs the steps of a model.

    Args:
        kit: of its Keras.
        model: the model.

    Attributes:
        names: of what the last step reported.
    """

    def __init__(self, kit: Any, model: Any):
        self.kit, self.model = kit, model
        self.names: list[str] = []
        self.state = state_of(model)
        self._layout = Layout()

    def begin(self) -> None:
        """Note that nothing has stopped the loop yet."""
        if getattr(self.model, "stop_training", None) is not False:
            self.model.stop_training = False

    def report(self, mode: str, samples: Samples, arrays: Sequence[np.ndarray], fresh: bool) -> Report:
        """Run a step of "train" or "test"; metrics go on counting."""
        self.state.is_clean = False
        return self._reported(mode, samples, arrays, fresh, False)

    def alone(self, mode: str, samples: Samples, arrays: Sequence[np.ndarray], reset: bool) -> Report:
        """Run a step that is no part of a loop; metrics begin again afterwards if they are reset.

        A step that a program wrote begins with a reset, as in Keras.
        """
        before = reset and self.kit.own_step(self.model, STEPS[mode])
        if before:
            self.reset_metrics()
        after = reset and not before
        found = self._reported(mode, samples, arrays, False, after)
        self.state.is_clean = after
        if after:
            for metric in foreign(self.kit.metrics(self.model)):
                reset_one(metric)
        return found

    def predicted(self, samples: Samples, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Run a step of prediction; return its outputs, flat."""
        function = self.function("predict")
        if function is not None:
            found = listed(function(feeds_of(self.model, "predict", samples, arrays)))
            self._layout = Layout()
            self._layout.structure = tuple(range(len(found))) if len(found) > 1 else 0
            self._layout.is_list = len(found) > 1
            return found
        return self.compiled_prediction(samples, arrays)

    def predicted_of_none(self, samples: Samples) -> list[np.ndarray]:
        """Return the outputs for samples of which there are none: those of a sample of zeros, without it.

        Not computed from arrays without elements, which some kernels of oneDNN refuse.
        """
        zeros = [np.zeros((1, *rows.shape[1:]), rows.dtype) for rows in samples.rows]
        return [output[:0] if np.ndim(output) else output for output in self.predicted(samples, zeros)]

    def function(self, mode: str) -> Any:
        """Return the function that a program has put in the place of a step, or the symbolic one that the model needs;
        None for neither.
        """
        kept = functions_of(self.model)
        kept.made.setdefault(mode, None)
        return kept.given.get(mode) or self.symbolic(mode)

    def symbolic(self, mode: str, is_other_phase: bool = False) -> Any:
        """Return the step that is computed from symbolic tensors, if the model needs that, else None.

        Args:
            mode: of the step.
            is_other_phase: whether it is fed another learning phase than Keras has for the mode; all later steps of the
                mode are symbolic then, so that they share the moments of the optimizer.
        """
        model = self.model
        known = functions_of(model).symbolic
        needed = is_other_phase or any(key[0] == mode for key in known)
        if not needed and not needs_symbols(model, mode, self.state.fact("tensors", tensors_of, model)):
            return None
        added = vars(model).get(attributes.TENSORS)
        key = mode, phase_state.fixed, tuple(added.by_name()) if added else ()
        if key not in known:
            known[key] = SymbolicStep(self.kit, model, mode, {} if mode == "predict" else self.kit.output_losses(model))
        return known[key]

    def compiled_prediction(self, samples: Samples, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Run the compiled step of prediction."""
        step = self._step("predict", samples, arrays, False)
        found = step(arrays)
        self._layout = step.layout
        return list(found) if isinstance(found, np.ndarray) else found

    def packed(self, outputs: list[np.ndarray]) -> Any:
        """Return outputs in the structure in which the model gives them."""
        found = packed(self._layout.structure, outputs)
        return list(found) if self._layout.is_list else found

    def reset_metrics(self) -> None:
        """Begin to count again."""
        state, kept = self.state, vars(self.model).get(attributes.FUNCTIONS)
        if kept is not None:
            kept.means.clear()
        if state.is_clean:
            return
        if state.reset is not None:
            state.reset(())
        elif state.resets and not self.kit.settings(self.model)[0]:
            state.reset = self._compiled_reset()
        else:
            state.resets += 1
            self.model.reset_metrics()
        state.is_clean = True

    def _compiled_reset(self) -> Any:
        """Reset the metrics, and return what does it again."""
        self.model.reset_metrics()
        metrics = self.kit.metrics(self.model)
        others = foreign(metrics)
        if others or type(self.model).reset_metrics is not self.kit.keras.Model.reset_metrics:
            return lambda _: self.model.reset_metrics()

        def reset() -> Any:
            for metric in metrics:
                reset_one(metric)
            return tf.constant(0)

        return caller(tf.function(reset, input_signature=[], autograph=False).get_concrete_function())

    def _reported(self, mode: str, samples: Samples, arrays: Sequence[np.ndarray], fresh: bool, reset: bool) -> Report:
        function = self.function(mode)
        if function is None:
            return self.compiled_report(mode, samples, arrays, fresh, reset)
        values = listed(function(feeds_of(self.model, mode, samples, arrays)))
        self.names = list(self.model.metrics_names)
        if reset:
            self.state.is_clean = False
            self.reset_metrics()
        return FunctionReport(self.names, values, True)

    def compiled_report(
        self, mode: str, samples: Samples, arrays: Sequence[np.ndarray], fresh: bool = False, reset: bool = False
    ) -> Report:
        """Run the compiled step of training or evaluation."""
        self.state.is_clean = False
        step = self._step(mode, samples, arrays, reset)
        values = step(arrays, fresh)
        layout = step.layout
        self.names = list(layout.names)
        return Report(layout.names, values, layout.is_own)

    def _step(self, mode: str, samples: Samples, arrays: Sequence[np.ndarray], reset: bool) -> Step:
        key = (mode, reset, phase_state.fixed, samples.key)
        own = self.kit.own_step(self.model, STEPS[mode])

        def make(shapes: list[Shape]) -> Step:
            layout = Layout()
            make_function = self._predicting if mode == "predict" else self._reporting
            eager, jit_compile = self.kit.settings(self.model)
            function = make_function(mode, layout, reset)
            step = Step(function, samples.structure, shapes, samples.dtypes, eager, jit_compile)
            step.layout = layout
            self.state.reset = None
            return step

        fixed = self.state.fact("fixed_batch", self.kit.fixed_batch, self.model) or (own and reset)
        return self.state.cache.step(key, arrays, fixed, make)

    def _reporting(self, mode: str, layout: Layout, reset: bool) -> Any:
        kit, model = self.kit, self.model

        def function(data: Any) -> list[Any]:
            loss, logs = kit.train(model, data, mode)
            logs = flat(logs)
            names = kit.order(model, list(logs))
            values = [logs[name] for name in names]
            layout.is_own = loss is not None and names[:1] == ["loss"]
            if layout.is_own:
                values = [loss, *values[1:], values[0]]
            layout.names = names
            values = [tf.convert_to_tensor(value) for value in values]
            if reset:
                with tf.control_dependencies(values if not tf.executing_eagerly() else []):
                    for metric in kit.metrics(model):
                        if is_of_keras(type(metric).reset_state):
                            reset_one(metric)
            return values

        return function

    def _predicting(self, mode: str, layout: Layout, reset: bool) -> Any:
        kit, model = self.kit, self.model

        def function(data: Any) -> list[Any]:
            leaves: list[Any] = []
            outputs = kit.predict(model, data)
            layout.is_list = isinstance(outputs, list)
            layout.structure, _ = flattened(outputs, leaves)
            return leaves

        return function


class FunctionReport(Report):
    """What a function of Keras 2's kind says: the loss is that of the batch, whatever comes behind."""

    def running(self) -> dict[str, Any]:
        return {name: loop.as_number(value) for name, value in self.logs().items()}

    def listed(self) -> list[Any]:
        return list(self.values)


def listed(found: Any) -> list[Any]:
    """Return what a function gave as a list of arrays."""
    values = list(found) if isinstance(found, (list, tuple)) else [found]
    return [value.numpy() if isinstance(value, tf.Tensor) else value for value in values]


def flat(logs: Any, found: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return logs without dicts in them."""
    found = {} if found is None else found
    for name, value in (logs or {}).items():
        if isinstance(value, dict):
            flat(value, found)
        else:
            found[name] = value
    return found


def foreign(metrics: list[Any]) -> list[Any]:
    """Return the metrics that a program resets in its own way."""
    return [metric for metric in metrics if not is_of_keras(type(metric).reset_state)]


def reset_one(metric: Any) -> None:
    """Reset a metric."""
    metric.reset_state()
