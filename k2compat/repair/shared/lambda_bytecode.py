"""The repair of the error for functions of Lambda layers that another Python has stored, for either Keras."""

from __future__ import annotations

import functools
import platform
from collections.abc import Callable
from typing import Any

from k2compat.errors import K2ValueError, three_parts
from k2compat.repair.table import Around, Repair


def lambda_bytecode_repair(module: Any) -> Repair:
    """Make the repair.

    Args:
        module: of the Keras, with the function that reads what a file has of a function.
    """
    return Repair(
        "lambda_bytecode",
        "A file of Keras 2 has the function of a Lambda layer as bytecode of the Python that wrote it. Where that "
        'cannot be read, Keras raises "EOFError: EOF read where object expected"; the error says what to do.',
        [(module, "func_load", Around(told))],
    )


def told(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``func_load`` that says what is wrong with bytecode."""

    @functools.wraps(original)
    def func_load(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        except (EOFError, TypeError, ValueError, SystemError) as failure:
            raise K2ValueError(
                three_parts(
                    f"the function of a Lambda layer as bytecode of another Python\nIt failed with: {failure!r}",
                    f"bytecode that Python {platform.python_version()} can read.",
                    "make the model in code, with the function written there, and take its weights from the file: "
                    "model.load_weights(path).",
                )
            ) from failure

    return func_load
