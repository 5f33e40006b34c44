"""The environment the demo's model and goldens come from."""

import platform
import sys

import keras
import numpy as np
import tensorflow as tf


def versions():
    """The versions as text; ends the program outside the legacy environment."""
    found = "Keras %s on TensorFlow %s" % (keras.__version__, tf.__version__)
    if keras.__version__ != "2.3.1" or not tf.__version__.startswith("1.15"):
        sys.exit("found %s; needs Keras 2.3.1 on TensorFlow 1.15: use what legacy_env.sh makes" % found)
    return "%s, Python %s, NumPy %s" % (found, platform.python_version(), np.__version__)
