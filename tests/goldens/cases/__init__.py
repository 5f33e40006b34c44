"""The cases, one module per subject. They import only NumPy, TensorFlow and this package."""
