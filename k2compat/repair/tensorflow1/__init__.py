"""The names of TensorFlow 1 that old programs use beside Keras, at run time: one subject a file."""
