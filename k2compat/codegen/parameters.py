"""Numbers of an expression that become arguments of the written function: the index of a class, a weight."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from k2compat.errors import SourceError, three_parts


class Numbers:
    """The numbers that become arguments.

    Only indices and operands are looked at: an axis or a shape that happens to be the same number stays.

    Args:
        parameters: name of an argument -> the number it stands for.
    """

    def __init__(self, parameters: Mapping[str, Any]):
        for name, value in parameters.items():
            if not name.isidentifier() or isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
                raise SourceError(
                    three_parts(
                        f"parameters={{{name!r}: {value!r}}}",
                        "names of Python, each with the number that it stands for.",
                        'write parameters={"class_index": 3} for a function that was built with the number 3.',
                    )
                )
        self.values = dict(parameters)
        self._places: dict[str, set[Any]] = {name: set() for name in parameters}
        self._seen: set[float] = set()

    def name_of(self, leaf: Any, place: Any) -> ast.expr | None:
        """Return the argument that stands for a number in an expression; None if there is none."""
        if isinstance(leaf, bool) or not isinstance(leaf, (int, float, np.number)):
            return None
        self._seen.add(leaf.item() if isinstance(leaf, np.number) else leaf)
        kinds = (int, np.integer)
        for name, value in self.values.items():
            if leaf == value and isinstance(leaf, kinds) == isinstance(value, kinds):
                self._places[name].add(place)
                return ast.Name(name, ast.Load())
        return None

    def check(self) -> None:
        """Make sure that each number was found, in one place.

        Raises:
            SourceError: one was not found, or in several places.
        """
        for name, places in self._places.items():
            if len(places) != 1:
                numbers = ", ".join(map(str, sorted(self._seen))) or "none"
                raise SourceError(
                    three_parts(
                        f"parameters={{{name!r}: {self.values[name]!r}}}, a number that stands in {len(places)} places",
                        f"a number that is an index or an operand in one place; there are {numbers}.",
                        "build the function with a number that is not used otherwise.",
                    )
                )

    def documented(self) -> list[str]:
        """Return the lines about the arguments in the docstring of the written function."""
        return [
            f"            {name}: {'int' if isinstance(value, (int, np.integer)) else 'float'}, {value} in the "
            "recorded function."
            for name, value in self.values.items()
        ]
