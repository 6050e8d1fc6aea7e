"""Voice messages and photos that wait for somebody of the team to put them into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, or_, select

from learning_log.analysis.feeling import feeling_of
from learning_log.analysis.nothing import nothing_to_report
from learning_log.errors import LearningLogError, NotFound
from learning_log.services import auditing, concerns, conversations, looking, noticing
from learning_log.services.access import Reader, may_see_words
from learning_log.services.naming import name_of
from learning_log.services.sharing import Filters, for_team
from learning_log.storage.records import Records
from learning_log.storage.tables import Media, Reflection

PAGE = 20
LONGEST_WORDS = 4_000
PERSON = "person"


class WordsMissing(LearningLogError):
    """There are no words here, or too many. Nothing was changed."""


@dataclass(frozen=True)
class Waiting:
    """kind: voice or photo. words: what is known so far; a machine's guess where guessed."""

    id: UUID
    kind: str
    mime: str
    said_on: date
    who: str
    words: str
    guessed: bool


def waiting(records: Records, reader: Reader) -> list[Waiting]:
    """Of the reader's own people, the oldest first. Needs a transaction that writes: the look is audited."""
    found = records.all(_waiting(records, reader).limit(PAGE))
    auditing.record(records, reader.actor, "read_waiting_media")
    looking.note(records, reader, [answer for _, answer in found])
    return [
        Waiting(
            media.id,
            media.kind,
            media.mime,
            answer.said_at.date(),
            name_of(records, answer.staff_id or answer.person_id or answer.id),
            records.text(answer, "words"),
            media.words_from is not None,
        )
        for media, answer in found
    ]


def content(records: Records, reader: Reader, media_id: UUID) -> bytes:
    """What was sent. Audited. Raises NotFound for what is not the reader's to hear."""
    media, _ = _mine(records, reader, media_id)
    auditing.record(records, reader.actor, "opened_media", "media", media.id)
    return records.content(media, "content")


def write_down(records: Records, reader: Reader, media_id: UUID, words: str, link: str = "") -> None:
    """Somebody listened, or looked, and says what it says: that stands as the words of the answer.

    Words of harm in it are told like any others. link: where leads sign in. Raises WordsMissing or NotFound.
    """
    said = words.strip()
    if not 0 < len(said) <= LONGEST_WORDS:
        raise WordsMissing
    media, answer = _mine(records, reader, media_id)
    records.seal(answer, words=said)
    feeling = feeling_of(said, answer.direction if answer.direction != "other" else None)
    answer.feeling, answer.feeling_score, answer.feeling_sureness = feeling.label, feeling.score, feeling.sureness
    answer.nothing_to_report = nothing_to_report(said)
    answer.placed_at = answer.judged_at = None
    media.words_from, media.heard_by, media.heard_at = PERSON, reader.staff_id, records.now
    records.session.flush()
    auditing.record(records, reader.actor, "wrote_down", "reflection", answer.id)
    category = noticing.worry_in(said)
    chat = conversations.of(records, None if answer.staff_id else answer.person_id, answer.staff_id)
    if category and chat:
        concerns.raise_concern(records, chat, "scan", said, category, link)


def _waiting(records: Records, reader: Reader) -> Any:
    shown = for_team(records.tenant, may_see_words(reader, records.tenant), Filters())
    open_ones = or_(col(Media.words_from).is_(None), Media.words_from != PERSON)
    return (
        select(Media, Reflection)
        .join(Reflection, col(Reflection.id) == Media.reflection_id)
        .where(*shown, Media.tenant_id == records.tenant, col(Media.content_sealed).is_not(None), open_ones)
        .order_by(col(Media.kept_at), col(Media.id))
    )


def _mine(records: Records, reader: Reader, media_id: UUID) -> tuple[Media, Reflection]:
    found = records.first(_waiting(records, reader).where(Media.id == media_id))
    if found is None:
        raise NotFound
    media, answer = found
    return media, answer
