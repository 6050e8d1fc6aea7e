"""What waits, what needs a person and who holds a channel: counts over every tenant, for watching a worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Table, func, literal, select, union_all

from learning_log.storage.records import Records
from learning_log.storage.tables import Channel, Concern, InboxMessage, OutboxMessage, Schedule
from learning_log.storage.tables.conversations import ASIDE, KEPT, OPEN, TROUBLED, URGENCY
from learning_log.storage.tables.safeguarding import UNACKNOWLEDGED

# Every count follows an index and ends here: more than so many says no more than that it is far too many.
MOST = 100_000
LATELY = timedelta(hours=24)
SEEN_WITHIN = timedelta(minutes=2)  # a worker says every half minute that it is there

INBOX: Table = InboxMessage.__table__  # type: ignore[attr-defined]
OUTBOX: Table = OutboxMessage.__table__  # type: ignore[attr-defined]
CONCERN: Table = Concern.__table__  # type: ignore[attr-defined]
SCHEDULE: Table = Schedule.__table__  # type: ignore[attr-defined]
CHANNEL: Table = Channel.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class SeenChannel:
    """holder: the worker that talks to it now; none when nobody does. seen_seconds: since a worker was last seen."""

    name: str
    holder: str | None
    seen_seconds: float


@dataclass(frozen=True)
class Delivery:
    """Counts end at the most that was asked for; failed and unknown are of the last 24 hours. Ages are in seconds, 0
    when nothing waits.

    to_send: by kind (alert, reply, notice, prompt), reminders with the prompts; what is being sent is in `sending`.
    """

    schedules_due: int
    to_send: dict[str, int]
    sending: int
    failed: int
    unknown: int
    kept: int
    oldest_kept_seconds: float
    aside: int
    worries: int
    oldest_worry_seconds: float
    channels: tuple[SeenChannel, ...]

    @property
    def due(self) -> int:
        """Schedules whose time has come, and prompts that wait to be sent."""
        return self.schedules_due + self.to_send["prompt"]


def delivery(records: Records, most: int = MOST) -> Delivery:
    """`records` is open on all tenants. A few index look-ups, whatever the size of the tables."""
    to_send, sending = _open_outbox(records, most)
    troubled = {row.status: row.many for row in records.session.execute(_troubled(records.now - LATELY, most))}
    return Delivery(
        schedules_due=_count(records, select(SCHEDULE.c.id).where(SCHEDULE.c.next_due_at <= records.now), most),
        to_send=to_send,
        sending=sending,
        failed=troubled.get("failed", 0),
        unknown=troubled.get("unknown", 0),
        kept=_count(records, select(INBOX.c.id).where(KEPT), most),
        oldest_kept_seconds=_age(records, select(func.min(INBOX.c.received_at)).where(KEPT)),
        aside=_count(records, select(INBOX.c.id).where(ASIDE), most),
        worries=_count(records, select(CONCERN.c.id).where(UNACKNOWLEDGED), most),
        oldest_worry_seconds=_age(records, select(func.min(CONCERN.c.raised_at)).where(UNACKNOWLEDGED)),
        channels=tuple(_channels(records)),
    )


def channels_waiting(records: Records) -> list[str]:
    """The channels that something waits to be sent by. One look-up for each: DISTINCT would read all that waits."""
    found: list[str] = []
    while True:
        after = found[-1] if found else ""
        following = select(func.min(OUTBOX.c.channel)).where(OPEN, OUTBOX.c.channel > after)
        name = records.session.execute(following).scalar_one()
        if name is None:
            return found
        found.append(name)


def _open_outbox(records: Records, most: int) -> tuple[dict[str, int], int]:
    kinds = {urgency: kind for kind, urgency in URGENCY.items()}
    to_send, sending = dict.fromkeys(kinds.values(), 0), 0
    parts = [_part(channel, urgency, most) for channel in channels_waiting(records) for urgency in kinds]
    for urgency, status, count in records.session.execute(union_all(*parts)).all() if parts else ():
        if status == "sending":
            sending += count
        else:
            to_send[kinds[urgency]] += count
    return to_send, sending


def _part(channel: str, urgency: int, most: int) -> Select[Any]:
    some = select(OUTBOX.c.status).where(OPEN, OUTBOX.c.channel == channel, OUTBOX.c.urgency == urgency)
    found = some.limit(most).subquery()
    return select(literal(urgency), found.c.status, func.count()).group_by(found.c.status)


def _troubled(since: datetime, most: int) -> Select[Any]:
    some = select(OUTBOX.c.status).where(TROUBLED, OUTBOX.c.made_at >= since).limit(most).subquery()
    return select(some.c.status, func.count().label("many")).group_by(some.c.status)


def _channels(records: Records) -> Iterator[SeenChannel]:
    for row in records.session.execute(select(CHANNEL).order_by(CHANNEL.c.name)):
        lately = records.now - row.seen_at < SEEN_WITHIN
        yield SeenChannel(row.name, row.holder if lately else None, (records.now - row.seen_at).total_seconds())


def _count(records: Records, statement: Select[Any], most: int) -> int:
    some = statement.limit(most).subquery()
    found: int = records.session.execute(select(func.count()).select_from(some)).scalar_one()
    return found


def _age(records: Records, oldest: Select[Any]) -> float:
    moment = records.session.execute(oldest).scalar_one()
    return max(0.0, (records.now - moment).total_seconds()) if moment else 0.0
