"""From feeds to arrays: runs what a `K.function` has recorded."""
