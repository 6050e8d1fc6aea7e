"""A database with people who have joined, a Bot API server for load, and the settings of a worker between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from benchmarks import crowd
from benchmarks.crowd import Crowd
from benchmarks.databases import Postgres, Sqlite
from benchmarks.delivery.contender import Measured, measure, worker
from benchmarks.installation import Installation
from benchmarks.load import Load, load
from learning_log.storage.records import LearningLog

WAITING = "SELECT count(*) FROM inbox WHERE status = 'kept'"
NOT_SENT = "SELECT count(*) FROM outbox WHERE status <> 'sent'"
REFLECTIONS = "SELECT count(*) FROM reflection"


@dataclass(frozen=True)
class Scene:
    server: Sqlite | Postgres
    telegram: Load
    installation: Installation
    log: LearningLog
    people: Crowd

    def count(self, statement: str) -> int:
        with self.log.database.reading() as connection:
            return int(connection.execute(text(statement)).scalar_one())

    def measure_replies(self, messages: int, answers: int = 1) -> Measured:
        """A worker of its own answers so many messages of each chat. answers: messages of ours to each of theirs."""
        expected = self.count(REFLECTIONS) + len(self.people.chats) * messages
        with worker(self.installation, self.telegram) as process:
            return measure(
                self.telegram,
                process,
                self.people.chats,
                messages,
                lambda: self.is_all_kept(expected),
                answers=answers,
                database=self.server.pid,
            )

    def is_all_kept(self, reflections: int) -> bool:
        """Whether everything is handled, sent and recorded, and each message led to one reflection."""
        if self.count(WAITING) or self.count(NOT_SENT):
            return False
        found = self.count(REFLECTIONS)
        if found != reflections:
            raise RuntimeError(f"{found} reflections where there should be {reflections}: the figures mean nothing")
        return True


@contextmanager
def scene(
    server: Sqlite | Postgres, people: int, latency: float = 0.0, *, one_answer: bool = True, webhook: bool = False
) -> Iterator[Scene]:
    """With the pace lifted. one_answer: as an echo gives it; shipped are two messages in answer to each."""
    url = server.make()
    with load(latency) as telegram, TemporaryDirectory() as folder:
        installation = Installation(Path(folder) / "installation", url, telegram.base_url)
        installation.lift_pace()
        if one_answer:
            installation.answer_once()
        if webhook:
            installation.by_webhook()
        log = installation.log()
        try:
            yield Scene(server, telegram, installation, log, crowd.gather(log, people, telling=True))
        finally:
            log.close()
            server.drop(url)
