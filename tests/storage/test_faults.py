"""A database that is busy, away or full: nothing is half written, and it is said what was kept and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlmodel import col, select

from learning_log.errors import DatabaseAway, DatabaseBusy, DatabaseFull
from learning_log.settings import Settings
from learning_log.storage.database import BUSY, Database
from learning_log.storage.encryption import Vault
from learning_log.storage.faults import in_words, is_away, is_busy, is_full, is_lost
from learning_log.storage.keys import read_keys
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Provider

KINDS = (is_busy, is_away, is_full)


def second_log(settings: Settings, database: Database) -> LearningLog:
    return LearningLog(database, Vault(read_keys(settings.path_of_keys)))


@pytest.fixture
def impatient(settings: Settings) -> Iterator[LearningLog]:
    """Another process, which waits for a moment only."""
    log = second_log(settings, Database(settings.url_of_database, busy_seconds=0.05))
    yield log
    log.close()


def add(log: LearningLog, tenant: UUID, *names: str) -> None:
    with log.write(tenant) as records:
        for name in names:
            records.add(Provider(name_hash=name.encode()), name=name)
            records.session.flush()


def names(log: LearningLog, tenant: UUID) -> list[str]:
    with log.read(tenant) as records:
        return [records.text(each, "name") for each in records.all(select(Provider).order_by(col(Provider.id)))]


def test_what_meets_a_lock_for_too_long_leaves_nothing_and_can_be_tried_again(
    log: LearningLog, impatient: LearningLog, tenant: UUID
) -> None:
    with log.write(tenant) as records:
        records.session.connection()  # SQLite has one lock for all, and takes it as it begins
        if not log.database.is_sqlite:
            records.session.connection().execute(text("LOCK TABLE provider"))
        with pytest.raises(DBAPIError) as met:
            add(impatient, tenant, "First", "Second")
        assert [kind(met.value) for kind in KINDS] == [True, False, False]
        assert isinstance(in_words(met.value), DatabaseBusy)
        assert str(in_words(met.value)) == BUSY
    assert names(log, tenant) == []
    add(impatient, tenant, "First", "Second")
    assert names(log, tenant) == ["First", "Second"]


def test_a_row_that_is_locked_halfway_takes_back_the_first_half(
    log: LearningLog, impatient: LearningLog, tenant: UUID
) -> None:
    """PostgreSQL locks rows: the wait may begin when much was written already. SQLite waits before the first."""
    add(log, tenant, "Wanted by both")

    def rename(impatiently: LearningLog) -> None:
        with impatiently.write(tenant) as records:
            records.add(Provider(name_hash=b"new"), name="Half")
            records.session.flush()
            records.session.connection().execute(text("UPDATE provider SET name_hash = name_hash"))

    with log.write(tenant) as records:
        records.session.connection().execute(text("UPDATE provider SET name_hash = name_hash"))
        with pytest.raises(DBAPIError) as met:
            rename(impatient)
        assert is_busy(met.value)
    assert names(log, tenant) == ["Wanted by both"]


def test_when_all_connections_are_taken_it_is_busy(settings: Settings, tenant: UUID) -> None:
    database = Database(settings.url_of_database, busy_seconds=0.05, pool_size=1)
    taken = [database.reading() for _ in range(3)] if not database.is_sqlite else []
    holding = database.writing() if database.is_sqlite else None
    if holding is not None:
        holding.begin()
    with pytest.raises(SQLAlchemyError) as met, database.write(tenant) as session:
        session.connection()
    assert is_busy(met.value)
    assert str(in_words(met.value)) == BUSY
    for connection in [*taken, *([holding] if holding else [])]:
        connection.close()
    with database.write(tenant) as session:
        assert session.connection().execute(text("SELECT 1")).scalar_one() == 1
    database.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_goes_and_comes_back_is_survived_by_the_next_transaction(
    log: LearningLog, impatient: LearningLog, tenant: UUID
) -> None:
    add(log, tenant, "Before")
    assert end_all(impatient) > 0
    add(log, tenant, "After")
    assert names(log, tenant) == ["Before", "After"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_goes_in_the_middle_leaves_nothing_half_written(
    log: LearningLog, impatient: LearningLog, tenant: UUID
) -> None:
    def interrupted() -> None:
        with log.write(tenant) as records:
            records.add(Provider(name_hash=b"half"), name="Half")
            records.session.flush()
            end_all(impatient)

    with pytest.raises(DBAPIError) as met:
        interrupted()
    assert [kind(met.value) for kind in KINDS] == [False, True, False]
    assert isinstance(in_words(met.value), DatabaseAway)
    assert names(log, tenant) == []
    add(log, tenant, "After")
    assert names(log, tenant) == ["After"]


def test_a_database_that_cannot_be_reached_is_away(tmp_path_factory: pytest.TempPathFactory) -> None:
    nowhere = tmp_path_factory.mktemp("nowhere")
    for url in (f"postgresql://plain:@/there?host={nowhere}", f"sqlite:///{nowhere}/no/such/folder.db"):
        database = Database(url)
        with pytest.raises(DBAPIError) as met, database.write(None) as session:
            session.connection()
        assert [kind(met.value) for kind in KINDS] == [False, True, False]
        assert "What was kept is safe" in str(in_words(met.value))
        database.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_takes_back_the_last_change_and_keeps_the_rest(
    log: LearningLog, settings: Settings, tenant: UUID
) -> None:
    small = Database(settings.url_of_database)
    event.listen(small.engine, "connect", leave_no_room)
    crowded = second_log(settings, small)
    kept: list[str] = []

    def fill_up() -> None:
        for number in range(1000):
            pair = [f"{number} {half} {'x' * 2000}" for half in ("first", "second")]
            add(crowded, tenant, *pair)
            kept.extend(pair)

    with pytest.raises(DBAPIError) as met:
        fill_up()
    assert [kind(met.value) for kind in KINDS] == [False, False, True]
    assert isinstance(in_words(met.value), DatabaseFull)
    assert "The last change was not kept" in str(in_words(met.value))
    assert "Make room" in str(in_words(met.value))
    assert kept
    assert names(crowded, tenant) == kept
    crowded.close()
    with log.database.reading() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    add(log, tenant, "There is room again")
    assert names(log, tenant) == [*kept, "There is room again"]


def test_what_is_asked_wrongly_is_no_fault_of_the_database(log: LearningLog, tenant: UUID) -> None:
    add(log, tenant, "Once")
    with pytest.raises(IntegrityError) as clash:
        add(log, tenant, "Once")
    with pytest.raises(DBAPIError) as mistyped, log.write(tenant) as records:
        records.session.connection().execute(text("SELECT * FROM nowhere"))
    for error in (clash.value, mistyped.value, ValueError("a word")):
        assert not is_lost(error)
        assert in_words(error) is None


def end_all(log: LearningLog) -> int:
    """Ends every connection to the database but this one, as a server that stops does. Returns how many there were."""
    ended = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
    )
    with log.write() as records:
        return len(records.session.connection().execute(text(ended)).all())


def leave_no_room(connection: Any, _record: Any) -> None:
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 20}")
