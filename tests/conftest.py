"""Settings that every test needs before TensorFlow is imported."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

# TensorFlow's start-up notes would hide what a failing test prints.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# Last on the path: `benchmarks` and `goldens` are found, while an installed k2compat goes before the checkout's.
sys.path += [path for path in (str(ROOT), str(ROOT / "tests")) if path not in sys.path]
