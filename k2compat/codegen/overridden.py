"""Refuses functions in which a layer opens a ``gradient_override_map`` when it runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import tensorflow as tf

from k2compat.adapters.gradient_maps import overridden
from k2compat.codegen.lowering import BY_HAND
from k2compat.errors import SourceError, three_parts
from k2compat.graph.evaluation import Evaluation, Plan
from k2compat.graph.symbols import spec_of


def refuse_overridden(plan: Plan, fed: Sequence[Any]) -> None:
    """Trace a plan, and refuses it if an operation in it has a registered gradient.

    Raises:
        SourceError: plain TensorFlow would differentiate it otherwise.
    """

    def run(*values: Any) -> None:
        Evaluation(plan).run({id(symbol): value for symbol, value in zip(fed, values, strict=True)})

    # What cannot be traced is not differentiated otherwise.
    with overridden() as found, suppress(Exception):
        tf.function(run, autograph=False).get_concrete_function(*map(spec_of, fed))
    if found:
        raise SourceError(
            three_parts(
                f"a layer or function that opens gradient_override_map for {', '.join(sorted(set(found)))} when it "
                "runs",
                "the gradients of TensorFlow, which a tf.GradientTape takes.",
                f"write the function with tf.custom_gradient; or {BY_HAND}",
            )
        )
