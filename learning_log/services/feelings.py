"""How an answer feels: a machine's guess, until somebody of the team says what it is. Never added up to a score."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

from learning_log.analysis.feeling import feeling_of
from learning_log.analysis.feeling_model import Kind
from learning_log.services import auditing
from learning_log.services.access import Reader
from learning_log.services.sense_making import must_read
from learning_log.storage.records import Records

KINDS: tuple[Kind, ...] = get_args(Kind)


def say(records: Records, reader: Reader, reflection_id: UUID, kind: Kind) -> None:
    """The answer feels so, whatever a machine guesses; it may learn from it. The last one who says so counts.

    Raises NotFound for an answer that this reader may not read, and NotAllowed.
    """
    reflection = must_read(records, reader, reflection_id)
    reflection.feeling, reflection.feeling_score, reflection.feeling_sureness = kind, None, None
    reflection.felt_at, reflection.felt_by = records.now, reader.staff_id
    records.session.flush()
    auditing.record(records, reader.actor, "said_how_it_feels", "reflection", reflection.id)


def leave_to_machine(records: Records, reader: Reader, reflection_id: UUID) -> None:
    """Takes back what was said of the answer: a machine guesses again, at first the word list. Raises as say does."""
    reflection = must_read(records, reader, reflection_id)
    if reflection.felt_at is None:
        return
    asked = reflection.direction if reflection.direction != "other" else None
    guessed = feeling_of(records.text(reflection, "words"), asked)
    reflection.feeling, reflection.feeling_score, reflection.feeling_sureness = (
        guessed.label,
        guessed.score,
        guessed.sureness,
    )
    reflection.felt_at = reflection.felt_by = reflection.judged_at = None
    records.session.flush()
    auditing.record(records, reader.actor, "took_back_how_it_feels", "reflection", reflection.id)
