"""The Keras a test run is about: that of ``tf.keras``; ``TF_USE_LEGACY_KERAS=1 pytest`` is the run for Keras 2."""

from k2compat.adapters.registry import adapter

KIND = adapter().kind
keras = adapter().package
layers, optimizers = keras.layers, keras.optimizers

# How the tensor of the input "p" names itself.
NAMED_P = "name=p" if KIND == "keras3" else "layer 'p'"
