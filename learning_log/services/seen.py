"""A program says now and then that it lives, for `whatmatters check` and for joining links."""

from __future__ import annotations

from sqlmodel import select

from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Channel

SEEN_SECONDS = 30.0
THEMES = "themes"  # whoever looks for themes talks to no channel, and is noted beside them


def note_seen(log: LearningLog, name: str, username: str | None = None) -> None:
    """name: of a channel, or THEMES."""
    with log.write() as records:
        row = records.first(select(Channel).where(Channel.name == name))
        if row is None:
            row = records.add(Channel(name=name, seen_at=records.now))
        row.seen_at = records.now
        row.username = username or row.username
