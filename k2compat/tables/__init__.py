"""What is where in which Keras, as plain tables: the shim, the documents and ``migrate`` read the same ones.

Nothing here imports TensorFlow or a Keras.
"""
