"""The tests of Keras 2, which its wheel lacks, from a checkout of its repository."""

import os
import re
from pathlib import Path

# Tests of what TensorFlow 1 alone had, of several machines, or of speed.
LEFT_OUT = ("benchmarks", "distribute", "dtensor", "estimator", "feature_column", "integration_test", "tests", "tools")
# `tf_keras.engine` in the repository is `tf_keras.src.engine` in the wheel.
IMPORTS = (
    (re.compile(r"^(\s*)import tf_keras$", re.MULTILINE), r"\1import tf_keras.src as tf_keras"),
    (re.compile(r"^(\s*)(import|from) tf_keras(?!\.src|\.protobuf)\b", re.MULTILINE), r"\1\2 tf_keras.src"),
)


def copied(checkout, target):
    """Copy the tests below a folder, with the addresses the wheel has, and return the folder.

    Args:
        checkout: a folder with ``tf_keras/`` as in the repository.
        target: an empty folder.
    """
    source = Path(checkout) / "tf_keras"
    for path in sorted(source.rglob("*_test.py")):
        place = path.relative_to(source)
        if place.parts[0] not in LEFT_OUT:
            text = path.read_text(encoding="utf-8")
            for pattern, replacement in IMPORTS:
                text = pattern.sub(replacement, text)
            # No packages, so the name of each file says where it comes from.
            folder = target / place.parts[0]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "__".join(place.parts[1:] or place.parts)).write_text(text, encoding="utf-8")
    if not any(target.iterdir()):
        raise SystemExit(f"{os.fspath(source)} has no tests (*_test.py).")
    return target
