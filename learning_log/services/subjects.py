"""The theme of the month: a subject of the bank that a team asks about more often for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, select

from learning_log.errors import LearningLogError
from learning_log.services import asking, auditing
from learning_log.services.access import Reader, may_see_words, may_work_with_team
from learning_log.storage.records import Records
from learning_log.storage.tables import Team

LASTS = timedelta(weeks=4)


class SubjectUnknown(LearningLogError):
    """The bank of questions has no such subject. Nothing was changed."""


@dataclass(frozen=True)
class OfTheMonth:
    """What a team asks about more often, and the last day of it."""

    team_id: UUID
    team: str
    subject: str
    until: date


def subjects() -> list[str]:
    """Of the bank, for people and for staff."""
    return list(dict.fromkeys((*asking.bank("person"), *asking.bank("staff"))))


def choose(records: Records, reader: Reader, team_id: UUID, subject: str) -> None:
    """For four weeks from today; an empty subject ends it. Raises NotAllowed or SubjectUnknown."""
    may_work_with_team(reader, records.tenant, team_id)
    if subject and subject not in subjects():
        raise SubjectUnknown
    team = records.get(Team, team_id)
    team.subject = subject or None
    team.subject_until = records.now.date() + LASTS if subject else None
    auditing.record(records, reader.actor, "chose_subject", "team", team.id)


def now_asked(records: Records, reader: Reader) -> list[OfTheMonth]:
    """What the reader's own teams ask about more often today."""
    scope = may_see_words(reader, records.tenant)
    on = select(Team).where(
        Team.tenant_id == records.tenant, col(Team.subject).is_not(None), col(Team.subject_until) >= records.now.date()
    )
    return [
        OfTheMonth(team.id, records.text(team, "name"), team.subject, team.subject_until)
        for team in records.all(on)
        if scope.holds_team(team.id)
    ]
