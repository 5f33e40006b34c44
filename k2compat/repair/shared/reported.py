"""Under which names compiled models report their losses and metrics, for either Keras."""

from __future__ import annotations

from typing import Any

from k2compat.repair.shared import metrics


def of_losses(given: Any, outputs: list[str]) -> list[str]:
    """Return the names of the losses of several outputs."""
    each = metrics.of_each(given, outputs) if is_known(given, outputs) else [True] * len(outputs)
    return [f"{name}_loss" for name, loss in zip(outputs, each, strict=True) if loss is not None]


def is_known(given: Any, outputs: list[str]) -> bool:
    if isinstance(given, dict):
        return set(given) <= set(outputs)
    return not isinstance(given, (list, tuple)) or len(given) == len(outputs)


def names_of_metrics(plain_metrics: Any, weighted_metrics: Any, outputs: list[str]) -> list[str] | None:
    """Return the names of metrics, output by output, each once; None for those that Keras 2 would not know.

    Args:
        plain_metrics: as given to ``compile``.
        weighted_metrics: the same.
        outputs: names of the outputs.
    """
    lists = [
        metrics.by_output(list(given) if isinstance(given, list) else given, outputs, lambda metric: metric)
        for given in (plain_metrics or [], weighted_metrics or [])
    ]
    if any(each is None for each in lists):
        return None
    plain, weighted = (each or [[] for _ in outputs] for each in lists)
    found: list[str] = []
    for i, output in enumerate(outputs):
        before = f"{output}_" if len(outputs) > 1 else ""
        for metric in plain[i]:
            found.append(unique(before + name_of(metric), found))
        for metric in weighted[i]:
            name = before + name_of(metric)
            found.append(unique(f"{before}weighted_{name_of(metric)}" if name in found else name, found))
    return found


def name_of(metric: Any) -> str:
    return metric if isinstance(metric, str) else str(getattr(metric, "name", None) or metric.__name__)


def unique(name: str, taken: list[str]) -> str:
    """Return a name, with a number if it is taken."""
    names = [name, *(f"{name}_{number}" for number in range(1, len(taken) + 1))]
    return next(one for one in names if one not in taken)
