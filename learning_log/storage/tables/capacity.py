"""Whether somebody can decide for themselves, decision by decision, and what was decided in their best interests."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field

from learning_log.storage.tables.row import Row


class CapacityRecord(Row, table=True):
    """One assessment of one decision. A later one of the same decision stands in its place.

    decision: take_part, channel (talking in this chat is a question of its own). able: they can decide it themselves;
    then best_interests is none. best_interests: yes, no, where they cannot: it is, or is not, in their interests.
    support: what was done to help them decide. consulted: who was asked. review_on: the last day on which it holds.
    """

    __tablename__ = "capacity_record"
    person_id: UUID = Field(foreign_key="person.id", index=True)
    decision: str
    assessed_on: date
    assessor_sealed: bytes | None = None
    support_sealed: bytes | None = None
    able: bool
    best_interests: str | None = None
    reasons_sealed: bytes | None = None
    consulted_sealed: bytes | None = None
    review_on: date
    recorded_by: UUID | None = Field(default=None, foreign_key="staff.id")
    recorded_at: datetime


class ErasureHold(Row, table=True):
    """Why words are kept although somebody asked to be forgotten: a reason, and who looks at it again and when."""

    __tablename__ = "erasure_hold"
    person_id: UUID = Field(foreign_key="person.id", index=True)
    reason_sealed: bytes | None = None
    reviewer_id: UUID = Field(foreign_key="staff.id")
    review_on: date
    made_at: datetime
    lifted_at: datetime | None = None
