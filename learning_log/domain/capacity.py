"""Capacity, after the Mental Capacity Act 2005: whether somebody may be asked, decision by decision.

Capacity is presumed. Without an assessment of a decision, or where one found them able, a person's own yes is enough.
Where one found them not able, nothing is asked unless asking is in their best interests, and they said yes themselves
all the same. Their own no, and their stop, hold whatever anybody else decided.

The newest assessment of a decision stands in place of the older ones. After its review day:

- one that found them able leaves what the law presumes: they are able, and their own yes counts;
- one that found them not able holds nothing open: nothing is asked until somebody has looked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

Decision = Literal["take_part", "channel"]
BestInterests = Literal["yes", "no"]
WhyNot = Literal["undecided", "against", "overdue"]
Wrong = Literal["decision", "assessed_on", "review_on", "own_decision"]
Review = Literal["past", "near"]

DECISIONS: tuple[Decision, ...] = get_args(Decision)
LONGEST = timedelta(days=366)
NEAR = timedelta(days=30)


@dataclass(frozen=True)
class Assessment:
    """able: they can decide this themselves. best_interests: what was decided for them where they cannot, if anything
    was. review_on: the last day on which it holds."""

    decision: Decision
    assessed_on: date
    able: bool
    best_interests: BestInterests | None
    review_on: date


def wrong_with(given: Assessment, today: date) -> Wrong | None:
    """What is wrong with an assessment that is to be kept; none when it can be."""
    if given.decision not in DECISIONS:
        return "decision"
    if given.assessed_on > today:
        return "assessed_on"
    if not given.assessed_on <= given.review_on <= given.assessed_on + LONGEST:
        return "review_on"
    return "own_decision" if given.able and given.best_interests else None


def standing(given: Sequence[Assessment]) -> dict[Decision, Assessment]:
    """The newest of each decision. given: as they were written down; of two of one day the later one stands."""
    return {each.decision: each for each in sorted(given, key=lambda each: each.assessed_on)}


def why_not_asked(given: Sequence[Assessment], today: date) -> dict[Decision, WhyNot]:
    """What keeps us from asking somebody who said yes themselves, decision by decision; empty when nothing does."""
    found = {decision: _why_not(each, today) for decision, each in standing(given).items()}
    return {decision: why for decision, why in found.items() if why}


def may_be_asked(said_yes: bool, given: Sequence[Assessment], today: date) -> bool:
    """said_yes: their own newest answer is a yes, and they have not stopped. Nobody's decision takes its place."""
    return said_yes and not why_not_asked(given, today)


def review_of(each: Assessment, today: date) -> Review | None:
    """Whether it has to be looked at again, or soon has to be."""
    if today > each.review_on:
        return "past"
    return "near" if today > each.review_on - NEAR else None


def _why_not(each: Assessment, today: date) -> WhyNot | None:
    if each.able:
        return None
    if today > each.review_on:
        return "overdue"
    if each.best_interests == "yes":
        return None
    return "against" if each.best_interests == "no" else "undecided"
