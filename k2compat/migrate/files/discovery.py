"""Which files a command line means: files, folders, globs; without what .gitignore and ``--exclude`` leave out."""

from __future__ import annotations

import contextlib
import glob
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pathspec import GitIgnoreSpec

from k2compat.migrate.files.encoding import Unusable, read_file

SUFFIXES = (".py", ".pyw", ".pyi", ".ipynb")
# Folders that hold no code of one's own.
NEVER = frozenset({
    ".git", ".hg", ".svn", ".tox", ".nox", ".venv", ".eggs", "node_modules", "__pycache__", "site-packages",
    ".ipynb_checkpoints", ".mypy_cache", ".ruff_cache", ".pytest_cache",
})  # fmt: skip
STDIN = Path("-")


@dataclass
class Found:
    """What a command line means.

    Attributes:
        files: in order.
        problems: arguments that lead nowhere, with the reason.
        links: links in a folder that lead out of it (or nowhere), which are left out.
    """

    files: list[Path] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    links: list[Path] = field(default_factory=list)


def find(arguments: Iterable[str], exclude: Sequence[str] = ()) -> Found:
    """Return the files that arguments name.

    Args:
        arguments: files (of any name), folders (their Python files and notebooks), globs, ``-``.
        exclude: patterns as in .gitignore, below the current folder; for files that are named, too.

    Raises:
        Unusable: a pattern of ``exclude`` is none.
    """
    excluded = _spec(exclude)
    if len(excluded) < len(exclude):
        wrong = next(pattern for pattern in exclude if not len(_spec([pattern])))
        raise Unusable(f"{wrong!r} is no pattern that .gitignore can have")
    here = Path.cwd()
    found = Found()
    seen: set[Path] = set()
    for argument in arguments:
        paths = list(_meant(argument))
        if not paths:
            reason = "no file of that pattern" if glob.has_magic(argument) else "no such file or folder"
            found.problems.append((argument, reason))
        for path in paths:
            files = _below(path, excluded, here) if path.is_dir() and path != STDIN else iter([path])
            for file in files:
                if path != file and file.is_symlink() and not _is_below(path, file):
                    found.links.append(file)
                    continue
                real = file if file == STDIN else Path(os.path.realpath(file))
                if real not in seen and not _matches(excluded, file, here):
                    seen.add(real)
                    found.files.append(file)
    return found


def _is_below(top: Path, link: Path) -> bool:
    """Return whether a link leads to a file below a folder."""
    target = os.path.realpath(link)
    return os.path.isfile(target) and Path(target).is_relative_to(os.path.realpath(top))


def _spec(lines: Iterable[str]) -> GitIgnoreSpec:
    """Return the patterns of a .gitignore; like git, without the lines that are none (``!``, a backslash alone)."""
    patterns: list[Any] = []
    for line in lines:
        with contextlib.suppress(ValueError, re.error), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of `re`, about brackets within brackets
            patterns += GitIgnoreSpec.from_lines([line]).patterns
    return GitIgnoreSpec(patterns)


def _meant(argument: str) -> Iterator[Path]:
    if argument == "-" or os.path.lexists(argument):
        yield Path(argument)
    elif glob.has_magic(argument):
        for name in sorted(glob.glob(argument, recursive=True)):
            # A glob over everything means the Python in it.
            if os.path.isfile(name) and name.endswith(SUFFIXES):
                yield Path(name)


def _matches(spec: GitIgnoreSpec, path: Path, base: Path, *, folder: bool = False) -> bool:
    if path == STDIN:
        return False
    try:
        relative = Path(os.path.abspath(path)).relative_to(base).as_posix()
    except ValueError:
        relative = Path(os.path.abspath(path)).as_posix().lstrip("/")
    return relative != "." and spec.match_file(relative + ("/" if folder else ""))


Ignore = tuple[Path, GitIgnoreSpec]


def _below(top: Path, excluded: GitIgnoreSpec, here: Path) -> Iterator[Path]:
    """Yield the Python files and notebooks below a folder, in order; symbolic links to folders are not followed."""
    ignores: dict[Path, list[Ignore]] = {Path(os.path.abspath(top)): list(_ignores_above(top))}
    for name, folders, files in os.walk(top):
        folder = Path(name)
        absolute = Path(os.path.abspath(folder))
        active = ignores.pop(absolute, [])
        active = active + [(absolute, spec) for spec in _ignore_file(absolute)]
        kept = []
        for sub in sorted(folders):
            path = folder / sub
            if sub in NEVER or (path / "pyvenv.cfg").exists() or _matches(excluded, path, here, folder=True):
                continue
            if not _is_ignored(active, path, folder=True):
                kept.append(sub)
                ignores[absolute / sub] = active
        folders[:] = kept
        for file in sorted(files):
            if file.endswith(SUFFIXES) and not _is_ignored(active, folder / file):
                yield folder / file


def _is_ignored(active: Sequence[Ignore], path: Path, *, folder: bool = False) -> bool:
    """Return what the innermost .gitignore with a word on a path says."""
    for base, spec in reversed(active):
        relative = Path(os.path.abspath(path)).relative_to(base).as_posix() + ("/" if folder else "")
        included = spec.check_file(relative).include
        if included is not None:
            return included
    return False


def _ignores_above(top: Path) -> Iterator[Ignore]:
    """Yield the .gitignore files above a folder, up to its repository, the outermost first."""
    folder = Path(os.path.abspath(top))
    if (folder / ".git").exists():
        return
    above = []
    for parent in folder.parents:
        above.append(parent)
        if (parent / ".git").exists():
            for found in reversed(above):
                yield from ((found, spec) for spec in _ignore_file(found))
            return


def _ignore_file(folder: Path) -> Iterator[GitIgnoreSpec]:
    try:
        data = read_file(folder / ".gitignore")
    except (OSError, Unusable):
        return
    yield _spec(data.decode("utf-8", errors="replace").splitlines())
