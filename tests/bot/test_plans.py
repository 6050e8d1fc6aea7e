"""What the worker asks of the database all day takes as long with millions of rows as with ten."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot import inbox, outbox
from bot.channels.channel import Channel, Incoming
from bot.handling import answer_some
from bot.prompting import compose
from bot.schedule import Schedule, wipe_old
from learning_log.storage.records import LearningLog
from tests.bot.chat import Chat, PaperChannel, at, at_once
from tests.bot.conftest import Home

BIG = (
    "inbox",
    "outbox",
    "conversation",
    "reflection",
    "schedule",
    "asked",
    "agreement",
    "person",
    "audit_entry",
    "capacity_record",
)
# These hold only what waits, or what is still shown.
WAITING = "inbox_kept|inbox_chat_kept|inbox_shown|outbox_open|outbox_chat_open|outbox_shown|asked_remind_at"
SMALL = rf"USING (COVERING )?INDEX ix_({WAITING})"


@contextmanager
def noted(log: LearningLog) -> Iterator[list[tuple[str, Any]]]:
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if statement.split()[0] in ("SELECT", "UPDATE", "DELETE") or "SELECT" in statement:
            said.append((statement, values[0] if many else values))

    event.listen(log.database.engine, "before_cursor_execute", note)
    yield said
    event.remove(log.database.engine, "before_cursor_execute", note)


def whole_tables(log: LearningLog, statement: str, values: Any) -> list[str]:
    """The steps of its plan that go through a big table, or through all rows of a channel."""
    with log.database.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    steps = [str(row[-1]) for row in rows]
    scans = [step for step in steps if re.match(rf"SCAN ({'|'.join(BIG)}|earlier)\b", step)]
    by_channel = [step for step in steps if step.endswith("(channel=?)") and not re.search(SMALL, step)]
    return [step for step in [*scans, *by_channel] if not re.search(SMALL, step)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_that_is_asked_all_day_goes_through_a_whole_table(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    channels: dict[str, Channel] = {"paper": PaperChannel()}
    tomorrow = at(log, log.clock() + timedelta(days=1, hours=2))

    async def tick() -> None:
        await Schedule(tomorrow, at_once, "", 5, lambda: None).tick()

    work: list[Callable[[], object]] = [
        lambda: inbox.keep(log, "paper", [Incoming("1", chat.address, {"kind": "words", "words": "I went out"})]),
        lambda: answer_some(log, channels, ""),
        lambda: asyncio.run(tick()),
        lambda: outbox.turn(tomorrow, "paper", (), 10, {b"another"}, compose),
        lambda: outbox.show(tomorrow, "paper", compose),
        lambda: wipe_old(tomorrow),
    ]
    for step in work:
        with noted(log) as said:
            step()
        assert said
        for statement, values in said:
            assert whole_tables(log, statement, values) == [], statement
