"""One or two invented rows of every kind that is kept, with texts that are hard to carry through a file."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from learning_log.services.exporting.kinds import Kind, hashes, kinds
from learning_log.storage.records import Records

HARD = [
    "plain words",
    '=HYPERLINK("http://example.invalid")',
    "-1+2",
    "'tis good",
    "",
    'a "quote", a comma; a line\nand\r\nanother\rone',
    "😀 żółć\tend ",
    "@home",
    "+44",
]

# Exactly one of the two is set.
EITHER = {
    "agreement": ("person_id", "staff_id"),
    "conversation": ("person_id", "staff_id"),
    "follow_up": ("person_id", "staff_id"),
    "media": ("reflection_id", "concern_id"),
}


def fill(records: Records) -> dict[str, list[UUID]]:
    """Rows of every exported kind, in the transaction's tenant. Returns their ids."""
    numbers, made = count(1), {}
    for kind in kinds().values():
        made[kind.name] = [_row(records, kind, made, next(numbers), half) for half in (0, 1)]
    return made


def _row(records: Records, kind: Kind, made: dict[str, list[UUID]], number: int, half: int) -> UUID:
    values = {column: _value(records, kind, column, made, number) for column in kind.columns if column != "id"}
    if half:  # the second row has nothing where nothing is allowed
        values |= {
            column: None
            for column in kind.columns
            if column not in kind.needed and column not in ("name", "reference", "id")
        }
    if kind.name in EITHER:
        first, second = EITHER[kind.name]
        chosen, other = (second, first) if half else (first, second)
        values |= {chosen: made[kind.refers[chosen]][0], other: None}
    if kind.name == "conversation":
        values["channel"] = "webchat" if half else "telegram"
    if kind.name == "reflection" and half:
        values["corrects_id"] = made[kind.name][0]
    plain = {column: value for column, value in values.items() if column not in kind.sealed}
    row = kind.model(**plain, **hashes(records, kind, values))
    records.add(row, **{column: values[column] for column in kind.sealed})
    records.session.flush()
    made.setdefault(kind.name, []).append(row.id)
    return row.id


def _value(records: Records, kind: Kind, column: str, made: dict[str, list[UUID]], number: int) -> Any:
    if column in kind.refers:
        other = made.get(kind.refers[column], [])
        return other[number % len(other)] if other else None
    wanted = kind.columns[column]
    unique = f"{HARD[number % len(HARD)]}{number}"
    return {
        str: HARD[(number + len(column)) % len(HARD)] if column in ("words", "note", "notes", "dialogue") else unique,
        int: number,
        float: number + 0.1,
        bool: bool(number % 2),
        bytes: bytes([0, 255, number % 256]),
        date: date(2026, 2, 1) + timedelta(days=number),
        datetime: records.now - timedelta(hours=number, microseconds=number),
        UUID: UUID(int=number),
    }[wanted]
