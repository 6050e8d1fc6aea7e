"""What many reflections are about: found by a machine, decided by people."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, Index, UniqueConstraint

from learning_log.storage.tables.row import Row


class Theme(Row, table=True):
    """state: proposed (by the machine), confirmed or set_aside (by a person). key is stable from run to run."""

    __table_args__ = (UniqueConstraint("tenant_id", "key"),)
    key: str
    direction: str
    label_sealed: bytes | None = None
    terms_sealed: bytes | None = None
    state: str = "proposed"
    clarity: float = 0.0  # 0..1
    found_at: datetime
    decided_at: datetime | None = None
    decided_by: UUID | None = Field(default=None, foreign_key="staff.id")


class ThemePlacement(Row, table=True):
    """placed_by: machine, person. A person's placement is never moved by the machine."""

    __tablename__ = "theme_placement"
    __table_args__ = (
        UniqueConstraint("theme_id", "reflection_id"),
        Index("ix_theme_placement_reflection", "reflection_id"),
    )
    theme_id: UUID = Field(foreign_key="theme.id")
    reflection_id: UUID = Field(foreign_key="reflection.id")
    strength: float
    placed_by: str = "machine"
    placed_at: datetime


class ThemeModel(Row, table=True):
    """What the theme finder learnt last, so that a new reflection finds its place at once. The newest one is used."""

    __tablename__ = "theme_model"
    model_sealed: bytes | None = None
    learnt_at: datetime
    reflections: int
