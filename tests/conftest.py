"""Settings that every test needs before TensorFlow is imported."""

import os
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent

# TensorFlow's start-up notes would hide what a failing test prints.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# Last on the path: `benchmarks` and `goldens` are found, while an installed k2compat goes before the checkout's.
sys.path += [path for path in (str(ROOT), str(ROOT / "tests")) if path not in sys.path]

# In a run for Keras 2 these are left out: they are about Keras 3, or about no Keras at all.
if os.environ.get("TF_USE_LEGACY_KERAS") == "1" or tuple(map(int, version("tensorflow").split(".")[:2])) < (2, 16):
    collect_ignore = [
        f"test_{subject}.py"
        for subject in (
            "architecture",
            "benchmark_targets",
            "benchmarks",
            "demo",
            "demo_own_files",
            "docs",
            "offered_names",
            "saving",
            "searched_errors",
        )
    ] + ["migrate"]
