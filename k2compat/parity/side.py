"""One side of a comparison: a script run in one mode."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from k2compat.parity.comparison import Comparison
from k2compat.parity.recording import Recording
from k2compat.parity.worker import storage


class ParityError(Exception):
    """A comparison that cannot be made; the message is one line: what was found, and what to do."""


@dataclass
class Side:
    """One run of the script.

    Attributes:
        title: how it is called.
        kind: "graph", "legacy" or "k2compat".
        python: the interpreter.
        keras: the name of the package.
        folder: for its recording and what it prints.
        weights: the folder of the reference's recording, None for the reference.
        offset: other than 0 for other random numbers.
        shaken: whether the initial weights are changed a little.
        failure: what went wrong, empty if nothing did.
    """

    title: str
    kind: str
    python: str
    keras: str
    folder: Path
    weights: Path | None = None
    offset: int = 0
    shaken: bool = False
    failure: str = ""
    seconds: float = 0.0
    _watched: int = field(default=0, repr=False)

    @property
    def recording(self) -> Recording:
        return Recording(self.folder)

    @property
    def results(self) -> int:
        """How many results there are so far, found out cheaply."""
        path = self.folder / storage.LINES
        return path.read_bytes().count(b'"kind": "result"') if path.exists() else 0


@dataclass
class Parity:
    """What came out.

    Attributes:
        comparison: of what both sides recorded.
        sides: the reference and k2compat.
        again: the reference run again, as often as that was needed.
    """

    script: Path
    comparison: Comparison
    sides: list[Side]
    again: list[Side]

    @property
    def failed(self) -> list[Side]:
        return [side for side in self.sides if side.failure]

    @property
    def exit_code(self) -> int:
        """0 parity, 1 differences, 2 a side failed."""
        return 2 if self.failed else int(not self.comparison.equal)
