"""Lets an old program run as it is: ``import k2compat.auto`` above its other imports.

From then on ``keras``, ``tensorflow.keras``, ``keras.backend``, the module paths of Keras 2 and the names of TensorFlow
1 lead to what they used to mean, in every file of the program and in every package it imports.
"""

from k2compat.imports.activate import activate

activate()
