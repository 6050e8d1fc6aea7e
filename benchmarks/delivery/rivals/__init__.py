"""What we are measured against: each a small program of its own, as the library's own documentation has it."""
