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


def migrated(source, level, scratch):
    """Return a copy of the folder of a library's packages, migrated at a level."""
    folder = Path(shutil.copytree(root_of(source), Path(scratch) / source.name))
    command = [sys.executable, "-m", "k2compat", "migrate", "--level", level, "--write", "-q", "."]
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False)
    return folder


def check(level, usable, sources):
    """Print what became of libraries at a level, each beside the others; return how many modules were lost.

    Args:
        level: of migrate.
        usable: folder of a library -> the modules that import before.
        sources: the folders of all libraries.
    """
    lost = 0
    with tempfile.TemporaryDirectory() as scratch:
        copies = {source: migrated(source, level, scratch) for source in sources}
        for source, modules in usable.items():
            beside = [copy for other, copy in copies.items() if other != source]
            after = imported(copies[source], modules, (), beside)
            failed = {name: problem for name, problem in after.items() if problem}
            print(f"{source.name} {level}: {len(modules) - len(failed)} of {len(modules)} modules import", flush=True)
            for name, problem in failed.items():
                print(f"    {name}: {problem}", flush=True)
            lost += len(failed)
    return lost


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("selected", nargs="*", metavar="NAME", help="folders in it; all by default")
    parser.add_argument("--sources", type=Path, required=True, help="the folder with the libraries' sources")
    options = parser.parse_args()
    sources = [path for path in sorted(options.sources.resolve().iterdir()) if path.is_dir()]
    usable = {}
    for source in sources:
        if not options.selected or source.name in options.selected:
            beside = [root_of(other) for other in sources if other != source]
            found = imported(root_of(source), modules_in(root_of(source)), ("-m", "k2compat", "run"), beside)
            usable[source] = [name for name, problem in found.items() if not problem]
    return int(sum(check(level, usable, sources) for level in LEVELS) > 0)


if __name__ == "__main__":
    sys.exit(main())
