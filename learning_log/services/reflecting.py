"""Keeping what somebody said, exactly as they said it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select

from learning_log.analysis.feeling import feeling_of
from learning_log.analysis.nothing import nothing_to_report
from learning_log.errors import AgreementNeeded, NotFound
from learning_log.services import asking, conversations, joining
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, InboxMessage, Media, Outcome, Reflection, ReflectionMeaning


@dataclass(frozen=True)
class Attachment:
    """A photo or a voice message, fetched from its channel. words: what a machine heard in it."""

    kind: str
    mime: str
    content: bytes
    words: str = ""


def keep_reflection(
    records: Records,
    conversation: Conversation,
    words: str,
    direction: str,
    dialogue_id: UUID,
    *,
    inbox_id: UUID | None = None,
    question: UUID | None = None,
    asked: UUID | None = None,
    outcome: UUID | None = None,
    experiment: UUID | None = None,
    attachments: Sequence[Attachment] = (),
    private: bool = False,
) -> UUID:
    """Keeps one answer, for the narrowest audience that was agreed to. Raises AgreementNeeded without one.

    private: it tells of harm, so that the team does not read it; the worry that it raised is for the leads.
    """
    if not joining.has_agreed(records, conversation, joining.TAKE_PART):
        raise AgreementNeeded
    party = conversations.party(records, conversation)
    feeling = feeling_of(words, direction if direction != "other" else None) if words else None
    reflection = records.put(
        Reflection,
        sealed={"words": words or None},
        person_id=party.person_id,
        staff_id=party.staff_id,
        team_id=party.team_id,
        service_id=party.service_id,
        asked_id=asked,
        dialogue_id=dialogue_id,
        inbox_id=inbox_id,
        prompt_version_id=question,
        outcome_id=outcome,
        experiment_id=experiment,
        direction=direction,
        nothing_to_report=bool(words) and not attachments and nothing_to_report(words),
        audience="me" if private else _audience(records, conversation),
        source=conversation.channel,
        feeling=feeling.label if feeling else None,
        feeling_score=feeling.score if feeling else None,
        feeling_sureness=feeling.sureness if feeling else None,
        said_at=records.now,
        kept_at=records.now,
    )
    for attachment in attachments:
        attach(records, attachment, reflection_id=reflection)
    if asked:
        asking.answered(records, asked)
    return reflection


def _audience(records: Records, conversation: Conversation) -> str:
    if joining.has_refused(records, conversation, joining.TEAM):
        return "me"
    return "themes" if joining.has_agreed(records, conversation, joining.THEMES) else "team"


def say_helped(records: Records, conversation: Conversation, dialogue_id: UUID, helped: str) -> None:
    """Who helped with what was said in one dialogue: by_myself, chosen, staff or written (for them)."""
    for reflection in _of_dialogue(records, conversation, dialogue_id):
        reflection.helped = helped


def ids_of_dialogue(records: Records, conversation: Conversation, dialogue_id: UUID) -> list[UUID]:
    """The answers of one dialogue that stand: not what was corrected or taken back since."""
    found = _of_dialogue(records, conversation, dialogue_id)
    return [each.id for each in found if each.superseded_at is None and each.withdrawn_at is None]


def link_outcome(records: Records, conversation: Conversation, dialogue_id: UUID, outcome_id: UUID) -> int:
    """Ties what was said in one dialogue to one of the person's own outcomes. Returns how many answers."""
    outcome = records.get(Outcome, outcome_id)
    found = _of_dialogue(records, conversation, dialogue_id)
    for reflection in found:
        reflection.outcome_id = outcome.id
    return len(found)


def set_direction(records: Records, conversation: Conversation, dialogue_id: UUID, direction: str) -> int:
    """What was said unasked turns out to be about what works, or about what doesn't."""
    found = [each for each in _of_dialogue(records, conversation, dialogue_id) if each.direction == "other"]
    for reflection in found:
        reflection.direction = direction
        reflection.placed_at = reflection.judged_at = None
    return len(found)


def correct(
    records: Records, conversation: Conversation, edited: str, words: str, private: bool = False
) -> Reflection | None:
    """The person changed a message: the new words count, the old ones stay behind them. None if it was no answer.

    edited: the chat's own number of the message. private: as for keep_reflection. Raises AgreementNeeded.
    """
    if not joining.has_agreed(records, conversation, joining.TAKE_PART):
        raise AgreementNeeded
    kept = _answer_of(records, conversation, edited)
    return _corrected(records, kept, words, private) if kept else None


def change(records: Records, conversation: Conversation, answer: UUID, words: str) -> Reflection | None:
    """As `correct`, for an answer that the person chose. None if it was corrected or taken back since.

    Raises AgreementNeeded, or NotFound for an answer of somebody else.
    """
    if not joining.has_agreed(records, conversation, joining.TAKE_PART):
        raise AgreementNeeded
    kept = records.get(Reflection, answer)
    if (kept.person_id, kept.staff_id) != (conversation.person_id, conversation.staff_id):
        raise NotFound
    return None if kept.superseded_at or kept.withdrawn_at else _corrected(records, kept, words, private=False)


def _corrected(records: Records, kept: Reflection, words: str, private: bool) -> Reflection:
    feeling = feeling_of(words, kept.direction if kept.direction != "other" else None)
    copied = kept.model_dump(
        exclude={
            "id",
            "words_sealed",
            "source_hash",
            "source_reference_sealed",
            "placed_at",
            "moved_at",
            "felt_at",
            "felt_by",
            "judged_at",
        }
    )
    copied |= {"corrects_id": kept.id, "kept_at": records.now, "nothing_to_report": nothing_to_report(words)}
    copied |= {"feeling": feeling.label, "feeling_score": feeling.score, "feeling_sureness": feeling.sureness}
    copied |= {"audience": "me"} if private else {}
    kept.superseded_at = records.now
    records.session.execute(delete(ReflectionMeaning).where(col(ReflectionMeaning.reflection_id) == kept.id))
    return records.add(Reflection(**copied), words=words)


def outcomes_of(records: Records, conversation: Conversation) -> list[tuple[UUID, str]]:
    """The person's open outcomes in their own words, oldest first; none for staff."""
    person = conversation.person_id
    if person is None:
        return []
    found = records.once(("outcomes", person), lambda: records.all(_open_outcomes([person])))
    return [(row.id, records.text(row, "words")) for row in found]


def load_outcomes(records: Records, chats: Sequence[Conversation]) -> None:
    """The open outcomes of many people in one query: `outcomes_of` then asks no more."""
    found: dict[UUID, list[Outcome]] = {chat.person_id: [] for chat in chats if chat.person_id}
    for row in records.all(_open_outcomes(found)) if found else ():
        found[row.person_id].append(row)
    for person, rows in found.items():
        records.know(("outcomes", person), rows)


def _open_outcomes(people: Iterable[UUID]) -> Any:
    open_ones = select(Outcome).where(col(Outcome.person_id).in_(list(people)), col(Outcome.closed_on).is_(None))
    return open_ones.order_by(col(Outcome.set_on))


def attach(
    records: Records, attachment: Attachment, *, reflection_id: UUID | None = None, concern_id: UUID | None = None
) -> Media:
    """Keeps a photo or a voice message with the answer, or with the worry, that it belongs to."""
    records.flush()
    return records.add(
        Media(
            reflection_id=reflection_id,
            concern_id=concern_id,
            kind=attachment.kind,
            mime=attachment.mime,
            size=len(attachment.content),
            words_from="machine" if attachment.words else None,
            kept_at=records.now,
        ),
        content=attachment.content,
    )


def _of_dialogue(records: Records, conversation: Conversation, dialogue_id: UUID) -> list[Reflection]:
    own = conversations.whose(Reflection, conversation)
    return list(records.all(select(Reflection).where(own, Reflection.dialogue_id == dialogue_id)))


def _answer_of(records: Records, conversation: Conversation, chat_message: str) -> Reflection | None:
    came = select(InboxMessage.id).where(
        InboxMessage.conversation_id == conversation.id, InboxMessage.chat_message == chat_message
    )
    current = select(Reflection).where(
        col(Reflection.inbox_id).in_(came),
        col(Reflection.superseded_at).is_(None),
        col(Reflection.withdrawn_at).is_(None),
    )
    found: Reflection | None = records.first(current)
    return found
