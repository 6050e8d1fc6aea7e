"""Records of capacity and best interests: written down by staff, and looked up before anybody is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from learning_log.domain.capacity import Assessment, BestInterests, Decision, WhyNot, Wrong, why_not_asked, wrong_with
from learning_log.errors import LearningLogError
from learning_log.services import auditing
from learning_log.services.access import Reader
from learning_log.services.choosing import person
from learning_log.services.signing_in import names_of_staff
from learning_log.storage.records import Records
from learning_log.storage.tables import CapacityRecord, Conversation

LONGEST_WORDS = 2_000
ASSESSED = ("decision", "assessed_on", "able", "best_interests", "review_on")
WRONG: dict[Wrong, str] = {
    "decision": "A record is about taking part, or about using this chat. Nothing was kept.",
    "assessed_on": "The day of the assessment is still to come. Nothing was kept.",
    "review_on": "The review is on the day of the assessment or later, within a year of it. Nothing was kept.",
    "own_decision": "Whoever is able decides for themselves: there is no best-interests decision. Nothing was kept.",
}


class CapacityWrong(LearningLogError):
    """A record of capacity is not complete. Nothing was kept."""


@dataclass(frozen=True)
class InWords:
    """What a record says besides the finding. support: what was done to help them decide. reasons and consulted: of a
    decision in their best interests."""

    assessor: str
    support: str = ""
    reasons: str = ""
    consulted: str = ""


@dataclass(frozen=True)
class Written:
    """One record as its reader sees it. by: the member of staff who wrote it down."""

    assessment: Assessment
    words: InWords
    by: str
    recorded_at: datetime


def record(records: Records, reader: Reader, person_id: UUID, assessment: Assessment, words: InWords) -> UUID:
    """Raises CapacityWrong, and NotAllowed or NotFound. A record is never changed: a newer one stands in its place."""
    whose = person(records, reader, person_id)
    said = InWords(*(text.strip() for text in (words.assessor, words.support, words.reasons, words.consulted)))
    _check(assessment, said, records.now.date())
    kept = CapacityRecord(
        person_id=whose.id,
        decision=assessment.decision,
        assessed_on=assessment.assessed_on,
        able=assessment.able,
        best_interests=assessment.best_interests,
        review_on=assessment.review_on,
        recorded_by=reader.staff_id,
        recorded_at=records.now,
    )
    records.add(kept, **{name: text or None for name, text in vars(said).items()})
    records.session.flush()
    records.forget(_key(whose.id))
    auditing.record(records, reader.actor, "recorded_capacity", "capacity_record", kept.id)
    return kept.id


def written(records: Records, reader: Reader, person_id: UUID) -> list[Written]:
    """The person's records, newest first. Needs a transaction that writes: the look is audited."""
    whose = person(records, reader, person_id)
    auditing.record(records, reader.actor, "read_capacity", "person", whose.id)
    found = list(records.all(_in_order(select(CapacityRecord)).where(CapacityRecord.person_id == whose.id)))
    names = names_of_staff(records, [row.recorded_by for row in found if row.recorded_by])
    newest_first = [_written(records, row, names) for row in reversed(found)]
    return sorted(newest_first, key=lambda each: each.assessment.assessed_on, reverse=True)


def assessments_of(records: Records, people: Sequence[UUID] | None) -> dict[UUID, tuple[Assessment, ...]]:
    """Of each of these people, or of all who have any, as they were written down, in one query."""
    found: dict[UUID, list[Assessment]] = {id: [] for id in people or ()}
    wanted = _assessed() if people is None else _assessed().where(col(CapacityRecord.person_id).in_(found))
    for row in records.all(wanted) if people is None or found else ():
        found.setdefault(row.person_id, []).append(_assessment(row))
    return {id: tuple(rows) for id, rows in found.items()}


def load(records: Records, chats: Sequence[Conversation]) -> None:
    """What is recorded of many people, in one query: `why_not` then asks no more."""
    for id, rows in assessments_of(records, [chat.person_id for chat in chats if chat.person_id]).items():
        records.know(_key(id), rows)


def why_not(records: Records, conversation: Conversation) -> dict[Decision, WhyNot]:
    """What keeps us from asking, whatever they say themselves; empty when nothing does, and for staff."""
    id = conversation.person_id
    if id is None:
        return {}
    return why_not_asked(records.once(_key(id), lambda: assessments_of(records, [id])[id]), records.now.date())


def _check(assessment: Assessment, said: InWords, today: date) -> None:
    wrong = wrong_with(assessment, today)
    if wrong:
        raise CapacityWrong(WRONG[wrong])
    if any(len(text) > LONGEST_WORDS for text in vars(said).values()):
        raise CapacityWrong(f"A text may have {LONGEST_WORDS:,} letters at most. Nothing was kept.")
    if not said.assessor:
        raise CapacityWrong("Please say who made the assessment. Nothing was kept.")
    if not assessment.able and not said.support:
        raise CapacityWrong("Please say what was done to help them decide. Nothing was kept.")
    if assessment.best_interests and not (said.reasons and said.consulted):
        raise CapacityWrong("A best-interests decision needs its reasons, and who was asked. Nothing was kept.")


def _written(records: Records, row: CapacityRecord, names: dict[UUID, str]) -> Written:
    words = InWords(*(records.text(row, name) for name in ("assessor", "support", "reasons", "consulted")))
    return Written(_assessment(row), words, names.get(row.recorded_by, "") if row.recorded_by else "", row.recorded_at)


def _assessed() -> Any:
    return _in_order(select(*(col(getattr(CapacityRecord, name)) for name in ("person_id", *ASSESSED))))


def _in_order(statement: Any) -> Any:
    """As they were written down."""
    return statement.order_by(col(CapacityRecord.recorded_at), col(CapacityRecord.id))


def _assessment(row: Any) -> Assessment:
    # Whatever does not say yes is no yes.
    decided: BestInterests | None = row.best_interests and ("yes" if row.best_interests == "yes" else "no")
    return Assessment(row.decision, row.assessed_on, row.able, decided, row.review_on)


def _key(person_id: UUID) -> tuple[str, UUID]:
    return "capacity", person_id
