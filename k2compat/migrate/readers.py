"""Which other files of a codebase import a name from a file, found by their text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

# What the top folder of a codebase has.
MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg")
MOST_FOLDERS = 8
LEFT_OUT = frozenset(["site-packages", "node_modules", "__pycache__"])
FROM = re.compile(rb"^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)", re.M)

NAME = re.compile(r"\w+|\*")


def reader(path: Path, name: str) -> Path | None:
    """A file that imports a name from another one, or reads it as its attribute; None if there is none.

    Args:
        path: the file that has the name; modules of the same name elsewhere count as well.
        name: the name.
    """
    path = path.absolute()
    module = path.parent.name if path.stem == "__init__" else path.stem
    if not module.isidentifier():
        return None
    attribute = re.compile(rf"\b{module}\.{name}\b".encode())
    for other, text in texts(codebase(path)):
        if other != path and (_imports(text, path.stem == "__init__", module, name) or attribute.search(text)):
            return other
    return None


def _imports(text: bytes, is_package: bool, module: str, name: str) -> bool:
    places = {module, ""} if is_package else {module}  # `from . import K` reads the package's own file
    return any(
        place.decode().rpartition(".")[2] in places
        and {"*", name} & set(NAME.findall(names.decode("utf-8", "replace")))
        for place, names in FROM.findall(text)
    )


def codebase(path: Path) -> Path:
    """The top folder of the codebase of a file: one with a mark, or that of its top package, or its own."""
    for folder in path.parents[:MOST_FOLDERS]:
        if any((folder / mark).exists() for mark in MARKS):
            return folder
    folder = path.parent
    while (folder / "__init__.py").exists():
        folder = folder.parent
    return folder


@lru_cache(maxsize=8)
def texts(folder: Path) -> list[tuple[Path, bytes]]:
    """The Python files below a folder that mention an import, with their content."""
    return list(_texts(folder))


def _texts(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).parts
        if any(part in LEFT_OUT or part.startswith(".") for part in parts):
            continue
        try:
            text = path.read_bytes()
        except OSError:
            continue
        yield path, text
