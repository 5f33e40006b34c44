"""Records the names that programs could import from old Keras versions: python tests/data/record_old_names.py FOLDER ...

Each folder is an unpacked source distribution of Keras (1.2.2, 2.0.9, 2.1.6, 2.2.4, 2.3.1). ``old_names.json`` holds, for
each module but those of the backend, what its top level defines or takes from other modules of Keras.
"""

import ast
import json
import sys
from pathlib import Path

FILE = Path(__file__).parent / "old_names.json"
# Packages that are not Keras's own, imported in a ``try`` of a relative import's level.
OTHERS = {"K", "h5py", "pydot", "requests", "pil_image", "tables", "keras_modules_injection"}


def names(tree):
    """Yield the names that a module binds at its top level."""
    open_ = list(tree.body)
    while open_:
        node = open_.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield from (alias.asname or alias.name for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.If | ast.Try):
            open_ += [*node.body, *node.orelse, *(line for handler in getattr(node, "handlers", []) for line in handler.body)]


def main(folders):
    found = {}
    for folder in folders:
        package = Path(folder) / "keras"
        for file in sorted(package.rglob("*.py")):
            parts = [*file.relative_to(package.parent).with_suffix("").parts]
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            if not module.startswith("keras.backend"):
                bound = {name for name in names(ast.parse(file.read_text())) if not name.startswith("__")}
                found[module] = sorted({*found.get(module, []), *(bound - OTHERS)})
    FILE.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
