"""The weights of Keras 2's layers, live in the expressions of a script."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from k2compat import attributes
from k2compat.adapters.keras2.internals import KerasTensor, Layer, inner
from k2compat.adapters.keras2.weights import Weight, base_layer_utils, building_now, is_computing, is_distributed
from k2compat.graph.symbols import Lazy, is_variable, variable_of
from k2compat.repair.shared.live_weights import ASSIGNMENTS, deferring, present, weight_patches
from k2compat.repair.table import Around, Repair
from k2compat.tensorflow_internals import in_function, outside_functions

Lambda: Any = inner("layers.core.lambda_layer").Lambda


# Before the function that TensorFlow knows for the class above: the method there is asked for at each conversion.
tf.register_tensor_conversion_function(
    Weight, lambda weight, dtype=None, name=None, as_ref=False: weight.__tf_tensor__(dtype, name), priority=50
)


def building(original: Callable[..., Any]) -> Callable[..., Any]:
    """``Layer._maybe_build`` that lets it be known while it runs."""

    @functools.wraps(original)
    def _maybe_build(self: Any, inputs: Any) -> None:
        before, building_now.now = building_now.now, not self.built
        try:
            original(self, inputs)
        finally:
            building_now.now = before

    return _maybe_build


def checking(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``Lambda._check_variables`` find the variables of layers that are attributes of the Lambda layer."""

    @functools.wraps(original)
    def _check_variables(self: Any, created_variables: Any, accessed_variables: Any) -> None:
        shells = {id(weight._variable): weight for weight in self.weights if isinstance(weight, Weight)}
        own = {id(variable_of(made)) for made in vars(self).get(attributes.ONCE, {}).values() if is_variable(made)}
        created_variables = [variable for variable in created_variables if id(variable) not in own]
        accessed_variables = [variable for variable in accessed_variables if id(variable) not in own]
        created, accessed = (
            [shells.get(id(variable), variable) for variable in variables]
            for variables in (created_variables, accessed_variables)
        )
        original(self, created, accessed)

    return _check_variables


def repairs() -> list[Repair]:
    """Repairs of weights."""
    return [
        Repair(
            "weight_operators",
            "p - lr * g, tau * p + (1 - tau) * q, p[:, 0] or tf.nn.l2_loss(p), with layers' weights p and q, would "
            "freeze the weights' present values; such an expression is recorded with the live weights. Of layers built "
            "while the repair is applied, and in their build. Inside call, losses and training loops, and inside Keras "
            "and TensorFlow, nothing changes.",
            [
                (base_layer_utils, "make_variable", shelled(base_layer_utils.make_variable)),
                *weight_patches(Weight, (KerasTensor, Lazy), is_computing),
                (Layer, "_maybe_build", Around(building)),
                (Lambda, "_check_variables", checking(Lambda._check_variables)),
            ],
        ),
        Repair(
            "weight_values",
            "Initializers and constraints written with K functions give symbolic tensors, which weights refuse; they "
            "take their value. w.assign(t), assign_add and assign_sub of a symbolic tensor t is an update for a "
            "session to run; of an expression of weights it is where its result is kept, and happens at once where it "
            "is a statement of its own.",
            [
                (base_layer_utils, "infer_init_val_and_dtype", initialized()),
                *(
                    (Weight, name, deferring(getattr(Weight, name), (KerasTensor, Weight), is_computing))
                    for name in ASSIGNMENTS
                ),
            ],
        ),
    ]


def shelled(original: Callable[..., Any]) -> Callable[..., Any]:
    """``make_variable`` that puts the shell around what can be differentiated."""

    def make_variable(*args: Any, **kwargs: Any) -> Any:
        # Models that a loss makes are no part of the graph of a training step.
        with outside_functions() if in_function() else contextlib.nullcontext():
            made = original(*args, **kwargs)
        return Weight(made) if made.dtype.is_floating and not is_distributed(made) else made

    return make_variable


def initialized() -> Callable[..., Any]:
    """``infer_init_val_and_dtype`` with initializers whose symbolic tensors give their value."""
    original = base_layer_utils.infer_init_val_and_dtype

    def infer_init_val_and_dtype(initializer: Any, *args: Any, **kwargs: Any) -> Any:
        value, dtype = original(initializer, *args, **kwargs)
        return (lambda: present(value())) if callable(value) else present(value), dtype

    return infer_init_val_and_dtype
