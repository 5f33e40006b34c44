"""The rules of level keras3."""
