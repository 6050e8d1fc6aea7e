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
from learning_log.domain.pace import later_at, local_day, too_late
from learning_log.domain.rotation import subject_of
from learning_log.errors import AgreementNeeded, CapacityRecordNeeded, NotFound
from learning_log.services import auditing, capacity, conversations, following, joining, pacing
from learning_log.storage.records import Records
from learning_log.storage.tables import (
    Asked,
    Conversation,
    OutboxMessage,
    Prompt,
    PromptVersion,
    Schedule,
    Team,
    new_id,
)

SCHEDULED = "scheduled"
GOAL = "goal"  # the subject that needs a goal of the person's own


@dataclass(frozen=True)
class Question:
    version_id: UUID
    direction: str
    words: str


def questions(records: Records, who: str, language: str, subject: str) -> list[Question]:
    """What the bank asks about a subject, in this language or else in English; the version of each is kept."""

    def look() -> list[Question]:
        return [_question(records, prompt, language) for prompt in bank(who)[subject]]

    return records.once(("questions", records.tenant, who, language, subject), look)


@cache
def bank(who: str) -> dict[str, tuple[dict[str, Any], ...]]:
    """The prompts for a person or for staff, by subject, in the order of config/prompts."""
    found: dict[str, tuple[dict[str, Any], ...]] = {}
    for name in config.names("prompts"):
        for prompt in config.load(f"prompts/{name}")["prompt"]:
            if prompt["who"] == who:
                found[prompt["subject"]] = (*found.get(prompt["subject"], ()), prompt)
    return found


def subject_for(records: Records, conversation: Conversation, asks: int, *, has_goal: bool) -> str:
    """What a round asks about: whose turn it is, or what the team wants to learn about this month.

    asks: how many rounds this person had before.
    """
    party = conversations.party(records, conversation)
    subjects = [subject for subject in bank(party.who) if has_goal or subject != GOAL]
    team = records.get(Team, party.team_id) if party.team_id else None
    is_on = team and team.subject and team.subject_until and team.subject_until >= records.now.date()
    return subject_of(asks, conversation.id.hex, subjects, (team.subject or "") if team and is_on else "")


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


def ask_later(records: Records, conversation: Conversation, until: str) -> None:
    """They are asked once more: in an hour, tonight or tomorrow, never in their quiet hours, never twice on one day by
    their schedule. until: hour, tonight or tomorrow."""
    planned = conversations.schedule(records, conversation) or pacing.start(records, conversation)
    pace = pacing.pace_of(planned)
    due_at = later_at(pace, records.now, until)
    day, usual = local_day(pace, due_at), planned.next_due_at
    if usual and day != local_day(pace, records.now) and local_day(pace, usual) <= day:
        return  # that is when they are asked anyway
    id = new_id()
    records.add(
        Asked(
            id=id,
            conversation_id=conversation.id,
            local_date=day,
            slot=f"later-{id}",
            due_at=due_at,
        )
    )
    records.session.flush()
    conversations.say(records, conversation, [None], kind="prompt", asked_id=id, due_at=due_at)


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
    since = asked.due_at if message.kind == "prompt" else message.made_at
    if too_late(since, records.now, late_window()):
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
    if planned and conversations.has_left(records, conversation) and not _moves_on(records, conversation, planned):
        return False
    if planned and planned.paused_until and planned.paused_until >= local_day(pacing.pace_of(planned), records.now):
        return False
    return conversation.status == "active" and joining.has_agreed(records, conversation, joining.TAKE_PART)


def _moves_on(records: Records, conversation: Conversation, planned: Schedule) -> bool:
    """Whether somebody who has left is to be asked today, some months after, as they agreed before they left."""
    agreed = joining.has_agreed(records, conversation, joining.MOVING_ON)
    coming = following.next_day(records, conversation, following.MOVING_ON) if agreed else None
    if coming and coming <= records.now.date():
        return True
    planned.next_due_at = None
    if coming:
        pacing.plan_from(planned, coming)
    return False


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
