"""The rules of level swap."""
