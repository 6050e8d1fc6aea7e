"""What is to be said: claimed, sent, and recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, literal_column, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from bot.channels.channel import Refused
from bot.dialogue.turn import Say
from bot.gathering import bring
from learning_log.errors import LearningLogError
from learning_log.services import claims, conversations
from learning_log.storage.faults import is_lost
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import NOBODY, URGENCY, Asked, Channel, Conversation, OutboxMessage

logger = logging.getLogger(__name__)

# The worker takes rows of every tenant, so it names the table and not the class: see storage/database.py.
OUTBOX: Table = OutboxMessage.__table__  # type: ignore[attr-defined]
ASKED: Table = Asked.__table__  # type: ignore[attr-defined]
CHANNEL: Table = Channel.__table__  # type: ignore[attr-defined]
CONVERSATION: Table = Conversation.__table__  # type: ignore[attr-defined]
EARLIER = OUTBOX.alias("earlier")
# Said as the partial indexes say it: SQLite uses them only for the very same words.
OPEN: Any = literal_column("outbox.status IN ('pending', 'sending')")
STILL_OPEN: Any = literal_column("earlier.status IN ('pending', 'sending')")
SHOWN: Any = literal_column("outbox.status = 'sent' AND outbox.body_sealed IS NOT NULL")
LATER = timedelta(minutes=5)
PATIENCE = timedelta(hours=1)
LOOKS = 20  # a queue of prompts of which none goes any more does not hold up what is behind it
NOT_NEEDED = {"body_sealed": None}  # a channel that was sent the words holds them: we need not

Compose = Callable[[Records, OutboxMessage, Conversation], str]


@dataclass(frozen=True)
class Claimed:
    """A message that is ours to send. chat: the hash of its address, what pace is kept for.

    claim: how often it was claimed, by whomever, this time included. A worker that lost the channel and lives on may
    tell the fate of a message when another one has taken it over: the number says whose claim it was.
    """

    id: UUID
    claim: int
    chat: bytes
    address: str
    say: Say


@dataclass(frozen=True)
class Sent:
    """The channel has it, under its own id."""

    message: Claimed
    channel_message: str = ""


@dataclass(frozen=True)
class PutBack:
    """The channel surely has not taken it: it waits for another try."""

    message: Claimed
    seconds: float
    trouble: str


@dataclass(frozen=True)
class Unknown:
    """It may have arrived: a prompt or an answer is not repeated, an alert is."""

    message: Claimed


@dataclass(frozen=True)
class NotTaken:
    """The channel will not take it. If it takes nothing more for this chat, the person is asked no more."""

    message: Claimed
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
        for _ in range(LOOKS):
            found, looked_at = _claim(records, channel, room, resting, compose, {"status": "sending"})
            if found or not looked_at:
                break
        return found


def show(log: LearningLog, channel: str, compose: Compose, room: int = 200) -> set[bytes]:
    """For a channel that shows what is here: what waits is sent by this. Returns the chats that have something new."""
    shown: set[bytes] = set()
    while True:
        with log.write() as records:
            found, looked_at = _claim(records, channel, room, (), compose, {"status": "sent", "sent_at": records.now})
        shown |= {each.chat for each in found}
        if not looked_at:
            return shown


def _claim(
    records: Records,
    channel: str,
    room: int,
    resting: Collection[bytes],
    compose: Compose,
    values: dict[str, Any],
) -> tuple[list[Claimed], int]:
    """Returns what goes now, and how many were dealt with: some do not go after all."""
    rows = records.session.execute(_next(records, channel, room, resting)).all()
    words, busy = _compose(records, [row.id for row in rows if row.urgency == URGENCY["prompt"]], compose)
    found = [claimed for row in rows if (claimed := _opened(records, row, words))]
    if found:
        mine = OUTBOX.c.id.in_([each.id for each in found])
        taken = {"claimed_at": records.now, "attempts": OUTBOX.c.attempts + 1, **values}
        records.session.execute(update(OUTBOX).where(mine).values(**taken))
    return found, len(rows) - busy


def _next(records: Records, channel: str, room: int, resting: Collection[bytes]) -> Any:
    """The next message of each chat, the urgent first; a chat with one whose fate is open waits for it."""
    order = (OUTBOX.c.made_at, OUTBOX.c.place, OUTBOX.c.id)
    before = tuple_(EARLIER.c.made_at, EARLIER.c.place, EARLIER.c.id) < tuple_(*order)
    goes_first = or_(EARLIER.c.urgency < OUTBOX.c.urgency, and_(EARLIER.c.urgency == OUTBOX.c.urgency, before))
    same_chat = EARLIER.c.address_hash == OUTBOX.c.address_hash  # an address is hashed together with its channel
    holds_up = select(EARLIER.c.id).where(STILL_OPEN, same_chat, or_(EARLIER.c.status == "sending", goes_first))
    # A value and no EXISTS, which PostgreSQL would work out for all that waits before it takes the first few.
    is_first = holds_up.limit(1).scalar_subquery().is_(None)
    # What was made in the future was made before the clock was set back: it is not to wait for that.
    due = or_(OUTBOX.c.due_at <= records.now, OUTBOX.c.made_at > records.now)
    ready = [OPEN, OUTBOX.c.status == "pending", OUTBOX.c.channel == channel, due, is_first]
    if resting:
        ready.append(or_(OUTBOX.c.address_hash.is_(None), OUTBOX.c.address_hash.not_in(list(resting))))
    columns = (OUTBOX.c.id, OUTBOX.c.tenant_id, OUTBOX.c.address_hash, OUTBOX.c.body_sealed, OUTBOX.c.conversation_id)
    more = (OUTBOX.c.urgency, OUTBOX.c.attempts, OUTBOX.c.address_sealed)
    return (
        select(*columns, *more, CONVERSATION.c.address_sealed.label("chat_sealed"))
        .outerjoin(CONVERSATION, CONVERSATION.c.id == OUTBOX.c.conversation_id)
        .where(*ready)
        .order_by(OUTBOX.c.urgency, *order)
        .limit(room)
        .with_for_update(skip_locked=True, of=OUTBOX)
    )


def _compose(records: Records, ids: Sequence[UUID], compose: Compose) -> tuple[dict[UUID, bytes], int]:
    """Finds the words of prompts whose turn has come, and looks once more at those that were handed back.

    Returns the words of those that may go now, sealed, and how many have to wait: for a few minutes, or for somebody
    whose message is being answered in this very moment.
    """
    if not ids:
        return {}, 0
    messages = list(records.session.scalars(select(OutboxMessage).where(col(OutboxMessage.id).in_(ids))))
    free = _lock(records, [each.conversation_id for each in messages if each.conversation_id])
    bring(records, sorted(free), to_ask=True)
    found, busy = {}, len(messages)
    for message in messages:
        if message.conversation_id not in free:
            continue
        busy -= 1
        if _try(compose, records.within(message.tenant_id), message) and message.body_sealed:
            found[message.id] = message.body_sealed
    records.within(NOBODY)
    records.flush()
    return found, busy


def _lock(records: Records, ids: Sequence[UUID]) -> set[UUID]:
    """Those that nobody is answering now: we wait for nobody, since somebody may be waiting for us."""
    rows = select(CONVERSATION.c.id).where(CONVERSATION.c.id.in_(ids)).with_for_update(skip_locked=True)
    return set(records.session.execute(rows).scalars())


def _try(compose: Compose, records: Records, message: OutboxMessage) -> bool:
    """Whether it goes now. What cannot be worked out is set aside, leaves nothing half done, and holds up nobody."""
    id, asked, made_at = message.id, message.asked_id, message.made_at
    try:
        with records.all_or_none():
            what = compose(records, message, records.get(Conversation, message.conversation_id or id))
            if what == "later":
                message.due_at = records.now + LATER
            elif what == "no":
                message.status, message.body_sealed = "cancelled", None
        return what == "say"
    except Exception as error:
        if is_lost(error):
            raise
        logger.exception("prompt not worked out", extra={"outbox": str(id), "trouble": type(error).__name__})
        # Two wanted the same rows: that is not the prompt's fault, and it goes through when it is tried again.
        if isinstance(error, IntegrityError) and records.now - made_at < PATIENCE:
            put_off = {"due_at": records.now + LATER, "trouble": type(error).__name__}
            records.session.execute(update(OUTBOX).where(OUTBOX.c.id == id).values(**put_off))
            return False
        failed = {"status": "failed", "trouble": type(error).__name__, "body_sealed": None}
        records.session.execute(update(OUTBOX).where(OUTBOX.c.id == id).values(**failed))
        due = and_(ASKED.c.id == asked, ASKED.c.status == "due")
        records.session.execute(update(ASKED).where(due).values(status="missed"))
        return False


def _opened(records: Records, row: Any, words: dict[UUID, bytes]) -> Claimed | None:
    """None for a message that does not go now, or that cannot be read: it is set aside and holds up nobody."""
    is_prompt = row.urgency == URGENCY["prompt"]
    if is_prompt and row.id not in words:
        return None
    open_it = records.vault.open
    try:
        body = words[row.id] if is_prompt else row.body_sealed
        say = Say.from_json(open_it(row.tenant_id, "outbox", "body", row.id, body).decode())
        if row.conversation_id:
            address = open_it(row.tenant_id, "conversation", "address", row.conversation_id, row.chat_sealed)
        else:
            address = open_it(row.tenant_id, "outbox", "address", row.id, row.address_sealed)
    except (LearningLogError, ValueError, KeyError, TypeError) as error:
        failed = {"status": "failed", "trouble": type(error).__name__, "body_sealed": None}
        records.session.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(**failed))
        return None
    return Claimed(row.id, row.attempts + 1, row.address_hash or row.id.bytes, address.decode(), say)


def record(records: Records, channel: str, fates: Sequence[Fate]) -> None:
    """What became of messages that were sent. Of one that another worker has claimed since, we say nothing more."""
    _record_sent(records, [fate for fate in fates if isinstance(fate, Sent)])
    for fate in fates:
        if isinstance(fate, PutBack):
            due_at = records.now + timedelta(seconds=fate.seconds)
            values = {"status": "pending", "due_at": due_at, "trouble": fate.trouble}
            records.session.execute(update(OUTBOX).where(_still_ours(fate.message)).values(**values))
        elif isinstance(fate, Unknown):
            claims.settle(records, _still_ours(fate.message))
        elif isinstance(fate, NotTaken):
            _refused(records, fate)
        elif isinstance(fate, Rest):
            rest_until = records.now + timedelta(seconds=fate.seconds)
            records.session.execute(update(CHANNEL).where(CHANNEL.c.name == channel).values(rest_until=rest_until))


def _record_sent(records: Records, sent: Sequence[Sent]) -> None:
    """Also of those that were settled meanwhile: now their fate is known."""
    if not sent:
        return
    mine = and_(OUTBOX.c.id == bindparam("one"), OUTBOX.c.attempts == bindparam("claim"))
    values = {"status": "sent", "sent_at": records.now, "channel_message": bindparam("number"), "trouble": None}
    told = [
        {"one": each.message.id, "claim": each.message.claim, "number": each.channel_message or None} for each in sent
    ]
    records.session.execute(update(OUTBOX).where(mine).values(**values, **NOT_NEEDED), told)


def _still_ours(message: Claimed) -> Any:
    """Nobody has settled or claimed it since. What was settled has no words any more, and cannot be tried again."""
    return and_(OUTBOX.c.id == message.id, OUTBOX.c.attempts == message.claim, OUTBOX.c.status == "sending")


def settle(log: LearningLog, channel: str) -> int:
    """For whoever holds the channel and has nothing under way: what is claimed was claimed by a worker that is gone,
    or by a transaction whose answer got lost. Its fate is unknown. Returns how many there were."""
    with log.write() as records:
        return claims.settle(records, and_(OPEN, OUTBOX.c.status == "sending", OUTBOX.c.channel == channel))


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


def _refused(everyone: Records, fate: NotTaken) -> None:
    refusal, message = fate.refusal, fate.message
    row = everyone.session.execute(select(OUTBOX).where(_still_ours(message))).first()
    if row is None:
        return
    status = "pending" if refusal.moved_to and row.conversation_id else "failed"
    values = {"status": status, "trouble": str(refusal)[:200], **(NOT_NEEDED if status == "failed" else {})}
    everyone.session.execute(update(OUTBOX).where(OUTBOX.c.id == message.id).values(**values))
    if row.conversation_id is None or not (refusal.blocked or refusal.moved_to):
        return
    records = everyone.within(row.tenant_id)
    conversation = records.get(Conversation, row.conversation_id)
    if (conversation.channel, conversation.address_hash) == (row.channel, message.chat):  # else it is theirs no more
        if refusal.moved_to:
            conversations.move(records, conversation, row.channel, refusal.moved_to)
        else:
            conversations.silence(records, conversation, "blocked")
    everyone.session.flush()
    everyone.within(NOBODY)
