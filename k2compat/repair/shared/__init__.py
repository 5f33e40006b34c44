"""Repairs that both Keras versions share."""
