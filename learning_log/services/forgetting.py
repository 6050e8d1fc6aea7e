"""Forgets somebody who asks for it: what they said is erased everywhere; bare facts stay, without words or a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import and_, col, or_, select

from learning_log import config
from learning_log.errors import LearningLogError
from learning_log.services import auditing, conversations, erasing, holds
from learning_log.services.my_data_page import Book
from learning_log.storage.records import Records
from learning_log.storage.tables import (
    CapacityRecord,
    Concern,
    Conversation,
    ErasureHold,
    Experiment,
    FollowUp,
    InboxMessage,
    Invitation,
    Media,
    OutboxMessage,
    Outcome,
    OutcomeRating,
    Person,
    Reflection,
    Schedule,
    Staff,
)


class ErasureHeld(LearningLogError):
    """Nothing was erased: a safeguarding lead has to look first. review_on: when; none for a worry that waits."""

    def __init__(self, review_on: date | None) -> None:
        self.review_on = review_on
        super().__init__(
            f"Nothing was erased. All of it is kept for safeguarding. It is looked at again on {review_on:%d %B %Y}."
            if review_on
            else "Nothing was erased. A worry waits for a safeguarding lead. Try again when it is looked after."
        )


@dataclass(frozen=True)
class Forgotten:
    """answers: how many lost their words. in_backups_until: the last day on which a backup may hold a copy.

    channel, address: where the chat was, for the last words to a stranger; empty where there was none.
    """

    answers: int
    in_backups_until: date
    channel: str
    address: str


def forget(records: Records, who: Conversation | Person | Staff, actor: str = "") -> Forgotten:
    """Erases words, media and meanings, leaves the chat, and takes away a person's name. Nothing is asked from now on.

    A member of staff keeps their name and their account, which are the employer's; what they said is gone. Raises
    ErasureHeld, before anything was changed. actor: for the audit log; without it, they themselves.
    """
    somebody, chat = _both(records, who)
    mine = _Mine(somebody)
    _must_not_be_held(records, somebody, mine)
    records.flush()
    channel, address = (chat.channel, records.text(chat, "address")) if chat else ("", "")
    if chat:
        _leave_chat(records, chat)
    answers = list(records.all(select(Reflection).where(*mine.answers)))
    erasing.erase(records, answers)
    _erase_worries(records, mine)
    records.session.execute(delete(FollowUp).where(mine.of(FollowUp), col(FollowUp.answered_at).is_(None)))
    records.session.execute(
        update(Invitation)
        .where(mine.of(Invitation), col(Invitation.used_at).is_(None), col(Invitation.expires_at) > records.now)
        .values(expires_at=records.now)
    )
    if isinstance(somebody, Person):
        _erase_about(records, somebody)
        _take_name(records, somebody)
    records.flush()
    kind = "person" if isinstance(somebody, Person) else "staff"
    auditing.record(records, actor or f"{kind}:{somebody.id}", erasing.FORGOT, kind, somebody.id)
    return Forgotten(
        answers=sum(1 for one in answers if one.corrects_id is None),
        in_backups_until=records.now.date() + timedelta(days=backup_days()),
        channel=channel,
        address=address,
    )


def backup_days() -> int:
    return int(config.load("defaults")["erasing"]["backup_days"])


class _Mine:
    """Conditions for what is theirs: by person_id or by staff_id."""

    def __init__(self, somebody: Person | Staff) -> None:
        self._column = "person_id" if isinstance(somebody, Person) else "staff_id"
        self._id = somebody.id

    def of(self, table: type[Any]) -> ColumnElement[bool]:
        mine: ColumnElement[bool] = col(getattr(table, self._column)) == self._id
        return mine

    @property
    def answers(self) -> tuple[ColumnElement[bool], ...]:
        """Their own, and not what staff said about them."""
        own = (col(Reflection.staff_id).is_(None),) if self._column == "person_id" else ()
        return self.of(Reflection), *own


def _both(records: Records, who: Conversation | Person | Staff) -> tuple[Person | Staff, Conversation | None]:
    if not isinstance(who, Conversation):
        person, staff = (who.id, None) if isinstance(who, Person) else (None, who.id)
        return who, conversations.of(records, person, staff)
    if who.person_id:
        return records.get(Person, who.person_id), who
    assert who.staff_id  # noqa: S101  (the table's check constraint)
    return records.get(Staff, who.staff_id), who


def _must_not_be_held(records: Records, somebody: Person | Staff, mine: _Mine) -> None:
    review_on = holds.review_day(records, somebody.id) if isinstance(somebody, Person) else None
    if review_on:
        raise ErasureHeld(review_on)
    waiting = select(Concern.id).where(mine.of(Concern), col(Concern.acknowledged_at).is_(None)).limit(1)
    if records.first(waiting) is not None:
        raise ErasureHeld(None)


def _leave_chat(records: Records, chat: Conversation) -> None:
    address = and_(col(InboxMessage.channel) == chat.channel, col(InboxMessage.address_hash) == chat.address_hash)
    heard = or_(col(InboxMessage.conversation_id) == chat.id, address)
    over = and_(heard, col(InboxMessage.status).in_(("done", "aside")))
    records.session.execute(update(InboxMessage).where(over).values(status="done", body_sealed=None))
    conversations.silence(records, chat, "left")
    conversations.set_dialogue(records, chat, None)
    conversations.move(records, chat, conversations.NOWHERE, str(chat.id))
    said = and_(col(OutboxMessage.conversation_id) == chat.id, col(OutboxMessage.status) != "sending")
    records.session.execute(update(OutboxMessage).where(said).values(body_sealed=None))
    records.session.execute(delete(Schedule).where(col(Schedule.conversation_id) == chat.id))
    records.flush()


def _erase_worries(records: Records, mine: _Mine) -> None:
    for concern in records.all(select(Concern).where(mine.of(Concern))):
        records.session.execute(delete(Media).where(col(Media.concern_id) == concern.id))
        records.seal(concern, words=None, action=None)
        concern.category = None


def _erase_about(records: Records, person: Person) -> None:
    """Goals, what was tried with the person, and what was written about whether they can decide."""
    outcomes = list(records.all(select(Outcome).where(Outcome.person_id == person.id)))
    for outcome in outcomes:
        records.seal(outcome, words=None, steps=None)
        outcome.closed_on = outcome.closed_on or records.now.date()
    rated = select(OutcomeRating).where(col(OutcomeRating.outcome_id).in_([one.id for one in outcomes]))
    for rating in records.all(rated):
        records.seal(rating, note=None)
    for tried in records.all(select(Experiment).where(Experiment.person_id == person.id)):
        records.seal(tried, heard=None, noticed=None, learned=None, **{"try": None})
    for capacity in records.all(select(CapacityRecord).where(CapacityRecord.person_id == person.id)):
        records.seal(capacity, assessor=None, support=None, reasons=None, consulted=None)
    for hold in records.all(select(ErasureHold).where(ErasureHold.person_id == person.id)):
        records.seal(hold, reason=None)


def _take_name(records: Records, person: Person) -> None:
    """An empty name; the row's own id in the place of the reference, which has to be another for each."""
    records.seal(person, name="", reference=str(person.id))
    person.name_hash = records.fingerprint("person.name", str(person.id))
    person.reference_hash = records.fingerprint("person.reference", str(person.id))
    person.worker_id = None
    person.forgotten_at = records.now


def told(forgotten: Forgotten, who: Person | Staff) -> tuple[str, ...]:
    """What somebody hears in the end, in their language."""
    book = Book(who.language)
    first = ("forgotten.done", "forgotten.asked") if isinstance(who, Person) else ("forgotten.staff", "forgotten.asked")
    copy = ("forgotten.telegram",) if forgotten.channel == "telegram" else ()
    backups = book.text("forgotten.backups", day=book.day(forgotten.in_backups_until))
    return (*(book.text(key) for key in first), backups, *(book.text(key) for key in copy))


def why_held(held: ErasureHeld, language: str) -> str:
    """What somebody hears who cannot be forgotten yet."""
    book = Book(language)
    if held.review_on is None:
        return book.text("forgotten.worry")
    return book.text("forgotten.held", day=book.day(held.review_on))
