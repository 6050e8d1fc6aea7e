"""What each person agreed to, whether anything is asked of them now, and who is close to them: for their own team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, get_args
from uuid import UUID

from sqlmodel import col, or_, select

from learning_log.domain.capacity import (
    DECISIONS,
    Assessment,
    Decision,
    Review,
    WhyNot,
    review_of,
    standing,
    why_not_asked,
)
from learning_log.domain.pace import PaceWrong, local_day
from learning_log.errors import LearningLogError
from learning_log.services import auditing, capacity, following, joining, pacing
from learning_log.services.access import Reader, may_see_words
from learning_log.services.choosing import person
from learning_log.services.signing_in import has_left
from learning_log.storage.records import Records
from learning_log.storage.tables import Agreement, Conversation, Person, Schedule, Staff

PURPOSES = (joining.TAKE_PART, joining.TEAM, joining.THEMES, joining.PAIR, joining.MOVING_ON)
OF_CAPACITY = tuple(f"{decision}_{why}" for decision in DECISIONS for why in get_args(WhyNot))
OF_THE_CHAT = ("not_joined", "not_answered", "refused", "stopped", "blocked", "moved_away", "not_agreed")
WHY_NOT = (*OF_CAPACITY, "left", *OF_THE_CHAT, "paused", "no_days", "no_time")
OF_STATUS = {"joining": "not_answered", "left": "moved_away"}


class WorkerWrong(LearningLogError):
    """Only somebody who works in the person's team can be named. Nothing was changed."""


@dataclass(frozen=True)
class Said:
    """One answer of the person's own. withdrawn_at: they took it back."""

    purpose: str
    agreed: bool
    text_version: str
    answered_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Due:
    """An assessment that has to be looked at again, or soon has to be."""

    decision: Decision
    review: Review
    review_on: date
    able: bool


@dataclass(frozen=True)
class Standing:
    """why_not: of WHY_NOT, empty when they are asked. due: the soonest first. paused_until: the last day of it."""

    person_id: UUID
    why_not: tuple[str, ...]
    due: tuple[Due, ...] = ()
    paused_until: date | None = None


@dataclass(frozen=True)
class Agreements:
    """What the page shows of one person. said: newest first. worker_id: whom they know best; team: who may be that."""

    standing: Standing
    said: tuple[Said, ...]
    records: tuple[capacity.Written, ...]
    worker_id: UUID | None
    worker: str
    team: dict[UUID, str] = field(default_factory=dict)


def standings(records: Records, reader: Reader) -> list[Standing]:
    """Of all of the reader's people who are here, whose review is past or near first. Raises NotAllowed.

    Needs a transaction that writes: the look is audited.
    """
    scope = may_see_words(reader, records.tenant)
    auditing.record(records, reader.actor, "read_agreements", "staff", reader.staff_id)
    wanted = select(Person).where(or_(col(Person.left_on).is_(None), col(Person.left_on) > records.now.date()))
    if not scope.everywhere:
        wanted = wanted.where(col(Person.team_id).in_(scope.teams))
    found = _standings(records, records.all(wanted.order_by(col(Person.id))))
    return sorted(found, key=lambda one: min((due.review_on for due in one.due), default=date.max))


def agreements_of(records: Records, reader: Reader, person_id: UUID) -> Agreements:
    """Needs a transaction that writes: the look is audited. Raises NotAllowed or NotFound."""
    whose = person(records, reader, person_id)
    auditing.record(records, reader.actor, "read_agreements", "person", whose.id)
    mine = select(Agreement).where(Agreement.person_id == whose.id)
    said = records.all(mine.order_by(col(Agreement.answered_at).desc(), col(Agreement.id).desc()))
    worker = records.get(Staff, whose.worker_id) if whose.worker_id else None
    return Agreements(
        standing=_standings(records, [whose])[0],
        said=tuple(Said(*(getattr(each, name) for name in Said.__dataclass_fields__)) for each in said),
        records=tuple(capacity.written(records, reader, whose.id)),
        worker_id=whose.worker_id,
        worker=records.text(worker, "name") if worker else "",
        team={one.id: records.text(one, "name") for one in _team_of(records, whose)},
    )


def name_worker(records: Records, reader: Reader, person_id: UUID, staff_id: UUID | None) -> None:
    """Whom the person knows best; none: nobody is named. Raises WorkerWrong, NotAllowed or NotFound."""
    whose = person(records, reader, person_id)
    if staff_id is not None and staff_id not in {one.id for one in _team_of(records, whose)}:
        raise WorkerWrong
    if whose.worker_id != staff_id:
        following.plan_pair(records, whose, staff_id)
    whose.worker_id = staff_id
    records.session.flush()
    auditing.record(records, reader.actor, "named_worker", "person", whose.id)


@dataclass(frozen=True)
class NotAsked:
    """How many people who have not said no are not asked, because a record is not there or was not looked at again.

    undecided: found unable, and nothing was decided in their best interests. overdue: past its review.
    """

    undecided: int
    overdue: int


def not_asked(records: Records) -> NotAsked:
    """In the whole organisation. A no in somebody's best interests lacks nothing, and is not counted."""
    today = records.now.date()
    given = capacity.assessments_of(records, None)
    concerned = [id for id, each in given.items() if why_not_asked(each, today)]
    people = records.all(select(Person).where(col(Person.id).in_(concerned))) if concerned else ()
    silent = {id for id, chat in _chats(records, concerned).items() if chat.status in ("refused", "stopped")}
    waiting = [one.id for one in people if one.id not in silent and not _is_gone(one, today)]
    why = [set(why_not_asked(given[id], today).values()) for id in waiting]
    return NotAsked(
        undecided=sum("undecided" in each for each in why),
        overdue=sum("overdue" in each and "undecided" not in each for each in why),
    )


def _team_of(records: Records, whose: Person) -> list[Staff]:
    staff = records.all(select(Staff).where(Staff.team_id == whose.team_id, Staff.tenant_id == records.tenant))
    here = [one for one in staff if not has_left(one, records.now)]
    return sorted(here, key=lambda one: records.text(one, "name").casefold())


def _standings(records: Records, people: Sequence[Person]) -> list[Standing]:
    ids = [one.id for one in people]
    chats = _chats(records, ids)
    joining.load_agreements(records, list(chats.values()))
    schedules = _schedules(records, [chat.id for chat in chats.values()])
    assessed = capacity.assessments_of(records, ids)
    return [_standing(records, one, chats.get(one.id), schedules, assessed[one.id]) for one in people]


def _standing(
    records: Records,
    whose: Person,
    chat: Conversation | None,
    schedules: dict[UUID, Schedule],
    given: Sequence[Assessment],
) -> Standing:
    today = records.now.date()
    why = [f"{decision}_{why}" for decision, why in why_not_asked(given, today).items()]
    why += ["left"] if _is_gone(whose, today) else []
    planned = schedules.get(chat.id) if chat else None
    later = _of_the_chat(records, chat) or _of_the_schedule(records, planned)
    why += [later] if later else []
    return Standing(whose.id, tuple(why), _due(given, today), planned.paused_until if planned else None)


def _of_the_chat(records: Records, chat: Conversation | None) -> str:
    if chat is None:
        return "not_joined"
    if chat.status != "active":
        return OF_STATUS.get(chat.status, chat.status)
    return "" if joining.has_said_yes(records, chat, joining.TAKE_PART) else "not_agreed"


def _of_the_schedule(records: Records, planned: Schedule | None) -> str:
    if planned is None:
        return ""
    try:
        today = local_day(pacing.pace_of(planned), records.now)
    except PaceWrong:
        return "no_time"
    if planned.paused_until and planned.paused_until >= today:
        return "paused"
    return "" if planned.days else "no_days"


def _is_gone(whose: Person, today: date) -> bool:
    return whose.left_on is not None and whose.left_on <= today


def _due(given: Sequence[Assessment], today: date) -> tuple[Due, ...]:
    found = [
        Due(decision, review, each.review_on, each.able)
        for decision, each in standing(given).items()
        if (review := review_of(each, today))
    ]
    return tuple(sorted(found, key=lambda due: due.review_on))


def _chats(records: Records, people: Sequence[UUID]) -> dict[UUID, Conversation]:
    found = records.all(select(Conversation).where(col(Conversation.person_id).in_(people))) if people else ()
    return {chat.person_id: chat for chat in found}


def _schedules(records: Records, chats: Sequence[UUID]) -> dict[UUID, Any]:
    found = records.all(select(Schedule).where(col(Schedule.conversation_id).in_(chats))) if chats else ()
    return {planned.conversation_id: planned for planned in found}
