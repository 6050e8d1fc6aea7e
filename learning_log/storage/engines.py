"""One engine for SQLite and PostgreSQL, with the settings that keep what was committed."""

from __future__ import annotations

import sqlite3
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from learning_log.errors import SettingsWrong
from learning_log.storage.guarding import TENANT_SETTING

# How a transaction begins in each database. A reader sees one moment: an export is of many statements.
TO_WRITE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN ISOLATION LEVEL READ COMMITTED"}
TO_READ = {"sqlite": "BEGIN DEFERRED", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ"}
TO_READ_A_COPY = {"postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"}

# PostgreSQL takes 100 connections unless told otherwise. A process keeps 5 open and has 15 in a rush: 6 processes fit,
# with some left for a backup and an administrator. More processes need a smaller pool, or a pooler such as PgBouncer.
POOL_SIZE = 5
RUSH = 2  # times as many again
BETWEEN_TRIES = 0.01  # seconds

# A server that is cut off says nothing. The system waits about 15 minutes for it, unless told otherwise.
POSTGRES_PATIENCE = {
    "connect_timeout": 10,  # seconds
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}


def make_engine(url: str, setting: str, busy_seconds: float, pool_size: int) -> Engine:
    """setting: the variable that the address came from, for the error. Raises SettingsWrong."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise SettingsWrong(f"{setting} is not an address of a database.") from error
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, busy_seconds)
    if parsed.get_backend_name() == "postgresql":
        return _postgres(parsed, busy_seconds, pool_size)
    raise SettingsWrong(f"{setting} must start with sqlite:/// or postgresql://.")


def beginning(engine: Engine, begin: dict[str, str], tenant: str) -> Engine:
    """The same engine, whose transactions begin like this, for one tenant's rows or for all."""
    return engine.execution_options(begin=begin[engine.dialect.name], tenant=tenant)


def _sqlite(url: URL, busy_seconds: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": busy_seconds}, hide_parameters=True)
    event.listen(engine, "connect", lambda connection, _record: _prepare_sqlite(connection, busy_seconds))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, busy_seconds: float) -> None:
    connection.isolation_level = None  # the driver must not begin for us: see _begin_sqlite
    _write_ahead(connection, busy_seconds)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any, busy_seconds: float) -> None:
    """SQLite waits for most locks, but refuses at once the one that changes the journal of a new database."""
    last = monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() >= last:
                raise
        sleep(BETWEEN_TRIES)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins by reading and then writes loses updates of others unless it locks first.
    connection.exec_driver_sql(connection.get_execution_options().get("begin", TO_WRITE["sqlite"]))


def _postgres(url: URL, busy_seconds: float, pool_size: int) -> Engine:
    said = {name: value for name, value in POSTGRES_PATIENCE.items() if name not in url.query}
    engine = create_engine(
        url,
        # The driver must not begin for us: see _begin_postgres.
        connect_args={**said, "autocommit": True},
        execution_options={"busy_seconds": busy_seconds},
        pool_timeout=busy_seconds,
        pool_size=pool_size,
        max_overflow=pool_size * RUSH,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin_postgres)
    return engine


def _begin_postgres(connection: Connection) -> None:
    """Begins, limits the wait for a lock and names the tenant, in one trip to the server.

    A transaction that names none sees no rows: see guarding.py.
    """
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":  # a connection that wants no transactions
        return
    driver: Any = connection.connection.driver_connection
    if not driver.autocommit:  # SQLAlchemy resets it after a connection that wanted none
        driver.autocommit = True
    statements = [
        options.get("begin", TO_WRITE["postgresql"]),
        f"SET LOCAL lock_timeout = {round(options['busy_seconds'] * 1000)}",
    ]
    if tenant := options.get("tenant"):
        statements.append(f"SET LOCAL {TENANT_SETTING} = '{tenant}'")
    connection.exec_driver_sql("; ".join(statements))
