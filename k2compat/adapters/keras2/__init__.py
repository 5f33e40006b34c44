"""The adapter of Keras 2: `tf_keras`, or the Keras of TensorFlow 2.13 to 2.15."""
