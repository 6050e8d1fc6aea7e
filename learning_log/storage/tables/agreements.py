"""Being invited, and agreeing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import CheckConstraint, Field, Index

from learning_log.storage.tables.row import Row, one_of


class Invitation(Row, table=True):
    """A code that lets one person in, once. Only its hash is kept."""

    __table_args__ = (CheckConstraint(one_of("person_id", "staff_id"), name="invites_one"),)
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id", index=True)
    code_hash: bytes = Field(unique=True)
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class Agreement(Row, table=True):
    """One answer to one purpose, and the version of the text it answers. A later answer replaces an earlier one."""

    __table_args__ = (
        CheckConstraint(one_of("person_id", "staff_id"), name="agreed_by_one"),
        Index("ix_agreement_person", "person_id", "purpose", "answered_at"),
        Index("ix_agreement_staff", "staff_id", "purpose", "answered_at"),
    )
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    purpose: str  # take_part, themes
    agreed: bool
    text_version: str
    answered_at: datetime
    withdrawn_at: datetime | None = None
