"""The engine: records expressions on symbolic tensors and evaluates them. It knows TensorFlow; of Keras it asks the
adapter.
"""
