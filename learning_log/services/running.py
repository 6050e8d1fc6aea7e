"""How the log is running, in counts: for an administrator, who needs no names and no words for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select

from learning_log.services.access import Reader, may_see_running
from learning_log.storage.records import Records
from learning_log.storage.tables import (
    Channel,
    Concern,
    Conversation,
    InboxMessage,
    OutboxMessage,
    Person,
    Reflection,
    Staff,
    Theme,
)


@dataclass(frozen=True)
class SeenChannel:
    name: str
    seen_at: datetime


@dataclass(frozen=True)
class Running:
    """`inbox_aside` and `outbox_trouble` need a person to look at them."""

    people: int
    staff: int
    chats: dict[str, int]
    reflections: int
    not_placed_yet: int
    themes: dict[str, int]
    inbox_waiting: int
    inbox_aside: int
    outbox_waiting: int
    outbox_trouble: int
    open_concerns: int


def running(records: Records, reader: Reader) -> Running:
    """Raises NotAllowed."""
    may_see_running(reader, records.tenant)
    return Running(
        people=_count(records, Person, col(Person.left_on).is_(None)),
        staff=_count(records, Staff, col(Staff.left_on).is_(None)),
        chats=_by(records, Conversation, Conversation.status),
        reflections=_count(records, Reflection),
        not_placed_yet=_count(records, Reflection, col(Reflection.placed_at).is_(None)),
        themes=_by(records, Theme, Theme.state),
        inbox_waiting=_count(records, InboxMessage, InboxMessage.status == "kept"),
        inbox_aside=_count(records, InboxMessage, InboxMessage.status == "aside"),
        outbox_waiting=_count(records, OutboxMessage, OutboxMessage.status == "pending"),
        outbox_trouble=_count(records, OutboxMessage, col(OutboxMessage.status).in_(("unknown", "failed"))),
        open_concerns=_count(records, Concern, col(Concern.acknowledged_at).is_(None)),
    )


def _count(records: Records, kind: Any, *conditions: Any) -> int:
    found: int = records.first(
        select(func.count()).select_from(kind).where(kind.tenant_id == records.tenant, *conditions)
    )
    return found


def _by(records: Records, kind: Any, column: Any) -> dict[str, int]:
    counted = select(column, func.count()).where(kind.tenant_id == records.tenant).group_by(column)
    return {str(value): count for value, count in records.all(counted)}


def seen_channels(everyone: Records, reader: Reader) -> list[SeenChannel]:
    """The channels of the installation, which are no tenant's: `everyone` is open on all. Raises NotAllowed."""
    may_see_running(reader, reader.tenant_id)
    found = everyone.all(select(Channel))
    return [SeenChannel(channel.name, channel.seen_at) for channel in sorted(found, key=lambda one: one.name)]
