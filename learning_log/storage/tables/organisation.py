"""Who supports people: a tenant (one data boundary) with its providers, services and teams."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel, UniqueConstraint

from learning_log.storage.tables.row import Row, new_id


class Tenant(SQLModel, table=True):
    """One learning partnership: the providers and the commissioner who learn together. Nothing crosses it."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name_sealed: bytes | None = None
    invented: bool = False
    made_at: datetime


class Provider(Row, table=True):
    __table_args__ = (UniqueConstraint("tenant_id", "name_hash"),)
    name_sealed: bytes | None = None
    name_hash: bytes


class Service(Row, table=True):
    __table_args__ = (UniqueConstraint("tenant_id", "name_hash"),)
    provider_id: UUID = Field(foreign_key="provider.id", index=True)
    name_sealed: bytes | None = None
    name_hash: bytes


class Team(Row, table=True):
    """A home and the staff who work there.

    subject: of the bank of questions, which the team asks about more often until the day, that day included.
    """

    __table_args__ = (UniqueConstraint("tenant_id", "name_hash"),)
    service_id: UUID = Field(foreign_key="service.id", index=True)
    name_sealed: bytes | None = None
    name_hash: bytes
    subject: str | None = None
    subject_until: date | None = None
