"""From every schema that there has been to the newest one, with rows in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from learning_log.errors import DatabaseDamaged
from learning_log.storage import engines
from learning_log.storage.database import Database, changing_tables, revisions
from tests.storage.rows import fill, rows_of

EARLIER = revisions()[:-1]
WAITING = {
    "asked": [{"status": "due"}],
    "inbox": [{"status": "kept"}],
    "outbox": [
        {"status": "pending", "kind": "alert", "asked_id": None},
        {"status": "pending", "kind": "notice", "asked_id": None},
        {"status": "sending", "kind": "reply", "asked_id": None},
        {"status": "sent", "kind": "prompt"},
    ],
}


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url)
    yield database
    database.close()


def kept(database: Database) -> dict[str, dict[Any, dict[str, Any]]]:
    with database.reading() as connection:
        return rows_of(connection)


def filled_at(database: Database, revision: str) -> dict[str, list[Any]]:
    database.upgrade(revision)
    with database.writing() as connection, connection.begin():
        return fill(connection, WAITING)


@pytest.mark.parametrize("revision", EARLIER)
def test_no_row_of_an_earlier_schema_is_lost_or_changed(database: Database, revision: str) -> None:
    filled_at(database, revision)
    before = kept(database)
    assert all(before.values()), "a table was left empty"
    assert any(row["inbox_id"] for row in before["reflection"].values())
    database.upgrade()
    database.check()
    after = kept(database)
    for table, rows in before.items():
        for id, row in rows.items():
            both = row.keys() & after[table][id].keys()
            assert {name: after[table][id][name] for name in both} == {name: row[name] for name in both}, table


@pytest.mark.parametrize("revision", EARLIER)
def test_after_an_upgrade_references_are_watched_again(database: Database, revision: str) -> None:
    made = filled_at(database, revision)
    database.upgrade()
    with database.writing() as connection, connection.begin():
        connection.execute(text("DELETE FROM inbox"))
    assert [row["inbox_id"] for row in kept(database)["reflection"].values()] == [None]
    assert len(made["reflection"]) == 1


def test_what_waits_since_before_0002_has_its_chat_and_its_urgency(database: Database) -> None:
    made = filled_at(database, "0001")
    database.upgrade("0002")
    after = kept(database)
    chat = after["conversation"][made["conversation"][0]]["address_hash"]
    said = [(row["kind"], row["status"], row["urgency"], row["address_hash"]) for row in after["outbox"].values()]
    assert sorted(said, key=str) == sorted(
        [
            ("alert", "pending", 0, chat),
            ("notice", "pending", 2, chat),
            ("reply", "sending", 1, chat),
            ("prompt", "sent", 3, None),
            ("prompt", "pending", 3, chat),  # for the prompt that was due
        ],
        key=str,
    )


def test_a_prompt_that_was_due_before_0002_waits_in_the_outbox_once(database: Database) -> None:
    due = filled_at(database, "0001")["asked"][0]
    before = kept(database)
    database.upgrade("0002")
    after = kept(database)
    new = [row for id, row in after["outbox"].items() if id not in before["outbox"]]
    assert [row["asked_id"] for row in new] == [due]
    (waits,) = new
    asked = after["asked"][due]
    assert (waits["tenant_id"], waits["conversation_id"]) == (asked["tenant_id"], asked["conversation_id"])
    assert (waits["due_at"], waits["made_at"]) == (asked["due_at"], asked["due_at"])
    assert waits["channel"] == after["conversation"][asked["conversation_id"]]["channel"]
    assert waits["body_sealed"] is None


def test_an_upgrade_that_fails_changes_nothing(database: Database) -> None:
    filled_at(database, "0001")
    with database.writing() as connection, connection.begin():
        connection.execute(text("CREATE INDEX ix_outbox_open ON outbox (channel)"))  # in the way of 0002
    before = kept(database)
    with pytest.raises(Exception, match="ix_outbox_open"):
        database.upgrade()
    assert database.revision() == "0001"
    assert kept(database) == before


def test_a_table_that_is_made_anew_takes_nothing_from_the_rows_that_point_at_it(database: Database) -> None:
    """In SQLite the old table is dropped, and a reflection may outlive its message with nothing to point at."""
    filled_at(database, revisions()[-1])
    before = kept(database)
    with database.writing() as connection, changing_tables(connection):
        change = Operations(MigrationContext.configure(connection))
        anew = "always" if database.is_sqlite else "auto"
        with change.batch_alter_table("inbox", recreate=anew) as inbox:
            inbox.alter_column("trouble", new_column_name="went_wrong")
    assert kept(database)["reflection"] == before["reflection"]
    assert "went_wrong" in next(iter(kept(database)["inbox"].values()))


def test_a_change_of_tables_that_leaves_a_row_pointing_nowhere_is_not_kept(database: Database) -> None:
    filled_at(database, revisions()[-1])
    before = kept(database)

    def lose_a_team() -> None:
        with database.writing() as connection, changing_tables(connection):
            connection.execute(text("DELETE FROM team"))

    # PostgreSQL refuses the statement, SQLite is looked at before the commit.
    with pytest.raises(DatabaseDamaged if database.is_sqlite else IntegrityError):
        lose_a_team()
    assert kept(database) == before


def test_workers_that_start_together_make_the_tables_once(empty_database_url: str) -> None:
    databases = [Database(empty_database_url) for _ in range(3)]
    with ThreadPoolExecutor() as workers:
        for made in [workers.submit(database.upgrade) for database in databases]:
            made.result()
    assert len({database.revision() for database in databases}) == 1
    for database in databases:
        database.check()
        database.close()


def test_a_new_file_that_another_worker_is_making_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = sqlite3.connect(tmp_path / "new.db", isolation_level=None)
    another.execute("BEGIN IMMEDIATE")
    waited: list[float] = []

    def it_is_done_meanwhile(seconds: float) -> None:
        waited.append(seconds)
        another.rollback()

    monkeypatch.setattr(engines, "sleep", it_is_done_meanwhile)
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    database.upgrade()
    database.check()
    assert len(waited) == 1
    database.close()
    another.close()


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_new_file_that_stays_locked_is_an_error_after_the_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    another = sqlite3.connect(tmp_path / "new.db", isolation_level=None)
    another.execute("CREATE TABLE something (id)")
    another.execute(f"BEGIN {lock}")
    moments = iter([0.0, 0.2, 0.4, 0.6])
    monkeypatch.setattr(engines, "monotonic", lambda: next(moments))
    monkeypatch.setattr(engines, "sleep", lambda seconds: None)
    database = Database(f"sqlite:///{tmp_path / 'new.db'}", busy_seconds=0.05)
    with pytest.raises(OperationalError, match="locked"):
        database.upgrade()
    assert list(moments) == [0.4, 0.6]  # it looked at the clock twice, and gave up
    database.close()
    another.close()
