"""The learning log: what is known, and what may be done with it."""
