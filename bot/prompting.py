"""The words of a prompt or a reminder, found when its turn to be sent has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from bot import effects, handling
from bot.dialogue.hearing import begin, remind
from bot.dialogue.machine import WORRIED
from bot.dialogue.turn import Heard, State, Turn
from bot.gathering import facts_of, state_of
from learning_log.services import asking, conversations
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, OutboxMessage

WORRY_FIRST = timedelta(hours=1)


def compose(records: Records, message: OutboxMessage, conversation: Conversation) -> Literal["say", "later", "no"]:
    """Begins the dialogue, and puts its words into the message; says if it may not go now, or not at all.

    The dialogue moves only now: what somebody writes while a prompt still waits in a long queue is no answer to it. One
    that has its words was handed back by its channel, and is only asked whether it may still go.
    """
    if message.body_sealed is not None:
        return "say" if asking.may_be_asked(records, conversation) else "no"
    state = state_of(records, conversation)
    what = asking.turn_of(records, message, conversation, is_busy=_tells_a_worry(records, conversation, state))
    if what in ("no", "later"):
        return what
    facts, asked = facts_of(records, conversation), str(message.asked_id)
    turn = begin("reflecting", facts, {"asked": asked}) if what == "ask" else remind(state, facts, asked)
    if turn is None or not turn.say:
        return "no"
    _say(records, message, conversation, turn)
    return "say"


def _say(records: Records, message: OutboxMessage, conversation: Conversation, turn: Turn) -> None:
    """The first of its messages goes as this one, the others after it."""
    scene = effects.Scene(records, conversation, Heard("nothing"), message.id, (), "", "")
    first, *more = handling.carry_out(scene, turn)
    records.seal(message, body=first)
    kind, asked, made_at = message.kind, message.asked_id, message.made_at
    conversations.say(records, conversation, more, kind, asked, made_at=made_at, first=message.place + 1)


def _tells_a_worry(records: Records, conversation: Conversation, state: State | None) -> bool:
    """Whether what they write next belongs to a worry: a question would make it an answer that the team reads."""
    fresh = records.now - conversation.changed_at < WORRY_FIRST
    return state is not None and state.dialogue == WORRIED and fresh
