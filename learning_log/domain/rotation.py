"""Whose turn it is among the subjects of the bank: each once before one comes again, in an order of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random


def subject_of(asks: int, whose: str, subjects: Sequence[str], of_the_month: str = "") -> str:
    """The subject of a round of questions.

    asks: how many rounds came before. whose: what makes the order this person's own, such as an id. subjects: at least
    one; the first round is about the first of them. of_the_month: a subject that has every second round, if it is one
    of them.
    """
    if of_the_month in subjects and asks % 2:
        return of_the_month
    turn = asks // 2 if of_the_month in subjects else asks
    lap, place = divmod(turn, len(subjects))
    return _order(lap, whose, subjects)[place]


def _order(lap: int, whose: str, subjects: Sequence[str]) -> list[str]:
    """One half of them comes first in every lap and the other last, so that none is asked twice running."""
    first, *others = subjects
    others = _shuffled(others, whose)
    half = len(others) // 2
    early, late = _shuffled([first, *others[:half]], f"{whose}:{lap}"), _shuffled(others[half:], f"{whose}:{lap}")
    return sorted(early, key=lambda each: lap == 0 and each != first) + late


def _shuffled(subjects: Sequence[str], seed: str) -> list[str]:
    return Random(seed).sample(subjects, len(subjects))  # noqa: S311  (an order, and no secret)
