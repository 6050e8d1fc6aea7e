"""What is to be said: claimed, sent, and recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, exists, literal_column, or_, select, tuple_, update
from sqlmodel import col

from bot.channels.channel import Refused
from bot.dialogue.turn import Say
from bot.gathering import bring
from learning_log.errors import LearningLogError
from learning_log.services import conversations
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import NOBODY, Channel, Conversation, OutboxMessage

# The worker takes rows of every tenant, so it names the table and not the class: see storage/database.py.
OUTBOX: Table = OutboxMessage.__table__  # type: ignore[attr-defined]
CHANNEL: Table = Channel.__table__  # type: ignore[attr-defined]
CONVERSATION: Table = Conversation.__table__  # type: ignore[attr-defined]
EARLIER = OUTBOX.alias("earlier")
# Said as the partial indexes say it: SQLite uses them only for the very same words.
OPEN: Any = literal_column("outbox.status IN ('pending', 'sending')")
STILL_OPEN: Any = literal_column("earlier.status IN ('pending', 'sending')")
SHOWN: Any = literal_column("outbox.status = 'sent' AND outbox.body_sealed IS NOT NULL")
LATER = timedelta(minutes=5)
NOT_NEEDED = {"body_sealed": None}  # a channel that was sent the words holds them: we need not

Compose = Callable[[Records, OutboxMessage, Conversation], str]


@dataclass(frozen=True)
class Claimed:
    """A message that is ours to send. chat: the hash of its address, what pace is kept for."""

    id: UUID
    chat: bytes
    address: str
    say: Say


@dataclass(frozen=True)
class Sent:
    """The channel has it, under its own id."""

    id: UUID
    channel_message: str = ""


@dataclass(frozen=True)
class PutBack:
    """The channel surely has not taken it: it waits for another try."""

    id: UUID
    seconds: float
    trouble: str


@dataclass(frozen=True)
class Unknown:
    """It may have arrived: a prompt or an answer is not repeated, an alert is."""

    id: UUID


@dataclass(frozen=True)
class NotTaken:
    """The channel will not take it. If it takes nothing more for this chat, the person is asked no more."""

    id: UUID
    refusal: Refused


@dataclass(frozen=True)
class Rest:
    """The channel wants nothing for so many seconds, from whichever worker."""

    seconds: float


Fate = Sent | PutBack | Unknown | NotTaken | Rest


def turn(
    log: LearningLog, channel: str, fates: Sequence[Fate], room: int, resting: Collection[bytes], compose: Compose
) -> list[Claimed]:
    """One transaction: records what became of messages, and claims the next ones, at most `room`.

    Committed before the first is sent: nobody else sends them, and after a crash their fate is known to be unknown.
    resting: chats that the channel's pace makes wait. compose: finds the words of a prompt whose turn has come.
    """
    with log.write() as records:
        record(records, channel, fates)
        if room <= 0:
            return []
        return _claim(records, _next(records, channel, room, resting), compose, {"status": "sending"})


def show(log: LearningLog, channel: str, compose: Compose, room: int = 200) -> set[bytes]:
    """For a channel that shows what is here: what waits is sent by this. Returns the chats that have something new."""
    shown: set[bytes] = set()
    while True:
        with log.write() as records:
            sent = {"status": "sent", "sent_at": records.now}
            found = _claim(records, _next(records, channel, room, ()), compose, sent)
        if not found:
            return shown
        shown |= {each.chat for each in found}


def _claim(records: Records, waiting: Any, compose: Compose, values: dict[str, Any]) -> list[Claimed]:
    rows = records.session.execute(waiting).all()
    words = _compose(records, [row.id for row in rows if row.body_sealed is None], compose)
    found = [claimed for row in rows if (claimed := _opened(records, row, words))]
    if found:
        mine = OUTBOX.c.id.in_([each.id for each in found])
        taken = {"claimed_at": records.now, "attempts": OUTBOX.c.attempts + 1, **values}
        records.session.execute(update(OUTBOX).where(mine).values(**taken))
    return found


def _next(records: Records, channel: str, room: int, resting: Collection[bytes]) -> Any:
    """The next message of each chat, the urgent first; a chat with one whose fate is open waits for it."""
    order = (OUTBOX.c.made_at, OUTBOX.c.place, OUTBOX.c.id)
    before = tuple_(EARLIER.c.made_at, EARLIER.c.place, EARLIER.c.id) < tuple_(*order)
    goes_first = or_(EARLIER.c.urgency < OUTBOX.c.urgency, and_(EARLIER.c.urgency == OUTBOX.c.urgency, before))
    held_up = exists().where(
        STILL_OPEN,
        EARLIER.c.channel == OUTBOX.c.channel,
        EARLIER.c.address_hash == OUTBOX.c.address_hash,
        or_(EARLIER.c.status == "sending", goes_first),
    )
    # What was made in the future was made before the clock was set back: it is not to wait for that.
    due = or_(OUTBOX.c.due_at <= records.now, OUTBOX.c.made_at > records.now)
    ready = [OPEN, OUTBOX.c.status == "pending", OUTBOX.c.channel == channel, due, ~held_up]
    if resting:
        ready.append(or_(OUTBOX.c.address_hash.is_(None), OUTBOX.c.address_hash.not_in(list(resting))))
    columns = (OUTBOX.c.id, OUTBOX.c.tenant_id, OUTBOX.c.address_hash, OUTBOX.c.body_sealed, OUTBOX.c.conversation_id)
    return (
        select(*columns, OUTBOX.c.address_sealed, CONVERSATION.c.address_sealed.label("chat_sealed"))
        .outerjoin(CONVERSATION, CONVERSATION.c.id == OUTBOX.c.conversation_id)
        .where(*ready)
        .order_by(OUTBOX.c.urgency, *order)
        .limit(room)
        .with_for_update(skip_locked=True, of=OUTBOX)
    )


def _compose(records: Records, ids: Sequence[UUID], compose: Compose) -> dict[UUID, bytes]:
    """Finds the words of prompts whose turn has come. Returns those of the ones that may go now, sealed."""
    if not ids:
        return {}
    messages = list(records.session.scalars(select(OutboxMessage).where(col(OutboxMessage.id).in_(ids))))
    bring(records, [each.conversation_id for each in messages if each.conversation_id])
    for message in messages:
        what = _try(compose, records.within(message.tenant_id), message)
        if what == "later":
            message.due_at = records.now + LATER
        elif what == "no":
            message.status = "cancelled"
    records.within(NOBODY)
    records.flush()
    return {each.id: each.body_sealed for each in messages if each.body_sealed and each.status == "pending"}


def _try(compose: Compose, records: Records, message: OutboxMessage) -> str:
    """What cannot be worked out is set aside, and holds up nobody."""
    try:
        return compose(records, message, records.get(Conversation, message.conversation_id or message.id))
    except (LearningLogError, ValueError, KeyError, TypeError) as error:
        message.status, message.trouble = "failed", type(error).__name__
        return "failed"


def _opened(records: Records, row: Any, words: dict[UUID, bytes]) -> Claimed | None:
    """None for a message that does not go now, or that cannot be read: it is set aside and holds up nobody."""
    body = row.body_sealed or words.get(row.id)
    if body is None:
        return None
    open_it = records.vault.open
    try:
        say = Say.from_json(open_it(row.tenant_id, "outbox", "body", row.id, body).decode())
        if row.conversation_id:
            address = open_it(row.tenant_id, "conversation", "address", row.conversation_id, row.chat_sealed)
        else:
            address = open_it(row.tenant_id, "outbox", "address", row.id, row.address_sealed)
    except (LearningLogError, ValueError, KeyError, TypeError) as error:
        failed = {"status": "failed", "trouble": type(error).__name__}
        records.session.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(**failed))
        return None
    return Claimed(row.id, row.address_hash or row.id.bytes, address.decode(), say)


def record(records: Records, channel: str, fates: Sequence[Fate]) -> None:
    """What became of messages that were sent."""
    sent = [{"one": each.id, "number": each.channel_message or None} for each in fates if isinstance(each, Sent)]
    if sent:
        values = {"status": "sent", "sent_at": records.now, "channel_message": bindparam("number"), "trouble": None}
        values |= NOT_NEEDED
        records.session.execute(update(OUTBOX).where(OUTBOX.c.id == bindparam("one")).values(**values), sent)
    for fate in fates:
        if isinstance(fate, PutBack):
            due_at = records.now + timedelta(seconds=fate.seconds)
            values = {"status": "pending", "due_at": due_at, "trouble": fate.trouble}
            records.session.execute(update(OUTBOX).where(OUTBOX.c.id == fate.id).values(**values))
        elif isinstance(fate, Unknown):
            _settle(records, OUTBOX.c.id == fate.id)
        elif isinstance(fate, NotTaken):
            _refused(records, fate.id, fate.refusal)
        elif isinstance(fate, Rest):
            rest_until = records.now + timedelta(seconds=fate.seconds)
            records.session.execute(update(CHANNEL).where(CHANNEL.c.name == channel).values(rest_until=rest_until))


def settle(log: LearningLog, channel: str) -> int:
    """For whoever holds the channel and has nothing under way: what is claimed was claimed by a worker that is gone,
    or by a transaction whose answer got lost. Its fate is unknown. Returns how many there were."""
    with log.write() as records:
        return _settle(records, and_(OPEN, OUTBOX.c.status == "sending", OUTBOX.c.channel == channel))


def wipe_old(records: Records, before: datetime) -> int:
    """Wipes the words of messages that a page has shown and does not show any more."""
    old = update(OUTBOX).where(SHOWN, OUTBOX.c.made_at < before).values(body_sealed=None)
    return len(records.session.execute(old.returning(OUTBOX.c.id)).all())


def take_over(log: LearningLog, channel: str, holder: str) -> float:
    """This worker talks to the channel from now on. Returns for how many seconds the channel still wants a rest."""
    with log.write() as records:
        row = records.session.scalar(select(Channel).where(col(Channel.name) == channel).with_for_update())
        if row is None:
            row = records.add(Channel(name=channel, seen_at=records.now))
        row.holder = holder
        return max(0.0, (row.rest_until - records.now).total_seconds()) if row.rest_until else 0.0


def _settle(records: Records, which: Any) -> int:
    alerts = update(OUTBOX).where(which, OUTBOX.c.kind == "alert").values(status="pending", due_at=records.now)
    others = update(OUTBOX).where(which, OUTBOX.c.kind != "alert").values(status="unknown", **NOT_NEEDED)
    changed = [records.session.execute(each.returning(OUTBOX.c.id)).all() for each in (alerts, others)]
    return sum(len(rows) for rows in changed)


def _refused(everyone: Records, id: UUID, refusal: Refused) -> None:
    row = everyone.session.execute(select(OUTBOX).where(OUTBOX.c.id == id)).one()
    status = "pending" if refusal.moved_to and row.conversation_id else "failed"
    values = {"status": status, "trouble": str(refusal)[:200], **(NOT_NEEDED if status == "failed" else {})}
    everyone.session.execute(update(OUTBOX).where(OUTBOX.c.id == id).values(**values))
    if row.conversation_id is None or not (refusal.blocked or refusal.moved_to):
        return
    records = everyone.within(row.tenant_id)
    conversation = records.get(Conversation, row.conversation_id)
    if conversation.channel == row.channel:  # else they have moved since: this chat is theirs no more
        if refusal.moved_to:
            conversations.move(records, conversation, row.channel, refusal.moved_to)
        else:
            conversations.silence(records, conversation, "blocked")
    everyone.session.flush()
    everyone.within(NOBODY)
