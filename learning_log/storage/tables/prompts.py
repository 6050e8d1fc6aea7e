"""The questions, and each version of their words, as they were when they were asked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, UniqueConstraint

from learning_log.storage.tables.row import Row


class Prompt(Row, table=True):
    __table_args__ = (UniqueConstraint("tenant_id", "key"),)
    key: str
    direction: str  # works, not_working


class PromptVersion(Row, table=True):
    """Words of a question in one language. A reflection points here, so that a new wording changes no old answer."""

    __tablename__ = "prompt_version"
    __table_args__ = (UniqueConstraint("prompt_id", "language", "version"),)
    prompt_id: UUID = Field(foreign_key="prompt.id")
    language: str
    version: int
    words: str
    first_used_at: datetime
