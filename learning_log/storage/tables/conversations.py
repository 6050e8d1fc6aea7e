"""One chat between the bot and somebody, what came in, and what goes out."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import false, text
from sqlmodel import CheckConstraint, Field, Index, UniqueConstraint

from learning_log.storage.tables.row import Row, one_of

# Handled and sent rows stay for years: what the worker asks for all day looks only at those that still wait.
KEPT = text("status = 'kept'")
OPEN = text("status IN ('pending', 'sending')")
# What the page of the web chat shows, until it is wiped.
HEARD_SHOWN = text("status = 'done' AND body_sealed IS NOT NULL")
SAID_SHOWN = text("status = 'sent' AND body_sealed IS NOT NULL")
TO_REMIND = text("remind_at IS NOT NULL")
# What somebody has to look at is rare: counting it must not read years of what went well.
ASIDE = text("status = 'aside'")
TROUBLED = text("status IN ('failed', 'unknown')")
# The smaller goes first when the channel's pace makes messages wait.
URGENCY = {"alert": 0, "reply": 1, "notice": 2, "reminder": 3, "prompt": 3}


class Conversation(Row, table=True):
    """The one chat of a person or a member of staff. Joining from another channel moves it there.

    status: joining, active, stopped, blocked (the channel refuses us), refused (did not agree).
    dialogue_sealed is the JSON of the dialogue's state: it may hold words. asks: how many rounds of questions were
    begun; it says whose turn it is in the bank. questions: of a
    round, all of them or one. pictures: none, small, big. speech: messages are read aloud too.
    pretest: passed or failed, once it was asked which picture is happy.
    """

    __table_args__ = (
        UniqueConstraint("channel", "address_hash"),
        UniqueConstraint("person_id"),
        UniqueConstraint("staff_id"),
        CheckConstraint(one_of("person_id", "staff_id"), name="talks_with_one"),
    )
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    channel: str
    address_hash: bytes
    address_sealed: bytes | None = None
    language: str = "en"
    status: str = "joining"
    dialogue_sealed: bytes | None = None
    made_at: datetime
    changed_at: datetime
    asks: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    questions: str = Field(default="all", sa_column_kwargs={"server_default": "all"})
    pictures: str = Field(default="small", sa_column_kwargs={"server_default": "small"})
    speech: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    pretest: str | None = None


class InboxMessage(Row, table=True):
    """One message that the channel was told we have. status: kept, done, aside (set aside after its last try)."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "message_key"),
        Index("ix_inbox_kept", "received_at", "place", "id", sqlite_where=KEPT, postgresql_where=KEPT),
        Index(
            "ix_inbox_chat_kept",
            "channel",
            "address_hash",
            "received_at",
            "place",
            sqlite_where=KEPT,
            postgresql_where=KEPT,
        ),
        Index("ix_inbox_aside", "received_at", "id", sqlite_where=ASIDE, postgresql_where=ASIDE),
        Index("ix_inbox_shown", "received_at", sqlite_where=HEARD_SHOWN, postgresql_where=HEARD_SHOWN),
        Index("ix_inbox_conversation", "conversation_id", "received_at"),
    )
    conversation_id: UUID | None = Field(default=None, foreign_key="conversation.id")
    channel: str
    message_key: str
    address_hash: bytes | None = None
    chat_message: str | None = None
    body_sealed: bytes | None = None
    received_at: datetime
    place: int = 0
    status: str = "kept"
    attempts: int = 0
    next_try_at: datetime | None = None
    handled_at: datetime | None = None
    trouble: str | None = None


class OutboxMessage(Row, table=True):
    """One message to send. kind: alert, reply, notice, reminder, prompt.

    status: pending, sending (claimed, its fate is open), sent, unknown (claimed before a crash), failed, cancelled.
    A stranger has no conversation: then the address is here. A prompt or a reminder has no body until its turn comes:
    only then is it known what is to be said.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_open",
            "channel",
            "urgency",
            "made_at",
            "place",
            "id",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "ix_outbox_chat_open",
            "address_hash",
            "made_at",
            "place",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index("ix_outbox_troubled", "made_at", "status", sqlite_where=TROUBLED, postgresql_where=TROUBLED),
        Index("ix_outbox_shown", "made_at", sqlite_where=SAID_SHOWN, postgresql_where=SAID_SHOWN),
        Index("ix_outbox_conversation", "conversation_id", "made_at", "place"),
    )
    conversation_id: UUID | None = Field(default=None, foreign_key="conversation.id")
    channel: str
    address_hash: bytes | None = None
    address_sealed: bytes | None = None
    kind: str
    urgency: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    body_sealed: bytes | None = None
    made_at: datetime
    place: int = 0
    due_at: datetime
    status: str = "pending"
    attempts: int = 0
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    channel_message: str | None = None
    trouble: str | None = None
    asked_id: UUID | None = Field(default=None, foreign_key="asked.id", index=True)
    concern_id: UUID | None = Field(default=None, foreign_key="concern.id", index=True)


class Schedule(Row, table=True):
    """When somebody wants to be asked, in local time. next_due_at is worked out from it; none means not asked."""

    conversation_id: UUID = Field(foreign_key="conversation.id", unique=True)
    days: int  # bit 0 is Monday
    at: str  # HH:MM
    zone: str
    quiet_from: str
    quiet_until: str
    paused_until: date | None = None
    next_due_at: datetime | None = Field(default=None, index=True)
    changed_at: datetime


class Asked(Row, table=True):
    """One prompt for one person on one local day. status: due, asked, answered, missed (too late), cancelled.

    remind_at: when to ask once more, unless it is answered by then; none when there is no reminder to come.
    """

    __table_args__ = (
        UniqueConstraint("conversation_id", "local_date", "slot"),
        Index("ix_asked_remind_at", "remind_at", sqlite_where=TO_REMIND, postgresql_where=TO_REMIND),
    )
    conversation_id: UUID = Field(foreign_key="conversation.id", index=True)
    local_date: date
    slot: str
    due_at: datetime
    status: str = "due"
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    remind_at: datetime | None = None
    reminded_at: datetime | None = None


class Channel(Row, table=True):
    """What the workers last saw of a channel, and which of them talks to it.

    holder: the last worker that polled and sent, for whoever looks; the hold itself is a lock (storage/holding.py).
    Nobody sends before rest_until: the channel asked for a rest.
    """

    name: str = Field(unique=True)
    username: str | None = None
    seen_at: datetime
    holder: str | None = None
    rest_until: datetime | None = None
