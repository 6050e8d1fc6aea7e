"""Indicators: what kind of number each is, and which entries are refused or asked about.

A finding is a key and its values, for the texts in config/; nothing here is a sentence for a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import Literal

Good = Literal["up", "down", "neither"]
Unit = Literal["count", "percent", "hours", "days", "number"]


class IndicatorKind(StrEnum):
    """What goes in, how it is done, how much comes out, what changes for people."""

    INPUT = "input"
    PROCESS = "process"
    OUTPUT = "output"
    OUTCOME = "outcome"


class Quadrant(StrEnum):
    """Results-Based Accountability: how much did we do, how well, is anyone better off."""

    HOW_MUCH = "how_much"
    HOW_WELL = "how_well"
    BETTER_OFF = "better_off"


@dataclass(frozen=True)
class Definition:
    """`good` is the way that is better. A change by more than `unlikely_factor` times, up or down, is asked about.

    `least_compared` stands in for smaller numbers when two are compared: one incident more is not "twice as many".
    """

    key: str
    kind: IndicatorKind
    unit: Unit
    good: Good
    quadrant: Quadrant | None = None
    unlikely_factor: float = 3.0
    least_compared: float = 5.0


@dataclass(frozen=True)
class Entry:
    """A percentage may come with the two counts that it was worked out from."""

    value: float
    numerator: float | None = None
    denominator: float | None = None


@dataclass(frozen=True)
class Refusal:
    """An entry that cannot be: it is not kept."""

    problem: str
    values: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Caution:
    """An entry that is unlikely: somebody is asked whether it is right, and may say yes."""

    problem: str
    values: Mapping[str, float | str] = field(default_factory=dict)


Finding = Refusal | Caution

# Every key that can be found, so that a test can ask each language for its text.
REFUSALS = frozenset(
    {
        "not_a_number",
        "negative",
        "not_whole",
        "percent_over_100",
        "only_one_of_two_counts",
        "nobody_to_count_from",
        "numerator_over_denominator",
        "percent_does_not_match",
    }
)
CAUTIONS = frozenset({"changed_a_lot", "denominator_changed_a_lot", "effort_is_not_a_result"})


def check(entry: Entry, previous: Entry | None, definition: Definition) -> list[Finding]:
    """All that is wrong with an entry; else what is unlikely about it beside the previous period's.

    An empty list means that it can be kept as it is. A refused entry is not compared: its number means nothing.
    """
    numbers = [number for number in (entry.value, entry.numerator, entry.denominator) if number is not None]
    if not all(isfinite(number) for number in numbers):
        return [Refusal("not_a_number")]
    refused = [*_refuse_value(entry.value, definition), *_refuse_counts(entry, definition)]
    if refused or previous is None:
        return list(refused)
    return list(_doubt(entry, previous, definition))


def check_definition(definition: Definition) -> list[Caution]:
    """Warns where effort stands in for a result: people value time and trouble over what comes of them."""
    if definition.quadrant is Quadrant.BETTER_OFF and definition.kind is not IndicatorKind.OUTCOME:
        return [Caution("effort_is_not_a_result", {"indicator": definition.key, "kind": definition.kind.value})]
    return []


def _refuse_value(value: float, definition: Definition) -> Iterator[Refusal]:
    # A "number" may be a balance or a change, which can be below nothing; what is counted or timed cannot.
    if value < 0 and definition.unit != "number":
        yield Refusal("negative", {"value": value})
    if definition.unit == "count" and value != int(value):
        yield Refusal("not_whole", {"value": value})
    if definition.unit == "percent" and value > 100:
        yield Refusal("percent_over_100", {"value": value})


def _refuse_counts(entry: Entry, definition: Definition) -> Iterator[Refusal]:
    part, whole = entry.numerator, entry.denominator
    if part is None and whole is None:
        return
    if part is None or whole is None:
        yield Refusal("only_one_of_two_counts")
    elif part < 0 or whole < 0:
        yield Refusal("negative", {"value": min(part, whole)})
    elif part != int(part) or whole != int(whole):
        yield Refusal("not_whole", {"value": whole if part == int(part) else part})
    elif whole == 0:
        yield Refusal("nobody_to_count_from")
    elif part > whole:
        yield Refusal("numerator_over_denominator", {"numerator": part, "denominator": whole})
    # Percentages are often entered as whole numbers: up to one is taken for rounding.
    elif definition.unit == "percent" and abs(entry.value - 100 * part / whole) > 1:
        yield Refusal("percent_does_not_match", {"value": entry.value, "worked_out": round(100 * part / whole, 1)})


def _doubt(entry: Entry, previous: Entry, definition: Definition) -> Iterator[Caution]:
    if _changed_a_lot(entry.value, previous.value, definition):
        yield Caution("changed_a_lot", {"value": entry.value, "previous": previous.value})
    now, then = entry.denominator, previous.denominator
    if now is not None and then is not None and _changed_a_lot(now, then, definition):
        yield Caution("denominator_changed_a_lot", {"value": now, "previous": then})


def _changed_a_lot(now: float, then: float, definition: Definition) -> bool:
    if now * then < 0:
        return max(abs(now), abs(then)) > definition.least_compared
    smaller, larger = sorted((abs(now), abs(then)))
    return larger > definition.unlikely_factor * max(smaller, definition.least_compared)
