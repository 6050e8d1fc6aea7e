"""Follow-ups: what one person is to be asked about next, in place of the usual questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, or_, select

from learning_log import config
from learning_log.services import conversations
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, Experiment, FollowUp, Outcome, Person, Reflection

TRYING, HELPED, DECIDED = "trying", "helped", "decided"
NEXT_STEPS = ("adapt", "stop", "keep")
CHECK_IN, PAIR, PAIR_SEEN, MOVING_ON = "check_in", "pair", "pair_seen", "moving_on"


def plan(
    records: Records,
    kind: str,
    due_on: date,
    about_id: UUID | None = None,
    *,
    person_id: UUID | None = None,
    staff_id: UUID | None = None,
) -> FollowUp:
    """One more follow-up; the same one planned twice is planned once."""
    who = FollowUp.person_id == person_id if person_id else FollowUp.staff_id == staff_id
    same = select(FollowUp).where(
        who, FollowUp.kind == kind, FollowUp.about_id == about_id, col(FollowUp.asked_at).is_(None)
    )
    found: FollowUp | None = records.first(same)
    if found is not None:
        return found
    row = FollowUp(
        person_id=person_id, staff_id=staff_id, kind=kind, about_id=about_id, due_on=due_on, made_at=records.now
    )
    return records.add(row)


def call_off(records: Records, about_id: UUID, *kinds: str) -> None:
    """What was planned and not yet asked about this is asked no more."""
    waiting = select(FollowUp).where(FollowUp.about_id == about_id, col(FollowUp.asked_at).is_(None))
    for row in records.all(waiting.where(col(FollowUp.kind).in_(kinds)) if kinds else waiting):
        records.session.delete(row)


def call_off_kind(records: Records, conversation: Conversation, kind: str) -> None:
    """What was planned of this kind and not yet asked is asked no more."""
    mine = conversations.whose(FollowUp, conversation)
    for row in records.all(select(FollowUp).where(mine, FollowUp.kind == kind, col(FollowUp.asked_at).is_(None))):
        records.session.delete(row)


def next_for(records: Records, conversation: Conversation) -> FollowUp | None:
    """The oldest that is due, if any."""
    found = records.once(_key(conversation), lambda: list(records.all(_open([conversation], records.now.date()))))
    while found and not _makes_sense(records, found[0]):
        records.session.delete(found.pop(0))
    return found[0] if found else None


def _makes_sense(records: Records, row: FollowUp) -> bool:
    """Whether there is still something to ask: what it is about may be over by now, or gone."""
    if row.kind == MOVING_ON:
        return True
    kinds: dict[str, type[Any]] = {TRYING: Experiment, HELPED: Experiment, DECIDED: Experiment, CHECK_IN: Outcome}
    if row.kind in kinds:
        about = records.session.get(kinds[row.kind], row.about_id)
        if about is None or about.tenant_id != records.tenant:
            return False
        if row.kind == CHECK_IN:
            return about.closed_on is None
        return about.next_step in NEXT_STEPS if row.kind == DECIDED else about.ended_on is None
    person = records.session.get(Person, row.person_id or row.about_id)
    worker = row.about_id if row.person_id else row.staff_id
    return person is not None and person.worker_id == worker and person.left_on is None


def load(records: Records, chats: Sequence[Conversation]) -> None:
    """What is due for many, in one query: `next_for` then asks no more."""
    found: dict[UUID, list[FollowUp]] = {}
    for row in records.all(_open(chats, records.now.date())) if chats else ():
        found.setdefault(row.person_id or row.staff_id, []).append(row)
    for chat in chats:
        records.know(_key(chat), found.get(chat.person_id or chat.staff_id or chat.id, []))


def plan_pair(records: Records, person: Person, staff_id: UUID | None) -> None:
    """A person and their worker are asked about the same week, from next week on; with none nobody is."""
    for row in records.all(
        select(FollowUp).where(
            FollowUp.kind == PAIR,
            or_(FollowUp.person_id == person.id, FollowUp.about_id == person.id),
            col(FollowUp.asked_at).is_(None),
        )
    ):
        records.session.delete(row)
    if staff_id:
        due_on = records.now.date() + timedelta(weeks=1)
        plan(records, PAIR, due_on, staff_id, person_id=person.id)
        plan(records, PAIR, due_on, person.id, staff_id=staff_id)


def begun(records: Records, conversation: Conversation, id: UUID) -> FollowUp:
    """It is being asked now. What comes again and again is planned anew."""
    row = records.get(FollowUp, id)
    row.asked_at = records.now
    records.forget(_key(conversation))
    weeks = config.load("defaults")["follow_ups"]
    if row.kind == CHECK_IN and row.about_id and records.get(Outcome, row.about_id).closed_on is None:
        _again(records, row, weeks["check_in_weeks"])
    if row.kind == PAIR:
        _again(records, row, weeks["pair_weeks"])
    if row.kind == MOVING_ON and row.person_id:
        plan_moving_on(records, records.get(Person, row.person_id))
    return row


def plan_moving_on(records: Records, person: Person) -> FollowUp | None:
    """The next check-in of somebody who has moved on, some months after; none where there is none to come.

    The agreement to it is asked for apart, before they leave.
    """
    if person.left_on is None:
        return None
    days = (person.left_on + timedelta(days=days) for days in config.load("defaults")["follow_ups"]["moving_on_days"])
    coming = next((day for day in days if day > records.now.date()), None)
    return plan(records, MOVING_ON, coming, person_id=person.id) if coming else None


def next_day(records: Records, conversation: Conversation, kind: str) -> date | None:
    """When they are to be asked about something of this kind, soonest."""
    waiting: Any = select(col(FollowUp.due_on)).where(
        conversations.whose(FollowUp, conversation), FollowUp.kind == kind, col(FollowUp.asked_at).is_(None)
    )
    found: date | None = records.first(waiting.order_by(col(FollowUp.due_on)))
    return found


def open_again(records: Records, id: UUID) -> None:
    """It was put off: it is asked once more."""
    row = records.get(FollowUp, id)
    if row.answered_at is None:
        row.asked_at = None
        _call_off_copy(records, row)


def _call_off_copy(records: Records, row: FollowUp) -> None:
    """What comes again and again was planned anew when it was asked: not while it is still open itself."""
    for other in records.all(
        select(FollowUp).where(
            FollowUp.kind == row.kind,
            FollowUp.about_id == row.about_id,
            FollowUp.person_id == row.person_id,
            FollowUp.staff_id == row.staff_id,
            FollowUp.id != row.id,
            col(FollowUp.asked_at).is_(None),
        )
    ):
        records.session.delete(other)


def answered(records: Records, id: UUID, answer: str, shown: str) -> FollowUp:
    """shown: the order in which the choices stood."""
    row = records.get(FollowUp, id)
    row.answered_at, row.answer, row.shown = records.now, answer, shown or None
    return row


def told_about(records: Records, experiment: Experiment) -> list[FollowUp]:
    """Everybody who has heard of it, but those who said no to it."""
    told = select(FollowUp).where(
        FollowUp.about_id == experiment.id,
        FollowUp.kind == TRYING,
        col(FollowUp.asked_at).is_not(None),
        or_(col(FollowUp.answer).is_(None), FollowUp.answer != "no"),
    )
    return list(records.all(told.order_by(col(FollowUp.id))))


def last_answer(records: Records, kind: str, about_id: UUID, chat: Conversation) -> str:
    """What they said when they were last asked this, or nothing."""
    said = select(FollowUp.answer).where(
        conversations.whose(FollowUp, chat),
        FollowUp.kind == kind,
        FollowUp.about_id == about_id,
        col(FollowUp.answered_at).is_not(None),
    )
    found: str | None = records.first(said.order_by(col(FollowUp.answered_at).desc()))
    return found or ""


def pair_answers(records: Records, chat: Conversation, other_id: UUID) -> tuple[str, str]:
    """How the two said that their newest week was that both were asked about: this one's answer, and the other's."""
    mine = last_answer(records, PAIR, other_id, chat)
    own = chat.person_id or chat.staff_id
    column = FollowUp.staff_id if chat.person_id else FollowUp.person_id
    theirs = select(FollowUp.answer).where(
        column == other_id, FollowUp.kind == PAIR, FollowUp.about_id == own, col(FollowUp.answered_at).is_not(None)
    )
    found: str | None = records.first(theirs.order_by(col(FollowUp.answered_at).desc()))
    return mine, found or ""


def answers(records: Records, kind: str, about: Sequence[UUID]) -> dict[UUID, list[FollowUp]]:
    """Each one's newest answer, by what it is about."""
    said = select(FollowUp).where(
        col(FollowUp.about_id).in_(about), FollowUp.kind == kind, col(FollowUp.answered_at).is_not(None)
    )
    newest = {
        (row.about_id, row.person_id or row.staff_id): row
        for row in records.all(said.order_by(col(FollowUp.answered_at)))
    }
    found: dict[UUID, list[FollowUp]] = {}
    for row in newest.values():
        if row.about_id:
            found.setdefault(row.about_id, []).append(row)
    return found


def about_it(records: Records, experiment_id: UUID) -> list[Reflection]:
    """What people said when they were asked about it, the oldest first; not what is for themselves alone."""
    said = select(Reflection).where(
        Reflection.experiment_id == experiment_id,
        col(Reflection.superseded_at).is_(None),
        col(Reflection.withdrawn_at).is_(None),
        col(Reflection.audience).in_(("team", "themes")),
    )
    return list(records.all(said.order_by(col(Reflection.said_at))))


def _again(records: Records, row: FollowUp, weeks: int) -> None:
    due_on = row.due_on
    while due_on <= records.now.date():  # whole steps, so that both of a pair stay on the same day
        due_on += timedelta(weeks=weeks)
    plan(records, row.kind, due_on, row.about_id, person_id=row.person_id, staff_id=row.staff_id)


def _open(chats: Sequence[Conversation], today: date) -> Any:
    people = [chat.person_id for chat in chats if chat.person_id]
    staff = [chat.staff_id for chat in chats if chat.staff_id]
    whose = or_(col(FollowUp.person_id).in_(people), col(FollowUp.staff_id).in_(staff))
    due = select(FollowUp).where(whose, col(FollowUp.asked_at).is_(None), FollowUp.due_on <= today)
    return due.order_by(col(FollowUp.due_on), col(FollowUp.id))


def _key(conversation: Conversation) -> tuple[str, UUID]:
    return "following", conversation.id
