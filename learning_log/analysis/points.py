"""Parts one answer into the several things that it says."""

from __future__ import annotations

import re
from collections.abc import Iterator

FEWEST_WORDS = 2  # a shorter part says nothing by itself and stays with the one before it
MOST_POINTS = 8

_SENTENCES = re.compile(r"(?<=[.!?…])\s+|[\n\r;•]+|\s+[-–—*]\s+")
# "The bus was late but the driver was kind": two things. "And" joins too many words that belong together.
_TURNS = re.compile(r"[,\s]+(?=(?:but|however|although|though|except that|whereas)\s)", re.IGNORECASE)


def points_of(words: str) -> list[str]:
    """The points in their order, together all the words; one when the answer makes one. Empty words make none."""
    points: list[str] = []
    for part in _parts(words):
        if points and (len(part.split()) < FEWEST_WORDS or len(points) == MOST_POINTS):
            points[-1] = f"{points[-1]} {part}"
        else:
            points.append(part)
    if len(points) > 1 and len(points[0].split()) < FEWEST_WORDS:
        points[:2] = [f"{points[0]} {points[1]}"]
    return points


def _parts(words: str) -> Iterator[str]:
    for sentence in _SENTENCES.split(words):
        for part in _TURNS.split(sentence):
            if part.strip():
                yield part.strip()
