"""Migrates libraries at each level and imports all of their modules: ``python -m libraries.migrated --sources FOLDER``.

What does not import under ``k2compat run`` before the migration, for the want of another package, say, is not counted.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LEVELS = ("swap", "keras3", "native")
APART = {"tests", "test", "docs", "examples", "setup"}
# Run by Python in a folder: prints, as JSON, why each of the modules it is given cannot be imported; "" where it can.
IMPORTS = """
import importlib, json, sys
found = {}
for name in json.loads(sys.argv[1]):
    try:
        importlib.import_module(name)
    except BaseException as problem:
        found[name] = f"{type(problem).__name__}: {problem}"[:300]
    else:
        found[name] = ""
print("\\n" + json.dumps(found))
"""


def modules_in(folder):
    """Return the names of the modules of the packages in a folder."""
    places = [path.relative_to(folder) for path in sorted(folder.glob("*/**/*.py"))]
    packages = [path for path in places if (folder / path.parts[0] / "__init__.py").exists()]
    names = (path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts for path in packages)
    return [".".join(parts) for parts in names if not APART & set(parts)]


def root_of(source):
    """Return the folder that has a library's packages."""
    return source / "src" if (source / "src").is_dir() else source


def imported(folder, modules, command, beside):
    """Return why each module cannot be imported by a command in a folder, "" where it can.

    Args:
        folder: that of the packages.
        modules: their names.
        command: the arguments of Python in front of a script.
        beside: folders of other libraries, which it may import.
    """
    script = folder / "import_all_of_it.py"
    script.write_text(IMPORTS)
    path = os.pathsep.join((str(folder), *map(str, beside), os.environ.get("PYTHONPATH", "")))
    ran = subprocess.run(
        [sys.executable, *command, str(script), json.dumps(modules)],
        cwd=folder, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    script.unlink()
    lines = ran.stdout.strip().splitlines()
    return json.loads(lines[-1]) if not ran.returncode and lines else dict.fromkeys(modules, "the process ended")


def check(source, beside):
    """Print what became of a library's modules, beside those of others; return how many were lost."""
    lost, root = 0, root_of(source)
    modules = modules_in(root)
    before = imported(root, modules, ("-m", "k2compat", "run"), beside)
    usable = [name for name, problem in before.items() if not problem]
    for level in LEVELS:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(shutil.copytree(root, Path(scratch) / "migrated", ignore=shutil.ignore_patterns("*.tar.gz")))
            command = [sys.executable, "-m", "k2compat", "migrate", "--level", level, "--write", "-q", "."]
            subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False)
            after = imported(folder, usable, (), beside)
        failed = {name: problem for name, problem in after.items() if problem}
        print(f"{source.name} {level}: {len(usable) - len(failed)} of {len(usable)} modules import", flush=True)
        for name, problem in failed.items():
            print(f"    {name}: {problem}", flush=True)
        lost += len(failed)
    return lost


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("selected", nargs="*", metavar="NAME", help="folders in it; all by default")
    parser.add_argument("--sources", type=Path, required=True, help="the folder with the libraries' sources")
    options = parser.parse_args()
    folders = [path for path in sorted(options.sources.resolve().iterdir()) if path.is_dir()]
    wanted = [path for path in folders if not options.selected or path.name in options.selected]
    return int(sum(check(path, [root_of(other) for other in folders if other != path]) for path in wanted) > 0)


if __name__ == "__main__":
    sys.exit(main())
