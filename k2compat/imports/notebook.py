"""Notebooks as scripts: their code cells in order, without the lines that only IPython understands."""

from __future__ import annotations

import json
from typing import Any

MAGIC, SHELL = "%", "!"


def cells(path: str) -> list[tuple[str, str, list[str]]]:
    """Return the code cells of a notebook.

    Returns:
        For each: its name, as a file name is shown; its code, where lines left out are ``pass``; and these lines.
    """
    with open(path, encoding="utf-8") as file:
        notebook = json.load(file)
    sheets = notebook.get("worksheets")  # of the format before the fourth
    found = [cell for sheet in sheets for cell in sheet["cells"]] if sheets else notebook["cells"]
    code = [source_of(cell) for cell in found if cell["cell_type"] == "code"]
    return [(f"{path}[{number}]", *without_magic(source)) for number, source in enumerate(code, start=1)]


def source_of(cell: Any) -> str:
    source = cell.get("source", cell.get("input", ""))
    return source if isinstance(source, str) else "".join(source)


def without_magic(source: str) -> tuple[str, list[str]]:
    """Return a cell's code without magics and shell lines, and what was left out; a cell magic takes the whole cell."""
    lines = source.splitlines()
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("%%") and not first.startswith(("%%time", "%%capture")):
        return "", [first]
    left_out, kept = [], []
    for line in lines:
        stripped = line.strip()
        magic = stripped.startswith((MAGIC, SHELL)) or (stripped.endswith("?") and not stripped.startswith("#"))
        left_out += [stripped] * magic
        kept.append(line[: len(line) - len(line.lstrip())] + "pass" if magic else line)
    return "\n".join(kept), left_out
