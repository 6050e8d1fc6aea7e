"""Minimum KPIs: a floor for safety and quality, read beside what people say."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, UniqueConstraint

from learning_log.storage.tables.row import Row


class Indicator(Row, table=True):
    """kind: input, process, output, outcome. unit: count, percent, hours, days, number. better: up, down, neither."""

    __table_args__ = (UniqueConstraint("tenant_id", "key"),)
    key: str
    name_sealed: bytes | None = None
    definition_sealed: bytes | None = None
    kind: str
    quadrant: str | None = None  # how_much, how_well, better_off
    unit: str
    better: str
    target: float | None = None
    minimum: bool = True


class IndicatorValue(Row, table=True):
    __tablename__ = "indicator_value"
    __table_args__ = (UniqueConstraint("indicator_id", "service_id", "period_start"),)
    indicator_id: UUID = Field(foreign_key="indicator.id")
    service_id: UUID = Field(foreign_key="service.id", index=True)
    period_start: date
    period_end: date
    value: float
    numerator: float | None = None
    denominator: float | None = None
    note_sealed: bytes | None = None
    entered_at: datetime
