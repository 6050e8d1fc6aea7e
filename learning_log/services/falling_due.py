"""The tick: whose time has come gets a prompt, or a reminder, in the outbox; once, whoever else looks too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from learning_log.domain.pace import PaceWrong, local_day, next_due, too_late
from learning_log.services import asking, pacing
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import NOBODY, URGENCY, Asked, Conversation, OutboxMessage, Schedule, new_id

# For people of every tenant, so the tables are named and not the classes: see storage/database.py.
SCHEDULE: Table = Schedule.__table__  # type: ignore[attr-defined]
CONVERSATION: Table = Conversation.__table__  # type: ignore[attr-defined]
ASKED: Table = Asked.__table__  # type: ignore[attr-defined]
OUTBOX: Table = OutboxMessage.__table__  # type: ignore[attr-defined]
BATCH = 500
# What the tick has to know of a schedule.
SEEN = ("id", "tenant_id", "conversation_id", "next_due_at", "days", "at", "zone", "quiet_from", "quiet_until")


def make_due(log: LearningLog) -> int:
    """Turns every schedule whose time has come into a prompt that waits to be sent. Returns how many.

    At most one per person and local day, whatever happens to the clock or to us. What is later than its window is
    marked as missed, never sent in a burst. In batches: nobody's answer waits for all of them.
    """
    return _in_batches(log, _make_some_due)


def remind(log: LearningLog) -> int:
    """Puts a reminder into the outbox for each prompt that waits for its answer long enough. Returns how many."""
    return _in_batches(log, _remind_some)


def _in_batches(log: LearningLog, work: Callable[[Records], tuple[int, int]]) -> int:
    made = 0
    while True:
        with log.write() as records:
            seen, some = work(records)
        made += some
        if seen < BATCH:
            return made


@dataclass(frozen=True)
class _Due:
    """One schedule whose time has come, and the local day that it is about."""

    row: Any
    day: date
    next_due_at: datetime | None


def _make_some_due(records: Records) -> tuple[int, int]:
    come = (
        select(*(SCHEDULE.c[name] for name in SEEN), SCHEDULE.c.paused_until)
        .where(SCHEDULE.c.next_due_at <= records.now)
        .order_by(SCHEDULE.c.next_due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = records.session.execute(come).all()
    due = [_due(row, records.now) for row in rows]
    made = _ask(records, [each for each in due if each.next_due_at])
    _advance(records, due)
    return len(rows), made


def _due(row: Any, now: datetime) -> _Due:
    """One schedule that cannot be worked out is asked no more, and holds up nobody."""
    try:
        pace = pacing.pace_of(row)
        day = local_day(pace, row.next_due_at)
        return _Due(row, day, next_due(pace, pacing.end_of(day, row.zone) if day == local_day(pace, now) else now))
    except PaceWrong:
        return _Due(row, now.date(), None)


def _ask(records: Records, due: Sequence[_Due]) -> int:
    """Whoever was asked on that day already is passed over: the table takes one row for each day."""
    if not due:
        return 0
    window = asking.late_window()
    asked = [_asked(each, late=too_late(each.row.next_due_at, records.now, window)) for each in due]
    dialect = sqlite if records.session.get_bind().dialect.name == "sqlite" else postgresql
    records.session.execute(dialect.insert(ASKED).on_conflict_do_nothing(), asked)
    ids = [each["id"] for each in asked if each["status"] == "due"]
    return _queue(records, ids) if ids else 0


def _asked(each: _Due, *, late: bool) -> dict[str, Any]:
    return {
        "id": new_id(),
        "tenant_id": each.row.tenant_id,
        "conversation_id": each.row.conversation_id,
        "local_date": each.day,
        "slot": asking.SCHEDULED,
        "due_at": each.row.next_due_at,
        "status": "missed" if late else "due",
    }


def _queue(records: Records, ids: Sequence[UUID]) -> int:
    """Their places in the outbox. The oldest goes first, and how late it is counts from the moment that was chosen.

    A prompt has the id of what it asks, so that nothing can queue it twice.
    """
    chosen = {
        OUTBOX.c.id: ASKED.c.id,
        OUTBOX.c.tenant_id: ASKED.c.tenant_id,
        OUTBOX.c.conversation_id: ASKED.c.conversation_id,
        OUTBOX.c.channel: CONVERSATION.c.channel,
        OUTBOX.c.address_hash: CONVERSATION.c.address_hash,
        OUTBOX.c.kind: literal("prompt"),
        OUTBOX.c.urgency: literal(URGENCY["prompt"]),
        OUTBOX.c.made_at: ASKED.c.due_at,
        OUTBOX.c.place: literal(0),
        OUTBOX.c.due_at: ASKED.c.due_at,
        OUTBOX.c.status: literal("pending"),
        OUTBOX.c.attempts: literal(0),
        OUTBOX.c.asked_id: ASKED.c.id,
    }
    found = (
        select(*chosen.values())
        .join(CONVERSATION, CONVERSATION.c.id == ASKED.c.conversation_id)
        .where(ASKED.c.id.in_(ids))
    )
    statement = insert(OUTBOX).from_select(list(chosen), found).execution_options(preserve_rowcount=True)
    queued = records.session.execute(statement)
    return int(queued.rowcount)  # type: ignore[attr-defined]


def _advance(records: Records, due: Sequence[_Due]) -> None:
    """Most go on to the same moment, so this takes few statements."""
    moments: dict[datetime | None, list[UUID]] = {}
    for each in due:
        moments.setdefault(each.next_due_at, []).append(each.row.id)
    for moment, ids in moments.items():
        records.session.execute(update(SCHEDULE).where(SCHEDULE.c.id.in_(ids)).values(next_due_at=moment))


def _remind_some(records: Records) -> tuple[int, int]:
    come = (
        select(ASKED.c.id, ASKED.c.tenant_id, ASKED.c.conversation_id, ASKED.c.status, ASKED.c.remind_at)
        .add_columns(CONVERSATION.c.channel, CONVERSATION.c.address_hash)
        .join(CONVERSATION, CONVERSATION.c.id == ASKED.c.conversation_id)
        .where(ASKED.c.remind_at <= records.now)
        .order_by(ASKED.c.remind_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=ASKED)
    )
    rows = records.session.execute(come).all()
    window = asking.late_window()
    waiting = [row for row in rows if row.status == "asked" and not too_late(row.remind_at, records.now, window)]
    for row in waiting:
        _queue_reminder(records.within(row.tenant_id), row)
    records.within(NOBODY)
    if rows:
        done = update(ASKED).where(ASKED.c.id.in_([row.id for row in rows])).values(remind_at=None)
        records.session.execute(done)
    return len(rows), len(waiting)


def _queue_reminder(records: Records, row: Any) -> None:
    records.put(
        OutboxMessage,
        sealed={},
        conversation_id=row.conversation_id,
        channel=row.channel,
        address_hash=row.address_hash,
        kind="reminder",
        urgency=URGENCY["reminder"],
        made_at=row.remind_at,
        due_at=row.remind_at,
        asked_id=row.id,
    )


def drop_late(log: LearningLog) -> int:
    """Prompts and reminders that waited too long for their channel are not sent any more. Returns how many."""
    with log.write() as records:
        late = and_(
            OUTBOX.c.status == "pending",
            OUTBOX.c.urgency == URGENCY["prompt"],
            OUTBOX.c.made_at < records.now - asking.late_window(),
        )
        dropped = records.session.execute(
            update(OUTBOX).where(late).values(status="cancelled").returning(OUTBOX.c.asked_id)
        ).scalars()
        asked = [id for id in dropped if id]
        for start in range(0, len(asked), BATCH):
            missed = and_(ASKED.c.id.in_(asked[start : start + BATCH]), ASKED.c.status == "due")
            records.session.execute(update(ASKED).where(missed).values(status="missed"))
    return len(asked)
