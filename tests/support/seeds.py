"""Weights that a program draws alike with k2compat and without it."""

# Put before a program that is compared with one without k2compat: Keras draws its seeds from Python's generator again.
AS_KERAS_DRAWS = """import k2compat.backend
for _repair in k2compat.repairs():
    if _repair.name == "seeds_from_numpy":
        _repair.undo()
"""
