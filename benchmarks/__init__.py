"""Speed as a ratio against what the libraries can do, in one run on one machine."""
