"""What the ``model.compile`` of Keras 2.3 left on a model, for either Keras: targets, sample weights and the total loss
as symbolic tensors.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.gradient_maps import made_by_compile
from k2compat.errors import K2AttributeError, K2ValueError, three_parts
from k2compat.graph.dispatch import apply
from k2compat.naming.callers import is_program
from k2compat.ops.variables import is_placeholder, placeholder
from k2compat.repair.table import Around, Repair
from k2compat.training.stats import state_of


def settable(name: str, get: Callable[[Any], Any]) -> property:
    """Make an attribute of a model; one that runs in a graph sets its own value, which then stays."""
    kept = attributes.OWN + name

    def put(self: Any, value: Any) -> None:
        if is_program(sys._getframe(1)) or not tf.compat.v1.executing_eagerly_outside_functions():
            vars(self)[kept] = value
            if attributes.FUNCTIONS in vars(self):
                vars(self)[attributes.FUNCTIONS].symbolic.clear()

    return property(lambda self: vars(self)[kept] if kept in vars(self) else get(self), put)


def collected(model: Any) -> list[Any]:
    """Return the weights that were trainable when the model was compiled."""
    return list(vars(model).get(attributes.TRAINED, {}).get("trainable_weights", model.trainable_weights))


def collect(model: Any, weights: Any) -> None:
    """Set which weights are trained."""
    vars(model)[attributes.TRAINED] = dict.fromkeys(("trainable_weights", "trainable_variables"), list(weights))
    state_of(model).cache.clear()


def added_losses(model: Any) -> list[Any]:
    """Return the symbolic tensors added to a model's loss with ``model.add_loss``."""
    return vars(model).get(attributes.LOSSES, [])


class Compiled:
    """The symbolic side of a compiled model.

    Attributes:
        source: what ``compile`` made, to notice a new call of it.
        names: of the outputs.
        fed: the numbers of the outputs whose targets are fed.
        loss_functions: the loss of each output, None where it has none.
        targets: a placeholder or the given tensor for each output; None for one without a loss.
        sample_weights: a placeholder (batch,) for each output whose target is fed; (batch, steps) for one with temporal
            weights; None for others.
        output_losses: the weighted mean loss of each output that has one, by the name of the output.
        total_loss: symbolic scalar: the loss of each output times its loss weight, and the regularisation of weights
            and of what layers give.
    """

    def __init__(self, model: Any, keras: Any, compilation: Any):
        self.source = compilation.source(model)
        names = list(getattr(model, "output_names", None) or [])
        names = self.names = names or [tensor._keras_history[0].name for tensor in model.outputs]
        given = by_output(model.loss, names)
        self.loss_functions = [None if loss is None else compilation.objective(loss) for loss in given]
        self.targets = targets_of(model, given, names)
        self.fed = [number for number, target in enumerate(self.targets) if is_placeholder(target)]
        modes = by_output(vars(model).get(attributes.WEIGHT_MODE), names)
        self.sample_weights = [
            placeholder(ndim=2 if mode == "temporal" else 1, name=f"{name}_sample_weights") if i in self.fed else None
            for i, (name, mode) in enumerate(zip(names, modes, strict=True))
        ]
        shares = by_output(compilation.loss_weights(model), names)
        self.loss_weights = [1.0 if share is None else share for share in shares]
        self.output_losses: dict[str, Any] = {}
        each = zip(names, self.loss_functions, self.targets, model.outputs, self.sample_weights, strict=True)
        for name, loss, *tensors in each:
            if loss is not None:
                arguments = (*tensors, compilation.mask(tensors[1]))
                self.output_losses[name] = apply(masked_loss(loss), arguments, {})
        shared = dict(zip(names, self.loss_weights, strict=True))
        total = [mean * shared[name] for name, mean in self.output_losses.items()]
        total += [apply(function, (weight,), {}) for function, weight in compilation.regularizers(model)]
        total += [apply(function, (tensor,), {}) for function, tensor in compilation.losses_of_layers(model)]
        total += [apply(tf.reduce_mean, (loss,), {}) for loss in added_losses(model)]
        self.total_loss = apply(tf.add_n, (total,), {})

    def of_fed(self, values: list[Any]) -> list[Any]:
        """Return what there is for outputs whose targets are fed."""
        return [values[number] for number in self.fed]


def targets_of(model: Any, losses: list[Any], names: list[str]) -> list[Any]:
    """Return a target for each output that has a loss: that which ``compile`` was given, or a placeholder."""
    given = given_targets(vars(model).get(attributes.TARGETS), names)
    return [
        None
        if loss is None
        else placeholder(target_shape(loss, output), name=f"{name}_target")
        if target is None
        else target
        for target, loss, output, name in zip(given, losses, model.outputs, names, strict=True)
    ]


def given_targets(given: Any, names: list[str]) -> list[Any]:
    """Return the ``target_tensors`` of ``compile`` for each output, None where there is none.

    Raises:
        ValueError: another number of them than there are outputs, or a name that no output has.
    """
    if given is None:
        return [None] * len(names)
    if isinstance(given, dict):
        for name in given:
            if name not in names:
                raise K2ValueError(
                    f'Unknown entry in `target_tensors` dictionary: "{name}". Only expected the following keys: {names}'
                )
        return [given.get(name) for name in names]
    found = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(found) != len(names):
        raise K2ValueError(
            "When passing a list as `target_tensors`, it should have one entry per model output. The model has "
            f"{len(names)} outputs, but you passed target_tensors={given}"
        )
    return found


def compiled(model: Any, keras: Any, compilation: Any) -> Compiled:
    """Return the symbolic side of a compiled model, made when it is first asked for.

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
    known = vars(model).get(attributes.COMPILED)
    if known is None or known.source is not source:
        with made_by_compile(model):
            known = Compiled(model, keras, compilation)
        vars(model)[attributes.COMPILED] = known  # past Keras's attribute tracking
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


def masked_loss(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that computes a loss of an output with a mask."""

    def value(target: Any, output: Any, weights: Any, mask: Any) -> Any:
        if mask is not None and getattr(output, "_keras_mask", None) is None:
            output._keras_mask = mask
        return loss(target, output, weights)

    return value


# Attributes of a model that ``compile`` left -> what they are, of the symbolic side of the model.
LEFT: dict[str, Callable[[Compiled], Any]] = {
    "total_loss": lambda made: made.total_loss,
    "targets": lambda made: list(made.targets),
    "sample_weights": lambda made: list(made.sample_weights),
    "loss_functions": lambda made: list(made.loss_functions),
    "loss_weights_list": lambda made: list(made.loss_weights),
    "skip_target_indices": lambda made: [i for i, loss in enumerate(made.loss_functions) if loss is None],
    "_feed_targets": lambda made: made.of_fed(made.targets),
    "_feed_sample_weights": lambda made: made.of_fed(made.sample_weights),
    "_feed_loss_fns": lambda made: made.of_fed(made.loss_functions),
    "_feed_output_names": lambda made: made.of_fed(made.names),
}


def compiled_repair(keras: Any, compilation: Any, patches: Sequence[Any] = ()) -> Repair:
    """Return the repair of compiled models.

    Args:
        keras: the package of the Keras.
        compilation: what that Keras knows of a compiled model: ``source``, ``loss_weights`` and ``regularizers``;
            and ``objective`` and ``mask``, the loss and the mask of an output; and ``losses_of_layers``.
        patches: what that Keras needs alone.
    """
    model = keras.Model

    def attribute(name: str) -> property:
        return settable(name, lambda self: LEFT[name](compiled(self, keras, compilation)))

    return Repair(
        "compiled_model",
        "model.total_loss, model.targets and model.sample_weights of a compiled model, and their _feed_... names, "
        "are how scripts look at gradients of the loss: K.function(model.inputs + model.targets + "
        "model.sample_weights, K.gradients(model.total_loss, weights)).",
        [
            *((model, name, attribute(name)) for name in LEFT),
            *((model, name, settable(name, get)) for name, get in OF_INPUTS.items()),
            *patches,
            (model, "_collected_trainable_weights", property(collected, collect)),
            (model, "__setattr__", Around(functools.partial(setting, names=(*LEFT, "_collected_trainable_weights")))),
        ],
    )


def setting(original: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """Return ``__setattr__`` that keeps some attributes from Keras, which would take what is in them for parts of the
    model.
    """
    untracked = frozenset(names)

    @functools.wraps(original)
    def __setattr__(self: Any, name: str, value: Any) -> None:
        if name in untracked:
            object.__setattr__(self, name, value)
        else:
            original(self, name, value)

    return __setattr__


def fed_inputs(model: Any) -> list[Any]:
    """Return the inputs of a model that are fed: not those that have a tensor."""
    inputs = getattr(getattr(model, "_functional", None) or model, "inputs", None) or []
    return [tensor for tensor in inputs if not hasattr(tensor, attributes.SOURCE)]


# Attributes of a model -> what they are, of its inputs that are fed.
OF_INPUTS: dict[str, Callable[[Any], list[Any]]] = {
    "_feed_inputs": fed_inputs,
    "_feed_input_names": lambda model: [tensor._keras_history[0].name for tensor in fed_inputs(model)],
    "_feed_input_shapes": lambda model: [tuple(tensor.shape) for tensor in fed_inputs(model)],
}
