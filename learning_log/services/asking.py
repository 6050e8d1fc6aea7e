"""Who is to be asked, what, and when it is their turn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from learning_log import config
from learning_log.domain.pace import PaceWrong, local_day, too_late
from learning_log.errors import AgreementNeeded, NotFound
from learning_log.services import auditing, conversations, joining, pacing
from learning_log.storage.records import Records
from learning_log.storage.tables import Asked, Conversation, Prompt, PromptVersion, Schedule, new_id

SCHEDULED = "scheduled"


@dataclass(frozen=True)
class Question:
    version_id: UUID
    direction: str
    words: str


def questions(records: Records, who: str, language: str) -> list[Question]:
    """The question of the bank for each direction, in this language or else in English; its version is kept."""
    bank = [prompt for name in config.names("prompts") for prompt in config.load(f"prompts/{name}")["prompt"]]
    chosen: dict[str, dict[str, Any]] = {}
    for prompt in bank:
        if prompt["who"] == who:
            chosen.setdefault(prompt["direction"], prompt)
    return [_question(records, prompt, language) for prompt in chosen.values()]


def ask_now(records: Records, *, person_id: UUID | None = None, staff_id: UUID | None = None) -> Asked:
    """Makes a prompt due now. Raises AgreementNeeded or NotFound, as a sentence, for somebody who may not be asked."""
    conversation = conversations.of(records, person_id, staff_id)
    if conversation is None:
        raise NotFound("This person has not joined yet. Invite them first. Nothing was asked.")
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
    auditing.record(records, "administrator", "asked now", "conversation", conversation.id)
    return asked


def make_due(records: Records, limit: int = 500) -> int:
    """Turns schedules whose time has come into prompts that are due; `records` is open on all tenants.

    At most one per person and local day, whatever happens to the clock or to us. What is later than its window is
    marked as missed, never sent in a burst. Returns how many became due.
    """
    window = late_window()
    come = (
        select(Schedule)
        .where(col(Schedule.next_due_at) <= records.now)
        .order_by(col(Schedule.next_due_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    made = 0
    for planned in records.all(come):
        own = replace(records, tenant=planned.tenant_id)
        try:
            with records.session.begin_nested():
                made += _make_due(own, planned, window)
                records.session.flush()
                pacing.advance(own, planned)
        except PaceWrong:  # one schedule that cannot be worked out must not hold up the others
            planned.next_due_at = None
    return made


def due(records: Records, limit: int = 500) -> list[tuple[UUID, UUID]]:
    """Prompts whose turn it is, oldest first, as (tenant, id)."""
    waiting = select(Asked.tenant_id, Asked.id).where(Asked.status == "due", col(Asked.due_at) <= records.now)
    return [(tenant, id) for tenant, id in records.all(waiting.order_by(col(Asked.due_at), col(Asked.id)).limit(limit))]


def claim(records: Records, id: UUID) -> tuple[Asked, Conversation] | None:
    """Takes a due prompt to ask it, once; none if somebody else did, or if the person may not be asked any more."""
    asked: Asked | None = records.first(
        select(Asked).where(Asked.id == id, Asked.status == "due").with_for_update(skip_locked=True)
    )
    if asked is None:
        return None
    conversation = records.get(Conversation, asked.conversation_id)
    if too_late(asked.due_at, records.now, late_window()):
        asked.status = "missed"
        return None
    if conversations.has_left(records, conversation):
        asked.status = "cancelled"
        return None
    if conversation.status != "active" or not joining.has_agreed(records, conversation, joining.TAKE_PART):
        asked.status = "cancelled"
        return None
    asked.status, asked.asked_at = "asked", records.now
    return asked, conversation


def late_window() -> timedelta:
    """How late a prompt may be and still be sent."""
    return timedelta(minutes=config.load("defaults")["pace"]["late_minutes"])


def answered(records: Records, id: UUID) -> None:
    asked = records.get(Asked, id)
    if asked.status == "asked":
        asked.status, asked.answered_at = "answered", records.now


def _make_due(records: Records, planned: Schedule, window: timedelta) -> int:
    when = planned.next_due_at or records.now
    day = local_day(pacing.pace_of(planned), when)
    already = select(Asked.id).where(
        Asked.conversation_id == planned.conversation_id, Asked.local_date == day, Asked.slot == SCHEDULED
    )
    if records.first(already) is not None:
        return 0
    late = too_late(when, records.now, window)
    records.add(
        Asked(
            conversation_id=planned.conversation_id,
            local_date=day,
            slot=SCHEDULED,
            due_at=when,
            status="missed" if late else "due",
        )
    )
    return 0 if late else 1


def _question(records: Records, entry: dict[str, Any], language: str) -> Question:
    text = entry["words"].get(language) or entry["words"]["en"]
    spoken = language if language in entry["words"] else "en"
    prompt = _first(records, select(Prompt).where(Prompt.key == entry["key"])) or records.add(
        Prompt(key=entry["key"], direction=entry["direction"])
    )
    same = select(PromptVersion).where(
        PromptVersion.prompt_id == prompt.id,
        PromptVersion.language == spoken,
        PromptVersion.version == text["version"],
    )
    version = _first(records, same) or records.add(
        PromptVersion(
            prompt_id=prompt.id,
            language=spoken,
            version=text["version"],
            words=text["text"],
            first_used_at=records.now,
        )
    )
    return Question(version.id, entry["direction"], version.words)


def _first(records: Records, statement: Any) -> Any:
    found: Iterable[Any] = records.all(statement.limit(1))
    return next(iter(found), None)
