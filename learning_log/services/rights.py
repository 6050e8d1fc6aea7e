"""What somebody may ask of the log about themselves."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, func, select

from learning_log.services import conversations
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, Reflection

NEWEST = 5


def my_answers(records: Records, conversation: Conversation) -> tuple[int, list[Reflection]]:
    """How many answers of theirs are kept, and the newest of them."""
    mine = conversations.whose(Reflection, conversation)
    own_words = Reflection.staff_id == conversation.staff_id  # a person's own have no staff_id: theirs is none as well
    kept = (mine, own_words, col(Reflection.superseded_at).is_(None), col(Reflection.withdrawn_at).is_(None))
    count = records.first(select(func.count()).select_from(Reflection).where(*kept))
    newest = select(Reflection).where(*kept).order_by(col(Reflection.said_at).desc(), col(Reflection.id).desc())
    return count, list(records.all(newest.limit(NEWEST)))


def readers(records: Records, conversation: Conversation) -> list[str]:
    return []


def take_back(records: Records, conversation: Conversation, reflection_id: UUID) -> None:
    records.get(Reflection, reflection_id).withdrawn_at = records.now


def choose_audience(records: Records, conversation: Conversation, reflection_id: UUID, audience: str) -> None:
    records.get(Reflection, reflection_id).audience = audience
