"""The repair of TensorFlow's gradient operations, which rules of relevance call on symbolic tensors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from k2compat.graph.dispatch import apply
from k2compat.graph.nested import leaves
from k2compat.graph.symbols import is_symbol
from k2compat.repair.table import Repair
from k2compat.tensorflow_internals import gradient_operations


def gradient_operations_repair() -> Repair:
    """Return the repair."""
    return Repair(
        "gradient_operations",
        "nn_grad.gen_nn_ops.max_pool_grad, avg_pool_grad, relu_grad and other gradient operations of TensorFlow's own "
        "modules refuse symbolic tensors, past the dispatcher.",
        [(module, name, recording(getattr(module, name))) for module, name in gradient_operations()],
    )


def recording(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the operation that is recorded where it is called on symbolic tensors."""

    @functools.wraps(original)
    def operation(*args: Any, **kwargs: Any) -> Any:
        if any(is_symbol(leaf) for leaf in leaves(args, kwargs)):
            return apply(original, args, kwargs)
        return original(*args, **kwargs)

    return operation
