"""When somebody is asked: their own choice, kept as local time, and worked out anew whenever it changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from learning_log import config
from learning_log.domain.pace import Pace, in_quiet_hours, local_day, next_due
from learning_log.services import auditing, conversations
from learning_log.services.finding import check_zone
from learning_log.storage.records import Records
from learning_log.storage.tables import Asked, Conversation, Person, Schedule, Staff


def start(records: Records, conversation: Conversation) -> Schedule:
    """The schedule of somebody who has just agreed, or is back: the defaults, until they choose."""
    kept = conversations.schedule(records, conversation)
    if kept is None:
        kept = records.add(_default(records, conversation))
    _plan(records, kept)
    return kept


def choose_days(records: Records, conversation: Conversation, days: str) -> None:
    """days: digits, 0 for Monday to 6 for Sunday."""
    kept = _of(records, conversation)
    kept.days = sum(1 << int(day) for day in set(days))
    _plan(records, kept)


def choose_time(records: Records, conversation: Conversation, at: str) -> None:
    """at: local time as HH:MM."""
    kept = _of(records, conversation)
    kept.at = at
    _plan(records, kept)


def pause(records: Records, conversation: Conversation, days: int) -> None:
    """Nothing is asked for so many local days from today on; none ends a pause."""
    kept = _of(records, conversation)
    today = local_day(pace_of(kept), records.now)
    kept.paused_until = today + timedelta(days=days - 1) if days else None
    conversations.silence(records, conversation, conversation.status)
    _plan(records, kept)


def move_to_zone(records: Records, somebody: Person | Staff, zone: str) -> datetime | None:
    """They live by another clock from now on, and are asked at the same local time there; never twice on one day.

    Returns when they are asked next, if they are. Raises SettingsWrong for a zone that is none.
    """
    somebody.zone = check_zone(zone)
    is_person = isinstance(somebody, Person)
    conversation = conversations.of(records, somebody.id if is_person else None, None if is_person else somebody.id)
    kept = conversations.schedule(records, conversation) if conversation else None
    if kept:
        kept.zone = zone
        _plan(records, kept)
    auditing.record(records, "administrator", "moved to another zone", str(somebody.__tablename__), somebody.id)
    return kept.next_due_at if kept else None


class Chosen(Protocol):
    """A schedule, or a row of its table."""

    days: int
    at: str
    zone: str
    quiet_from: str
    quiet_until: str
    paused_until: date | None


def pace_of(kept: Chosen) -> Pace:
    return _pace(kept.days, kept.at, kept.zone, kept.quiet_from, kept.quiet_until, kept.paused_until)


# Most people keep the usual times: the tick works out each pace once, not once for each person.
@lru_cache(maxsize=4096)
def _pace(days: int, at: str, zone: str, quiet_from: str, quiet_until: str, paused_until: date | None) -> Pace:
    return Pace(
        days=frozenset(day for day in range(7) if days >> day & 1),
        at=_wall(at),
        zone=zone,
        quiet_from=_wall(quiet_from),
        quiet_until=_wall(quiet_until),
        paused_until=paused_until,
    )


def remind_at(records: Records, conversation: Conversation) -> datetime | None:
    """When to ask once more what was asked now: after the usual wait, on the same local day, not in quiet hours."""
    minutes = config.load("defaults")["pace"]["remind_minutes"]
    if not minutes:
        return None
    pace, when = pace_of(_of(records, conversation)), records.now + timedelta(minutes=minutes)
    same_day = local_day(pace, when) == local_day(pace, records.now)
    return when if same_day and not in_quiet_hours(pace, when) else None


def resume_day(kept: Schedule | None) -> date | None:
    return kept.paused_until + timedelta(days=1) if kept and kept.paused_until else None


def _of(records: Records, conversation: Conversation) -> Schedule:
    return conversations.schedule(records, conversation) or start(records, conversation)


def _plan(records: Records, kept: Schedule) -> None:
    conversation = records.get(Conversation, kept.conversation_id)
    active = conversation.status == "active"
    kept.next_due_at = next_due(pace_of(kept), _after(records, kept)) if active else None
    kept.changed_at = records.now


def plan_from(kept: Schedule, day: date) -> None:
    """They are asked next on this local day at the earliest."""
    kept.next_due_at = next_due(pace_of(kept), end_of(day - timedelta(days=1), kept.zone))


def _after(records: Records, kept: Schedule) -> datetime:
    """Never twice on one local day: who joined or was asked today is asked from tomorrow on."""
    pace, conversation = pace_of(kept), records.get(Conversation, kept.conversation_id)
    today = local_day(pace, records.now)
    asked = select(Asked.id).where(
        Asked.conversation_id == conversation.id, Asked.local_date == today, col(Asked.asked_at).is_not(None)
    )
    if local_day(pace, conversation.made_at) != today and records.first(asked) is None:
        return records.now
    return end_of(today, kept.zone)


@lru_cache(maxsize=1024)
def end_of(day: date, zone: str) -> datetime:
    """The last second of a local day, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC) - timedelta(seconds=1)


def _default(records: Records, conversation: Conversation) -> Schedule:
    usual = config.load("defaults")["pace"]
    owner = (
        records.get(Person, conversation.person_id)
        if conversation.person_id
        else records.get(Staff, conversation.staff_id)  # type: ignore[arg-type]
    )
    return Schedule(
        conversation_id=conversation.id,
        days=sum(1 << day for day in usual["days"]),
        at=usual["at"],
        zone=owner.zone,
        quiet_from=usual["quiet_from"],
        quiet_until=usual["quiet_until"],
        changed_at=records.now,
    )


def _wall(text: str) -> time:
    return time.fromisoformat(text)
