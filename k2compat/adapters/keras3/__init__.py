"""The adapter of Keras 3."""
