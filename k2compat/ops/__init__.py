"""The K functions, one file per subject."""
