"""What somebody may ask of the log about themselves, and what they may change in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlmodel import col, func, select

from learning_log.errors import LearningLogError, NotFound
from learning_log.services import auditing, conversations, erasing, joining
from learning_log.services.signing_in import names_of_staff
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, Person, Reading, Reflection

NEWEST = 5
ME, WORKER, TEAM, THEMES = "me", "worker", "team", "themes"


class AudienceWrong(LearningLogError):
    """These people cannot be chosen for this answer. Nothing was changed."""


def my_answers(records: Records, conversation: Conversation) -> tuple[int, list[Reflection]]:
    """How many answers of theirs are kept, and the newest of them."""
    kept = (*own_words(conversation), col(Reflection.superseded_at).is_(None), col(Reflection.withdrawn_at).is_(None))
    count = records.first(select(func.count()).select_from(Reflection).where(*kept))
    newest = select(Reflection).where(*kept).order_by(col(Reflection.said_at).desc(), col(Reflection.id).desc())
    return count, list(records.all(newest.limit(NEWEST)))


def who_read(records: Records, conversation: Conversation) -> dict[UUID, tuple[str, ...]]:
    """The names of the staff who read each answer, by its id, the first reader first. An answer without one is not
    there."""
    return readers_of(records, *own_words(conversation))


def readers_of(records: Records, *which: Any) -> dict[UUID, tuple[str, ...]]:
    """The same, of the answers that these conditions on Reflection choose."""
    wanted: Any = (
        select(Reading.reflection_id, Reading.staff_id)
        .join(Reflection, col(Reflection.id) == Reading.reflection_id)
        .where(*which)
        .order_by(col(Reading.first_read_at), col(Reading.id))
    )
    found = records.session.execute(wanted).all()
    names = names_of_staff(records, {staff for _, staff in found})
    readers: dict[UUID, tuple[str, ...]] = {}
    for reflection, staff in found:
        readers[reflection] = (*readers.get(reflection, ()), names.get(staff, ""))
    return readers


def audiences(records: Records, conversation: Conversation) -> tuple[str, ...]:
    """Those that may be chosen now, the narrowest first: a worker only who is known, themes only as agreed to."""
    person = records.get(Person, conversation.person_id) if conversation.person_id else None
    worker = (WORKER,) if person and person.worker_id else ()
    themes = (THEMES,) if joining.has_agreed(records, conversation, joining.THEMES) else ()
    return (ME, *worker, TEAM, *themes)


def choose_audience(records: Records, conversation: Conversation, reflection_id: UUID, audience: str) -> None:
    """Who may read this answer from now on: me, worker, team or themes. Raises AudienceWrong or NotFound.

    NotFound also for one that was taken back. Who read it before has read it.
    """
    answer = _standing(records, conversation, reflection_id)
    if audience not in audiences(records, conversation):
        raise AudienceWrong
    answer.audience = audience
    if audience in (ME, WORKER):
        erasing.take_out_of_themes(records, [answer.id])
    answer.placed_at = None
    records.flush()
    auditing.record(records, conversations.actor(conversation), "chose_audience", "reflection", answer.id)


def take_back(records: Records, conversation: Conversation, reflection_id: UUID) -> None:
    """Its words and media are gone, also those that it corrected, and no theme counts it. A row without content stays.

    A worry that it raised is kept for those who look after it. Raises NotFound.
    """
    answer = _standing(records, conversation, reflection_id)
    erasing.erase(records, versions(records, conversation, answer))
    auditing.record(records, conversations.actor(conversation), erasing.TOOK_BACK, "reflection", answer.id)


def versions(records: Records, conversation: Conversation, answer: Reflection) -> list[Reflection]:
    """The answer and what it corrected, the newest first."""
    found = [answer]
    while (earlier := found[-1].corrects_id) is not None:
        found.append(_own(records, conversation, earlier))
    return found


def own_words(conversation: Conversation) -> tuple[Any, ...]:
    """Conditions on Reflection: what they said themselves, and not what staff said about them."""
    own = Reflection.staff_id == conversation.staff_id  # a person's own have no staff_id: theirs is none as well
    return conversations.whose(Reflection, conversation), own


def _standing(records: Records, conversation: Conversation, id: UUID) -> Reflection:
    """The answer as it stands; of one that was corrected since, what it became."""
    found = _own(records, conversation, id)
    while found.superseded_at is not None:
        later = records.first(select(Reflection).where(Reflection.corrects_id == found.id))
        if later is None:
            break
        found = later
    if found.withdrawn_at is not None:
        raise NotFound
    return found


def _own(records: Records, conversation: Conversation, id: UUID) -> Reflection:
    found: Reflection | None = records.first(
        select(Reflection).where(col(Reflection.id) == id, *own_words(conversation))
    )
    if found is None:
        raise NotFound
    return found
