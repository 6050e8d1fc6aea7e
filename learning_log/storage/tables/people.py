"""People who are supported, the staff who support them, and what each member of staff may see."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, Index, UniqueConstraint

from learning_log.storage.tables.row import Row


class Person(Row, table=True):
    """A person supported. The reference is the organisation's own code for them.

    worker_id: the member of staff whom they know best; no foreign key, since each of the two tables comes first.
    forgotten_at: their words were erased at their own wish.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "reference_hash"),
        Index("ix_person_name", "tenant_id", "name_hash"),
    )
    team_id: UUID = Field(foreign_key="team.id", index=True)
    name_sealed: bytes | None = None
    name_hash: bytes
    reference_sealed: bytes | None = None
    reference_hash: bytes
    language: str = "en"
    zone: str = "Europe/London"
    added_at: datetime
    left_on: date | None = None
    worker_id: UUID | None = None
    forgotten_at: datetime | None = None


class Staff(Row, table=True):
    """Somebody who works here or commissions. Signs in with a username when a password is set."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "reference_hash"),
        UniqueConstraint("username_hash"),
        Index("ix_staff_name", "tenant_id", "name_hash"),
    )
    team_id: UUID | None = Field(default=None, foreign_key="team.id", index=True)
    name_sealed: bytes | None = None
    name_hash: bytes
    reference_sealed: bytes | None = None
    reference_hash: bytes
    username_sealed: bytes | None = None
    username_hash: bytes | None = None
    password_hash: str | None = None
    failed_sign_ins: int = 0
    locked_until: datetime | None = None
    language: str = "en"
    zone: str = "Europe/London"
    added_at: datetime
    left_on: date | None = None


class Role(Row, table=True):
    """One thing that a member of staff does: team, commissioner, administrator or safeguarding_lead.

    With a team or a service the role holds there only; with neither it holds in the whole tenant.
    """

    __table_args__ = (UniqueConstraint("staff_id", "role", "service_id", "team_id"),)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    role: str
    service_id: UUID | None = Field(default=None, foreign_key="service.id")
    team_id: UUID | None = Field(default=None, foreign_key="team.id")
