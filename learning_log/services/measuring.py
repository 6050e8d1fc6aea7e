"""Minimum KPIs: a floor for safety and quality. They raise questions for a team; they rank nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean
from uuid import UUID

from sqlmodel import col, select

from learning_log.domain.control_charts import AgainstTarget, Limits, Rule, Way, against_target, limits, signals
from learning_log.domain.periods import Period
from learning_log.errors import NotFound
from learning_log.services import auditing
from learning_log.services.access import Reader, may_see_indicators, sees_services_apart
from learning_log.storage.records import Records
from learning_log.storage.tables import Indicator, IndicatorValue

# Making Data Count asks for this many before limits mean anything.
POINTS_FOR_LIMITS = 12
ADDED_UP = ("count", "hours", "number")
# A number of seven or fewer can lead to a person, wherever it is a count.
SMALL = 7
FEWEST_SERVICES = 2


@dataclass(frozen=True)
class Point:
    """`value` is none where it is hidden from a commissioner because it is small."""

    period: Period
    value: float | None


@dataclass(frozen=True)
class Question:
    """A change that is more than the usual ups and downs. `is_better` is none where no way is better."""

    rule: Rule
    way: Way
    period: Period
    is_better: bool | None


@dataclass(frozen=True)
class Kpi:
    """`points` are oldest first. `limits` and `questions` wait until there are enough points. Names no service.

    `incomplete` is the newest period after the last point, where not every service has sent its figure.
    """

    id: UUID
    key: str
    name: str
    definition: str
    kind: str
    quadrant: str | None
    unit: str
    better: str
    target: float | None
    points: tuple[Point, ...]
    limits: Limits | None
    against_target: AgainstTarget | None
    questions: tuple[Question, ...]
    incomplete: Period | None

    @property
    def latest(self) -> Point | None:
        return self.points[-1] if self.points else None

    @property
    def change(self) -> float | None:
        """From the last period but one to the last."""
        last_two = [point.value for point in self.points[-2:]]
        if len(last_two) < 2 or last_two[0] is None or last_two[1] is None:
            return None
        return last_two[1] - last_two[0]


def minimum_kpis(
    records: Records, reader: Reader, service_id: UUID | None = None, since: date | None = None
) -> list[Kpi]:
    """In the order of their names. Several services are put together, and only over periods that all of them sent.

    service_id narrows a team's view to one service of its own. Raises NotAllowed; NotFound for another's service.
    """
    chosen = services_for(records, reader, service_id)
    wanted = select(Indicator).where(col(Indicator.minimum).is_(True))
    found = [_kpi(records, reader, indicator, chosen, since) for indicator in records.all(wanted)]
    return sorted(found, key=lambda kpi: kpi.name.casefold())


def kpi(
    records: Records, reader: Reader, indicator_id: UUID, service_id: UUID | None = None, since: date | None = None
) -> Kpi:
    """One of them. Needs a transaction that writes: a commissioner's look is audited too."""
    chosen = services_for(records, reader, service_id)
    auditing.record(records, reader.actor, "read_indicator", "indicator", indicator_id)
    return _kpi(records, reader, records.get(Indicator, indicator_id), chosen, since)


def services_for(records: Records, reader: Reader, service_id: UUID | None) -> list[UUID] | None:
    """The services whose numbers are put together; none means every service."""
    scope = may_see_indicators(reader, records.tenant)
    if service_id is None:
        return None if scope.everywhere else sorted(scope.homes)
    if not sees_services_apart(reader) or not (scope.everywhere or service_id in scope.homes):
        raise NotFound
    return [service_id]


def _kpi(
    records: Records, reader: Reader, indicator: Indicator, services: list[UUID] | None, since: date | None
) -> Kpi:
    wanted = select(IndicatorValue).where(IndicatorValue.indicator_id == indicator.id)
    if services is not None:
        wanted = wanted.where(col(IndicatorValue.service_id).in_(services))
    if since is not None:
        wanted = wanted.where(IndicatorValue.period_start >= since)
    sent = records.all(wanted)
    points = _together(sent, indicator.unit, apart=sees_services_apart(reader))
    values = [point.value for point in points if point.value is not None]
    enough = len(values) >= POINTS_FOR_LIMITS and len(values) == len(points)
    chart = limits(values) if enough else None
    return Kpi(
        id=indicator.id,
        key=indicator.key,
        name=records.text(indicator, "name"),
        definition=records.text(indicator, "definition"),
        kind=indicator.kind,
        quadrant=indicator.quadrant,
        unit=indicator.unit,
        better=indicator.better,
        target=indicator.target,
        points=tuple(points),
        limits=chart,
        against_target=_against(indicator, chart),
        questions=tuple(_questions(indicator, points, values)) if enough else (),
        incomplete=_incomplete(sent, points),
    )


def _together(values: Sequence[IndicatorValue], unit: str, apart: bool) -> list[Point]:
    """One point for each period. A total without one of its services would look like a fall, so it is left out."""
    by_period: dict[Period, list[IndicatorValue]] = defaultdict(list)
    for value in values:
        by_period[Period(value.period_start, value.period_end)].append(value)
    services = {value.service_id for value in values}
    complete = [period for period, sent in by_period.items() if len(sent) == len(services)]
    if not apart and len(services) < FEWEST_SERVICES:
        return []
    return [Point(period, _value(by_period[period], unit, hide_small=not apart)) for period in sorted(complete)]


def _incomplete(sent: Sequence[IndicatorValue], points: Sequence[Point]) -> Period | None:
    """Without a word about it, a total would seem to stand still once one service sends nothing any more."""
    if not points:
        return None
    newest = max((value.period_end, value.period_start) for value in sent)
    period = Period(newest[1], newest[0])
    return period if period.last > points[-1].period.last else None


def _value(sent: Sequence[IndicatorValue], unit: str, hide_small: bool) -> float | None:
    if unit in ADDED_UP:
        total = sum(value.value for value in sent)
        return None if hide_small and unit != "hours" and abs(total) <= SMALL else total
    parts = [(value.numerator, value.denominator) for value in sent]
    counted = [(part, whole) for part, whole in parts if part is not None and whole is not None]
    if unit != "percent" or len(counted) < len(parts):
        return mean(value.value for value in sent)
    whole = sum(whole for _, whole in counted)
    if hide_small and whole <= SMALL:
        return None
    return 100 * sum(part for part, _ in counted) / whole if whole else mean(value.value for value in sent)


def _against(indicator: Indicator, chart: Limits | None) -> AgainstTarget | None:
    if chart is None or indicator.target is None or indicator.better not in ("up", "down"):
        return None
    return against_target(chart, indicator.target, indicator.better == "up")


def _questions(indicator: Indicator, points: Sequence[Point], values: Sequence[float]) -> list[Question]:
    """The newest change first. Points outside that follow each other are one question."""
    stretches: list[tuple[Rule, Way, int, int]] = []
    for signal in signals(values):
        start, end = signal.points[0], signal.points[-1]
        rule, way, first, last = stretches[-1] if stretches else (signal.rule, signal.way, start, -1)
        if (rule, way, last + 1) == (signal.rule, signal.way, start) and last >= 0:
            stretches[-1] = (rule, way, first, end)
        else:
            stretches.append((signal.rule, signal.way, start, end))
    found = [
        Question(
            rule,
            way,
            Period(points[first].period.first, points[last].period.last),
            None if indicator.better == "neither" else way == indicator.better,
        )
        for rule, way, first, last in stretches
    ]
    return sorted(found, key=lambda question: (question.period.last, question.period.first), reverse=True)
