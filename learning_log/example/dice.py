"""Chance that falls the same way each time, so that the same seed tells the same stories."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

Thing = TypeVar("Thing")

Course = Sequence[Sequence[float]]


def dice(*what: object) -> random.Random:
    """Dice of its own for each thing, so that one more person changes nobody else's year."""
    return random.Random("/".join(str(part) for part in what))  # noqa: S311 - invents stories, guards nothing


def at(course: Course, place: float) -> float:
    """The height of a course of [place, height] points at a place: straight between points, level beyond the ends."""
    points = sorted((point[0], point[1]) for point in course)
    if place <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if place <= right:
            return low + (high - low) * (place - left) / (right - left)
    return points[-1][1]


class Deck:
    """Deals all cards before any comes again."""

    def __init__(self, cards: Sequence[str], chance: random.Random) -> None:
        self._cards = sorted(set(cards))
        self._left: list[str] = []
        self._chance = chance

    def deal(self) -> str:
        if not self._left:
            self._left = self._chance.sample(self._cards, len(self._cards))
        return self._left.pop()
