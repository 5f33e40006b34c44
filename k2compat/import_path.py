"""Keeps the commands from importing what lies in the current folder.

``python -m`` puts the current folder first on the path, and it may be a checkout with a ``rich.py`` or a ``queue.py``
of its own. Only a program that is run finds its modules there. This file imports what Python has loaded at its start,
and nothing else.
"""

import os
import sys

STANDARD_LIBRARY = os.path.dirname(os.path.abspath(os.__file__))

_of_programs: list[list[str]] = []  # the path without the entry of the main program, once that is taken out


def drop_current_folder() -> None:
    """Take the entry of the main program out of the path, and the current folder where it hides the standard library.

    The latter is there with ``PYTHONPATH=.``, and with a colon too many.
    """
    path = list(sys.path)
    if path and _of_main_program(path[0]):
        del path[0]
    _of_programs[:] = [path]
    last = path.index(STANDARD_LIBRARY) if STANDARD_LIBRARY in path else len(path)
    sys.path[:] = [entry for number, entry in enumerate(path) if number > last or not _is_current(entry)]


def start_with(folder: str) -> None:
    """Give a program its path: the folder of the script first, then what ``PYTHONPATH`` and the installation say."""
    sys.path[:] = [folder, *(_of_programs[0] if _of_programs else sys.path[1:])]


def _of_main_program(entry: str) -> bool:
    """Return whether an entry is the one that Python adds for the main program, of ``-m`` or of a console script."""
    if sys.flags.isolated or getattr(sys.flags, "safe_path", False):
        return False
    return _is_current(entry) or os.path.realpath(entry) == os.path.dirname(os.path.realpath(sys.argv[0]))


def _is_current(entry: str) -> bool:
    return os.path.realpath(entry) == os.path.realpath(os.curdir)
