"""Reading from a copy that may be behind, with a second database in its place whose rows differ."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from learning_log.errors import SettingsWrong
from learning_log.settings import Settings
from learning_log.storage.database import Database
from learning_log.storage.keys import make_keys
from learning_log.storage.records import open_log
from learning_log.storage.replica import BEHIND, REST
from tests.databases import PostgresForTests


@dataclass
class Hands:
    """A clock that is set by hand."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span


@dataclass
class Pair:
    database: Database
    clock: Hands

    def where(self) -> str:
        """Which of the two was read."""
        with self.database.read(None) as session:
            return str(session.connection().execute(text("SELECT name FROM channel")).scalar_one())

    def write(self) -> None:
        with self.database.write(None) as session:
            session.connection().execute(text("UPDATE channel SET username = 'another'"))


def called(url: str, name: str) -> str:
    """The database, with a row that tells it from the other."""
    database = Database(url)
    with database.write(None) as session:
        session.connection().execute(
            text(
                "INSERT INTO channel (id, tenant_id, name, seen_at)"
                " SELECT gen_random_uuid(), id, :name, now() FROM tenant LIMIT 1"
            ),
            {"name": name},
        )
    database.close()
    return url


@pytest.fixture
def clock(now: datetime) -> Hands:
    return Hands(now)


@pytest.fixture
def urls(postgres: PostgresForTests) -> Iterator[tuple[str, str]]:
    with postgres.database() as primary, postgres.database() as copy:
        yield called(primary, "primary"), called(copy, "copy")


@pytest.fixture
def pair(urls: tuple[str, str], clock: Hands) -> Iterator[Pair]:
    database = Database(*urls, clock=clock)
    yield Pair(database, clock)
    database.close()


@pytest.fixture
def cut_off(urls: tuple[str, str], clock: Hands) -> Iterator[Pair]:
    """The copy has no server."""
    database = Database(urls[0], "postgresql://plain:@/copy?host=/nowhere", clock=clock)
    yield Pair(database, clock)
    database.close()


def test_pages_are_read_from_the_copy_and_changes_go_to_the_primary(pair: Pair) -> None:
    assert pair.where() == "copy"
    pair.write()
    with pair.database.reading() as connection:
        assert connection.execute(text("SELECT username FROM channel")).scalar_one() == "another"
        assert connection.execute(text("SELECT name FROM channel")).scalar_one() == "primary"


def test_what_somebody_just_saved_is_on_their_next_page(pair: Pair) -> None:
    pair.write()
    assert pair.where() == "primary"
    pair.clock.pass_by(BEHIND - timedelta(milliseconds=1))
    assert pair.where() == "primary"
    pair.clock.pass_by(timedelta(milliseconds=1))
    assert pair.where() == "copy"


def test_a_change_that_was_not_kept_sends_nobody_to_the_primary(pair: Pair) -> None:
    def fail() -> None:
        with pair.database.write(None):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert pair.where() == "copy"


def test_nothing_is_changed_in_the_copy(pair: Pair) -> None:
    with pair.database.read(None) as session, pytest.raises(InternalError, match="read-only"):
        session.connection().execute(text("DELETE FROM channel"))


def test_the_copy_keeps_tenants_apart_too(pair: Pair, urls: tuple[str, str]) -> None:
    with pair.database.read(None) as session:
        nobody = session.connection().execute(text("SELECT gen_random_uuid()")).scalar_one()
    with pair.database.read(nobody) as session:
        assert session.connection().execute(text("SELECT current_database()")).scalar_one() in urls[1]
        assert session.connection().execute(text("SELECT count(*) FROM channel")).scalar_one() == 0


def test_without_the_copy_pages_come_from_the_primary_and_it_is_logged_once(
    cut_off: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(3):
        assert cut_off.where() == "primary"
        cut_off.clock.pass_by(REST)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_copy_that_is_away_is_left_alone_for_a_while(cut_off: Pair) -> None:
    replica = cut_off.database.replica
    assert replica is not None
    cut_off.where()
    assert not replica.serves()
    cut_off.write()  # waits less than that: the longer wait counts
    cut_off.clock.pass_by(REST - timedelta(seconds=1))
    assert not replica.serves()
    cut_off.clock.pass_by(timedelta(seconds=1))
    assert replica.serves()


def test_a_copy_that_comes_back_is_used_again_and_that_is_logged(
    pair: Pair, urls: tuple[str, str], postgres: PostgresForTests, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert pair.where() == "copy"
    postgres.close_to_newcomers(urls[1])
    assert pair.where() == "primary"
    postgres.open_again(urls[1])
    assert pair.where() == "primary"
    pair.clock.pass_by(REST)
    assert pair.where() == "copy"
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_only_who_asks_for_it_reads_the_copy(urls: tuple[str, str], tmp_path: Path) -> None:
    """The worker decides by what it reads what to send: it never looks at a copy."""
    settings = Settings(data_dir=tmp_path, database_url=urls[0], database_read_url=urls[1])
    make_keys(settings.path_of_keys)
    for reads_replica, there in ((False, "primary"), (True, "copy")):
        log = open_log(settings, reads_replica=reads_replica)
        with log.read() as records:
            assert records.session.connection().execute(text("SELECT name FROM channel")).scalar_one() == there
        log.close()


@pytest.mark.parametrize("read_url", ["sqlite:///copy.db", "nonsense", "mysql://here/there"])
def test_what_cannot_be_a_copy_is_refused(urls: tuple[str, str], read_url: str) -> None:
    with pytest.raises(SettingsWrong, match="WHATMATTERS_DATABASE_READ_URL"):
        Database(urls[0], read_url)


def test_sqlite_has_no_copy(urls: tuple[str, str]) -> None:
    with pytest.raises(SettingsWrong, match="SQLite has none"):
        Database("sqlite:///there.db", urls[1])
