"""Pure conversations: what was heard and where we are, in; what to keep, what to say and where to go, out."""
