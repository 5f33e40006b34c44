"""What the training loop asks of a Keras."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.repair.shared.batch_logs import catching
from k2compat.repair.shared.compiled_model import compiled, fed_inputs

# Methods of models -> what makes Keras's function for them; a model with one of its own is left to Keras.
MAKERS = {
    "fit": "make_train_function",
    "train_on_batch": "make_train_function",
    "evaluate": "make_test_function",
    "test_on_batch": "make_test_function",
    "predict": "make_predict_function",
    "predict_on_batch": "make_predict_function",
}


class Kit(ABC):
    """What the training loop asks of a Keras.

    Attributes:
        keras: its package.
        functional: its class of functional models.
        symbols: what it knows of a compiled model, see ``compiled_repair``.
    """

    keras: Any
    functional: Any
    symbols: Any

    @property
    def callback(self) -> type:
        """The class ``Callback``."""
        found: type = self.keras.callbacks.Callback
        return found

    def history(self) -> Any:
        """Make the callback that keeps the logs of epochs."""
        return self._history()

    @functools.cached_property
    def _history(self) -> type:
        class History(self.keras.callbacks.History):  # type: ignore[name-defined]
            """The history of a training; Keras's sets ``model.history`` at the end of each epoch, which takes long."""

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                self.epoch.append(epoch)
                for name, value in (logs or {}).items():
                    self.history.setdefault(name, []).append(value)

        return History

    def refusal(self, model: Any, method: str) -> str | None:
        """Return why a call of a model's method is left to Keras now, None if it is not.

        Raises:
            ValueError, RuntimeError: the model is not compiled; what Keras says then.
        """
        if not tf.executing_eagerly():
            return "a graph is being built"
        if tf.distribute.has_strategy():
            return "a distribution strategy is used"
        if not method.startswith("predict"):
            self.demand_compiled(model, method)
        return None

    def refusal_of(self, method: str) -> Callable[[Any], str]:
        """Return what finds out why a method of a model is always left to Keras, "" if it is not."""
        maker = MAKERS[method]

        def find(model: Any) -> str:
            if self.is_distributed(model):
                return "the model was made for a distribution strategy"
            if getattr(type(model), maker) is not getattr(self.keras.Model, maker):
                return f"the model has a {maker} of its own"
            if hasattr(getattr(model, "_nested_outputs", None), "_fields"):  # Keras 2 wants targets of the same class
                return "the outputs of the model are a named tuple"
            return "" if method.endswith("_on_batch") else self.refusal_of_loop(model, method) or ""

        return find

    @abstractmethod
    def is_distributed(self, model: Any) -> bool:
        """Return whether a model was made for a distribution strategy."""

    @abstractmethod
    def demand_compiled(self, model: Any, method: str) -> None:
        """Raise what Keras raises for a model that is not compiled."""

    @abstractmethod
    def refusal_of_loop(self, model: Any, method: str) -> str | None:
        """Return why a call of ``fit``, ``evaluate`` or ``predict`` is left to Keras."""

    @abstractmethod
    def compilation(self, model: Any, /) -> Any:
        """Return what ``compile`` made on a model, None before."""

    @abstractmethod
    def source(self, model: Any) -> tuple[Any, ...]:
        """Return what the steps of a model are made for, compared by identity."""

    def own_step(self, model: Any, step: str) -> bool:
        """Return whether a program wrote ``train_step`` or the like."""
        return getattr(type(model), step) is not getattr(self.keras.Model, step)

    def graph_of(self, model: Any) -> Any:
        """Return the functional model that a model is, None for another one."""
        return model if isinstance(model, self.functional) and model.inputs else None

    def is_plain(self, model: Any, step: str) -> bool:
        """Return whether a model is a functional one with Keras's own ``train_step`` or the like."""
        return not self.own_step(model, step) and self.graph_of(model) is not None

    def inputs(self, model: Any) -> list[Any]:
        """Return the symbolic inputs of a functional model that are fed."""
        functional = self.graph_of(model)
        return [] if functional is None else fed_inputs(functional)

    def input_dtypes(self, model: Any) -> list[Any]:
        """Return the dtypes of the inputs of a functional model."""
        return [tf.as_dtype(tensor.dtype).as_numpy_dtype for tensor in self.inputs(model)]

    def fixed_batch(self, model: Any) -> bool:
        """Return whether an input of a model is for batches of one size."""
        return any(tensor.shape[0] is not None for tensor in self.inputs(model))

    def train(self, model: Any, data: Any, mode: str) -> tuple[Any, Any]:
        """Run ``train_step`` or ``test_step``; return the loss of the batch, None if unknown, and the logs."""
        with catching(self.loss_tracker(model)) as caught:
            logs = self.run(model, "train_step" if mode == "train" else "test_step", data)
        return caught[-1] if caught else None, logs

    def predict(self, model: Any, data: Any) -> Any:
        """Run ``predict_step``."""
        return self.run(model, "predict_step", data)

    def run(self, model: Any, step: str, data: Any) -> Any:
        """Run a step while it is being traced, or eagerly."""
        return getattr(model, step)(data)

    @abstractmethod
    def loss_tracker(self, model: Any) -> Any:
        """Return the metric that takes the mean of the losses of batches."""

    @abstractmethod
    def order(self, model: Any, names: list[str]) -> list[str]:
        """Return names of losses and metrics in the order in which they are reported."""

    @abstractmethod
    def metrics(self, model: Any) -> list[Any]:
        """Return the metrics of a model, each by itself."""

    @abstractmethod
    def measured(self, model: Any, targets: list[Any], outputs: list[Any], weights: list[Any]) -> dict[str, Any]:
        """Update the metrics of ``compile`` with the values of a batch; return what they are now, by name."""

    def output_losses(self, model: Any) -> dict[str, Any]:
        """Return the symbolic loss of each output by the name it is reported under, if there are several outputs."""
        known = compiled(model, self.keras, self.symbols).output_losses
        return {f"{name}_loss": loss for name, loss in known.items()} if len(model.outputs) > 1 else {}

    @abstractmethod
    def settings(self, model: Any) -> tuple[bool, bool]:
        """Return whether steps run eagerly, and whether XLA compiles them."""

    @abstractmethod
    def progress_bar(self) -> Any:
        """Make the callback that shows the progress."""

    def first_epoch(self, model: Any, given: int) -> int:
        """Return the number of the epoch with which a training begins: a callback may have restored an earlier one."""
        return getattr(model, "_initial_epoch", None) or given

    def finished(self, model: Any) -> None:
        """Do what Keras does at the end of ``fit``."""
        optimizer = model.optimizer
        if getattr(getattr(optimizer, "inner_optimizer", optimizer), "use_ema", False):
            optimizer.finalize_variable_values(model.trainable_weights)
