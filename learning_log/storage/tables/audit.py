"""Who looked at, decided, exported or was refused what. Holds ids, never words."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import UniqueConstraint

from learning_log.storage.tables.row import Row


class AuditEntry(Row, table=True):
    """A link in a chain: `link` is an HMAC over the previous link and this entry."""

    __tablename__ = "audit_entry"
    __table_args__ = (UniqueConstraint("tenant_id", "position"),)
    position: int
    at: datetime
    actor: str
    action: str
    subject: str | None = None
    subject_id: UUID | None = None
    link: bytes
