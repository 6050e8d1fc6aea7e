"""Learning meetings, and the things that are tried."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from learning_log.storage.tables.row import Row


class Meeting(Row, table=True):
    """A team's learning meeting: one improvement (an experiment) and two learnings before it can close."""

    team_id: UUID = Field(foreign_key="team.id", index=True)
    held_on: date
    notes_sealed: bytes | None = None
    first_learning_sealed: bytes | None = None
    second_learning_sealed: bytes | None = None
    made_by: UUID | None = Field(default=None, foreign_key="staff.id")
    made_at: datetime
    closed_at: datetime | None = None


class Experiment(Row, table=True):
    """We tried → we noticed → we learned → next (adapt, stop, keep)."""

    team_id: UUID = Field(foreign_key="team.id", index=True)
    meeting_id: UUID | None = Field(default=None, foreign_key="meeting.id")
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    theme_id: UUID | None = Field(default=None, foreign_key="theme.id")
    try_sealed: bytes | None = None
    noticed_sealed: bytes | None = None
    learned_sealed: bytes | None = None
    next_step: str | None = None
    started_on: date
    look_again_on: date | None = None
    ended_on: date | None = None
    made_at: datetime
