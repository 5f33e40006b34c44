"""What kind of program runs: one whose names all mean what they meant in Keras 2, or one that was changed."""

from __future__ import annotations


class Program:
    """The program of this process.

    Attributes:
        unmodified: whether ``k2compat run`` or ``k2compat.auto`` runs it as it was written for Keras 2. What it writes
            is then read by tools for Keras 2.
    """

    unmodified = False
