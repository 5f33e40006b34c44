"""Which Keras a test run is about, found out without importing TensorFlow."""

import os
from importlib.metadata import version

# Whether ``tf.keras`` is Keras 2: always below TensorFlow 2.16, and where tf_keras is asked for.
IS_KERAS_2 = os.environ.get("TF_USE_LEGACY_KERAS") == "1" or tuple(map(int, version("tensorflow").split(".")[:2])) < (
    2,
    16,
)
