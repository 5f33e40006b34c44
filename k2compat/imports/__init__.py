"""Import hooks: the module names of old programs lead to what they used to mean, in every file that is imported.

Used by ``k2compat run``, by ``import k2compat.auto`` and by ``k2compat parity``. Nothing here imports TensorFlow before
the program does.
"""
