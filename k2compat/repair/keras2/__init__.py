"""The repairs of Keras 2 as it is in TensorFlow 2: what old code uses that it removed or changed."""
