"""What came in: kept before the channel is told so, and handled once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.channel import Incoming
from learning_log import config
from learning_log.services import conversations
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import NOBODY, Conversation, InboxMessage, new_id

# The worker takes rows of every tenant, so it names the table and not the class: see storage/database.py.
INBOX: Table = InboxMessage.__table__  # type: ignore[attr-defined]
CONVERSATION: Table = Conversation.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Waiting:
    """One kept message, opened; its body has the chat's address beside what the channel brought.

    conversation: none for a stranger.
    """

    id: UUID
    tenant: UUID
    channel: str
    body: dict[str, Any]
    conversation: UUID | None


def keep(log: LearningLog, channel: str, messages: Sequence[Incoming]) -> int:
    """Keeps a batch in one commit; durable when it returns. A message that came before is passed over.

    Returns how many were new. A message belongs to the tenant of its chat, or to nobody when the chat is unknown.
    """
    if not messages:
        return 0
    now = log.clock()
    with log.write() as records:
        known = _known(records, log, channel, {message.address for message in messages})
        rows = [_row(log, channel, message, place, now, known) for place, message in enumerate(messages)]
        dialect = sqlite if log.database.is_sqlite else postgresql
        statement = dialect.insert(INBOX).values(rows).on_conflict_do_nothing(index_elements=["channel", "message_key"])
        return len(records.session.execute(statement.returning(INBOX.c.id)).all())


def waiting(log: LearningLog, channels: Iterable[str], limit: int = 100) -> list[UUID]:
    """Messages to handle, oldest first: the next one of each chat that does not wait for another try.

    Only of these channels: what came by another waits for a worker that has it.
    """
    first = (
        select(INBOX.c.id, INBOX.c.channel, INBOX.c.address_hash, INBOX.c.next_try_at)
        .where(INBOX.c.status == "kept", INBOX.c.channel.in_(list(channels)))
        .order_by(INBOX.c.received_at, INBOX.c.place, INBOX.c.id)
        .limit(limit * 4)
    )
    with log.read() as records:
        rows = records.session.execute(first).all()
        found, chats = [], set()
        for row in rows:
            chat = (row.channel, row.address_hash)
            if row.next_try_at is not None and row.next_try_at > records.now:
                continue  # one that failed does not hold up a stop or a worry behind it
            if chat not in chats:
                found.append(row.id)
            chats.add(chat)
    return found[:limit]


def read(log: LearningLog, id: UUID) -> Waiting | None:
    """The message, if it still waits to be handled. Its chat may have become known since it was kept."""
    return _read(log, id, "kept")


def read_aside(log: LearningLog, id: UUID) -> Waiting | None:
    """The message, if it was set aside."""
    return _read(log, id, "aside")


def _read(log: LearningLog, id: UUID, status: str) -> Waiting | None:
    with log.read() as records:
        row = records.session.execute(select(INBOX).where(INBOX.c.id == id, INBOX.c.status == status)).first()
        if row is None:
            return None
        body = log.vault.open(row.tenant_id, "inbox", "body", row.id, row.body_sealed)
        chat = records.session.execute(
            select(CONVERSATION.c.id, CONVERSATION.c.tenant_id).where(
                CONVERSATION.c.channel == row.channel, CONVERSATION.c.address_hash == row.address_hash
            )
        ).first()
    return Waiting(row.id, chat.tenant_id if chat else NOBODY, row.channel, json.loads(body), chat.id if chat else None)


def claim(records: Records, id: UUID) -> bool:
    """Locks the message for this transaction. False if it was handled, or is being handled elsewhere."""
    mine = select(INBOX.c.id).where(INBOX.c.id == id, INBOX.c.status == "kept").with_for_update(skip_locked=True)
    return records.session.execute(mine).first() is not None


def done(records: Records, id: UUID, conversation: Conversation | None, *, keep_body: dict[str, Any] | None) -> None:
    """Handled, in the transaction of its answer. The body is wiped, or kept as given for the page of the web chat."""
    values: dict[str, Any] = {"status": "done", "handled_at": records.now, "trouble": None, "body_sealed": None}
    if conversation is not None:
        values |= {"conversation_id": conversation.id, "tenant_id": conversation.tenant_id}
        if keep_body is not None:
            plain = json.dumps(keep_body).encode()
            values["body_sealed"] = records.vault.seal(conversation.tenant_id, "inbox", "body", id, plain)
    records.session.execute(update(INBOX).where(INBOX.c.id == id).values(**values))


def failed(log: LearningLog, id: UUID, trouble: str) -> tuple[int, bool]:
    """Another try later, after a wait that doubles; after the last try it is set aside.

    Returns how often it was tried, and whether it was set aside.

    trouble: the kind of error, never its text, which may hold words.
    """
    rules = config.load("defaults")["handling"]
    with log.write() as records:
        tries = records.session.execute(select(INBOX.c.attempts).where(INBOX.c.id == id)).scalar_one() + 1
        aside = tries >= rules["tries"]
        wait = timedelta(seconds=rules["first_wait_seconds"] * 2 ** (tries - 1))
        values = {"attempts": tries, "trouble": trouble, "next_try_at": records.now + wait}
        values |= {"status": "aside"} if aside else {}
        records.session.execute(update(INBOX).where(INBOX.c.id == id).values(**values))
    return tries, bool(aside)


def wipe_old(records: Records, before: datetime) -> int:
    """Wipes what is still kept of handled messages that came before this moment."""
    old = and_(INBOX.c.status == "done", INBOX.c.received_at < before, INBOX.c.body_sealed.is_not(None))
    wiped = update(INBOX).where(old).values(body_sealed=None).returning(INBOX.c.id)
    return len(records.session.execute(wiped).all())


def _known(records: Records, log: LearningLog, channel: str, addresses: set[str]) -> dict[bytes, Any]:
    hashes = [conversations.address_hash(log, channel, address) for address in addresses]
    mine = or_(CONVERSATION.c.address_hash.in_(hashes))
    rows = records.session.execute(
        select(CONVERSATION.c.address_hash, CONVERSATION.c.id, CONVERSATION.c.tenant_id).where(
            CONVERSATION.c.channel == channel, mine
        )
    )
    return {row.address_hash: row for row in rows}


def _row(
    log: LearningLog, channel: str, message: Incoming, place: int, now: datetime, known: dict[bytes, Any]
) -> dict[str, Any]:
    chat_hash = conversations.address_hash(log, channel, message.address)
    chat, id = known.get(chat_hash), new_id()
    tenant = chat.tenant_id if chat else NOBODY
    # Escaped: a payload may hold half of a surrogate pair, which UTF-8 has no bytes for.
    plain = json.dumps({**message.body, "address": message.address}).encode()
    return {
        "id": id,
        "tenant_id": tenant,
        "conversation_id": chat.id if chat else None,
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
