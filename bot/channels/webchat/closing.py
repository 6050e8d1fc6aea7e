"""A chat leaves a device: its address changes, so that no copy of an old cookie opens it."""

from __future__ import annotations

from bot.channels.webchat.channel import NAME
from bot.channels.webchat.lines import is_waiting
from bot.channels.webchat.session import new_token
from learning_log.services import conversations
from learning_log.storage.records import LearningLog


def move(log: LearningLog, address: str, to: str = "") -> bool:
    """to: the new address; one that nobody knows when it is left out, until somebody holds a new link.

    Does nothing while something that was written there waits to be handled: by its address it is known whose it is.
    """
    with log.write() as everyone:
        conversation = conversations.find(everyone, NAME, address)
        if conversation is None or is_waiting(everyone, address):
            return False
        conversations.move(everyone.within(conversation.tenant_id), conversation, NAME, to or new_token())
        return True
