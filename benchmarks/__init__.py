"""Speed of this package beside what it replaces and what replaces it elsewhere: ``python -m benchmarks``."""
