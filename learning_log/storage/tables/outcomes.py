"""What a person wants to achieve, in the person's own words, and how far they have come."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from learning_log.storage.tables.row import Row


class Outcome(Row, table=True):
    """steps_sealed: of a ladder, JSON: what the person calls each step, the lowest first."""

    person_id: UUID = Field(foreign_key="person.id", index=True)
    words_sealed: bytes | None = None
    wellbeing: str | None = None  # key of an aspect of well-being in config/frameworks/
    scale: str = "five_stages"
    steps_sealed: bytes | None = None
    set_on: date
    closed_on: date | None = None
    added_at: datetime


class OutcomeRating(Row, table=True):
    """stage: assessment, plan, review, check_in. rated_by: person, proxy.

    shown: the order in which the choices stood, such as "321"; none where nobody noted it. pretest: passed, failed, or
    none where it was not asked; what was said after a failed one is never added up. unwanted, advice: at a review, what
    came with it that nobody wanted, and what they would like to be advised on: for the person's worker.
    """

    __tablename__ = "outcome_rating"
    outcome_id: UUID = Field(foreign_key="outcome.id", index=True)
    rated_on: date
    stage: str
    value: int
    rated_by: str
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    note_sealed: bytes | None = None
    unwanted_sealed: bytes | None = None
    advice_sealed: bytes | None = None
    shown: str | None = None
    pretest: str | None = None
