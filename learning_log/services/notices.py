"""What administrators are told in their own chat: that something needs them, never whose or what it says."""

from __future__ import annotations

from sqlmodel import col, or_, select

from learning_log.services import conversations
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, Role, Staff

ADMINISTRATOR = "administrator"


def tell_administrators(records: Records, words: str) -> int:
    """Puts a notice into the outbox for each administrator who has a chat. Returns how many there are."""
    today = records.now.date()
    here = select(Staff.id).where(or_(col(Staff.left_on).is_(None), col(Staff.left_on) > today))
    holding = select(Role.staff_id).where(Role.role == ADMINISTRATOR, col(Role.staff_id).in_(here))
    chats = records.all(
        select(Conversation).where(col(Conversation.staff_id).in_(holding), Conversation.status == "active")
    )
    for chat in chats:
        conversations.say(records, chat, [conversations.message(words)], kind="notice")
    return len(chats)
