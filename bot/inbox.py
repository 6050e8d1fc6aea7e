"""What came in: kept before the channel is told so, and handled once, in order per chat."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.channel import Incoming
from learning_log import config
from learning_log.errors import LearningLogError
from learning_log.services import conversations
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import NOBODY, Conversation, InboxMessage, new_id

# The worker takes rows of every tenant, so it names the table and not the class: see storage/database.py.
INBOX: Table = InboxMessage.__table__  # type: ignore[attr-defined]
CONVERSATION: Table = Conversation.__table__  # type: ignore[attr-defined]
# Said as the partial indexes say it: SQLite uses them only for the very same words.
KEPT = INBOX.c.status == literal_column("'kept'")
SHOWN: Any = literal_column("inbox.status = 'done' AND inbox.body_sealed IS NOT NULL")
PUT_OFF = timedelta(hours=1)
IN_ONE = 500  # ids in one statement
IN_ORDER = (INBOX.c.received_at, INBOX.c.place, INBOX.c.id)


@dataclass(frozen=True)
class Waiting:
    """One kept message, opened; its body has the chat's address beside what the channel brought.

    chat: the hash of its address. conversation: none for a stranger.
    """

    id: UUID
    tenant: UUID
    channel: str
    chat: bytes | None
    body: dict[str, Any]
    conversation: UUID | None
    received_at: datetime
    was_known: bool  # whose it is, when it was kept


@dataclass(frozen=True)
class Done:
    """A message that is handled. body: what the page of the web chat goes on showing of it; else it is wiped.

    conversation: whose it was, where the message was kept before that was known, or is shown.
    """

    id: UUID
    conversation: Conversation | None
    body: dict[str, Any] | None = None


def keep(log: LearningLog, channel: str, messages: Sequence[Incoming]) -> int:
    """Keeps a batch in one commit; durable when it returns. A message that came before is passed over.

    Returns how many were new. A message belongs to the tenant of its chat, or to nobody when the chat is unknown.
    """
    if not messages:
        return 0
    now = log.clock()
    with log.write() as records:
        known = _known(records, channel, {message.address for message in messages})
        rows = [_row(log, channel, message, place, now, known) for place, message in enumerate(messages)]
        dialect = sqlite if log.database.is_sqlite else postgresql
        statement = dialect.insert(INBOX).on_conflict_do_nothing(index_elements=["channel", "message_key"])
        return len(records.session.execute(statement.returning(INBOX.c.id), rows).all())


def take(
    records: Records,
    channels: Iterable[str],
    limit: int = 100,
    *,
    ids: Collection[UUID] = (),
    without: Collection[bytes] = (),
    unread: list[UUID] | None = None,
) -> list[Waiting]:
    """The oldest messages that wait, locked for this transaction, each chat's in its order from its first on.

    Only of these channels: what came by another waits for a worker that has it. One that failed and waits for another
    try is left out, and does not hold up a stop or a worry behind it. ids: only these. without: chats to leave out.
    unread: gets the ids of those that cannot be opened; without it that is raised.
    """
    # The empty text keeps SQLite from the index of all that ever came by this channel: there is one of what waits.
    by_them = (INBOX.c.channel + "").in_(list(channels))
    ready = [KEPT, by_them, _not_resting(records)]
    if ids:
        ready.append(INBOX.c.id.in_(list(ids)))
    if without:
        ready.append(or_(INBOX.c.address_hash.is_(None), INBOX.c.address_hash.not_in(list(without))))
    oldest = select(INBOX).where(*ready).order_by(*IN_ORDER).limit(limit).with_for_update(skip_locked=True)
    rows = records.session.execute(oldest).all()
    places = find_places(records, {(row.channel, row.address_hash) for row in rows})
    found = []
    for row in _in_turn(records, rows):
        try:
            found.append(_opened(records, row, places))
        except (LearningLogError, ValueError, TypeError):
            if unread is None:
                raise
            unread.append(row.id)
    return found


def _not_resting(records: Records) -> Any:
    """What came in the future came before the clock was set back: its next try is not to wait for that."""
    due = INBOX.c.next_try_at <= records.now
    return or_(INBOX.c.next_try_at.is_(None), due, INBOX.c.received_at > records.now)


def _in_turn(records: Records, rows: Sequence[Any]) -> list[Any]:
    """Without the messages of a chat whose first one another worker is answering: they wait for it."""
    if records.session.get_bind().dialect.name == "sqlite" or not rows:
        return list(rows)
    mine = {row.id for row in rows}
    chats = {(row.channel, row.address_hash) for row in rows}
    hashes = {chat for _, chat in chats if chat}
    names = {name for name, _ in chats}
    first = (
        select(INBOX.c.channel, INBOX.c.address_hash, INBOX.c.id)
        .ext(postgresql.distinct_on(INBOX.c.channel, INBOX.c.address_hash))
        .where(KEPT, _not_resting(records), INBOX.c.channel.in_(names), INBOX.c.address_hash.in_(hashes))
        .order_by(INBOX.c.channel, INBOX.c.address_hash, *IN_ORDER)
    )
    others = {(row.channel, row.address_hash) for row in records.session.execute(first) if row.id not in mine}
    return [row for row in rows if (row.channel, row.address_hash) not in others]


@dataclass(frozen=True)
class Place:
    """Whose chat it is."""

    tenant: UUID
    conversation: UUID


def find_places(records: Records, chats: Collection[tuple[str, bytes | None]]) -> dict[tuple[str, bytes], Place]:
    hashes = {chat for _, chat in chats if chat}
    if not hashes:
        return {}
    columns = (CONVERSATION.c.channel, CONVERSATION.c.address_hash, CONVERSATION.c.id, CONVERSATION.c.tenant_id)
    there = and_(CONVERSATION.c.channel.in_({name for name, _ in chats}), CONVERSATION.c.address_hash.in_(hashes))
    found = records.session.execute(select(*columns).where(there))
    return {(row.channel, row.address_hash): Place(row.tenant_id, row.id) for row in found}


def _opened(records: Records, row: Any, places: dict[tuple[str, bytes], Place]) -> Waiting:
    """Its chat may have become known since the message was kept."""
    place = places.get((row.channel, row.address_hash))
    body = json.loads(records.vault.open(row.tenant_id, "inbox", "body", row.id, row.body_sealed))
    return Waiting(
        id=row.id,
        tenant=place.tenant if place else NOBODY,
        channel=row.channel,
        chat=row.address_hash,
        body=body,
        conversation=place.conversation if place else None,
        received_at=row.received_at,
        was_known=place is not None and place.conversation == row.conversation_id,
    )


def place_of(records: Records, id: UUID) -> Place | None:
    """Whose the message is; none for a stranger's. It is not opened."""
    row = records.session.execute(select(INBOX.c.channel, INBOX.c.address_hash).where(INBOX.c.id == id)).one()
    return find_places(records, {(row.channel, row.address_hash)}).get((row.channel, row.address_hash))


def read(log: LearningLog, id: UUID) -> Waiting | None:
    """The message, if it still waits to be handled."""
    with log.read() as records:
        row = records.session.execute(select(INBOX).where(INBOX.c.id == id, KEPT)).first()
        if row is None:
            return None
        return _opened(records, row, find_places(records, {(row.channel, row.address_hash)}))


def done(records: Records, handled: Sequence[Done]) -> None:
    """Handled, in the transaction of their answers."""
    over = {"status": "done", "handled_at": records.now, "trouble": None, "body_sealed": None}
    ids = [each.id for each in handled]
    for start in range(0, len(ids), IN_ONE):
        records.session.execute(update(INBOX).where(INBOX.c.id.in_(ids[start : start + IN_ONE])).values(**over))
    for each in handled:
        if each.conversation is not None:
            values = _whose(records, each.id, each.conversation, each.body)
            records.session.execute(update(INBOX).where(INBOX.c.id == each.id).values(**values))


def _whose(records: Records, id: UUID, chat: Conversation, body: dict[str, Any] | None) -> dict[str, Any]:
    whose = {"conversation_id": chat.id, "tenant_id": chat.tenant_id}
    if body is None:
        return whose
    return whose | {"body_sealed": records.vault.seal(chat.tenant_id, "inbox", "body", id, json.dumps(body).encode())}


def failed(records: Records, id: UUID, trouble: str) -> tuple[int, bool]:
    """Another try later, after a wait that doubles; after the last try it is set aside.

    Returns how often it was tried, and whether it was set aside; 0 when somebody else has handled it.

    trouble: the kind of error, never its text, which may hold words.
    """
    rules = config.load("defaults")["handling"]
    mine = select(INBOX.c.attempts).where(INBOX.c.id == id, KEPT).with_for_update()
    before = records.session.execute(mine).scalar()
    if before is None:
        return 0, False
    tries = before + 1
    aside = tries >= rules["tries"]
    wait = timedelta(seconds=rules["first_wait_seconds"] * 2 ** (tries - 1))
    values = {"attempts": tries, "trouble": trouble, "next_try_at": records.now + wait}
    values |= {"status": "aside"} if aside else {}
    records.session.execute(update(INBOX).where(INBOX.c.id == id).values(**values))
    return tries, bool(aside)


def put_off(records: Records, id: UUID, trouble: str) -> None:
    """Another try much later, however often it was tried."""
    values = {"trouble": trouble, "next_try_at": records.now + PUT_OFF}
    records.session.execute(update(INBOX).where(INBOX.c.id == id, KEPT).values(**values))


def wipe_old(records: Records, before: datetime) -> int:
    """Wipes what is still kept of handled messages that came before this moment."""
    old = update(INBOX).where(SHOWN, INBOX.c.received_at < before).values(body_sealed=None)
    return len(records.session.execute(old.returning(INBOX.c.id)).all())


def _known(records: Records, channel: str, addresses: set[str]) -> dict[bytes, Place]:
    chats = {(channel, conversations.address_hash(records, channel, address)) for address in addresses}
    return {chat: place for (name, chat), place in find_places(records, chats).items() if name == channel}


def _row(
    log: LearningLog, channel: str, message: Incoming, place: int, now: datetime, known: dict[bytes, Place]
) -> dict[str, Any]:
    chat_hash = conversations.address_hash(log, channel, message.address)
    chat, id = known.get(chat_hash), new_id()
    tenant = chat.tenant if chat else NOBODY
    # Escaped: a payload may hold half of a surrogate pair, which UTF-8 has no bytes for.
    plain = json.dumps({**message.body, "address": message.address}).encode()
    return {
        "id": id,
        "tenant_id": tenant,
        "conversation_id": chat.conversation if chat else None,
        "channel": channel,
        "message_key": message.key,
        "address_hash": chat_hash,
        "chat_message": message.chat_message or None,
        "body_sealed": log.vault.seal(tenant, "inbox", "body", id, plain),
        "received_at": now,
        "place": place,
        "status": "kept",
        "attempts": 0,
    }
