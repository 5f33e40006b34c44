"""The main jobs of the libraries: scripts that run with Keras 2 on Python 3.7 and, unchanged, under k2compat.

Each is called with the name of a file, into which it writes its arrays.
"""
