"""Who is to be asked, what, and when it is their turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import and_, update
from sqlmodel import col, select

from learning_log import config
from learning_log.domain.pace import local_day, too_late
from learning_log.errors import AgreementNeeded, CapacityRecordNeeded, NotFound
from learning_log.services import auditing, capacity, conversations, joining, pacing
from learning_log.storage.records import Records
from learning_log.storage.tables import Asked, Conversation, OutboxMessage, Prompt, PromptVersion, new_id

SCHEDULED = "scheduled"


@dataclass(frozen=True)
class Question:
    version_id: UUID
    direction: str
    words: str


def questions(records: Records, who: str, language: str) -> list[Question]:
    """The question of the bank for each direction, in this language or else in English; its version is kept."""

    def look() -> list[Question]:
        return [_question(records, prompt, language) for prompt in _bank(who)]

    return records.once(("questions", records.tenant, who, language), look)


@cache
def _bank(who: str) -> tuple[dict[str, Any], ...]:
    """The first prompt of each direction."""
    chosen: dict[str, dict[str, Any]] = {}
    for name in config.names("prompts"):
        for prompt in config.load(f"prompts/{name}")["prompt"]:
            if prompt["who"] == who:
                chosen.setdefault(prompt["direction"], prompt)
    return tuple(chosen.values())


def ask_now(records: Records, *, person_id: UUID | None = None, staff_id: UUID | None = None) -> Asked:
    """Puts a prompt into the outbox now. Raises AgreementNeeded, CapacityRecordNeeded or NotFound, as a sentence, for
    somebody who may not be asked."""
    conversation = conversations.of(records, person_id, staff_id)
    if conversation is None:
        raise NotFound("This person has not joined yet. Invite them first. Nothing was asked.")
    if capacity.why_not(records, conversation):
        raise CapacityRecordNeeded
    if conversation.status != "active" or not joining.has_agreed(records, conversation, joining.TAKE_PART):
        raise AgreementNeeded
    planned = conversations.schedule(records, conversation) or pacing.start(records, conversation)
    today = local_day(pacing.pace_of(planned), records.now)
    if planned.paused_until and planned.paused_until >= today:
        raise AgreementNeeded(f"This person has paused until {planned.paused_until:%d %B %Y}. Nothing was asked.")
    id = new_id()
    asked = records.add(
        Asked(id=id, conversation_id=conversation.id, local_date=today, slot=f"now-{id}", due_at=records.now)
    )
    records.session.flush()
    conversations.say(records, conversation, [None], kind="prompt", asked_id=asked.id)
    auditing.record(records, "administrator", "asked now", "conversation", conversation.id)
    return asked


Turn = Literal["ask", "remind", "later", "no"]


def turn_of(records: Records, message: OutboxMessage, conversation: Conversation, *, is_busy: bool) -> Turn:
    """What becomes of a prompt or a reminder whose turn to be sent has come; `asked` says so from now on.

    is_busy: they are telling something that must not be taken for an answer. Nobody is asked who has left, has
    stopped or has not agreed, or when the moment has passed.
    """
    asked = records.get(Asked, message.asked_id or UUID(int=0))
    wanted = "due" if message.kind == "prompt" else "asked"
    if asked.status != wanted:
        return "no"
    if too_late(message.made_at, records.now, late_window()):
        asked.status = "missed" if wanted == "due" else asked.status
        return "no"
    if not may_be_asked(records, conversation):
        asked.status, asked.remind_at = "cancelled", None
        return "no"
    if is_busy:
        return "later"
    if message.kind == "reminder":
        if asked.asked_at and conversation.changed_at > asked.asked_at:
            return "no"  # they have reacted since, if only by a skip
        asked.reminded_at = records.now
        return "remind"
    asked.status, asked.asked_at = "asked", records.now
    asked.remind_at = pacing.remind_at(records, conversation)
    return "ask"


def may_be_asked(records: Records, conversation: Conversation) -> bool:
    """Whether they take part, have not left and have not paused. Who has left has no next time either."""
    planned = conversations.schedule(records, conversation)
    if planned and conversations.has_left(records, conversation):
        planned.next_due_at = None
        return False
    if planned and planned.paused_until and planned.paused_until >= local_day(pacing.pace_of(planned), records.now):
        return False
    return conversation.status == "active" and joining.has_agreed(records, conversation, joining.TAKE_PART)


def late_window() -> timedelta:
    """How late a prompt may be and still be sent."""
    return timedelta(minutes=config.load("defaults")["pace"]["late_minutes"])


def answered(records: Records, id: UUID) -> None:
    """The prompt has its answer: no reminder follows, and if nobody knew whether it had arrived, now it is known."""
    asked = records.get(Asked, id)
    if asked.status == "asked":
        asked.status, asked.answered_at, asked.remind_at = "answered", records.now, None
        arrived = and_(col(OutboxMessage.asked_id) == id, col(OutboxMessage.status) == "unknown")
        records.session.execute(update(OutboxMessage).where(arrived).values(status="sent"))


def _question(records: Records, entry: dict[str, Any], language: str) -> Question:
    text = entry["words"].get(language) or entry["words"]["en"]
    spoken = language if language in entry["words"] else "en"
    known = select(Prompt).where(Prompt.tenant_id == records.tenant, Prompt.key == entry["key"])
    prompt = records.first_or_put(known, Prompt, key=entry["key"], direction=entry["direction"])
    same = select(PromptVersion).where(
        PromptVersion.prompt_id == prompt.id,
        PromptVersion.language == spoken,
        PromptVersion.version == text["version"],
    )
    version = records.first_or_put(
        same,
        PromptVersion,
        prompt_id=prompt.id,
        language=spoken,
        version=text["version"],
        words=text["text"],
        first_used_at=records.now,
    )
    return Question(version.id, entry["direction"], version.words)
