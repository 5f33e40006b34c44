"""What the ``model.compile`` of Keras 2.3 left on a model, for either Keras: targets, sample weights and the total loss
as symbolic tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat.adapters.activity import penalties
from k2compat.adapters.repair import Repair
from k2compat.errors import K2AttributeError, three_parts


def compiled_repair(keras: Any, compilation: Any, engine: Any) -> Repair:
    """The repair of compiled models.

    Args:
        keras: the package of the Keras.
        compilation: what that Keras knows of a compiled model: ``source``, ``loss_weights`` and ``regularizers``;
            and ``patches`` that it needs alone.
        engine: what repairs use of the engine.
    """
    model = keras.Model

    def attribute(name: str) -> property:
        return property(lambda self: getattr(compiled(self, keras, compilation, engine), name))

    return Repair(
        "compiled_model",
        "model.total_loss, model.targets and model.sample_weights of a compiled model, and their _feed_... names, "
        "are how scripts look at gradients of the loss: K.function(model.inputs + model.targets + "
        "model.sample_weights, K.gradients(model.total_loss, weights)).",
        [
            *((model, name, attribute(name)) for name in ("total_loss", "targets", "sample_weights")),
            *((model, f"_feed_{name}", attribute(name)) for name in ("targets", "sample_weights")),
            (model, "_collected_trainable_weights", property(collected)),
            *compilation.patches,
        ],
    )


def collected(model: Any) -> list[Any]:
    """The weights that were trainable when the model was compiled."""
    return list(vars(model).get("_k2compat_trained", {}).get("trainable_weights", model.trainable_weights))


def added_losses(model: Any) -> list[Any]:
    """The symbolic tensors added to a model's loss with ``model.add_loss``."""
    return vars(model).get("_k2compat_losses", [])


class Compiled:
    """The symbolic side of a compiled model.

    Attributes:
        source: what ``compile`` made, to notice a new call of it.
        targets: a placeholder for each output.
        sample_weights: a placeholder (batch,) for each output.
        total_loss: symbolic scalar: the weighted mean loss of each output times its loss weight, and the
            regularisation of weights and of what layers give.
    """

    def __init__(self, model: Any, keras: Any, compilation: Any, engine: Any):
        self.source = compilation.source(model)
        names = [tensor._keras_history[0].name for tensor in model.outputs]
        self.sample_weights = [engine.placeholder(ndim=1, name=f"{name}_sample_weights") for name in names]
        losses = [None if loss is None else keras.losses.get(loss) for loss in by_output(model.loss, names)]
        self.targets = [
            engine.placeholder(target_shape(loss, output), name=f"{name}_target")
            for loss, output, name in zip(losses, model.outputs, names, strict=True)
        ]
        shares = by_output(compilation.loss_weights(model), names)
        total = []
        for loss, share, *tensors in zip(losses, shares, self.targets, model.outputs, self.sample_weights, strict=True):
            if loss is not None:
                mean = engine.apply(weighted_mean(loss, keras), tuple(tensors), {})
                total.append(mean if share is None else mean * share)
        total += [engine.apply(function, (weight,), {}) for function, weight in compilation.regularizers(model)]
        total += [engine.apply(function, (tensor,), {}) for function, tensor in penalties(model, keras)]
        total += [engine.apply(tf.reduce_mean, (loss,), {}) for loss in added_losses(model)]
        self.total_loss = engine.apply(tf.add_n, (total,), {})


def compiled(model: Any, keras: Any, compilation: Any, engine: Any) -> Compiled:
    """The symbolic side of a compiled model, made when it is first asked for.

    Raises:
        AttributeError: the model is not compiled.
    """
    source = compilation.source(model)
    if source is None or (model.loss is None and not added_losses(model)):
        raise K2AttributeError(
            three_parts(
                f"the total loss or targets of the model '{model.name}', which is not compiled with a loss",
                "a compiled model.",
                "call model.compile(optimizer, loss) first.",
            )
        )
    known = vars(model).get("_k2compat_compiled")
    if known is None or known.source is not source:
        known = vars(model)["_k2compat_compiled"] = Compiled(
            model, keras, compilation, engine
        )  # past Keras's attribute tracking
    return known


def by_output(given: Any, names: list[str]) -> list[Any]:
    """One thing for each output, from a dict by name, a list, or one for all."""
    if isinstance(given, dict):
        return [given.get(name) for name in names]
    return list(given) if isinstance(given, (list, tuple)) else [given] * len(names)


def target_shape(loss: Any, output: Any) -> tuple[int | None, ...]:
    """Static shape of the targets: that of the output with unknown sizes, or one class number for each of its rows."""
    name = getattr(loss, "__name__", type(loss).__name__).lower()
    return (*[None] * (len(output.shape) - 1), 1 if name.startswith("sparse") else None)


def weighted_mean(loss: Callable[..., Any], keras: Any) -> Callable[..., Any]:
    """The mean of a loss over batch and inner axes, each sample with its weight."""

    def mean(target: Any, output: Any, weights: Any) -> Any:
        if isinstance(loss, keras.losses.Loss):
            return loss(target, output, sample_weight=weights)
        values = tf.convert_to_tensor(loss(target, output))
        inner = max(values.shape.rank - 1, 0)
        return tf.reduce_mean(values * tf.reshape(weights, [-1] + [1] * inner))

    return mean
