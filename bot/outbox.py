"""What is to be said: claimed, sent at the channel's pace, and recorded."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, select, update

from bot.channels.channel import Channel, FateUnknown, Refused, TryAgain
from bot.dialogue.turn import Say
from bot.handling import Run
from bot.pacer import Pacer
from learning_log.errors import LearningLogError
from learning_log.services import asking, conversations
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Asked, Conversation, OutboxMessage

logger = logging.getLogger(__name__)

# The worker takes rows of every tenant, so it names the table and not the class: see storage/database.py.
OUTBOX: Table = OutboxMessage.__table__  # type: ignore[attr-defined]
ASKED: Table = Asked.__table__  # type: ignore[attr-defined]
AT_ONCE = 16  # connections open to a channel
CLAIM_SECONDS = 60  # a claim that is older belongs to a worker that died


@dataclass(frozen=True)
class Waiting:
    """A message to send, not yet claimed. chat: what order and pace are kept for."""

    id: UUID
    chat: str
    channel: str


@dataclass(frozen=True)
class Claimed:
    id: UUID
    address: str
    say: Say


def waiting(log: LearningLog, channels: Iterable[str], limit: int = 200) -> list[Waiting]:
    """The next message of each chat, oldest first; a chat with one whose fate is open has to wait for it."""
    due = and_(OUTBOX.c.status.in_(["pending", "sending"]), OUTBOX.c.channel.in_(list(channels)))
    with log.read() as records:
        rows = records.session.execute(
            select(OUTBOX.c.id, OUTBOX.c.conversation_id, OUTBOX.c.channel, OUTBOX.c.status, OUTBOX.c.due_at)
            .where(due)
            .order_by(OUTBOX.c.made_at, OUTBOX.c.place, OUTBOX.c.id)
            .limit(limit * 4)
        ).all()
        found: dict[str, Waiting | None] = {}
        for row in rows:
            chat = str(row.conversation_id or row.id)
            ready = row.status == "pending" and row.due_at <= records.now
            found.setdefault(chat, Waiting(row.id, chat, row.channel) if ready else None)
    return [each for each in found.values() if each][:limit]


def claim(log: LearningLog, ids: list[UUID]) -> list[Claimed]:
    """Takes the messages, so that nobody else sends them; committed before the first is sent."""
    with log.write() as records:
        taken = records.session.execute(
            update(OUTBOX)
            .where(OUTBOX.c.id.in_(ids), OUTBOX.c.status == "pending")
            .values(status="sending", claimed_at=records.now, attempts=OUTBOX.c.attempts + 1)
            .returning(OUTBOX.c.id)
        ).scalars()
        opened = []
        for id in list(taken):
            try:
                opened.append(_open(records, id))
            except (LearningLogError, ValueError, KeyError, TypeError) as error:
                trouble = {"status": "failed", "trouble": type(error).__name__}
                records.session.execute(update(OUTBOX).where(OUTBOX.c.id == id).values(**trouble))
        return opened


def sent(log: LearningLog, id: UUID, channel_message: str) -> None:
    _set(log, id, status="sent", sent_at=log.clock(), channel_message=channel_message or None)


def put_back(log: LearningLog, id: UUID, seconds: float, trouble: str) -> None:
    """The channel surely has not taken it: it waits for another try."""
    _set(log, id, status="pending", due_at=log.clock() + timedelta(seconds=seconds), trouble=trouble)


def unknown(log: LearningLog, id: UUID) -> None:
    """It may have arrived: a prompt or an answer is not repeated, an alert is."""
    with log.write() as records:
        _settle_unknown(records, OUTBOX.c.id == id)


def refused(log: LearningLog, id: UUID, refusal: Refused) -> None:
    """The channel will not take it. If it takes nothing more for this chat, the person is asked no more."""
    with log.write() as everyone:
        row = everyone.session.execute(select(OUTBOX).where(OUTBOX.c.id == id)).one()
        status = "pending" if refusal.moved_to and row.conversation_id else "failed"
        values = {"status": status, "trouble": str(refusal)[:200]}
        everyone.session.execute(update(OUTBOX).where(OUTBOX.c.id == id).values(**values))
        if row.conversation_id is None or not (refusal.blocked or refusal.moved_to):
            return
        conversation = everyone.session.get_one(Conversation, row.conversation_id)
        records = replace(everyone, tenant=conversation.tenant_id)
        if conversation.channel != row.channel:  # they have moved since: this chat is theirs no more
            return
        if refusal.moved_to:
            conversations.move(records, conversation, row.channel, refusal.moved_to)
        else:
            conversations.silence(records, conversation, "blocked")


def settle_old_claims(log: LearningLog) -> int:
    """Claims of a worker that died: their fate is unknown. Returns how many there were."""
    with log.write() as records:
        old = records.now - timedelta(seconds=CLAIM_SECONDS)
        return _settle_unknown(records, and_(OUTBOX.c.status == "sending", OUTBOX.c.claimed_at < old))


def drop_late_prompts(log: LearningLog) -> int:
    """Prompts that waited too long for their channel are not sent any more. Returns how many."""
    with log.write() as records:
        late = and_(
            OUTBOX.c.kind == "prompt",
            OUTBOX.c.status == "pending",
            OUTBOX.c.made_at < records.now - asking.late_window(),
        )
        dropped = records.session.execute(
            update(OUTBOX).where(late).values(status="cancelled").returning(OUTBOX.c.asked_id)
        ).scalars()
        asked = [id for id in dropped if id]
        records.session.execute(update(ASKED).where(ASKED.c.id.in_(asked)).values(status="missed"))
    return len(asked)


def _settle_unknown(records: Records, which: Any) -> int:
    alerts = update(OUTBOX).where(which, OUTBOX.c.kind == "alert").values(status="pending")
    others = update(OUTBOX).where(which, OUTBOX.c.kind != "alert").values(status="unknown")
    changed = [records.session.execute(each.returning(OUTBOX.c.id)).all() for each in (alerts, others)]
    return sum(len(rows) for rows in changed)


def _set(log: LearningLog, id: UUID, **values: Any) -> None:
    with log.write() as records:
        records.session.execute(update(OUTBOX).where(OUTBOX.c.id == id).values(**values))


def _open(records: Records, id: UUID) -> Claimed:
    row = records.session.get_one(OutboxMessage, id)
    own = replace(records, tenant=row.tenant_id)
    if row.conversation_id is None:
        address = own.text(row, "address")
    else:
        address = own.text(records.session.get_one(Conversation, row.conversation_id), "address")
    return Claimed(id, address, Say.from_json(own.text(row, "body")))


class Sender:
    """Sends what waits, until it is stopped. Order is kept in each chat; chats do not wait for each other."""

    def __init__(
        self,
        log: LearningLog,
        channels: dict[str, Channel],
        pacers: dict[str, Pacer],
        run: Run,
        told: Callable[[], Awaitable[None]],
    ) -> None:
        """told: is called after each message that was sent."""
        self.log, self.channels, self.pacers, self.run, self.told = log, channels, pacers, run, told
        self.wake = asyncio.Event()
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, stop: asyncio.Event, idle_seconds: float = 1.0) -> None:
        while not stop.is_set():
            self.wake.clear()
            wait = await self._send_some(idle_seconds)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), timeout=wait)
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _send_some(self, idle_seconds: float) -> float:
        """Sends all that may go now; returns the seconds until something else may."""
        now = asyncio.get_running_loop().time()
        found = [each for each in await self.run(waiting, self.log, self.channels) if each.chat not in self._busy]
        waits = {each.id: self.pacers[each.channel].wait(each.chat, now) for each in found}
        ready = [each for each in found if waits[each.id] <= 0][: AT_ONCE - len(self._busy)]
        for each in ready:
            self._busy.add(each.chat)
            self.pacers[each.channel].sent(each.chat, now)
        claimed = await self._claim(ready)
        for each in ready:
            task = asyncio.create_task(self._send(each, claimed.get(each.id)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return min([idle_seconds, *(wait for wait in waits.values() if wait > 0)])

    async def _claim(self, ready: list[Waiting]) -> dict[UUID, Claimed]:
        if not ready:
            return {}
        try:
            return {each.id: each for each in await self.run(claim, self.log, [each.id for each in ready])}
        except Exception:
            self._busy -= {each.chat for each in ready}  # or these chats would stay silent until a restart
            raise

    async def _send(self, waiting: Waiting, claimed: Claimed | None) -> None:
        try:
            if claimed:
                await self._deliver(waiting, claimed)
        except Exception as error:
            # The claim is settled a minute later: see settle_old_claims.
            logger.exception("sending failed", extra={"outbox": waiting.id, "trouble": type(error).__name__})
        finally:
            self._busy.discard(waiting.chat)
            self.wake.set()

    async def _deliver(self, waiting: Waiting, claimed: Claimed) -> None:
        pacer = self.pacers[waiting.channel]
        try:
            number = await self.channels[waiting.channel].send(claimed.address, claimed.say)
        except TryAgain as error:
            if error.everybody:
                pacer.rest(error.after, asyncio.get_running_loop().time())
            await self.run(put_back, self.log, claimed.id, error.after, str(error)[:200])
        except Refused as error:
            logger.warning(
                "message refused by its channel", extra={"outbox": str(claimed.id), "blocked": error.blocked}
            )
            await self.run(refused, self.log, claimed.id, error)
        except FateUnknown:
            logger.warning("fate of a message unknown", extra={"outbox": str(claimed.id)})
            await self.run(unknown, self.log, claimed.id)
        else:
            await self.run(sent, self.log, claimed.id, number)
            await self.told()
