"""The tick: whose time has come gets a prompt, or a reminder, in the outbox; once, whoever else looks too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, literal, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from learning_log.domain.pace import PaceWrong, local_day, next_due, too_late
from learning_log.services import asking, pacing
from learning_log.storage.ids import ids_that_grow
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import NOBODY, URGENCY, Asked, Conversation, OutboxMessage, Schedule

# For people of every tenant, so the tables are named and not the classes: see storage/database.py.
SCHEDULE: Table = Schedule.__table__  # type: ignore[attr-defined]
CONVERSATION: Table = Conversation.__table__  # type: ignore[attr-defined]
ASKED: Table = Asked.__table__  # type: ignore[attr-defined]
OUTBOX: Table = OutboxMessage.__table__  # type: ignore[attr-defined]
# Said as the partial index says it: SQLite uses it only for the very same words.
OPEN: Any = literal_column("outbox.status IN ('pending', 'sending')")
BATCH = 500
# What the tick has to know of a schedule.
SEEN = ("id", "next_due_at", "days", "at", "zone", "quiet_from", "quiet_until", "paused_until")


def make_due(log: LearningLog) -> int:
    """Turns every schedule whose time has come into a prompt that waits to be sent. Returns how many.

    At most one per person and local day, whatever happens to the clock or to us. What is later than its window is
    marked as missed, never sent in a burst.
    """
    return in_batches(log, make_some_due)


def remind(log: LearningLog) -> int:
    """Puts a reminder into the outbox for each prompt that waits for its answer long enough. Returns how many."""
    return in_batches(log, remind_some)


def in_batches(log: LearningLog, work: Callable[[LearningLog], tuple[int, int]]) -> int:
    """Until nothing is left. The tick takes one batch at a time, so that an answer may come in between."""
    made = 0
    while True:
        seen, some = work(log)
        made += some
        if seen < BATCH:
            return made


def make_some_due(log: LearningLog) -> tuple[int, int]:
    """One batch of make_due. Returns how many schedules it looked at, and how many prompts it made."""
    with log.write() as records:
        return _make_some_due(records)


def remind_some(log: LearningLog) -> tuple[int, int]:
    with log.write() as records:
        return _remind_some(records)


@dataclass(frozen=True)
class _Step:
    """What the schedules of one group have in common: the local day that they are about, and when they are due next.

    late: the moment has passed. next_due_at: none when it cannot be worked out.
    """

    day: date
    late: bool
    next_due_at: datetime | None


def _make_some_due(records: Records) -> tuple[int, int]:
    """Most schedules of a moment make the same step, so a few statements move all of them, inside the database."""
    come = (
        select(*(SCHEDULE.c[name] for name in SEEN))
        .where(SCHEDULE.c.next_due_at <= records.now)
        .order_by(SCHEDULE.c.next_due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = records.session.execute(come).all()
    alike: dict[Any, list[Any]] = {}
    for row in rows:
        alike.setdefault(row[1:], []).append(row)
    steps: dict[_Step, list[UUID]] = {}
    for group in alike.values():
        steps.setdefault(_step(group[0], records.now), []).extend(row.id for row in group)
    made = sum(_take(records, step, ids) for step, ids in steps.items())
    return len(rows), made


def _step(row: Any, now: datetime) -> _Step:
    late = too_late(row.next_due_at, now, asking.late_window())
    try:
        pace = pacing.pace_of(row)
        day = local_day(pace, row.next_due_at)
        return _Step(day, late, next_due(pace, pacing.end_of(day, row.zone) if day == local_day(pace, now) else now))
    except PaceWrong:  # one schedule that cannot be worked out is asked no more, and holds up nobody
        return _Step(now.date(), late, None)


def _take(records: Records, step: _Step, ids: Sequence[UUID]) -> int:
    made = 0
    if step.next_due_at:
        _ask(records, step, ids)
        made = 0 if step.late else _queue(records, step, ids)
    records.session.execute(update(SCHEDULE).where(SCHEDULE.c.id.in_(ids)).values(next_due_at=step.next_due_at))
    return made


def _ask(records: Records, step: _Step, ids: Sequence[UUID]) -> None:
    """Whoever was asked on that day already is passed over: the table takes one row for each day."""
    _insert(
        records,
        {
            ASKED.c.id: ids_that_grow(records.now, is_sqlite=_is_sqlite(records)),
            ASKED.c.tenant_id: SCHEDULE.c.tenant_id,
            ASKED.c.conversation_id: SCHEDULE.c.conversation_id,
            ASKED.c.local_date: literal(step.day, ASKED.c.local_date.type),
            ASKED.c.slot: literal(asking.SCHEDULED),
            ASKED.c.due_at: SCHEDULE.c.next_due_at,
            ASKED.c.status: literal("missed" if step.late else "due"),
        },
        lambda found: found.where(SCHEDULE.c.id.in_(ids)),
    )


def _queue(records: Records, step: _Step, ids: Sequence[UUID]) -> int:
    """Their places in the outbox. The oldest goes first, and how late it is counts from the moment that was chosen.

    A prompt has the id of what it asks, so that nothing can queue it twice.
    """
    asked = and_(
        ASKED.c.conversation_id == SCHEDULE.c.conversation_id,
        ASKED.c.local_date == step.day,
        ASKED.c.slot == asking.SCHEDULED,
    )
    return _insert(
        records,
        {
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
        },
        lambda found: (
            found.select_from(SCHEDULE)
            .join(ASKED, asked)
            .join(CONVERSATION, CONVERSATION.c.id == SCHEDULE.c.conversation_id)
            .where(SCHEDULE.c.id.in_(ids), ASKED.c.status == "due")
        ),
    )


def _insert(records: Records, chosen: dict[Any, Any], where: Callable[[Any], Any]) -> int:
    """Inserts what the columns are chosen from; what is there already stays. Returns how many are new."""
    table = next(iter(chosen)).table
    dialect = sqlite if _is_sqlite(records) else postgresql
    new = dialect.insert(table).from_select(list(chosen), where(select(*chosen.values())))
    statement = new.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return int(records.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _is_sqlite(records: Records) -> bool:
    return records.session.get_bind().dialect.name == "sqlite"


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
            OPEN,
            OUTBOX.c.status == "pending",
            OUTBOX.c.urgency == URGENCY["prompt"],
            OUTBOX.c.made_at < records.now - asking.late_window(),
            OUTBOX.c.due_at < records.now - asking.late_window(),
        )
        dropped = records.session.execute(
            update(OUTBOX).where(late).values(status="cancelled", body_sealed=None).returning(OUTBOX.c.asked_id)
        ).scalars()
        asked = [id for id in dropped if id]
        for start in range(0, len(asked), BATCH):
            missed = and_(ASKED.c.id.in_(asked[start : start + BATCH]), ASKED.c.status == "due")
            records.session.execute(update(ASKED).where(missed).values(status="missed"))
    return len(asked)
