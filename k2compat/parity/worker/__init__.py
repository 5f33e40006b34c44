"""What runs in the process of one side, beside the user's script: also under Python 3.7, next to the real Keras 2.

Standard library, NumPy and whatever Keras is there; nothing else of k2compat.
"""
