"""Tests that draw cases for as long as they are given: `nox -s nightly` casts them all."""
