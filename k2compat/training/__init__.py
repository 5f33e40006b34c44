"""The training loop of Keras 2 over arrays in memory; knows no Keras."""
