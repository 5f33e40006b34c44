"""Everything that is changed in Keras and TensorFlow at run time."""
