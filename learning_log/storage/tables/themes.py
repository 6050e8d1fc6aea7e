"""What many reflections are about: found by a machine, decided by people."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Field, Index, UniqueConstraint

from learning_log.storage.tables.row import Row

OUT_OF_USE = ("merged", "split", "gone")
MACHINE, PERSON = "machine", "person"  # who placed an answer in a theme


class Theme(Row, table=True):
    """state: proposed (by the machine); confirmed or set_aside (by a person); or one of OUT_OF_USE.

    key is stable from run to run. locked: the machine moves nothing in or out of it but new answers.
    merged_into: where the answers of a merged theme stand now.
    """

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
    locked: bool = False
    merged_into: UUID | None = Field(default=None, foreign_key="theme.id")


class ThemePlacement(Row, table=True):
    """placed_by: machine, person. A person's placement is never moved by the machine.

    What stands below placed_at is a copy of what the reflection says, kept by the database itself (storage/copying.py):
    themes are counted from it. said_by: whose words they are; an answer without a name is somebody of its own. counts:
    it is open to the team, stands, and says something.
    """

    __tablename__ = "theme_placement"
    __table_args__ = (
        UniqueConstraint("theme_id", "reflection_id"),
        Index("ix_theme_placement_reflection", "reflection_id"),
        # All that is counted, so that the table itself is not read.
        Index(
            "ix_theme_placement_said",
            "tenant_id",
            "theme_id",
            "said_at",
            "said_by",
            "team_id",
            "service_id",
            "direction",
            sqlite_where=text("counts IS 1"),
            postgresql_where=text("counts IS true"),
        ),
    )
    theme_id: UUID = Field(foreign_key="theme.id")
    reflection_id: UUID = Field(foreign_key="reflection.id")
    strength: float
    placed_by: str = MACHINE
    placed_at: datetime
    said_by: UUID | None = None
    person_id: UUID | None = None
    team_id: UUID | None = None
    service_id: UUID | None = None
    direction: str | None = None
    said_at: datetime | None = None
    counts: bool | None = None


class ThemeModel(Row, table=True):
    """What the theme finder learnt last, so that a new reflection finds its place at once. The newest one is used."""

    __tablename__ = "theme_model"
    model_sealed: bytes | None = None
    learnt_at: datetime
    reflections: int


class ThemeStep(Row, table=True):
    """One thing that people did about themes, and all that is needed to undo it. A step is never deleted.

    kind: renamed, confirmed, set_aside, taken_up_again, merged, split, locked, unlocked, moved, found_anew, added.
    taken_by: none on the command line. about and what: JSON, see services/theme_steps.py; about is what lists show.
    """

    __tablename__ = "theme_step"
    __table_args__ = (Index("ix_theme_step_taken", "tenant_id", "taken_at"),)
    kind: str
    about_sealed: bytes | None = None
    what_sealed: bytes | None = None
    taken_at: datetime
    taken_by: UUID | None = Field(default=None, foreign_key="staff.id")
    undone_at: datetime | None = None
    undone_by: UUID | None = Field(default=None, foreign_key="staff.id")


class ThemeProposal(Row, table=True):
    """What the machine would do about themes, and does not do until a person says so.

    kind: found_anew (other themes for everything), added (a theme of what is in none). state: open, applied,
    turned_down, replaced (by a newer one). reflections: how many there were. what: JSON, see services/proposing.py.
    """

    __tablename__ = "theme_proposal"
    kind: str
    state: str = "open"
    what_sealed: bytes | None = None
    reflections: int
    made_at: datetime
    decided_at: datetime | None = None
    decided_by: UUID | None = Field(default=None, foreign_key="staff.id")
