"""One engine for SQLite and PostgreSQL, with the settings that keep what was committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Uuid, column, create_engine, event, insert, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.orm import Session as AnySession
from sqlmodel import Session

from learning_log.errors import DatabaseDamaged, DatabaseMissing, DatabaseNewer, SettingsWrong
from learning_log.storage.tables import Row

# with_loader_criteria reads the column off the mixin, where SQLModel leaves a bare field; mapped classes keep theirs.
type.__setattr__(Row, "tenant_id", column("tenant_id", Uuid()))

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30
BUSY = f"The database is busy: others wrote for {BUSY_SECONDS} seconds. Nothing was changed. Try again."
POSTGRES_BUSY = {"55P03", "40P01", "40001"}  # a lock, a deadlock, two that changed the same

# How a transaction begins in each database. A reader sees one moment: an export is of many statements.
TO_WRITE = {"sqlite": {"sqlite_begin": "IMMEDIATE"}, "postgresql": {"isolation_level": "READ COMMITTED"}}
TO_READ = {"sqlite": {"sqlite_begin": "DEFERRED"}, "postgresql": {"isolation_level": "REPEATABLE READ"}}


class TenantSession(Session):
    """A session whose queries see one tenant, named in its info."""


class Database:
    """Opens transactions. A session that is opened for a tenant reads and changes rows of that tenant only."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self, tenant: UUID | None) -> Iterator[Session]:
        """One transaction, committed at the end or rolled back whole. No tenant: rows of all of them."""
        with self._session(tenant, TO_WRITE) as session, session.begin():
            yield session

    @contextmanager
    def read(self, tenant: UUID | None) -> Iterator[Session]:
        """One consistent view; whatever is changed in it is thrown away."""
        with self._session(tenant, TO_READ) as session:
            try:
                yield session
            finally:
                session.rollback()

    def _session(self, tenant: UUID | None, begin: dict[str, dict[str, str]]) -> Session:
        session = TenantSession(self._beginning(begin), expire_on_commit=False)
        session.info["tenant"] = tenant
        return session

    def _beginning(self, begin: dict[str, dict[str, str]]) -> Engine:
        options: dict[str, Any] = dict(begin[self.engine.dialect.name])
        return self.engine.execution_options(**options)

    def reading(self) -> Connection:
        """A connection that takes no lock: for statements that are about rows of every tenant."""
        return self._beginning(TO_READ).connect()

    def revision(self) -> str | None:
        """The schema that the database has, or none when it is empty. Raises DatabaseMissing or DatabaseDamaged."""
        if self.is_sqlite and not Path(self.engine.url.database or "").exists():
            raise DatabaseMissing
        try:
            with self.reading() as connection:
                return MigrationContext.configure(connection).get_current_revision()
        except OperationalError as error:
            if is_busy(error):
                raise SettingsWrong(BUSY) from error
            raise SettingsWrong("The database does not answer. Check WHATMATTERS_DATABASE_URL.") from error
        except DatabaseError as error:
            raise DatabaseDamaged from error

    def check(self) -> None:
        """Raises unless the schema is exactly the one that this program knows."""
        revision = self.revision()
        if revision is None:
            raise DatabaseMissing
        if revision not in _known_revisions():
            raise DatabaseNewer
        if revision != _script().get_current_head():
            raise DatabaseMissing(
                "The database is from an older What Matters. Bring it up to date with: whatmatters init"
            )

    def upgrade(self) -> None:
        """Makes or updates the tables. Refuses a database that is newer than the program."""
        if self.is_sqlite:
            Path(self.engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
        with self.reading() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
        if revision is not None and revision not in _known_revisions():
            raise DatabaseNewer
        if revision == _script().get_current_head():
            return
        with self.engine.connect() as connection:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()

    def close(self) -> None:
        self.engine.dispose()


def is_busy(error: Exception) -> bool:
    """Whether another transaction was in the way, so that the same may well succeed later."""
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlite_errorname", "") or ""
    return code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or getattr(error.orig, "sqlstate", None) in POSTGRES_BUSY


def is_lost(error: Exception) -> bool:
    """Whether the database itself was in the way (busy, gone, full), and not what was asked of it."""
    return isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def _script() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _known_revisions() -> set[str]:
    return {script.revision for script in _script().walk_revisions()}


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise SettingsWrong("WHATMATTERS_DATABASE_URL is not an address of a database.") from error
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    raise SettingsWrong("WHATMATTERS_DATABASE_URL must start with sqlite:/// or postgresql://.")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin for us: see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins by reading and then writes loses updates of others unless it locks first.
    kind = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {kind}")


def put(session: Session, kind: type[Row], row: dict[str, Any]) -> None:
    """Has a row inserted with others of its kind: before the next query, flush or commit of the session."""
    session.info.setdefault("put", {}).setdefault(kind, []).append(row)


def write_what_was_put(session: AnySession) -> None:
    waiting = session.info.pop("put", None)
    if not waiting:
        return
    session.flush()  # what these rows point to may be new itself
    for kind, rows in waiting.items():
        session.execute(insert(kind.__table__), rows)


@event.listens_for(TenantSession, "before_commit")
def _at_the_end(session: AnySession) -> None:
    write_what_was_put(session)


@event.listens_for(TenantSession, "do_orm_execute")
def _before_a_query(state: ORMExecuteState) -> None:
    if state.is_select or state.is_update or state.is_delete:
        write_what_was_put(state.session)


@event.listens_for(TenantSession, "do_orm_execute")
def _only_own_tenant(state: ORMExecuteState) -> None:
    tenant = state.session.info["tenant"]
    if tenant is None or not (state.is_select or state.is_update or state.is_delete):
        return
    state.statement = state.statement.options(
        with_loader_criteria(Row, lambda row: row.tenant_id == tenant, include_aliases=True)
    )
