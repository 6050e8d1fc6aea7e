"""PostgreSQL itself keeps tenants apart, whatever statement is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Table, insert, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlmodel import SQLModel

from learning_log.storage.database import Database
from learning_log.storage.engines import TO_WRITE, beginning
from learning_log.storage.guarding import guard, unguarded
from tests.databases import PostgresForTests
from tests.storage.rows import fill, tables_of

OURS, THEIRS = UUID(int=1), UUID(int=2)
TABLES = sorted(SQLModel.metadata.tables)


@pytest.fixture(scope="module")
def database(postgres: PostgresForTests) -> Iterator[Database]:
    """Every table has rows: those of one tenant, and an empty tenant beside it."""
    with postgres.database() as url:
        database = Database(url)
        with database.writing() as connection, connection.begin():
            made = fill(connection, {"tenant": [{"id": THEIRS}, {"id": OURS}]})
            assert made["reflection"]
        yield database
        database.close()


def named(database: Database, tenant: UUID) -> Connection:
    """A transaction of this tenant, with nothing between it and the database."""
    return beginning(database.engine, TO_WRITE, str(tenant)).connect()


def table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


def rows(connection: Connection, name: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table(name))).mappings()]


def test_the_role_of_the_tests_is_guarded(database: Database) -> None:
    """A superuser is not: then these tests would say nothing."""
    with database.reading() as connection:
        free = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(text(free)).scalar_one() is False


def test_every_table_is_kept_apart(database: Database) -> None:
    with database.reading() as connection:
        assert unguarded(connection) == []
        assert sorted(each.name for each in tables_of(connection)) == TABLES


def test_a_table_that_was_forgotten_is_found_and_can_be_guarded(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE later (id uuid PRIMARY KEY, tenant_id uuid NOT NULL)"))
        assert unguarded(connection) == ["later"]
        guard(connection, "later")
        assert unguarded(connection) == []
        connection.rollback()


@pytest.mark.parametrize("name", TABLES)
def test_rows_of_another_tenant_cannot_be_read_changed_or_removed(database: Database, name: str) -> None:
    key = "id" if name == "tenant" else "tenant_id"
    with named(database, THEIRS) as connection:
        theirs = rows(connection, name)
        assert theirs
        assert {row[key] for row in theirs} == {THEIRS}
    with named(database, OURS) as connection:
        assert THEIRS not in {row[key] for row in rows(connection, name)}
        of_theirs = {"theirs": THEIRS}
        for change in ("UPDATE {0} SET {1} = {1} WHERE {1} = :theirs", "DELETE FROM {0} WHERE {1} = :theirs"):
            assert connection.execute(text(change.format(name, key)), of_theirs).rowcount == 0
        connection.rollback()
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.execute(insert(table(name)).values(**{**theirs[0], "id": UUID(int=9), key: THEIRS}))


@pytest.mark.parametrize("name", [name for name in TABLES if name != "tenant"])
def test_a_row_cannot_be_given_to_another_tenant(database: Database, name: str) -> None:
    with named(database, THEIRS) as connection, pytest.raises(ProgrammingError, match="row-level security"):
        connection.execute(update(table(name)).values(tenant_id=OURS))


@pytest.mark.parametrize("name", TABLES)
def test_with_no_tenant_named_no_row_is_there(database: Database, name: str) -> None:
    with database.engine.connect() as connection:
        assert rows(connection, name) == []


def test_a_tenant_is_forgotten_with_its_transaction(database: Database) -> None:
    """The next transaction on the same connection does not inherit it."""
    with named(database, THEIRS) as connection:
        assert rows(connection, "reflection")
        connection.rollback()
        bare = connection.execution_options(tenant=None)
        assert rows(bare, "reflection") == []


def test_a_session_names_its_tenant_to_the_database(database: Database) -> None:
    for open_it in (database.read, database.write):
        for tenant, there in ((OURS, 0), (THEIRS, 1), (None, 1)):
            with open_it(tenant) as session:
                counted = session.connection().execute(text("SELECT count(*) FROM reflection"))
                assert counted.scalar_one() == there


# What the worker and the app ask all day, and the index that answers it.
ASKED_ALL_DAY = {
    "ix_inbox_kept": "SELECT id FROM inbox WHERE status = 'kept' ORDER BY received_at, place, id LIMIT 50"
    " FOR UPDATE SKIP LOCKED",
    "ix_outbox_open": "SELECT id FROM outbox WHERE status IN ('pending', 'sending') AND channel = 'telegram'"
    " ORDER BY urgency, made_at, place, id LIMIT 50 FOR UPDATE SKIP LOCKED",
    "ix_reflection_said": f"SELECT id FROM reflection WHERE tenant_id = '{THEIRS}'"
    " AND said_at > now() - interval '100 s'",
    "pk_outbox": f"UPDATE outbox SET status = 'sending' WHERE id = '{OURS}' AND status = 'pending' RETURNING id",
}
MANY = {
    "inbox": "INSERT INTO inbox (id, tenant_id, channel, message_key, received_at, place, status, attempts)"
    " SELECT gen_random_uuid(), :tenant, 'telegram', n, now() - n * interval '1 s', 0,"
    " CASE WHEN n % 5 = 0 THEN 'kept' ELSE 'done' END, 0 FROM generate_series(1, 5000) n",
    "outbox": "INSERT INTO outbox (id, tenant_id, channel, kind, made_at, place, due_at, status, attempts)"
    " SELECT gen_random_uuid(), :tenant, 'telegram', 'reply', now() - n * interval '1 s', 0, now(),"
    " CASE WHEN n % 5 = 0 THEN 'pending' ELSE 'sent' END, 0 FROM generate_series(1, 5000) n",
    "reflection": "INSERT INTO reflection"
    " (id, tenant_id, direction, nothing_to_report, audience, source, said_at, kept_at)"
    " SELECT gen_random_uuid(), :tenant, 'works', false, 'team', 'telegram', now() - n * interval '1 s', now()"
    " FROM generate_series(1, 5000) n",
}


def test_the_rule_is_worked_out_once_and_indexes_are_still_used(database: Database) -> None:
    with database.writing() as connection:
        for name, statement in MANY.items():
            connection.execute(text(statement), {"tenant": THEIRS})
            connection.execute(text(f"ANALYZE {name}"))
        for tenant in ("all", str(THEIRS)):
            connection.execute(text("SELECT set_config('whatmatters.tenant', :tenant, true)"), {"tenant": tenant})
            for index, statement in ASKED_ALL_DAY.items():
                said = connection.execute(text(f"EXPLAIN (FORMAT JSON) {statement}")).scalar_one()
                plan = json.dumps(said)
                assert f'"Index Name": "{index}"' in plan, plan
                assert "InitPlan" in plan
                assert "Seq Scan" not in plan
                assert "current_setting" not in plan.replace('"Output"', ""), "worked out for each row"
        connection.rollback()
