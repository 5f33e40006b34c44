"""What the other files of a project export: ``from mylib.backend import K`` leads to what K is there."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from k2compat.migrate.files.encoding import Unusable, decoded, read_file
from k2compat.migrate.syntax.names import canonical

# Found nowhere in a project, and asked for often.
LIBRARIES = frozenset("keras tensorflow tf_keras k2compat numpy sys os importlib builtins".split())  # noqa: SIM905
MOST_FOLDERS = 8


class Project:
    """The files around one file, found by the names of modules.

    Args:
        path: the file.
    """

    def __init__(self, path: Path):
        self._path = path.absolute()
        # Where `import mylib` may look: beside the file, and in the folders above it.
        self._roots = tuple(self._path.parents[:MOST_FOLDERS])

    def lookup(self, dotted: str) -> str | None:
        """Return what a name of another file refers to, None if that is not known."""
        return _lookup(self._roots, dotted)

    def absolute(self, module: str, level: int) -> str | None:
        """Return the full name of a relatively imported module."""
        folder = self._path.parent
        for _ in range(level - 1):
            folder = folder.parent
        parts = [folder.name, *([module] if module else [])]
        while (folder.parent / "__init__.py").exists():
            folder = folder.parent
            parts.insert(0, folder.name)
        return ".".join(parts)

    def star(self, module: str, name: str) -> str | None:
        """Return what a name that ``from module import *`` may bring refers to."""
        return self.lookup(f"{module}.{name}")

    def holds(self, package: str) -> bool:
        """Return whether a package or module is beside the file, or in the folders above it."""
        return any(_is_there(root, package) for root in self._roots)

    def defines(self, dotted: str, method: str = "") -> bool:
        """Return whether the file that a name is of defines a method; without one, whether the name is a function."""
        parts = dotted.split(".")
        if parts[0] in LIBRARIES or not all(parts):
            return False
        files = (_file(root, tuple(parts[:-1])) for root in self._roots if len(parts) > 1)
        file = next((found for found in files if found is not None), None)
        functions, methods = _defined(file) if file is not None else ((), ())
        return method in methods if method else parts[-1] in functions

    def is_wanted(self, name: str) -> bool:
        """Return whether another file of the package, or near it, imports a name from this one."""
        module = self.absolute("" if self._path.stem == "__init__" else self._path.stem, 1) or ""
        folder = self._path.parent
        files = {*folder.glob("*.py"), *folder.glob("*/*.py"), *folder.parent.glob("*.py")}
        if (folder / "__init__.py").exists():
            top = next(above for above in (folder, *folder.parents) if not (above.parent / "__init__.py").exists())
            files |= {*top.rglob("*.py"), *top.parent.glob("*.py"), *top.parent.glob("*/*.py")}
        return any(
            f".{module}".endswith(f".{wanted}") and what in (name, "*")
            for file in sorted(files - {self._path})
            for wanted, what in _imported(file)
        )


@lru_cache(maxsize=10_000)
def _lookup(roots: tuple[Path, ...], dotted: str) -> str | None:
    parts = dotted.split(".")
    if parts[0] in LIBRARIES or not all(parts):
        return None
    for root in roots:
        if not _is_there(root, parts[0]):
            continue
        for number in range(len(parts) - 1, 0, -1):
            file = _file(root, tuple(parts[:number]))
            if file is None:
                continue
            found = exports(file).get(parts[number])
            if found is not None:
                return canonical(".".join([found, *parts[number + 1 :]]))
            break  # a package of the project hides what the one above it has imported by the same name
    return None


@lru_cache(maxsize=10_000)
def _is_there(root: Path, name: str) -> bool:
    return (root / name).is_dir() or (root / f"{name}.py").is_file()


@lru_cache(maxsize=10_000)
def _file(root: Path, parts: tuple[str, ...]) -> Path | None:
    folder = root.joinpath(*parts)
    return next(
        (file for file in (folder / "__init__.py", folder.with_name(folder.name + ".py")) if file.is_file()), None
    )


@lru_cache(maxsize=10_000)
def _imported(file: Path) -> frozenset[tuple[str, str]]:
    """Return the modules and names of them that a file imports, wherever in it."""
    tree = _parsed(file)
    project = Project(file)
    found: set[tuple[str, str]] = set()
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ImportFrom):
            base = project.absolute(node.module or "", node.level) if node.level else node.module
            found.update((base or "", alias.name) for alias in node.names)
    return frozenset(found)


@lru_cache(maxsize=1_000)
def _defined(file: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of the functions of a file, and of the methods of its classes."""
    tree = _parsed(file)
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef)] if tree is not None else []
    top = tree.body if tree is not None else []
    functions, methods = (
        frozenset(part.name for part in parts if isinstance(part, ast.FunctionDef))
        for parts in (top, [part for body in bodies for part in body])
    )
    return functions, methods


def _parsed(file: Path) -> ast.Module | None:
    try:
        text = decoded(read_file(file)).text
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (Unusable, OSError, SyntaxError, ValueError, RecursionError, MemoryError):  # the last: too deep
        return None


_in_work: set[Path] = set()  # files whose exports are being found, which may import each other


@lru_cache(maxsize=1_000)
def exports(file: Path) -> dict[str, str]:
    """Return the top-level names of a file that lead to a Keras, TensorFlow or k2compat, and what they refer to."""
    if file in _in_work:
        return {}
    _in_work.add(file)
    try:
        tree = _parsed(file)
        return _bound(Project(file), tree) if tree is not None else {}
    finally:
        _in_work.discard(file)


def _bound(project: Project, tree: ast.Module) -> dict[str, str]:
    """Return names and what they refer to; names that are bound to different things are left out."""
    found: dict[str, str] = {}
    doubtful: set[str] = set()
    for name, dotted in _bindings(project, tree.body, found):
        known = canonical(dotted)
        if found.setdefault(name, known) != known:
            doubtful.add(name)
    return {
        name: dotted
        for name, dotted in found.items()
        if name not in doubtful and dotted.partition(".")[0] in ("keras", "tensorflow", "k2compat")
    }


def _bindings(project: Project, body: list[ast.stmt], known: dict[str, str]) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom):
            base = project.absolute(node.module or "", node.level) if node.level else node.module
            for alias in node.names:
                dotted = f"{base}.{alias.name}"
                yield alias.asname or alias.name, project.lookup(dotted) or dotted
        elif isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
            dotted = _dotted(node.value, known)
            if dotted:
                yield from ((target.id, dotted) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.If | ast.Try):
            blocks = [node.body, node.orelse, *(handler.body for handler in getattr(node, "handlers", ()))]
            for block in blocks:
                yield from _bindings(project, block, known)


def _dotted(node: ast.expr, known: dict[str, str]) -> str:
    """Return what nested attributes of a known name refer to, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([known[node.id], *parts]) if isinstance(node, ast.Name) and node.id in known else ""
