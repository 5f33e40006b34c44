"""The main program of one side: makes the process what it is to be, then runs the user's script in it.

``python __main__.py SETTINGS.json PIPE``
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
import traceback
import types
from typing import Any

SHOWN = 60  # lines of a traceback


def end_with(pipe: int) -> None:
    """End this process, and all that it starts, when the other end of a pipe is closed: its parent is gone, or done.

    Another process waits for that, as this one may be busy in C, and may end before what it has started. It is nobody's
    child, so that a script that waits for its children does not wait for it.
    """
    if os.fork() == 0:
        if os.fork() == 0:
            os.read(pipe, 1)
            os.killpg(0, signal.SIGKILL)
        os._exit(0)
    os.wait()
    os.close(pipe)


def load_k2compat() -> None:
    """Make this very k2compat importable, and nothing else that lies beside it."""
    folder = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    file = os.path.join(folder, "__init__.py")
    spec: Any = importlib.util.spec_from_file_location("k2compat", file, submodule_search_locations=[folder])
    sys.modules["k2compat"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def main(settings: Any) -> int:
    """Run one side.

    Args:
        settings: ``kind`` (of ``kinds.KINDS``), ``keras`` (the name of its package), ``script``, ``arguments``,
            ``folder`` (for the recording), ``seed``, ``offset`` (other than 0 where random operations should draw other
            numbers), ``weights`` (the folder of the reference's recording, or None) and ``shaken`` (whether these
            are changed a little).

    Returns:
        The exit code.
    """
    load_k2compat()
    from k2compat.parity.worker import hooks, initial_weights, modes, random_streams
    from k2compat.parity.worker.recorder import Recorder

    script = settings["script"]
    sys.argv = [script, *settings["arguments"]]
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    recorder = Recorder(settings["folder"])
    try:
        keras = modes.KINDS[settings["kind"]](recorder, settings["keras"])
        import tensorflow as tf

        recorder.writer.line("versions", **versions(tf, keras))
        carrier = initial_weights.Carrier(recorder, settings["weights"], settings["seed"], settings["shaken"])
        initial_weights.install(carrier, tf)
        hooks.install(recorder)
        random_streams.install(tf, settings["seed"], settings["offset"])
    except BaseException:
        recorder.writer.line("end", error=traceback.format_exc())
        raise
    error = run(script, recorder)
    if not error:
        hooks.record_trained(recorder)
    carrier.finish()
    if settings["kind"] != "k2compat":
        recorder.writer.line("random", operations=random_operations(tf))
    recorder.writer.line("end", error=error)
    if error:
        print(error, file=sys.stderr)
    return 1 if error else 0


def versions(tf: Any, keras: Any) -> dict[str, str]:
    import numpy as np

    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, "tensorflow": tf.__version__, "keras": keras.__version__, "numpy": np.__version__}


def run(script: str, recorder: Any) -> str | None:
    """Run a script or a notebook as the main program.

    Returns:
        The traceback if it failed.
    """
    module = types.ModuleType("__main__")
    module.__file__ = script
    module.__builtins__ = __builtins__  # type: ignore[attr-defined]
    sys.modules["__main__"] = module
    try:
        for name, source in parts(script, recorder):
            exec(compile(source, name, "exec"), module.__dict__)
    except SystemExit as end:
        return None if end.code in (None, 0) else f"SystemExit: {end.code}"
    except BaseException:
        return told()
    return None


def parts(script: str, recorder: Any) -> list[tuple[str, Any]]:
    """Return what to run: (name, source) of the script, or of each cell of a notebook."""
    if not script.endswith(".ipynb"):
        with open(script, "rb") as file:
            return [(script, file.read())]
    import linecache

    from k2compat.imports import notebook

    found = notebook.cells(script)
    for name, source, left_out in found:
        # For tracebacks and for what looks at its own source, as autograph does.
        linecache.cache[name] = (len(source), None, [line + "\n" for line in source.splitlines()], name)
        for line in left_out:
            recorder.note(f"left out of {os.path.basename(name)}: {line}")
    return [(name, source) for name, source, _ in found]


def told() -> str:
    """Return the traceback of the script, from its own first line on."""
    kind, error, frames = sys.exc_info()
    while frames is not None and frames.tb_frame.f_code.co_filename == os.path.abspath(__file__):
        frames = frames.tb_next
    lines = "".join(traceback.format_exception(kind, error, frames)).splitlines()
    return "\n".join(lines if len(lines) <= SHOWN else [*lines[:10], "  ...", *lines[10 - SHOWN :]])


def random_operations(tf: Any) -> list[str]:
    """Return the kinds of random operations in the graph the script built."""
    try:
        graph = tf.compat.v1.get_default_graph().as_graph_def()
    except ValueError:  # above 2 GB
        return ["unknown"]
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    return sorted({node.op for node in nodes if "Random" in node.op or node.op in ("Multinomial", "TruncatedNormal")})


if __name__ == "__main__":
    end_with(int(sys.argv[2]))
    with open(sys.argv[1], encoding="utf-8") as file:
        found = json.load(file)
    sys.exit(main(found))
