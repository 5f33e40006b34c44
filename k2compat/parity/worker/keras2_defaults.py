"""Makes today's Keras 2 in graph mode that of 2018 where it has changed: optimizers, defaults, the backend's names."""

from __future__ import annotations

import importlib
import types
from typing import Any

from k2compat.imports import served

OPTIMIZERS = ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam", "TFOptimizer")


def as_it_was(keras: Any) -> None:
    """Change it, for the rest of this process.

    Args:
        keras: the module of ``tf_keras``.
    """
    import tensorflow as tf

    complete_backend(keras, tf)
    served.stand_in("optimizers", optimizers(keras))
    order_weights(keras)
    rest_when_frozen(keras)
    normalization = importlib.import_module(keras.__name__ + ".api._v1.keras.layers").BatchNormalization
    for owner in {id(owner): owner for owner in (keras.layers, tf.keras.layers)}.values():
        owner.BatchNormalization = batch_normalization(normalization, tf)
        owner.GRU = gru(keras.layers.GRU)


def gru(today: Any) -> Any:
    """Return the layer with its old default."""

    class GRU(today):
        def __init__(self, units: int, *args: Any, reset_after: bool = False, **kwargs: Any):
            super().__init__(units, *args, reset_after=reset_after, **kwargs)

    return GRU


def batch_normalization(version_1: Any, tf: Any) -> Any:
    """Return the layer, with its average of the variance moved by the unbiased one of the batch, as Keras 2.3 had
    it.
    """

    class BatchNormalization(version_1):
        def call(self, inputs: Any, training: Any = None) -> Any:
            axes = [self.axis] if isinstance(self.axis, int) else self.axis
            sizes = [tf.shape(inputs)[axis] for axis in range(len(inputs.shape)) if axis not in axes]
            self._sample_size = tf.cast(tf.reduce_prod(sizes), inputs.dtype)
            return super().call(inputs, training=training)

        def _assign_moving_average(self, variable: Any, value: Any, momentum: Any, inputs_size: Any) -> Any:
            if variable is self.moving_variance:
                value = value * self._sample_size / (self._sample_size - (1.0 + self.epsilon))
            return super()._assign_moving_average(variable, value, momentum, inputs_size)

    return BatchNormalization


def order_weights(keras: Any) -> None:
    """``model.weights`` are the trainable ones first; ``get_weights`` and ``set_weights`` go layer by layer."""
    model = importlib.import_module(keras.__name__ + ".src.engine.training_v1").Model

    def weights_of(self: Any) -> Any:
        return [*self.trainable_weights, *self.non_trainable_weights]

    def layer_by_layer(self: Any) -> Any:
        return [weight for layer in self.layers for weight in layer.weights]

    def set_weights(self: Any, values: Any) -> None:
        keras.backend.batch_set_value(list(zip(layer_by_layer(self), values)))

    model.weights = property(weights_of)
    model.get_weights = lambda self: keras.backend.batch_get_value(layer_by_layer(self))
    model.set_weights = set_weights


def rest_when_frozen(keras: Any) -> None:
    """A model that was frozen after it was compiled trains its weights, but leaves its averages alone."""
    model = importlib.import_module(keras.__name__ + ".src.engine.training_v1").Model
    layer = importlib.import_module(keras.__name__ + ".src.engine.base_layer_v1").Layer
    make, updates = model._make_train_function, layer.get_updates_for

    def _make_train_function(self: Any) -> None:
        self._is_frozen = not self.trainable
        try:
            make(self)
        finally:
            self._is_frozen = False

    def get_updates_for(self: Any, inputs: Any) -> Any:
        return [] if getattr(self, "_is_frozen", False) else updates(self, inputs)

    model._make_train_function, layer.get_updates_for = _make_train_function, get_updates_for


def complete_backend(keras: Any, tf: Any) -> None:
    """Give the public backend what only the inner one has, such as ``get_session``."""
    inner = importlib.import_module(keras.__name__ + ".src.backend")
    for name in dir(inner):
        if not name.startswith("__") and not hasattr(keras.backend, name):
            setattr(keras.backend, name, getattr(inner, name))
    keras.backend.tf = tf.compat.v1
    keras.backend.image_dim_ordering = lambda: "tf" if inner.image_data_format() == "channels_last" else "th"
    keras.backend.get_variable_shape = inner.int_shape
    served.serve_backend(keras.backend)


def optimizers(keras: Any) -> Any:
    """Return the module ``keras.optimizers`` with the optimizers of Keras 2, which have ``lr``, ``decay`` and
    ``get_updates``.

    Models find them by their names too.
    """
    version_1 = importlib.import_module(keras.__name__ + ".src.optimizers.optimizer_v1")
    inner: Any = importlib.import_module(keras.__name__ + ".src.optimizers")
    module: Any = types.ModuleType("keras.optimizers")
    module.__dict__.update({name: value for name, value in vars(keras.optimizers).items() if name[0] != "_"})
    known = {}
    for name in OPTIMIZERS:
        known[name.lower()] = made = with_learning_rate(getattr(version_1, name))
        setattr(module, name, made)
        setattr(module, name.lower(), made)
    module.Optimizer = version_1.Optimizer
    today = inner.get

    def get(identifier: Any, **kwargs: Any) -> Any:
        if isinstance(identifier, version_1.Optimizer):
            return identifier
        name = identifier.get("class_name") if isinstance(identifier, dict) else identifier
        if isinstance(name, str) and name.lower() in known:
            config = identifier.get("config", {}) if isinstance(identifier, dict) else {}
            return known[name.lower()].from_config(config)
        return today(identifier, **kwargs)

    def deserialize(config: Any, custom_objects: Any = None, **kwargs: Any) -> Any:
        return get(config)

    for owner in (inner, module):
        owner.get, owner.deserialize = get, deserialize
    return module


def with_learning_rate(optimizer: Any) -> Any:
    """Return an optimizer that is also given its learning rate as ``learning_rate``, as Keras 2.3 allowed."""

    class Optimizer(optimizer):
        def __init__(self, *args: Any, **kwargs: Any):
            kwargs.pop("name", None)
            if "learning_rate" in kwargs:
                kwargs["lr"] = kwargs.pop("learning_rate")
            super().__init__(*args, **kwargs)

        @property
        def learning_rate(self) -> Any:
            return self.lr

    Optimizer.__name__ = Optimizer.__qualname__ = optimizer.__name__
    return Optimizer
