"""Why words are kept although somebody asked to be forgotten: a reason, and who looks at it again, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from learning_log.errors import LearningLogError
from learning_log.services import auditing, concerns
from learning_log.services.access import Reader, may_look_after_concerns
from learning_log.services.signing_in import names_of_staff
from learning_log.storage.records import Records
from learning_log.storage.tables import ErasureHold, Person


class HoldWrong(LearningLogError):
    """A hold needs a reason, a safeguarding lead of this team as reviewer, and a day to come. Nothing was changed."""


@dataclass(frozen=True)
class Hold:
    """review_on: the day on which it is looked at again. It stands until somebody lifts it."""

    id: UUID
    reason: str
    reviewer: str
    review_on: date


def place(
    records: Records, reader: Reader, person_id: UUID, reason: str, reviewer_id: UUID, review_on: date
) -> ErasureHold:
    """Nothing of this person can be erased from now on. Raises HoldWrong, NotFound, or NotAllowed for all but a
    safeguarding lead of the person's team."""
    person = _own_person(records, reader, person_id)
    reviewers = {lead.id for lead in concerns.leads(records, person.team_id)}
    if not reason.strip() or reviewer_id not in reviewers or review_on <= records.now.date():
        raise HoldWrong
    hold = ErasureHold(person_id=person.id, reviewer_id=reviewer_id, review_on=review_on, made_at=records.now)
    records.add(hold, reason=reason.strip())
    records.session.flush()
    auditing.record(records, reader.actor, "placed_erasure_hold", "person", person.id)
    return hold


def lift(records: Records, reader: Reader, person_id: UUID) -> int:
    """The person can be forgotten again. Returns how many holds there were. Raises as place does."""
    person = _own_person(records, reader, person_id)
    found = _standing(records, person.id)
    for hold in found:
        hold.lifted_at = records.now
    if found:
        auditing.record(records, reader.actor, "lifted_erasure_hold", "person", person.id)
    return len(found)


def of(records: Records, reader: Reader, person_id: UUID) -> list[Hold]:
    """Those that stand, the one that is looked at last first; audited, since the reason is told."""
    person = _own_person(records, reader, person_id)
    auditing.record(records, reader.actor, "read_erasure_holds", "person", person.id)
    found = _standing(records, person.id)
    names = names_of_staff(records, {hold.reviewer_id for hold in found})
    return [
        Hold(hold.id, records.text(hold, "reason"), names.get(hold.reviewer_id, ""), hold.review_on) for hold in found
    ]


def review_day(records: Records, person_id: UUID) -> date | None:
    """When what is held of this person is looked at again; none where nothing is held. A day that is over lifts
    nothing."""
    found = _standing(records, person_id)
    return found[0].review_on if found else None


def _standing(records: Records, person_id: UUID) -> list[ErasureHold]:
    own = select(ErasureHold).where(ErasureHold.person_id == person_id, col(ErasureHold.lifted_at).is_(None))
    return list(records.all(own.order_by(col(ErasureHold.review_on).desc(), col(ErasureHold.id))))


def _own_person(records: Records, reader: Reader, person_id: UUID) -> Person:
    scope = may_look_after_concerns(reader, records.tenant)
    person = records.get(Person, person_id)
    if not scope.holds_team(person.team_id):
        raise HoldWrong("This person is of another team. Nothing was changed. Ask a lead of their team.")
    return person
