"""A worker says now and then that it lives, for `whatmatters check` and for joining links."""

from __future__ import annotations

from sqlmodel import select

from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Channel

SEEN_SECONDS = 30.0


def note_seen(log: LearningLog, channel: str, username: str | None) -> None:
    with log.write() as records:
        row = records.first(select(Channel).where(Channel.name == channel))
        if row is None:
            row = records.add(Channel(name=channel, seen_at=records.now))
        row.seen_at = records.now
        row.username = username or row.username
