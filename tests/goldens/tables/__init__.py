"""The tables of calls, one file for each subject, and beside each what Keras 2.3.1 gave for its rows."""
