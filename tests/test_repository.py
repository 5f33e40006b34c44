"""What is committed: sources, and no file that makes every clone wait."""

import subprocess

import pytest
from paths import ROOT

pytestmark = pytest.mark.keras3_only

LARGEST = 2 * 1024**2  # bytes
# Endings of what is built or downloaded.
MADE = (".whl", ".tar.gz", ".egg", ".pyc")
# The files at the top, where everyone looks first; "PKG-INFO" is that of a source distribution.
TOP = {
    *(".gitattributes", ".gitignore", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml", "noxfile.py"),
    *("CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md", "migration_guide.md"),
    *("pyproject.toml", "PKG-INFO"),
}


def tracked():
    """Return the files under version control; in a source distribution, those that are there."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return [ROOT / name for name in listed.split("\0") if name]
    return [path for path in ROOT.rglob("*") if path.is_file()]


def unwelcome(files):
    """Return what each of the files that should not be committed is."""
    large = {file: "over 2 MB" for file in files if file.exists() and file.stat().st_size > LARGEST}
    return large | {file: "built or downloaded" for file in files if file.name.endswith(MADE)}


def test_no_large_and_no_built_file_is_committed():
    assert tracked()
    assert unwelcome(tracked()) == {}


def test_nothing_lies_about_at_the_top():
    assert {file.name for file in tracked() if file.parent == ROOT} <= TOP


def test_large_and_built_files_are_noticed(tmp_path):
    (tmp_path / "weights.h5").write_bytes(b"0" * (LARGEST + 1))
    (tmp_path / "small.h5").write_bytes(b"0" * LARGEST)
    (tmp_path / "keras-2.3.1-py3-none-any.whl").write_bytes(b"")
    assert {file.name for file in unwelcome(list(tmp_path.iterdir()))} == {"weights.h5", "keras-2.3.1-py3-none-any.whl"}
