"""Keeps the shape of the package: floors import only floors below, one file per Keras, nothing too long to read."""

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.keras3_only

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "k2compat"

# Lowest first; a floor may import itself and the floors before it.
FLOORS = [
    {
        "attributes",
        "errors",
        "escaping",
        "import_path",
        "line_folding",
        "tables",
        "temporary",
        "tensorflow_internals",
        "version",
    },
    {"naming", "screen"},
    {"adapters"},
    {"graph"},
    {"codegen"},
    {"runtime"},
    {"ops"},
    {"legacy"},
    {"training"},
    {"repair"},
    {"backend"},
    {"imports"},
    {"auto", "parity", "migrate", "demo"},
    {"cli"},
]
# The front doors: they assemble and may import everything.
DOORS = {"__init__", "__main__"}

# Folder in adapters/ and repair/ -> the Keras that only its files may import.
KERAS_OF_FOLDER = {"keras3": {"keras"}, "keras2": {"tf_keras"}}
KERASES = {"keras", "tf_keras"}

LONGEST_FILE = 400
LONGEST_FUNCTION = 50

SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "data" not in path.parts)
CHECKED = [*SOURCES, *sorted((ROOT / "benchmarks").rglob("*.py")), *sorted((ROOT / "tests").rglob("*.py"))]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def floor_of(module: str) -> int:
    """Which floor a top-level name of the package is on.

    Raises:
        LookupError: for a name on no floor, so that a new folder has to be given its place.
    """
    for number, names in enumerate(FLOORS):
        if module in names:
            return number
    raise LookupError(f"k2compat.{module} is on no floor; give it a place in FLOORS")


def imported_modules(tree: ast.AST, package: str) -> Iterator[str]:
    """Full names of the modules a file imports, inside functions too; relative ones resolved.

    ``from a import b`` gives ``a.b``: b may be a module, and for the floors it makes no difference where it is not.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif is_dynamic_import(node):
            yield node.args[0].value


def is_dynamic_import(node: ast.AST) -> bool:
    """Whether a node is ``import_module("name")`` or ``__import__("name")`` with the name written out."""
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return called in {"import_module", "__import__"}


def code_of(path: Path) -> str:
    """Return the code of a file without its strings and comments."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.unparse(tree)


def imports_of(path: Path) -> list[str]:
    package = ".".join(path.relative_to(ROOT).parent.parts)
    return list(imported_modules(ast.parse(path.read_text()), package))


def rising_imports(path: Path, imports: list[str]) -> list[str]:
    """The imports of a file of the package that go to a higher floor, or to another folder of the same floor."""
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in DOORS:
        return []
    # `from k2compat import backend` names the floor; `from k2compat import gradients` is a front door.
    inside = [(name, (name.split(".") + [""])[1]) for name in imports if name.split(".")[0] == "k2compat"]
    return [
        name
        for name, floor in inside
        if floor != own and (floor not in set().union(*FLOORS) or floor_of(floor) >= floor_of(own))
    ]


def foreign_kerases(path: Path, imports: list[str]) -> list[str]:
    """Return the imports of a Keras that a file may not make."""
    parts = path.relative_to(PACKAGE).parts
    allowed = KERAS_OF_FOLDER.get(parts[1], set()) if parts[0] in ("adapters", "repair") else set()
    kerases = [name for name in imports if name.split(".")[0] in KERASES or name.startswith("tensorflow.keras")]
    return [name for name in kerases if name.split(".")[0] not in allowed]


def module_of(path: Path) -> str:
    """Return the full name of the module in a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def dependencies(imports_of_module: dict[str, list[str]]) -> dict[str, set[str]]:
    """Return for each module the modules of the package it imports, at the top or inside functions."""
    known = set(imports_of_module)

    def module_in(name: str) -> str | None:
        """The module that an imported name is, or is in."""
        while name and name not in known:
            name = name.rpartition(".")[0]
        return name or None

    found = {module: {module_in(name) for name in imports} for module, imports in imports_of_module.items()}
    return {module: needed - {None, module} for module, needed in found.items()}


def circle_in(needed: dict[str, set[str]]) -> list[str]:
    """Return modules that import each other in a circle, the first one again at the end; none if there is no circle."""
    try:
        graphlib.TopologicalSorter(needed).prepare()
    except graphlib.CycleError as error:
        return error.args[1][::-1]
    return []


def long_functions(tree: ast.AST) -> list[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return [
        f"{function.name} has {function.end_lineno - function.lineno + 1} lines"
        for function in functions
        if function.end_lineno - function.lineno + 1 > LONGEST_FUNCTION
    ]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_floor_imports_only_floors_below(path):
    assert rising_imports(path, imports_of(path)) == []


def test_no_files_import_each_other_in_a_circle():
    circle = circle_in(dependencies({module_of(path): imports_of(path) for path in SOURCES}))
    assert not circle, " imports ".join(circle)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_an_adapter_imports_its_keras(path):
    assert foreign_kerases(path, imports_of(path)) == []


def test_private_modules_of_tensorflow_are_named_in_one_file():
    naming = {path.name for path in SOURCES if re.search(r"tensorflow\.python\.|tf\.__internal__", code_of(path))}
    assert naming == {"tensorflow_internals.py"}


@pytest.mark.parametrize("path", CHECKED, ids=name_of)
def test_files_and_functions_can_be_read(path):
    source = path.read_text()
    assert len(source.splitlines()) <= LONGEST_FILE
    assert long_functions(ast.parse(source)) == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_says_its_duty(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_every_part_of_the_package_is_on_a_floor():
    parts = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in SOURCES} - DOORS
    assert parts
    assert [floor_of(part) for part in sorted(parts)]


def test_the_package_is_typed():
    assert (PACKAGE / "py.typed").exists()


@pytest.mark.parametrize(
    ("file", "source", "caught"),
    [
        ("graph/toposort.py", "from k2compat.backend import gradients", ["k2compat.backend.gradients"]),
        ("graph/toposort.py", "from ..ops import math", ["k2compat.ops.math"]),
        ("graph/toposort.py", "import k2compat.cli", ["k2compat.cli"]),
        ("graph/toposort.py", "def late():\n    from k2compat import cli", ["k2compat.cli"]),
        ("graph/toposort.py", "from k2compat import gradients", ["k2compat.gradients"]),
        ("graph/toposort.py", "import_module('k2compat.cli')", ["k2compat.cli"]),
        ("parity/run.py", "from k2compat.demo import draw", ["k2compat.demo.draw"]),
        ("errors.py", "from k2compat.adapters import registry", ["k2compat.adapters.registry"]),
        ("graph/toposort.py", "from k2compat.errors import K2ValueError\nfrom .record import Call", []),
        ("cli/demo.py", "from k2compat import backend as K", []),
        ("__init__.py", "from k2compat.cli import main", []),
    ],
)
def test_rising_imports_are_caught(file, source, caught):
    path = PACKAGE / file
    package = ".".join(path.relative_to(ROOT).parent.parts)
    assert rising_imports(path, list(imported_modules(ast.parse(source), package))) == caught


@pytest.mark.parametrize(
    ("file", "source", "caught"),
    [
        ("graph/toposort.py", "import keras", ["keras"]),
        ("graph/toposort.py", "from tensorflow.keras import layers", ["tensorflow.keras.layers"]),
        ("graph/toposort.py", "from tensorflow import keras", ["tensorflow.keras"]),
        ("graph/keras3.py", "import keras", ["keras"]),
        ("adapters/keras3/adapter.py", "import tf_keras", ["tf_keras"]),
        ("adapters/keras3/adapter.py", "import keras", []),
        ("repair/keras3/layers.py", "import keras", []),
        ("repair/shared/layers.py", "import keras", ["keras"]),
        ("repair/table.py", "import keras", ["keras"]),
        ("adapters/keras2/adapter.py", "from tf_keras import backend", []),
    ],
)
def test_foreign_kerases_are_caught(file, source, caught):
    path = PACKAGE / file
    package = ".".join(path.relative_to(ROOT).parent.parts)
    assert foreign_kerases(path, list(imported_modules(ast.parse(source), package))) == caught


@pytest.mark.parametrize(
    ("imports", "circle"),
    [
        ({"a": ["b.thing"], "b": ["c"], "c": []}, []),
        ({"a": ["b.thing"], "b": ["a.other"]}, ["a", "b", "a"]),
        ({"a": ["a.b.thing"], "a.b": ["c"], "c": ["a.b"]}, ["a.b", "c", "a.b"]),
        ({"a": ["numpy"], "b": ["a"]}, []),
    ],
)
def test_circles_are_caught(imports, circle):
    found = circle_in(dependencies(imports))
    assert sorted(set(found)) == sorted(set(circle))
    assert len(found) == len(circle)


def test_long_functions_are_caught():
    body = "    pass\n" * LONGEST_FUNCTION
    assert long_functions(ast.parse(f"def f():\n{body}")) == [f"f has {LONGEST_FUNCTION + 1} lines"]
    assert long_functions(ast.parse("def f():\n    pass")) == []
