"""Keeps the shape of the package: floors import only floors below, one file per Keras, nothing too long to read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "k2compat"

# Lowest first; a floor may import itself and the floors before it.
FLOORS = [
    {"errors", "tables"},
    {"adapters"},
    {"graph"},
    {"backend"},
    {"parity", "migrate", "heatmap"},
    {"cli"},
]
# The front doors: they assemble and may import everything.
DOORS = {"__init__", "__main__"}

# Adapter -> the Keras that only its files (keras3.py, keras3_layers.py, ...) may import.
KERAS_OF_ADAPTER = {"keras3": {"keras"}, "keras2": {"tf_keras"}}
KERASES = {"keras", "tf_keras"}

LONGEST_FILE = 400
LONGEST_FUNCTION = 50

SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "demo_data" not in path.parts)
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
    """The imports of a Keras that a file may not make."""
    adapter = path.stem.partition("_")[0] if path.parent.name == "adapters" else ""
    allowed = KERAS_OF_ADAPTER.get(adapter, set())
    kerases = [name for name in imports if name.split(".")[0] in KERASES or name.startswith("tensorflow.keras")]
    return [name for name in kerases if name.split(".")[0] not in allowed]


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


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_an_adapter_imports_its_keras(path):
    assert foreign_kerases(path, imports_of(path)) == []


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
        ("graph/walk.py", "from k2compat.backend import gradients", ["k2compat.backend.gradients"]),
        ("graph/walk.py", "from ..backend import math", ["k2compat.backend.math"]),
        ("graph/walk.py", "import k2compat.cli", ["k2compat.cli"]),
        ("graph/walk.py", "def late():\n    from k2compat import cli", ["k2compat.cli"]),
        ("graph/walk.py", "from k2compat import gradients", ["k2compat.gradients"]),
        ("graph/walk.py", "import_module('k2compat.cli')", ["k2compat.cli"]),
        ("parity/run.py", "from k2compat.heatmap import draw", ["k2compat.heatmap.draw"]),
        ("errors.py", "from k2compat.adapters import adapter", ["k2compat.adapters.adapter"]),
        ("graph/walk.py", "from k2compat.errors import K2ValueError\nfrom .record import Call", []),
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
        ("graph/walk.py", "import keras", ["keras"]),
        ("graph/walk.py", "from tensorflow.keras import layers", ["tensorflow.keras.layers"]),
        ("graph/walk.py", "from tensorflow import keras", ["tensorflow.keras"]),
        ("graph/keras3.py", "import keras", ["keras"]),
        ("adapters/keras3.py", "import tf_keras", ["tf_keras"]),
        ("adapters/keras3.py", "import keras", []),
        ("adapters/keras3_layers.py", "import keras", []),
        ("adapters/repair.py", "import keras", ["keras"]),
        ("adapters/keras2.py", "from tf_keras import backend", []),
    ],
)
def test_foreign_kerases_are_caught(file, source, caught):
    path = PACKAGE / file
    package = ".".join(path.relative_to(ROOT).parent.parts)
    assert foreign_kerases(path, list(imported_modules(ast.parse(source), package))) == caught


def test_long_functions_are_caught():
    body = "    pass\n" * LONGEST_FUNCTION
    assert long_functions(ast.parse(f"def f():\n{body}")) == [f"f has {LONGEST_FUNCTION + 1} lines"]
    assert long_functions(ast.parse("def f():\n    pass")) == []
