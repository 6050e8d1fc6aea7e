"""Worries: kept first, told to named people, open until one of them acknowledges."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Field, Index

from learning_log.storage.tables.row import Row

UNACKNOWLEDGED = text("acknowledged_at IS NULL")


class Concern(Row, table=True):
    """raised_by: button (the person), scan (the rules). Acknowledged means a named person, a time and an action."""

    __table_args__ = (
        Index("ix_concern_open", "tenant_id", "acknowledged_at"),
        Index("ix_concern_unacknowledged", "raised_at", sqlite_where=UNACKNOWLEDGED, postgresql_where=UNACKNOWLEDGED),
    )
    conversation_id: UUID | None = Field(default=None, foreign_key="conversation.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    reflection_id: UUID | None = Field(default=None, foreign_key="reflection.id")
    raised_by: str
    category: str | None = None
    priority: str = "high"
    words_sealed: bytes | None = None
    raised_at: datetime
    alerts: int = 0
    last_alert_at: datetime | None = None
    acknowledged_by: UUID | None = Field(default=None, foreign_key="staff.id")
    acknowledged_at: datetime | None = None
    action_sealed: bytes | None = None
