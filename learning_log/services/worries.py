"""Worries as a safeguarding lead sees them: a queue without words, and the words of one, audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from learning_log.analysis.redaction import NAME, redact
from learning_log.errors import LearningLogError, NotFound
from learning_log.services import auditing, concerns
from learning_log.services.access import Reader, Scope, may_look_after_concerns
from learning_log.services.choosing import names_of_people
from learning_log.services.signing_in import names_of_staff
from learning_log.storage.records import Records
from learning_log.storage.tables import Concern, Person, Staff, Team

RECENT = 20


class ActionMissing(LearningLogError):
    """Say what you have done or will do. The worry stays open until then."""


@dataclass(frozen=True)
class Waiting:
    """A worry that nobody has acknowledged. `who` is empty where that is not known."""

    id: UUID
    who: str
    by_staff: bool
    team: str
    raised_by: str
    raised_at: datetime
    alerts: int


@dataclass(frozen=True)
class Opened:
    """One worry with its words. The words may be empty: somebody pressed the button and wrote nothing."""

    worry: Waiting
    words: str


@dataclass(frozen=True)
class LookedAfter:
    who: str
    raised_at: datetime
    acknowledged_at: datetime
    acknowledged_by: str
    action: str


def waiting(records: Records, reader: Reader) -> list[Waiting]:
    """The oldest first. Raises NotAllowed."""
    scope = may_look_after_concerns(reader, records.tenant)
    teams = _teams(records)
    return [
        _waiting(records, concern, teams)
        for concern in concerns.open_concerns(records)
        if _is_for(records, reader, scope, concern)
    ]


def open_worry(records: Records, reader: Reader, concern_id: UUID) -> Opened:
    """Needs a transaction that writes: the look is audited. Raises NotFound for one that is not the reader's."""
    concern = _own(records, reader, concern_id)
    auditing.record(records, reader.actor, "read_concern", "concern", concern.id)
    return Opened(_waiting(records, concern, _teams(records)), records.text(concern, "words"))


def acknowledge(records: Records, reader: Reader, concern_id: UUID, action: str) -> None:
    """Ends the alerts: the reader has read it and says what they do. Raises ActionMissing."""
    concern = _own(records, reader, concern_id)
    if not action.strip():
        raise ActionMissing
    concerns.acknowledge(records, concern.id, reader.staff_id, action.strip())


def looked_after(records: Records, reader: Reader) -> list[LookedAfter]:
    """The latest ones, with what was done. Needs a transaction that writes."""
    scope = may_look_after_concerns(reader, records.tenant)
    done = select(Concern).where(col(Concern.acknowledged_at).is_not(None), Concern.tenant_id == records.tenant)
    found = records.all(done.order_by(col(Concern.acknowledged_at).desc()).limit(RECENT))
    auditing.record(records, reader.actor, "read_concerns_looked_after")
    teams = _teams(records)
    names = names_of_staff(records, {one.acknowledged_by for one in found if one.acknowledged_by})
    return [
        LookedAfter(
            who=_waiting(records, one, teams).who,
            raised_at=one.raised_at,
            acknowledged_at=one.acknowledged_at,
            acknowledged_by=names.get(one.acknowledged_by, ""),
            action=records.text(one, "action"),
        )
        for one in found
        if _is_for(records, reader, scope, one)
    ]


def _own(records: Records, reader: Reader, concern_id: UUID) -> Concern:
    scope = may_look_after_concerns(reader, records.tenant)
    concern = records.get(Concern, concern_id)
    if not _is_for(records, reader, scope, concern):
        raise NotFound
    return concern


def _is_for(records: Records, reader: Reader, scope: Scope, concern: Concern) -> bool:
    team = _team_of(records, concern)
    # One whose team is not known is everybody's to look after: it must not fall between two leads.
    return (team is None or scope.holds_team(team)) and not _is_about(records, reader, concern)


def _is_about(records: Records, reader: Reader, concern: Concern) -> bool:
    """Whether the reader is named in it, or wrote it, and another lead is not: then it is the other's."""
    words = records.text(concern, "words")
    free = [
        lead.id
        for lead in concerns.leads(records)
        if lead.id != concern.staff_id and NAME not in redact(words, _parts(records.text(lead, "name")))
    ]
    return bool(free) and reader.staff_id not in free


def _parts(name: str) -> set[str]:
    return {part for part in name.split() if len(part) > 2}


def _team_of(records: Records, concern: Concern) -> UUID | None:
    if concern.person_id is not None:
        return records.get(Person, concern.person_id).team_id
    return records.get(Staff, concern.staff_id).team_id if concern.staff_id is not None else None


def _waiting(records: Records, concern: Concern, teams: dict[UUID, str]) -> Waiting:
    names = names_of_people(records, [concern.person_id] if concern.person_id else [])
    names |= names_of_staff(records, [concern.staff_id] if concern.staff_id else [])
    team = _team_of(records, concern)
    return Waiting(
        id=concern.id,
        who=next(iter(names.values()), ""),
        by_staff=concern.staff_id is not None,
        team=teams.get(team, "") if team else "",
        raised_by=concern.raised_by,
        raised_at=concern.raised_at,
        alerts=concern.alerts,
    )


def _teams(records: Records) -> dict[UUID, str]:
    return {team.id: records.text(team, "name") for team in records.all(select(Team))}
