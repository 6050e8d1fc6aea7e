"""The chat as the page shows it: both sides, in order, from a place in it on."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.channels.webchat.channel import NAME
from bot.dialogue.turn import Choice, File, Say
from learning_log.services import conversations
from learning_log.services.conversations import Line
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Conversation, InboxMessage, OutboxMessage, Tenant

MOST_LINES = 200
OFFERED_LINES = 30
# Transactions that began earlier can end later: a line may turn up that is older than one already seen.
OVERLAP = timedelta(minutes=2)
SHOWN_KINDS = ("words", "button", "photo", "voice")


@dataclass(frozen=True)
class Shown:
    """One line on the page. key: of the page itself, for its own lines. media: photo, voice, or nothing.

    is_big, aloud: as in Say. file: the name of what can be kept of it.
    """

    id: str
    order: str
    at: datetime
    by: str
    words: str
    picture: str = ""
    choices: tuple[Choice, ...] = ()
    key: str = ""
    media: str = ""
    preview: str = ""
    is_big: bool = False
    aloud: str = ""
    file: str = ""


@dataclass(frozen=True)
class Chat:
    """What one look found. state: open; starting (the first message is not handled yet); unknown (nobody's chat).

    at is in the person's own zone in every line. cursor: for the next look. last_words: of a chat that is nobody's any
    more.
    """

    state: Literal["open", "starting", "unknown"]
    language: str = "en"
    invented: bool = False
    lines: tuple[Shown, ...] = ()
    cursor: str = ""
    last_words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cursor:
    """Where a page has got to: the newest moment, and the lines near it that it has seen already."""

    newest: datetime
    seen: frozenset[str]

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """None for an empty or unreadable one: then everything is shown, and the page drops what it has."""
        moment, *seen = text.split(".")
        try:
            return cls(datetime.fromtimestamp(int(moment) / 1_000_000, UTC), frozenset(seen))
        except (ValueError, OverflowError, OSError):
            return None

    @property
    def since(self) -> datetime:
        return self.newest - OVERLAP

    def after(self, lines: list[Line]) -> Cursor:
        """lines: all since the cursor's own `since`, seen or not."""
        newest = max([self.newest, *(line.at for line in lines)])
        return Cursor(newest, frozenset(_short(line) for line in lines if line.at >= newest - OVERLAP))

    def __str__(self) -> str:
        micros = (self.newest - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        return ".".join([str(micros), *sorted(self.seen)])


def look(log: LearningLog, settings: Settings, address: str, after: str = "") -> Chat:
    """The chat at this address: its lines after the cursor, or the newest ones."""
    with log.read() as everyone:
        conversation = conversations.find(everyone, NAME, address)
        if conversation is None:
            return _not_open(everyone, address)
        records = replace(everyone, tenant=conversation.tenant_id)
        cursor = Cursor.read(after)
        most = None if cursor else MOST_LINES
        lines = conversations.transcript(records, conversation, cursor.since if cursor else None, most)
        return Chat(
            "open",
            conversation.language,
            records.session.get_one(Tenant, conversation.tenant_id).invented,
            _shown(lines, cursor, _zone(records, conversation, settings)),
            str((cursor or Cursor(datetime(1970, 1, 1, tzinfo=UTC) + OVERLAP, frozenset())).after(lines)),
        )


def look_at_state(log: LearningLog, address: str) -> Chat:
    """Whether this is somebody's chat, and its language; without its lines."""
    with log.read() as everyone:
        conversation = conversations.find(everyone, NAME, address)
        if conversation is None:
            return _not_open(everyone, address)
        return Chat("open", conversation.language)


def _not_open(everyone: Records, address: str) -> Chat:
    """Nobody's chat: not yet, or not any more. What was said to it in the end is still there to be read."""
    if is_waiting(everyone, address):
        return Chat("starting")
    said = select(OutboxMessage).where(
        OutboxMessage.channel == NAME,
        OutboxMessage.address_hash == conversations.address_hash(everyone, NAME, address),
        col(OutboxMessage.conversation_id).is_(None),
        col(OutboxMessage.body_sealed).is_not(None),
    )
    rows = everyone.all(said.order_by(col(OutboxMessage.made_at), col(OutboxMessage.id)))
    each = [replace(everyone, tenant=row.tenant_id).text(row, "body") for row in rows]
    return Chat("unknown", last_words=tuple(Say.from_json(body).words for body in each))


def is_answered(log: LearningLog, address: str) -> bool:
    """Whether everything that came from this chat is handled, and everything that was to be said is said."""
    with log.read() as everyone:
        conversation = conversations.find(everyone, NAME, address)
        if conversation is None or is_waiting(everyone, address):
            return False
        unsaid = select(OutboxMessage.id).where(
            OutboxMessage.conversation_id == conversation.id,
            col(OutboxMessage.status).in_(("pending", "sending")),
            col(OutboxMessage.due_at) <= everyone.now,
        )
        return everyone.first(unsaid.limit(1)) is None


def label_of(log: LearningLog, address: str, value: str) -> str:
    """The label of a choice that was offered in the newest lines; an empty text for any other."""
    with log.read() as everyone:
        conversation = conversations.find(everyone, NAME, address)
        if conversation is None:
            return ""
        records = replace(everyone, tenant=conversation.tenant_id)
        for line in reversed(conversations.transcript(records, conversation, most=OFFERED_LINES)):
            for choice in Say.from_json(line.body).choices if line.by == "bot" else ():
                if choice.value == value:
                    return choice.label
    return ""


def file_of(log: LearningLog, address: str, line: str) -> File | None:
    """The file of one line of this chat; of no other chat."""
    with log.read() as everyone:
        conversation = conversations.find(everyone, NAME, address)
        if conversation is None:
            return None
        records = replace(everyone, tenant=conversation.tenant_id)
        for said in conversations.transcript(records, conversation, most=MOST_LINES):
            if said.by == "bot" and str(said.id) == line:
                return Say.from_json(said.body).file
    return None


def is_waiting(records: Records, address: str) -> bool:
    """Whether something that came from there is not handled yet."""
    address_hash = conversations.address_hash(records, NAME, address)
    waiting = select(InboxMessage.id).where(
        InboxMessage.channel == NAME, InboxMessage.address_hash == address_hash, InboxMessage.status == "kept"
    )
    return records.first(waiting.limit(1)) is not None


def _zone(records: Records, conversation: Conversation, settings: Settings) -> ZoneInfo:
    planned = conversations.schedule(records, conversation)
    return ZoneInfo(planned.zone if planned else settings.zone)


def _shown(lines: list[Line], cursor: Cursor | None, zone: ZoneInfo) -> tuple[Shown, ...]:
    new = [line for line in lines if cursor is None or _short(line) not in cursor.seen]
    shown = [_said(line) if line.by == "bot" else _heard(line) for line in new]
    return tuple(replace(line, at=line.at.astimezone(zone)) for line in shown if line)


def _said(line: Line) -> Shown:
    say = Say.from_json(line.body)
    shown = Shown(str(line.id), line.order, line.at, "bot", say.words, say.picture, say.choices)
    return replace(shown, is_big=say.big, aloud=say.aloud, file=say.file.name if say.file else "")


def _heard(line: Line) -> Shown | None:
    body = json.loads(line.body)
    kind = body.get("kind")
    if kind not in SHOWN_KINDS:
        return None
    words = str(body.get("label") or body.get("words") or "")
    media = kind if kind in ("photo", "voice") else ""
    preview = str(body.get("preview", ""))
    key = str(body.get("key", ""))
    return Shown(str(line.id), line.order, line.at, "person", words, key=key, media=media, preview=preview)


def _short(line: Line) -> str:
    return line.id.hex[-8:]
