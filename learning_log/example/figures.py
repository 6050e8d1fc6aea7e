"""The minimum KPIs of a year, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from learning_log import config
from learning_log.domain.periods import Period, months_until
from learning_log.example.cast import Cast
from learning_log.example.dice import at, dice

MONTHS = 12
# What each percentage is a share of: a key of the service's table in config/example/learning.toml.
SHARE_OF = {
    "support_hours_delivered": "hours",
    "staff_training_completed": "staff",
    "documentation_complete": "plans",
    "occupancy": "places",
}


@dataclass(frozen=True)
class Figure:
    service: str
    indicator: str
    period: Period
    value: float
    part: float | None = None
    whole: float | None = None


def definitions() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = config.load("indicators/minimum")["indicator"]
    return found


def figures(cast: Cast, today: date, seed: object) -> Iterator[Figure]:
    """The twelve whole months before the month of `today`, for each service."""
    tables = config.load("example/learning")["indicators"]
    months = months_until(today, MONTHS + 1)[:MONTHS]
    for service in cast.services:
        table = tables[service.key]
        chance = dice(seed, "figures", service.key)
        for definition in definitions():
            for back, period in zip(range(MONTHS - 1, -1, -1), months, strict=True):
                level = at(table[definition["key"]], back) + chance.gauss(0, 0.35)
                yield _figure(service.key, definition["key"], period, level, table)


def _figure(service: str, indicator: str, period: Period, level: float, table: dict[str, Any]) -> Figure:
    if indicator not in SHARE_OF:
        return Figure(service, indicator, period, float(max(0, round(level))))
    whole = float(table[SHARE_OF[indicator]])
    days = (period.last - period.first).days + 1
    if indicator == "occupancy":
        whole *= days
    elif indicator == "support_hours_delivered":
        whole = float(round(whole * days / 30))
    part = float(min(whole, round(whole * min(level, 100.0) / 100)))
    return Figure(service, indicator, period, round(100 * part / whole, 1), part, whole)
