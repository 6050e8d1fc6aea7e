"""How one value is written into an export, and read back: the same value, whatever the database and the keys."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

Plain = str | int | float | bool | None

FIRST_YEAR, LAST_YEAR = 1900, 9998  # another was mistyped, and some cannot be told in UTC
LARGEST = 2**31 - 1  # what both databases keep as a whole number

# A spreadsheet takes a cell that begins like this for a formula. The apostrophe marks itself and an empty text too.
RISKY = ("=", "+", "-", "@", "\t", "\r", "'")


def plain(value: Any) -> Plain:
    """The value as JSON holds it: text for ids and times, base64 for bytes."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, str | int | float) or value is None:
        return value
    raise TypeError(type(value).__name__)


def cell(value: Plain) -> str:
    """The same for CSV. Nothing at all is an empty cell; an apostrophe keeps a text from becoming a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if not value or value.startswith(RISKY) else value
    return repr(value)


def from_cell(text: str, kind: type) -> Plain:
    """Raises ValueError for what is not such a value."""
    if not text:
        return None
    if kind is bool:
        return {"true": True, "false": False}[text]
    if kind in (int, float):
        number: Plain = kind(text)
        return number
    return text[1:] if text.startswith("'") else text


READERS: dict[type, Callable[[Any], Any]] = {
    datetime: lambda value: _moment(value),
    date: lambda value: _likely(date.fromisoformat(value)),
    UUID: lambda value: UUID(_exactly(str, value)),
    bytes: lambda value: b64decode(value, validate=True),
    str: lambda value: _text(value),
    int: lambda value: _whole(value),
    bool: lambda value: _exactly(bool, value),
    float: lambda value: float(_exactly((int, float), value)),
}


def value_of(found: Plain, kind: type) -> Any:
    """Back from `plain` to the database's value. Raises ValueError or TypeError for what is not one."""
    return READERS[kind](found)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    _likely(moment.date())
    return moment


def _likely(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"the year {day.year}")
    return day


def _text(value: Any) -> str:
    text = str(_exactly(str, value))
    text.encode()  # half of a pair of surrogates is no letter, and raises UnicodeEncodeError, which is a ValueError
    return text


def _whole(value: Any) -> int:
    number = int(_exactly(int, value))
    if abs(number) > LARGEST:
        raise ValueError("too large")
    return number


def _exactly(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(type(value).__name__)
    return value
