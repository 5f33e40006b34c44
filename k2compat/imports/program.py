"""Runs a script, a module or a notebook as the main program, as ``python SCRIPT`` and ``python -m MODULE`` do."""

from __future__ import annotations

import importlib.machinery
import linecache
import os
import runpy
import sys
import types
from typing import Any

from k2compat.escaping import one_line
from k2compat.import_path import start_with
from k2compat.imports import notebook

INTERRUPTED = 130


def run_script(path: str, arguments: list[str]) -> int:
    """Run a script or a notebook in this process.

    Returns:
        The exit code; ``SystemExit`` of the script passes.
    """
    main = new_main(path)
    sys.argv = [path, *arguments]
    start_with(os.path.dirname(os.path.realpath(path)))

    def run() -> None:
        for name, source in parts(path):
            exec(compile(source, name, "exec"), main.__dict__)

    return shown(run, 2)


def run_module(name: str, arguments: list[str]) -> int:
    """Run a module in this process."""
    sys.argv = [name, *arguments]
    start_with(os.getcwd())
    return shown(lambda: runpy.run_module(name, run_name="__main__", alter_sys=True), 2)


def new_main(path: str) -> Any:
    """An empty module ``__main__`` of a file, in the place of the one that runs."""
    main: Any = types.ModuleType("__main__")
    main.__file__, main.__cached__ = os.path.abspath(path), None
    main.__builtins__ = __builtins__
    if not path.endswith(".ipynb"):
        main.__loader__ = importlib.machinery.SourceFileLoader("__main__", main.__file__)
    sys.modules["__main__"] = main
    return main


def parts(path: str) -> list[tuple[str, Any]]:
    """What to run: (name, source) of the script, or of each cell of a notebook."""
    if not path.endswith(".ipynb"):
        with open(path, "rb") as file:
            return [(os.path.abspath(path), file.read())]
    found = notebook.cells(path)
    for name, source, left_out in found:
        # For tracebacks and for what looks at its own source, as autograph does.
        linecache.cache[name] = (len(source), None, [line + "\n" for line in source.splitlines()], name)
        for line in left_out:
            print(one_line(f"k2compat run: left out of {os.path.basename(name)}: {line}"), file=sys.stderr)
    return [(name, source) for name, source, _ in found]


def shown(run: Any, own_frames: int) -> int:
    """Call a function; show what it raises as Python does, without the frames of this file."""
    try:
        run()
    except SystemExit:
        raise
    except BaseException as error:
        frames = error.__traceback__
        for _ in range(own_frames):
            frames = frames.tb_next if frames is not None and frames.tb_next is not None else frames
        sys.excepthook(type(error), error.with_traceback(frames), frames)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0
