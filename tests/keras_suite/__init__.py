"""Keras's own tests, with and without k2compat: what passes without it passes with it."""
