"""Finds providers, services, teams, people and staff by what somebody types: an id, a reference or a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlmodel import col, select

from learning_log.errors import AlreadyThere, NotFound, SettingsWrong
from learning_log.storage.records import Records
from learning_log.storage.tables import Person, Provider, Row, Service, Staff, Team

Place = TypeVar("Place", Provider, Service, Team)
Somebody = TypeVar("Somebody", Person, Staff)


def find_provider(records: Records, text: str) -> Provider:
    return _find_place(records, Provider, text)


def find_service(records: Records, text: str) -> Service:
    return _find_place(records, Service, text)


def find_team(records: Records, text: str) -> Team:
    return _find_place(records, Team, text)


def find_person(records: Records, text: str) -> Person:
    """Raises NotFound; raises AlreadyThere, with the references, when several people have this name."""
    return _find_somebody(records, Person, text)


def find_staff(records: Records, text: str) -> Staff:
    """By username too. Raises like find_person."""
    by_username: Staff | None = records.first(
        select(Staff).where(Staff.username_hash == username_hash(records, text), Staff.tenant_id == records.tenant)
    )
    return by_username or _find_somebody(records, Staff, text)


def find_anybody(records: Records, text: str) -> Person | Staff:
    """A person supported or, if none is known by this, a member of staff."""
    try:
        return find_person(records, text)
    except NotFound:
        try:
            return find_staff(records, text)
        except NotFound:
            raise NotFound(
                f"There is no person and no member of staff called {text!r}. See: whatmatters list"
            ) from None


def username_hash(records: Records, username: str) -> bytes:
    """One for the whole installation: somebody who signs in does not say for which organisation."""
    return records.vault.fingerprint("username", username.strip().casefold())


def source_hash(records: Records, reference: str) -> bytes:
    """Finds an imported answer by where it came from. Exact: two ids may differ in capitals only."""
    return records.vault.fingerprint(f"reflection.source:{records.tenant}", reference)


def by_hash(records: Records, kind: type[Row], column: str, value: str) -> Sequence[Row]:
    """The tenant's rows with this name or reference, in any spelling of capitals and spaces."""
    hashed = records.fingerprint(f"{kind.__tablename__}.{column}", value)
    wanted = getattr(kind, f"{column}_hash") == hashed
    return records.all(select(kind).where(wanted, col(kind.tenant_id) == records.tenant).order_by(col(kind.id)))


def _find_place(records: Records, kind: type[Place], text: str) -> Place:
    found = _by_id(records, kind, text) or next(iter(by_hash(records, kind, "name", text)), None)
    if not isinstance(found, kind):
        what = kind.__name__.lower()
        raise NotFound(f"There is no {what} called {text!r}. See: whatmatters list {what}s")
    return found


def _find_somebody(records: Records, kind: type[Somebody], text: str) -> Somebody:
    found = _by_id(records, kind, text) or next(iter(by_hash(records, kind, "reference", text)), None)
    if isinstance(found, kind):
        return found
    named = [row for row in by_hash(records, kind, "name", text) if isinstance(row, kind)]
    if len(named) > 1:
        references = ", ".join(records.text(row, "reference") for row in named)
        raise AlreadyThere(
            f"There are {len(named)} called {text!r}: {references}. Nothing was changed. Use one of these references."
        )
    if not named:
        what = "person" if kind is Person else "member of staff"
        listed = "people" if kind is Person else "staff"
        raise NotFound(f"There is no {what} called {text!r}. See: whatmatters list {listed}")
    return named[0]


def _by_id(records: Records, kind: type[Row], text: str) -> Row | None:
    try:
        return records.get(kind, UUID(text.strip()))
    except (ValueError, NotFound):
        return None


def check_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsWrong(f"{zone!r} is not a time zone such as Europe/London. Nothing was changed.") from error
    return zone
