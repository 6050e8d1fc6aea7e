"""The chat with one person: where its dialogue is, what goes out, and what was said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, update
from sqlmodel import and_, col, select

from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import (
    URGENCY,
    Asked,
    Conversation,
    InboxMessage,
    OutboxMessage,
    Person,
    Schedule,
    Staff,
    Team,
)

NOWHERE = "nowhere"  # the channel of a conversation whose chat now belongs to somebody else


@dataclass(frozen=True)
class Party:
    """Whom a conversation is with: exactly one of the two ids is set. who: person or staff."""

    who: str
    person_id: UUID | None
    staff_id: UUID | None
    team_id: UUID | None
    service_id: UUID | None


def address_hash(log: LearningLog | Records, channel: str, address: str) -> bytes:
    """The look-up hash of a chat's address in its channel. One for all tenants: a message arrives without one."""
    return log.vault.fingerprint(f"address:{channel}", address)


def find(records: Records, channel: str, address: str) -> Conversation | None:
    """The conversation at an address, whatever tenant it is of when `records` is open on all of them."""
    found: Conversation | None = records.first(
        select(Conversation).where(
            Conversation.channel == channel, Conversation.address_hash == address_hash(records, channel, address)
        )
    )
    return found


def load(records: Records, ids: Sequence[UUID]) -> list[Conversation]:
    """Many conversations, locked, with whom they are with, in four queries: `get` and `party` then ask no more."""
    found = _load(records, Conversation, ids, lock=True)
    people = _load(records, Person, [one.person_id for one in found if one.person_id])
    staff = _load(records, Staff, [one.staff_id for one in found if one.staff_id])
    _load(records, Team, [one.team_id for one in (*people, *staff) if one.team_id])
    return found


def _load(records: Records, kind: type[Any], ids: Sequence[UUID], *, lock: bool = False) -> list[Any]:
    """Held for the transaction: the session itself remembers only what somebody else holds.

    lock: nobody else changes them meanwhile; in the order of their ids, so that two do not wait for each other.
    """
    held = records.held(kind)
    missing = {id for id in ids if id not in held}
    if missing:
        rows = select(kind).where(col(kind.id).in_(missing)).order_by(col(kind.id))
        if lock:
            rows = rows.with_for_update().execution_options(populate_existing=True)
        held |= {row.id: row for row in records.all(rows)}
    return [held[id] for id in dict.fromkeys(ids) if id in held]


def of(records: Records, person_id: UUID | None, staff_id: UUID | None) -> Conversation | None:
    same = Conversation.person_id == person_id if person_id else Conversation.staff_id == staff_id
    found: Conversation | None = records.first(select(Conversation).where(same))
    return found


def whose(table: type[Any], conversation: Conversation) -> ColumnElement[bool]:
    """The rows of a table that belong to whom we talk with: by person_id or by staff_id."""
    column = "person_id" if conversation.person_id else "staff_id"
    mine: ColumnElement[bool] = col(getattr(table, column)) == getattr(conversation, column)
    return mine


def party(records: Records, conversation: Conversation) -> Party:
    return records.once(("party", conversation.id), lambda: _party(records, conversation))


def _party(records: Records, conversation: Conversation) -> Party:
    if conversation.person_id:
        person = records.get(Person, conversation.person_id)
        team = records.get(Team, person.team_id)
        return Party("person", person.id, None, team.id, team.service_id)
    assert conversation.staff_id  # noqa: S101  (the table's check constraint)
    staff = records.get(Staff, conversation.staff_id)
    team_of_staff = records.get(Team, staff.team_id) if staff.team_id else None
    return Party("staff", None, staff.id, staff.team_id, team_of_staff.service_id if team_of_staff else None)


def whom(records: Records, conversation: Conversation) -> Person | Staff:
    if conversation.person_id:
        return records.get(Person, conversation.person_id)
    return records.get(Staff, conversation.staff_id or conversation.id)


def actor(conversation: Conversation) -> str:
    """Who the audit log says did it."""
    return f"person:{conversation.person_id}" if conversation.person_id else f"staff:{conversation.staff_id}"


def is_nowhere(conversation: Conversation) -> bool:
    """Whether its chat belongs to somebody else by now, or to nobody."""
    return conversation.channel == NOWHERE


def schedule(records: Records, conversation: Conversation) -> Schedule | None:
    found: Schedule | None = records.first(select(Schedule).where(Schedule.conversation_id == conversation.id))
    return found


def choose_language(records: Records, conversation: Conversation, language: str) -> None:
    """The person's own choice, here and wherever they talk to us next."""
    if conversation.person_id:
        records.get(Person, conversation.person_id).language = language
    elif conversation.staff_id:
        records.get(Staff, conversation.staff_id).language = language
    conversation.language = language
    conversation.changed_at = records.now


def set_dialogue(records: Records, conversation: Conversation, state: str | None) -> None:
    records.seal(conversation, dialogue=state)
    conversation.changed_at = records.now


def say(
    records: Records,
    conversation: Conversation,
    bodies: Iterable[str | None],
    kind: str = "reply",
    asked_id: UUID | None = None,
    concern_id: UUID | None = None,
    made_at: datetime | None = None,
    first: int = 0,
    due_at: datetime | None = None,
) -> None:
    """Puts messages into the outbox, in this order; they go once the transaction is kept.

    bodies: JSON of each; none for a prompt or a reminder, whose words are found when its turn comes. made_at and first:
    their place in the order of the chat, where it is not the end. due_at: not before then.
    """
    for place, body in enumerate(bodies, start=first):
        records.put(
            OutboxMessage,
            sealed={"body": body},
            conversation_id=conversation.id,
            channel=conversation.channel,
            address_hash=conversation.address_hash,
            kind=kind,
            urgency=URGENCY[kind],
            made_at=made_at or records.now,
            place=place,
            due_at=due_at or records.now,
            asked_id=asked_id,
            concern_id=concern_id,
        )


def message(words: str) -> str:
    """The body of a plain message: the JSON that channels read, with no choices and no picture."""
    return json.dumps({"words": words, "choices": [], "picture": ""}, ensure_ascii=False)


def say_to_stranger(records: Records, channel: str, address: str, body: str) -> OutboxMessage:
    message = OutboxMessage(
        channel=channel,
        address_hash=address_hash(records, channel, address),
        kind="reply",
        made_at=records.now,
        due_at=records.now,
    )
    return records.add(message, body=body, address=address)


def silence(records: Records, conversation: Conversation, status: str) -> None:
    """Ends prompts at once: those on the schedule, those due, and those already waiting to be sent."""
    conversation.status = status
    planned = schedule(records, conversation)
    if planned:
        planned.next_due_at = None
    waiting = and_(
        col(OutboxMessage.conversation_id) == conversation.id,
        col(OutboxMessage.status) == "pending",
        col(OutboxMessage.kind).in_(("prompt", "reminder")),
    )
    records.session.execute(update(OutboxMessage).where(waiting).values(status="cancelled", body_sealed=None))
    mine = col(Asked.conversation_id) == conversation.id
    records.session.execute(update(Asked).where(mine, col(Asked.status) == "due").values(status="cancelled"))
    records.session.execute(update(Asked).where(mine, col(Asked.remind_at).is_not(None)).values(remind_at=None))


def has_left(records: Records, conversation: Conversation) -> bool:
    """Whether the person is no longer supported here, or the member of staff no longer works here."""
    who: Person | Staff = (
        records.get(Person, conversation.person_id)
        if conversation.person_id
        else records.get(Staff, conversation.staff_id)  # type: ignore[arg-type]
    )
    return who.left_on is not None and who.left_on <= records.now.date()


def move(records: Records, conversation: Conversation, channel: str, address: str) -> None:
    """The same conversation, reached at another address from now on; what waits to be sent goes there too."""
    # What is being sent stays with the channel that sends it, which says what became of it.
    waiting = and_(col(OutboxMessage.conversation_id) == conversation.id, col(OutboxMessage.status) == "pending")
    status = {"status": "cancelled", "body_sealed": None} if channel == NOWHERE else {}
    chat = address_hash(records, channel, address)
    records.session.execute(update(OutboxMessage).where(waiting).values(channel=channel, address_hash=chat, **status))
    conversation.channel = channel
    conversation.address_hash = chat
    conversation.changed_at = records.now
    records.seal(conversation, address=address)


@dataclass(frozen=True)
class Line:
    """One line of the chat as its page shows it. body: JSON of what was sent, or of what the channel brought.

    at: when it went out or came in. order: sorts the lines of a chat; no two have the same.
    """

    id: UUID
    at: datetime
    by: str  # bot, person
    body: str
    order: str
    message_key: str = ""


def transcript(
    records: Records, conversation: Conversation, since: datetime | None = None, most: int | None = None
) -> list[Line]:
    """What was said in this chat and is still held, oldest first; of the person's own only what is not yet wiped.

    since: the first moment of interest, itself included: lines of one moment can become visible one after another.
    most: the newest so many.
    """
    lines = [*_said(records, conversation, since, most), *_heard(records, conversation, since, most)]
    in_order = sorted(lines, key=lambda line: line.order)
    return in_order if most is None else in_order[-most:]


def _said(records: Records, conversation: Conversation, since: datetime | None, most: int | None) -> list[Line]:
    at = func.coalesce(OutboxMessage.sent_at, OutboxMessage.made_at)
    out = select(OutboxMessage).where(
        OutboxMessage.conversation_id == conversation.id,
        OutboxMessage.status == "sent",
        col(OutboxMessage.body_sealed).is_not(None),
    )
    if since:
        out = out.where(at >= since)
    newest = out.order_by(at.desc(), col(OutboxMessage.made_at).desc(), col(OutboxMessage.place).desc()).limit(most)
    lines = []
    for row in records.all(newest):
        when = row.sent_at or row.made_at
        order = f"{_sortable(when)}-1-{_sortable(row.made_at)}-{row.place:06}-{row.id.hex}"
        lines.append(Line(row.id, when, "bot", records.text(row, "body"), order))
    return lines


def _heard(records: Records, conversation: Conversation, since: datetime | None, most: int | None) -> list[Line]:
    came = select(InboxMessage).where(
        InboxMessage.conversation_id == conversation.id, col(InboxMessage.body_sealed).is_not(None)
    )
    if since:
        came = came.where(col(InboxMessage.received_at) >= since)
    newest = came.order_by(col(InboxMessage.received_at).desc(), col(InboxMessage.place).desc()).limit(most)
    lines = []
    for row in records.all(newest):
        order = f"{_sortable(row.received_at)}-0-{_sortable(row.received_at)}-{row.place:06}-{row.id.hex}"
        lines.append(Line(row.id, row.received_at, "person", records.text(row, "body"), order, row.message_key))
    return lines


def _sortable(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")
