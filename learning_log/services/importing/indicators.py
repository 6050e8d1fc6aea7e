"""Imports the values of indicators: what cannot be is refused, what is unlikely is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from learning_log import config
from learning_log.domain.indicators import (
    Caution,
    Definition,
    Entry,
    Finding,
    IndicatorKind,
    Quadrant,
    Refusal,
    check,
)
from learning_log.errors import LearningLogError, NotFound
from learning_log.services import auditing
from learning_log.services.finding import find_service
from learning_log.services.importing.layouts import Layout, read_layout
from learning_log.services.importing.problems import Imported, Keep, Problems, Progress, silent
from learning_log.services.importing.rows import SourceRow, read_date, read_rows
from learning_log.storage.records import Records
from learning_log.storage.tables import Indicator, IndicatorValue, Service

KIND = "indicators"


@dataclass(frozen=True)
class Value:
    """A checked row."""

    number: int
    key: str
    service_id: UUID
    start: date
    end: date
    entry: Entry
    note: str


def import_indicators(
    records: Records,
    path: Path,
    layout: str = "default",
    service: Service | None = None,
    replace: bool = False,
    progress: Progress = silent,
) -> Imported:
    """All of the file's values, or none.

    The same value again changes nothing; another value for the same period is refused, unless it is to replace the
    first. Unlikely values are imported, and come back as notices. Raises like import_reflections.
    """
    return prepare_indicators(records, path, layout, service, replace)(records, progress)


def prepare_indicators(
    records: Records, path: Path, layout: str = "default", service: Service | None = None, replace: bool = False
) -> Keep:
    """Reads and checks the file, and writes nothing. Call what it returns with a transaction that does.

    Whether a value is likely is looked at there: it depends on those that are kept by then.
    """
    chosen, problems = read_layout(layout, KIND), Problems(path.name)
    file = read_rows(path, chosen, ("indicator", "period_start", "period_end", "value"), problems)
    made = Imported(KIND, notices=list(file.notices))
    checking = _Checking(records, chosen, problems, service, made.notices)
    values = [value for row in file.rows if (value := checking.value(row))]
    values.sort(key=lambda value: (value.key, str(value.service_id), value.start))
    return lambda writing, progress: _keep_all(writing, values, replace, made, checking, progress)


def _keep_all(
    records: Records, values: list[Value], replace: bool, made: Imported, checking: _Checking, progress: Progress
) -> Imported:
    with records.session.begin_nested():  # a value is compared with the one before it, which has to be written first
        for number, value in enumerate(values, start=1):
            _keep(records, value, replace, made, checking)
            progress(number, len(values))
        checking.problems.stop_if_any()
    if made.new:
        auditing.record(records, "administrator", "imported indicators")
    return made


def definitions() -> dict[str, dict[str, Any]]:
    """Every indicator that config/indicators/ defines, by key."""
    listed = (entry for name in config.names("indicators") for entry in config.load(f"indicators/{name}")["indicator"])
    return {entry["key"]: entry for entry in listed}


def set_up_indicator(records: Records, key: str) -> Indicator:
    """The organisation's indicator of this key, made from config/indicators/ at its first use. Raises NotFound."""
    found: Indicator | None = records.first(
        select(Indicator).where(Indicator.key == key, Indicator.tenant_id == records.tenant)
    )
    if found:
        return found
    known = definitions()
    if key not in known:
        raise NotFound(f"there is no indicator {key!r}; there is: {', '.join(known)}")
    entry = known[key]
    indicator = Indicator(
        key=key,
        kind=entry["kind"],
        quadrant=entry.get("quadrant"),
        unit=entry["unit"],
        better=entry["better"],
        target=entry.get("target"),
        minimum=entry.get("minimum", True),
    )
    records.add(indicator, name=entry["name"], definition=entry["definition"])
    records.session.flush()
    return indicator


def definition_of(indicator: Indicator) -> Definition:
    return Definition(
        key=indicator.key,
        kind=IndicatorKind(indicator.kind),
        unit=indicator.unit,  # type: ignore[arg-type]
        good=indicator.better,  # type: ignore[arg-type]
        quadrant=Quadrant(indicator.quadrant) if indicator.quadrant else None,
    )


def _keep(records: Records, value: Value, replace: bool, made: Imported, checking: _Checking) -> None:
    indicator = set_up_indicator(records, value.key)
    same = (IndicatorValue.indicator_id == indicator.id, IndicatorValue.service_id == value.service_id)
    kept: IndicatorValue | None = records.first(
        select(IndicatorValue).where(*same, IndicatorValue.period_start == value.start)
    )
    earlier: IndicatorValue | None = records.first(
        select(IndicatorValue)
        .where(*same, IndicatorValue.period_start < value.start)
        .order_by(col(IndicatorValue.period_start).desc())
        .limit(1)
    )
    previous = Entry(earlier.value, earlier.numerator, earlier.denominator) if earlier else None
    if not checking.allows(value, check(value.entry, previous, definition_of(indicator)), indicator):
        return
    if kept and _says(records, kept, value):
        made.already += 1
    elif kept and not replace:
        checking.problems.add(
            value.number, "value", f"{kept.value:g} was kept for this period already; to replace it use --replace"
        )
    else:
        _write(records, indicator, kept, value)
        made.new += 1


def _says(records: Records, kept: IndicatorValue, value: Value) -> bool:
    entry = Entry(kept.value, kept.numerator, kept.denominator)
    return (entry, kept.period_end, records.text(kept, "note")) == (value.entry, value.end, value.note)


def _write(records: Records, indicator: Indicator, kept: IndicatorValue | None, value: Value) -> None:
    said: dict[str, Any] = {
        "period_start": value.start,
        "period_end": value.end,
        "value": value.entry.value,
        "numerator": value.entry.numerator,
        "denominator": value.entry.denominator,
        "entered_at": records.now,
    }
    row = kept or IndicatorValue(indicator_id=indicator.id, service_id=value.service_id, **said)
    for column, content in said.items():
        setattr(row, column, content)
    records.add(row, note=value.note or None)
    records.session.flush()


class _Checking:
    def __init__(
        self, records: Records, layout: Layout, problems: Problems, service: Service | None, notices: list[str]
    ) -> None:
        self.records, self.layout, self.problems = records, layout, problems
        self.service, self.notices = service, notices
        self._seen: dict[tuple[str, str, date], int] = {}

    def value(self, row: SourceRow) -> Value | None:
        before = self.problems.total
        key = row["indicator"]
        if key not in definitions() and not self._is_kept(key):
            self._wrong(row, "indicator", f"{key!r} is not one of: {', '.join(definitions())}")
        service = self._service(row)
        start, end = self._date(row, "period_start"), self._date(row, "period_end")
        entry = Entry(self._number(row, "value") or 0, self._number(row, "numerator"), self._number(row, "denominator"))
        if not row["value"]:
            self._wrong(row, "value", "this is empty")
        if start and end and end < start:
            self._wrong(row, "period_end", "this is before the period begins")
        if start and start > self.records.now.date():
            self._wrong(row, "period_start", "this period has not begun yet")
        if self.problems.total > before or not (service and start and end):
            return None
        earlier = self._seen.setdefault((key, str(service.id), start), row.number)
        if earlier != row.number:
            self._wrong(row, "period_start", f"row {earlier} has this indicator, service and period too")
            return None
        return Value(row.number, key, service.id, start, end, entry, row["note"])

    def allows(self, value: Value, findings: list[Finding], indicator: Indicator) -> bool:
        """Refused ones become problems of the row, unlikely ones notices."""
        words = config.load("cli/findings")
        for finding in findings:
            if isinstance(finding, Refusal):
                said = _fill(words["refusals"][finding.problem], finding)
                self.problems.add(value.number, "value", said)
            else:
                said = _fill(words["cautions"][finding.problem], finding)
                self.notices.append(f"Row {value.number}, {indicator.key}: {said}")
        return not any(isinstance(finding, Refusal) for finding in findings)

    def _is_kept(self, key: str) -> bool:
        wanted = select(Indicator.id).where(Indicator.key == key, Indicator.tenant_id == self.records.tenant)
        return self.records.first(wanted) is not None

    def _service(self, row: SourceRow) -> Service | None:
        if not row["service"]:
            if self.service is None:
                self._wrong(row, "service", "no service is named here; name one for all rows with --service NAME")
            return self.service
        try:
            return find_service(self.records, row["service"])
        except LearningLogError as error:
            self._wrong(row, "service", str(error).partition(". ")[0])
            return None

    def _date(self, row: SourceRow, column: str) -> date | None:
        found = read_date(row[column], self.layout)
        if found is None:
            self._wrong(row, column, f"{row[column][:30]!r} is not a date such as 2026-03-31")
        return found

    def _number(self, row: SourceRow, column: str) -> float | None:
        text = row[column].removesuffix("%").strip()
        if not text:
            return None
        try:
            return float(text)
        except ValueError:
            self._wrong(row, column, f"{text[:30]!r} is not a number such as 12.5")
            return None

    def _wrong(self, row: SourceRow, column: str, said: str) -> None:
        self.problems.add(row.number, self.layout.columns.get(column, column), said)


def _fill(sentence: str, finding: Refusal | Caution) -> str:
    values: Iterator[tuple[str, str]] = (
        (name, f"{value:g}" if isinstance(value, int | float) else value) for name, value in finding.values.items()
    )
    return sentence.format(**dict(values))
