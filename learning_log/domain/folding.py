"""When two spellings are the same."""

from __future__ import annotations


def folded(text: str) -> str:
    """The text with single spaces and without capitals, as names, columns and codes are compared."""
    return " ".join(text.split()).casefold()
