"""What people said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import CheckConstraint, Field, Index, UniqueConstraint

from learning_log.storage.tables.row import Row, one_of

FELT = text("felt_at IS NOT NULL")


class Reflection(Row, table=True):
    """One answer, in one person's words.

    With staff_id it is the staff member's own; else with person_id the person's own; with neither it came without a
    name, by import. direction: works, not_working, other. audience: me, worker, team, themes. source: the channel, or
    import.
    A correction is a row of its own (corrects_id); the row that it corrects keeps its words and gets superseded_at.
    placed_at: when themes were looked for. moved_at: a person put it in its themes, or in none; the machine leaves it.
    feeling: good, mixed, bad, unsure; a machine's guess until felt_at, when felt_by, of the team, said what it is.
    helped: by_myself, chosen, staff, written (somebody wrote it for them: never counted as their own voice).
    judged_at: when it was guessed by what was learnt; before that it is the word list's guess.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "source_hash"),
        Index("ix_reflection_said", "tenant_id", "said_at"),
        Index("ix_reflection_team", "team_id", "said_at"),
        Index("ix_reflection_service", "service_id", "said_at"),
        Index("ix_reflection_dialogue", "dialogue_id"),
        Index("ix_reflection_felt", "tenant_id", "felt_at", sqlite_where=FELT, postgresql_where=FELT),
    )
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id", index=True)
    team_id: UUID | None = Field(default=None, foreign_key="team.id")
    service_id: UUID | None = Field(default=None, foreign_key="service.id")
    asked_id: UUID | None = Field(default=None, foreign_key="asked.id", index=True)
    dialogue_id: UUID | None = None
    inbox_id: UUID | None = Field(default=None, foreign_key="inbox.id", index=True, ondelete="SET NULL")
    prompt_version_id: UUID | None = Field(default=None, foreign_key="prompt_version.id")
    outcome_id: UUID | None = Field(default=None, foreign_key="outcome.id", index=True)
    experiment_id: UUID | None = Field(default=None, foreign_key="experiment.id", index=True)
    direction: str
    words_sealed: bytes | None = None
    nothing_to_report: bool = False
    audience: str = "team"
    source: str
    source_hash: bytes | None = None
    source_reference_sealed: bytes | None = None
    feeling: str | None = None
    feeling_score: float | None = None
    feeling_sureness: float | None = None
    said_at: datetime
    kept_at: datetime
    corrects_id: UUID | None = Field(default=None, foreign_key="reflection.id", index=True)
    superseded_at: datetime | None = None
    withdrawn_at: datetime | None = None
    placed_at: datetime | None = Field(default=None, index=True)
    moved_at: datetime | None = None
    felt_at: datetime | None = None
    felt_by: UUID | None = Field(default=None, foreign_key="staff.id")
    judged_at: datetime | None = Field(default=None, index=True)
    helped: str | None = None


class ReflectionMeaning(Row, table=True):
    """What an encoder made of the words: sealed like them, since much of them could be worked out from it.

    vectors: packed as analysis/encoder.py does; the first row is the whole answer, the others its points, if it makes
    several. encoder: its name; vectors of two encoders are never compared.
    """

    __tablename__ = "reflection_meaning"
    __table_args__ = (UniqueConstraint("reflection_id", "encoder"),)
    reflection_id: UUID = Field(foreign_key="reflection.id")
    encoder: str
    vectors_sealed: bytes | None = None


class Reading(Row, table=True):
    """That a member of staff was shown the words of an answer: once for each of them, when it was the first time."""

    __table_args__ = (UniqueConstraint("reflection_id", "staff_id"),)
    reflection_id: UUID = Field(foreign_key="reflection.id")
    staff_id: UUID = Field(foreign_key="staff.id")
    first_read_at: datetime


class FeelingModel(Row, table=True):
    """What was learnt from people's corrections of feelings; one for a tenant.

    model: as analysis/feeling_model.py writes it; none where too little was corrected, or the lexicon was no worse.
    examples: that it was learnt from. encoder: the name of the one that has to read what it judges.
    """

    __tablename__ = "feeling_model"
    __table_args__ = (UniqueConstraint("tenant_id"),)
    model_sealed: bytes | None = None
    encoder: str
    examples: int
    learnt_at: datetime


class Media(Row, table=True):
    """A photo or a voice message, of an answer or of a worry. kind: photo, voice.

    words_from: machine (a guess, until somebody has listened) or person; none where nobody has put it into words.
    """

    __table_args__ = (CheckConstraint(one_of("reflection_id", "concern_id"), name="belongs_to_one"),)
    reflection_id: UUID | None = Field(default=None, foreign_key="reflection.id", index=True)
    concern_id: UUID | None = Field(default=None, foreign_key="concern.id", index=True)
    kind: str
    mime: str
    size: int  # bytes, before sealing
    content_sealed: bytes | None = None
    kept_at: datetime
    words_from: str | None = None
    heard_by: UUID | None = None
    heard_at: datetime | None = None
