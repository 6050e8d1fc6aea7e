"""The tick: whose time has come gets a prompt, or a reminder, in the outbox; once, whoever else looks too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, insert, select, update

from learning_log.domain.pace import PaceWrong, local_day, next_due, too_late
from learning_log.services import asking, pacing
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import URGENCY, Asked, Conversation, OutboxMessage, Schedule, new_id

# For people of every tenant, so the tables are named and not the classes: see storage/database.py.
SCHEDULE: Table = Schedule.__table__  # type: ignore[attr-defined]
CONVERSATION: Table = Conversation.__table__  # type: ignore[attr-defined]
ASKED: Table = Asked.__table__  # type: ignore[attr-defined]
OUTBOX: Table = OutboxMessage.__table__  # type: ignore[attr-defined]
BATCH = 500


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
        select(SCHEDULE, CONVERSATION.c.channel, CONVERSATION.c.address_hash)
        .join(CONVERSATION, CONVERSATION.c.id == SCHEDULE.c.conversation_id)
        .where(SCHEDULE.c.next_due_at <= records.now)
        .order_by(SCHEDULE.c.next_due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=SCHEDULE)
    )
    rows = records.session.execute(come).all()
    due = [_due(row, records.now) for row in rows]
    known = _asked_before(records, due)
    fresh = [each for each in due if each.next_due_at and (each.row.conversation_id, each.day) not in known]
    made = _ask(records, fresh)
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


def _asked_before(records: Records, due: Sequence[_Due]) -> set[tuple[UUID, date]]:
    if not due:
        return set()
    mine = and_(
        ASKED.c.conversation_id.in_([each.row.conversation_id for each in due]),
        ASKED.c.local_date >= min(each.day for each in due),
        ASKED.c.slot == asking.SCHEDULED,
    )
    found = records.session.execute(select(ASKED.c.conversation_id, ASKED.c.local_date).where(mine))
    return {(row.conversation_id, row.local_date) for row in found}


def _ask(records: Records, fresh: Sequence[_Due]) -> int:
    window = asking.late_window()
    asked, waiting = [], []
    for each in fresh:
        row, id = each.row, new_id()
        late = too_late(row.next_due_at, records.now, window)
        asked.append(
            {
                "id": id,
                "tenant_id": row.tenant_id,
                "conversation_id": row.conversation_id,
                "local_date": each.day,
                "slot": asking.SCHEDULED,
                "due_at": row.next_due_at,
                "status": "missed" if late else "due",
            }
        )
        if not late:
            waiting.append(_waiting(row, id, row.conversation_id, row.next_due_at, "prompt"))
    if asked:
        records.session.execute(insert(ASKED), asked)
    if waiting:
        records.session.execute(insert(OUTBOX), waiting)
    return len(waiting)


def _waiting(row: Any, asked: UUID, conversation: UUID, made_at: datetime, kind: str) -> dict[str, Any]:
    """Its place in the outbox. The oldest goes first, and how late it is counts from the moment that was chosen."""
    return {
        "id": new_id(),
        "tenant_id": row.tenant_id,
        "conversation_id": conversation,
        "channel": row.channel,
        "address_hash": row.address_hash,
        "kind": kind,
        "urgency": URGENCY[kind],
        "made_at": made_at,
        "place": 0,
        "due_at": made_at,
        "status": "pending",
        "attempts": 0,
        "asked_id": asked,
    }


def _advance(records: Records, due: Sequence[_Due]) -> None:
    if due:
        records.session.execute(
            update(SCHEDULE).where(SCHEDULE.c.id == bindparam("one")).values(next_due_at=bindparam("then")),
            [{"one": each.row.id, "then": each.next_due_at} for each in due],
        )


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
    waiting = [
        _waiting(row, row.id, row.conversation_id, row.remind_at, "reminder")
        for row in rows
        if row.status == "asked" and not too_late(row.remind_at, records.now, window)
    ]
    if waiting:
        records.session.execute(insert(OUTBOX), waiting)
    if rows:
        done = update(ASKED).where(ASKED.c.id.in_([row.id for row in rows])).values(remind_at=None)
        records.session.execute(done)
    return len(rows), len(waiting)


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
