"""One database, one Bot API server, people who have joined, and a fleet of workers: where things are broken."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from benchmarks import crowd
from benchmarks.crowd import Crowd
from benchmarks.databases import Postgres, Sqlite
from benchmarks.faults.counted import Counted
from benchmarks.faults.counting import Outcome, still_open
from benchmarks.faults.fleet import Fleet, fleet
from benchmarks.faults.people import People
from benchmarks.installation import Installation
from learning_log.services import conversations
from learning_log.storage import tables
from learning_log.storage.records import LearningLog
from tests.bot_api import BotApiServer, Pace

Answer = TypeVar("Answer")
AWAY_SECONDS = 60.0
DRAIN_SECONDS = 600.0
# The statements here are about rows of every tenant, so they name tables: see learning_log/storage/database.py.
CONVERSATION: Any = tables.Conversation.__table__  # type: ignore[attr-defined]
SCHEDULE: Any = tables.Schedule.__table__  # type: ignore[attr-defined]
ASKED: Any = tables.Asked.__table__  # type: ignore[attr-defined]
OUTBOX: Any = tables.OutboxMessage.__table__  # type: ignore[attr-defined]


@dataclass
class Place:
    """in_flight: the ids of messages that were being sent when something was killed."""

    server: Sqlite | Postgres
    telegram: BotApiServer
    installation: Installation
    log: LearningLog
    crowd: Crowd
    people: People
    fleet: Fleet
    in_flight: set[object] = field(default_factory=set)

    def write(self, *statements: Any) -> None:
        """In one transaction; again and again while the database is away."""

        def work() -> None:
            with self.log.write() as records:
                for statement in statements:
                    records.session.execute(statement)

        self.insist(work)

    def insist(self, work: Callable[[], Answer]) -> Answer:
        deadline = time.monotonic() + AWAY_SECONDS
        while True:
            try:
                return work()
            except DBAPIError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def make_due(self, chats: Sequence[int]) -> None:
        """The time of these people's prompts has come; for those who were asked today it is no new day."""
        self.people.record.prompted.extend(chat for chat in chats if chat not in self.people.record.prompted)
        now = self.log.clock() - timedelta(seconds=1)
        self.write(update(SCHEDULE).where(self._of(SCHEDULE, chats)).values(next_due_at=now))

    def make_remindable(self, chats: Sequence[int]) -> None:
        """They were asked, and have not answered for so long that a reminder is due."""
        asked = update(ASKED).where(self._of(ASKED, chats), ASKED.c.status == "asked", ASKED.c.reminded_at.is_(None))
        self.write(asked.values(remind_at=self.log.clock()))

    def _of(self, table: Any, chats: Sequence[int]) -> Any:
        hashes = [conversations.address_hash(self.log, "telegram", str(chat)) for chat in chats]
        whose = select(CONVERSATION.c.id).where(CONVERSATION.c.address_hash.in_(hashes))
        return table.c.conversation_id.in_(whose)

    def note_in_flight(self) -> None:
        """Looks what was being sent. To be called right after something was killed."""

        def look() -> None:
            with self.log.database.reading() as connection:
                found = connection.execute(select(OUTBOX.c.id).where(OUTBOX.c.status == "sending")).scalars()
                self.in_flight |= set(found)

        self.insist(look)

    def bring_back(self, server: Postgres) -> None:
        """Starts the database again. The workers stand still while we look what they were sending."""
        for pid in self.fleet.alive:
            os.kill(pid, signal.SIGSTOP)
        server.start()
        self.note_in_flight()
        for pid in self.fleet.alive:
            os.kill(pid, signal.SIGCONT)

    def drain(self) -> None:
        """Nobody writes any more; after a last kill a worker that is left alone finishes."""
        self.people.end()
        self.fleet.kill_all()
        self.note_in_flight()
        self.fleet.start()
        self.finish()

    def finish(self, patience: float = DRAIN_SECONDS) -> None:
        """Nobody writes any more; whoever lives finishes. What is not done by then is counted as lost."""
        self.people.end()
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self._is_busy():
            time.sleep(0.1)
        self.fleet.kill_all()

    def _is_busy(self) -> bool:
        return bool(len(self.telegram.cloud.updates)) or any(self.insist(lambda: still_open(self.log)))

    def counted(self, broken: int = 0) -> list[Counted]:
        """broken: how many of our messages met a fault of the channel that leaves their fate open."""
        return list(Outcome(self.log, self.crowd, self.people.record).counted(len(self.in_flight) + broken))


@contextmanager
def place(
    server: Sqlite | Postgres,
    people: int,
    answering: int,
    *,
    webhook: bool = False,
    pace: Pace | None = None,
    more: Mapping[str, str] | None = None,
) -> Iterator[Place]:
    """people: with a chat; the first `answering` of them write all the time. pace: what the channel enforces; without
    it the worker goes as fast as it can. more: of the workers' environment."""
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # the Bot API server meets callers that died
    url = server.make()
    free = Pace(per_second=0, per_chat_second=0)
    with BotApiServer(backoff=0.02, pace=pace or free) as telegram, TemporaryDirectory() as folder:
        installation = Installation(Path(folder) / "installation", url, telegram.base_url)
        installation.more |= {"WHATMATTERS_TICK_SECONDS": "0.2", **(more or {})}
        if pace is None:
            installation.lift_pace()
        if webhook:
            installation.by_webhook()
        log = installation.log()
        gathered = crowd.gather(log, people)
        users = [telegram.user("Ada (invented)", started=True) for _ in range(people + crowd.LEADS)]
        assert users[0].chat_id == gathered.chats.start
        try:
            with fleet(installation) as workers:
                people_ = People(telegram, users, answering)
                yield Place(server, telegram, installation, log, gathered, people_, workers)
                people_.end()
        finally:
            log.close()
            server.drop(url)
