"""Learning meetings, and the things that are tried."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import CheckConstraint, Field, Index

from learning_log.storage.tables.row import Row, one_of

OPEN = text("asked_at IS NULL")


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
    """We tried → we noticed → we learned → next (adapt, stop, keep).

    person_id: it is tried with this person, who agrees to it first. heard_sealed: what the team says that it heard.
    """

    team_id: UUID = Field(foreign_key="team.id", index=True)
    meeting_id: UUID | None = Field(default=None, foreign_key="meeting.id")
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    theme_id: UUID | None = Field(default=None, foreign_key="theme.id")
    heard_sealed: bytes | None = None
    try_sealed: bytes | None = None
    noticed_sealed: bytes | None = None
    learned_sealed: bytes | None = None
    next_step: str | None = None
    started_on: date
    look_again_on: date | None = None
    ended_on: date | None = None
    made_at: datetime


class FollowUp(Row, table=True):
    """Something to ask one person about, from a day on: it takes the place of the usual questions once.

    kind: trying (the team heard something and would like to try), helped (did it help?), decided (what the team does
    now), check_in (how far with an outcome?), pair (how was the week?), moving_on. about_id: the experiment, the
    outcome, or the other one of a pair. answer: yes, no; helped: yes, a_bit, no; pair: good, mixed, bad. shown: the
    order of the choices.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint(one_of("person_id", "staff_id"), name="asks_one"),
        Index("ix_follow_up_person_open", "person_id", "due_on", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_follow_up_staff_open", "staff_id", "due_on", sqlite_where=OPEN, postgresql_where=OPEN),
    )
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    kind: str
    about_id: UUID | None = Field(default=None, index=True)
    due_on: date
    made_at: datetime
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str | None = None
    shown: str | None = None
