"""Questions that are not asked as they should be, or would be asked of somebody who does not want them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, func, select, update
from sqlmodel import and_, col, or_
from sqlmodel import select as select_rows

from learning_log.domain.pace import PaceWrong
from learning_log.services import asking, auditing, conversations, joining, pacing
from learning_log.services.delivery import LATELY, OUTBOX, SCHEDULE
from learning_log.services.doctoring.finding import Finding, clock, many
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Asked, Conversation, Schedule
from learning_log.storage.tables.conversations import OPEN, TO_REMIND

ASKED: Table = Asked.__table__  # type: ignore[attr-defined]
CONVERSATION: Table = Conversation.__table__  # type: ignore[attr-defined]

OVERDUE = timedelta(minutes=5)  # a worker that runs takes what is due within seconds
QUESTIONS = ("prompt", "reminder")


def find_missed(log: LearningLog) -> Finding | None:
    with log.read() as records:
        since = records.now - LATELY
        # Ids grow with time, so that the look begins where the day began.
        lately = and_(ASKED.c.id >= first_id_at(since), ASKED.c.due_at >= since)
        count = _one(records, select(func.count()).select_from(ASKED).where(lately, ASKED.c.status == "missed"))
    if not count:
        return None
    return Finding(
        name="missed",
        count=count,
        said=f"Skipped in the last 24 hours, because it was too late to ask: {many(count, 'question')}.",
        then="Nothing has to be done: each person is asked again on their next day. To ask somebody today: "
        'whatmatters ask "NAME"',
        stuck=False,
    )


def find_overdue(log: LearningLog) -> Finding | None:
    window = asking.late_window()
    with log.read() as records:
        due = SCHEDULE.c.next_due_at
        count, first = records.session.execute(
            select(func.count(), func.min(due)).where(due <= records.now - OVERDUE)
        ).one()
        late = _one(records, select(func.count()).where(due < records.now - window))
    if not count:
        return None
    hours = f"{window.total_seconds() / 3600:g} hours"
    return Finding(
        name="overdue",
        count=count,
        said=f"{many(count, 'person', 'people')} should have been asked by now, the first on {clock(first)}. "
        "No worker has done it.",
        then=f"Start the worker, or look at its log. It skips what is more than {hours} late ({late:,} by now) and "
        "asks the others at once: nobody gets several questions together.",
    )


def find_unplanned(log: LearningLog) -> Finding | None:
    with log.read() as records:
        count = sum(_can_be_planned(planned) for _conversation, planned in _unplanned(records))
    if not count:
        return None
    return Finding(
        name="unplanned",
        count=count,
        said=f"Nothing is planned for {many(count, 'person', 'people')}, although they agreed and are active.",
        then="--mend plans their next day, from the days and the time that they chose.",
        mends=True,
    )


def mend_unplanned(log: LearningLog) -> int:
    with log.read() as records:
        tenants = {conversation.tenant_id for conversation, _planned in _unplanned(records)}
    return sum(_plan(log, tenant) for tenant in tenants)


def find_unplannable(log: LearningLog) -> Finding | None:
    with log.read() as records:
        count = sum(not _can_be_planned(planned) for _conversation, planned in _unplanned(records))
    if not count:
        return None
    return Finding(
        name="unplannable",
        count=count,
        said=f"Never asked: {many(count, 'person', 'people')}. Their time lies in their quiet hours, or their time "
        "zone is not known.",
        then="They choose another time in the chat, with the word settings.",
    )


def find_unwanted(log: LearningLog) -> Finding | None:
    with log.read() as records:
        count = len(_unwanted(records))
    if not count:
        return None
    return Finding(
        name="unwanted",
        count=count,
        said=f"{many(count, 'person', 'people')} stopped, or cannot be reached, and a question still waits for them.",
        then="--mend cancels it. What they wrote stays, and they can come back.",
        mends=True,
    )


def mend_unwanted(log: LearningLog) -> int:
    with log.read() as records:
        tenants = {tenant for tenant, _conversation in _unwanted(records)}
    return sum(_call_off(log, tenant) for tenant in tenants)


def first_id_at(moment: datetime) -> UUID:
    """The smallest id that can have been made at this moment (version 7: milliseconds first)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _unplanned(records: Records) -> Iterator[tuple[Conversation, Schedule | None]]:
    """Active people who agreed and whom nothing plans to ask. One who chose no day wants it so."""
    never = or_(col(Schedule.id).is_(None), and_(col(Schedule.next_due_at).is_(None), Schedule.days != 0))
    found = (
        select_rows(Conversation, Schedule)
        .outerjoin(Schedule, col(Schedule.conversation_id) == col(Conversation.id))
        .where(Conversation.status == "active", never)
    )
    for conversation, planned in records.all(found):
        agreed = joining.has_agreed(records, conversation, joining.TAKE_PART)
        if agreed and not _has_left(records, conversation):
            yield conversation, planned


def _has_left(records: Records, conversation: Conversation) -> bool:
    return conversations.has_left(_own(records, conversation), conversation)


def _own(records: Records, conversation: Conversation) -> Records:
    return Records(records.session, records.vault, conversation.tenant_id, records.now)


def _can_be_planned(planned: Schedule | None) -> bool:
    try:
        return planned is None or pacing.pace_of(planned) is not None
    except PaceWrong:
        return False


def _plan(log: LearningLog, tenant: UUID) -> int:
    count = 0
    with log.write(tenant) as records:
        for conversation, planned in list(_unplanned(records)):
            if _can_be_planned(planned):
                pacing.start(records, conversation)
                auditing.record(records, "administrator", "planned anew", "conversation", conversation.id)
                count += 1
    return count


def _unwanted(records: Records) -> set[tuple[UUID, UUID]]:
    """(tenant, conversation) of whom nothing may be asked, and something would be."""
    not_active = CONVERSATION.c.status != "active"
    waiting = and_(OPEN, OUTBOX.c.status == "pending", OUTBOX.c.kind.in_(QUESTIONS))
    found: set[tuple[UUID, UUID]] = set()
    for table, which in ((OUTBOX, waiting), (SCHEDULE, SCHEDULE.c.next_due_at.is_not(None)), (ASKED, TO_REMIND)):
        some = select(table.c.conversation_id).where(which).subquery()
        theirs = select(CONVERSATION.c.tenant_id, CONVERSATION.c.id).where(
            CONVERSATION.c.id == some.c.conversation_id, not_active
        )
        found |= {(row.tenant_id, row.id) for row in records.session.execute(theirs)}
    return found


def _call_off(log: LearningLog, tenant: UUID) -> int:
    with log.write(tenant) as records:
        ids = [conversation for owner, conversation in _unwanted(records) if owner == tenant]
        for id in ids:
            _cancel(records, id)
            auditing.record(records, "administrator", "called off questions", "conversation", id)
    return len(ids)


def _cancel(records: Records, id: UUID) -> None:
    def of(table: Table, *which: ColumnElement[bool]) -> Any:
        return update(table).where(table.c.conversation_id == id, *which)

    waiting = (OUTBOX.c.status == "pending", OUTBOX.c.kind.in_(QUESTIONS))
    records.session.execute(of(OUTBOX, *waiting).values(status="cancelled"))
    records.session.execute(of(ASKED, ASKED.c.status == "due").values(status="cancelled"))
    records.session.execute(of(ASKED, ASKED.c.remind_at.is_not(None)).values(remind_at=None))
    records.session.execute(of(SCHEDULE).values(next_due_at=None))


def _one(records: Records, statement: Any) -> int:
    found: int = records.session.execute(statement).scalar_one()
    return found
