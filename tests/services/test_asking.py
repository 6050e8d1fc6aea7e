"""The bank of questions: each version is kept once, whoever asks it first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import select

from learning_log.services import asking
from learning_log.settings import Settings
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import read_keys
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Prompt, PromptVersion

LOOKS = 10_000


def test_the_same_question_is_kept_once(log: LearningLog, tenant: UUID) -> None:
    asked = []
    for _ in range(2):
        with log.write(tenant) as records:
            asked.append(asking.questions(records, "person", "en", "life"))
    assert asked[0] == asked[1]
    with log.read(tenant) as records:
        assert len(records.all(select(Prompt))) == len(records.all(select(PromptVersion))) == len(asked[0])


def test_two_workers_that_ask_the_first_question_at_the_same_moment_keep_it_once(
    log: LearningLog, tenant: UUID, settings: Settings, now: datetime
) -> None:
    vault = Vault(read_keys(settings.path_of_keys))
    other = LearningLog(Database(settings.url_of_database), vault, clock=lambda: now)

    def by_the_other() -> list[asking.Question]:
        with other.write(tenant) as records:
            return asking.questions(records, "person", "en", "life")

    with ThreadPoolExecutor() as workers:
        with log.write(tenant) as records:
            ours = asking.questions(records, "person", "en", "life")
            theirs = workers.submit(by_the_other)
            until(lambda: waits_for_us(log) or theirs.done())
        assert theirs.result() == ours
    with log.read(tenant) as records:
        assert len(records.all(select(PromptVersion))) == len(ours)
    other.close()


def until(true: Callable[[], bool]) -> None:
    assert any(true() for _ in range(LOOKS))


def waits_for_us(log: LearningLog) -> bool:
    """SQLite lets only one write at all."""
    if log.database.is_sqlite:
        return True
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with log.database.reading() as connection:
        return bool(connection.execute(text(waiting)).scalar())
