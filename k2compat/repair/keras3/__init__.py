"""The repairs of Keras 3: what old code uses of tensors, layers, models and optimizers that it removed or changed."""
