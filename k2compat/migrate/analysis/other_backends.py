"""Code that runs with another backend of Keras 2 than TensorFlow only: ``if K.backend() == "theano":``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import BACKEND, SHIM, constant

NAMES = frozenset(f"{home}.{name}" for home in (BACKEND, SHIM) for name in ("backend", "_BACKEND"))


def is_of_other_backend(module: Module, node: cst.CSTNode) -> bool:
    """Return whether a node is in a branch that another backend than TensorFlow takes."""
    inner: cst.CSTNode = node
    for above in module.above(node):
        if isinstance(above, cst.If | cst.IfExp):
            taken = taken_branch(module, above.test)
            if (taken is False and inner is above.body) or (taken is True and inner is above.orelse):
                return True
        inner = above
    return False


def taken_branch(module: Module, test: cst.BaseExpression) -> bool | None:
    """Return whether a condition holds with TensorFlow as the backend; None where it asks for something else."""
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        return False if False in (taken_branch(module, part) for part in (test.left, test.right)) else None
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1 or not is_name(module, test.left):
        return None
    comparison = test.comparisons[0]
    texts = list(strings(comparison.comparator))
    if not texts:
        return None
    if isinstance(comparison.operator, cst.Equal | cst.In):
        return "tensorflow" in texts
    return "tensorflow" not in texts if isinstance(comparison.operator, cst.NotEqual | cst.NotIn) else None


def is_name(module: Module, node: cst.BaseExpression) -> bool:
    """Return whether an expression is the name of the backend, ``K.backend()`` or ``K._BACKEND``."""
    return module.refers_to(node.func if isinstance(node, cst.Call) else node) in NAMES


def strings(node: cst.BaseExpression) -> Iterator[str]:
    """Yield a string, or those in a list, tuple or set of strings alone; nothing for anything else."""
    parts = [part.value for part in node.elements] if isinstance(node, cst.List | cst.Tuple | cst.Set) else [node]
    texts = [constant(part) for part in parts]
    if None not in texts:
        yield from (text for text in texts if text is not None)
