"""The libraries that were written for graph-mode Keras: their own tests and a job of each, printed as a page."""
