"""Names as Keras 2 on TensorFlow 1 gave them: of layers, weights, operations and tensors."""
