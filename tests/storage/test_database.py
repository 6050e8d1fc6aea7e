"""The tables, in both databases: made by the migrations, guarded by tenant, kept whole or not at all."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import SQLModel, func, select

from learning_log.errors import DatabaseMissing, DatabaseNewer, NotFound, SettingsWrong
from learning_log.services import auditing
from learning_log.settings import Settings
from learning_log.storage.database import Database, is_busy
from learning_log.storage.records import LearningLog, open_log
from learning_log.storage.tables import AuditEntry, Provider, Row


def test_the_migrations_make_exactly_the_tables_of_the_code(database_url: str) -> None:
    database = Database(database_url)
    with database.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    database.close()
    assert difference == []


def test_every_row_has_a_tenant() -> None:
    for table in SQLModel.metadata.tables.values():
        if table.name != "tenant":
            assert not table.c.tenant_id.nullable, table.name


def test_making_the_tables_twice_changes_nothing(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    database.upgrade()
    first = database.revision()
    database.upgrade()
    assert database.revision() == first
    database.check()
    database.close()


def test_a_newer_database_is_refused_and_left_as_it_is(database_url: str) -> None:
    database = Database(database_url)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refused in (database.check, database.upgrade):
        with pytest.raises(DatabaseNewer, match="Update the program"):
            refused()
    assert database.revision() == "9999"
    database.close()


def test_an_empty_database_is_said_to_be_missing(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with pytest.raises(DatabaseMissing, match="whatmatters init"):
        database.check()
    database.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://here/there", "postgresql://here:port/there"])
def test_an_address_that_is_none_of_ours_is_refused(url: str) -> None:
    with pytest.raises(SettingsWrong, match="WHATMATTERS_DATABASE_URL"):
        Database(url)


def add_provider(log: LearningLog, tenant: UUID, name: str) -> UUID:
    with log.write(tenant) as records:
        return records.add(Provider(name_hash=records.fingerprint("provider.name", name)), name=name).id


def test_a_tenant_never_sees_anothers_rows(log: LearningLog, tenant: UUID, other_tenant: UUID) -> None:
    id = add_provider(log, tenant, "Invented Support")
    with log.read(other_tenant) as records:
        assert records.all(select(Provider)) == []
        assert records.all(select(Provider.id)) == []
        assert records.first(select(func.count()).select_from(Provider)) == 0
        with pytest.raises(NotFound):
            records.get(Provider, id)


def test_every_table_is_guarded_by_tenant(log: LearningLog, tenant: UUID) -> None:
    """Whatever is asked of whichever table, the statement that reaches the database names the tenant."""

    def below(kind: type[Row]) -> list[type[Row]]:
        return [each for kid in kind.__subclasses__() for each in (kid, *below(kid))]

    sent: list[str] = []
    event.listen(log.database.engine, "before_cursor_execute", lambda *said: sent.append(said[2]))
    with log.read(tenant) as records:
        for kind in below(Row):
            for statement in (select(kind), select(kind.id), select(func.count()).select_from(kind)):
                records.session.exec(statement).all()
                assert "tenant_id = " in sent[-1], sent[-1]


def test_a_transaction_that_fails_leaves_nothing(log: LearningLog, tenant: UUID) -> None:
    def half() -> None:
        with log.write(tenant) as records:
            records.add(Provider(name_hash=b"x"), name="Half")
            records.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with log.read(tenant) as records:
        assert records.all(select(Provider)) == []


def test_writers_at_once_lose_nothing(log: LearningLog, tenant: UUID) -> None:
    def write() -> None:
        for _ in range(10):
            with log.write(tenant) as records:
                auditing.record(records, "worker", "tested")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with log.read(tenant) as records:
        assert records.first(select(func.max(AuditEntry.position))) == 40
        assert auditing.broken_at(records) is None


def test_the_audit_log_shows_a_change_and_a_gap(log: LearningLog, tenant: UUID) -> None:
    for number in range(5):
        with log.write(tenant) as records:
            auditing.record(records, "worker", f"did {number}")
    with log.write(tenant) as records:
        third = records.first(select(AuditEntry).where(AuditEntry.position == 3))
        third.action = "did nothing"
    with log.read(tenant) as records:
        assert auditing.broken_at(records) == 3
    with log.write(tenant) as records:
        records.session.delete(records.first(select(AuditEntry).where(AuditEntry.position == 2)))
    with log.read(tenant) as records:
        assert auditing.broken_at(records) == 2


def test_what_is_read_is_one_moment(log: LearningLog, tenant: UUID) -> None:
    with log.read(tenant) as records:
        assert records.all(select(Provider)) == []
        add_provider(log, tenant, "Added meanwhile")
        assert records.all(select(Provider)) == []
    with log.read(tenant) as records:
        assert len(records.all(select(Provider))) == 1


def test_the_log_opens_and_reads_while_others_write(log: LearningLog, tenant: UUID, settings: Settings) -> None:
    with log.write(tenant) as records:
        records.add(Provider(name_hash=b"x"), name="Not there yet")
        records.session.flush()
        database = Database(settings.url_of_database)
        database.upgrade()
        database.close()
        second = open_log(settings)
        with second.read(tenant) as others:
            assert others.all(select(Provider)) == []
        second.close()


def test_a_lock_is_told_from_another_error(database_url: str) -> None:
    holding, impatient = Database(database_url), Database(database_url, busy_seconds=0.01)
    lock = "SELECT 1" if holding.is_sqlite else "LOCK TABLE provider"
    with holding.engine.begin() as first:
        first.exec_driver_sql(lock)
        with pytest.raises(OperationalError) as locked, impatient.engine.begin() as second:
            second.exec_driver_sql("SELECT * FROM provider")
    assert is_busy(locked.value)
    with pytest.raises(DBAPIError) as other, holding.engine.begin() as first:
        first.exec_driver_sql("SELECT * FROM nowhere")
    assert not is_busy(other.value)
    holding.close()
    impatient.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_transaction_begins_in_one_trip_and_only_where_one_is_wanted(database_url: str) -> None:
    """A connection that only holds a lock for hours must not stand in a transaction meanwhile."""
    database = Database(database_url, pool_size=1)
    holding = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    for connection, is_open in ((holding, False), (database.reading(), True), (database.writing(), True)):
        sent: list[str] = []
        event.listen(connection, "before_cursor_execute", lambda *said, sent=sent: sent.append(said[2]))
        driver = connection.connection.driver_connection
        assert driver is not None
        connection.exec_driver_sql("SELECT 1")
        assert (driver.info.transaction_status.name == "INTRANS") is is_open
        assert len(sent) == 1 + is_open
        assert driver.autocommit, "the driver would begin by itself"
        connection.close()
    # Given back to the pool and taken out again, it is like any other.
    with database.reading() as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "repeatable read"
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == "30s"
    database.close()
