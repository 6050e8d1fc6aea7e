"""What staff are told in their own chat: that something needs them, never whose or what it says."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, or_, select

from learning_log.services import conversations
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, Role, Staff

ADMINISTRATOR = "administrator"


def tell_administrators(records: Records, words: str) -> int:
    """Puts a notice into the outbox for each administrator who has a chat. Returns how many there are."""
    holding = select(Role.staff_id).where(Role.role == ADMINISTRATOR)
    return tell_staff(records, records.all(holding), words)


def tell_staff(records: Records, ids: Sequence[UUID], words: str) -> int:
    """The same for each of these who is here and has a chat."""
    here = select(Staff.id).where(
        col(Staff.id).in_(ids), or_(col(Staff.left_on).is_(None), col(Staff.left_on) > records.now.date())
    )
    chats = records.all(
        select(Conversation).where(col(Conversation.staff_id).in_(here), Conversation.status == "active")
    )
    for chat in chats:
        conversations.say(records, chat, [conversations.message(words)], kind="notice")
    return len(chats)
