"""Opens transactions on SQLite and PostgreSQL, and brings their tables up to date."""

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
from sqlalchemy import Connection, Engine, Uuid, column, event, insert
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.orm import Session as AnySession
from sqlmodel import Session

from learning_log.clock import Clock, utc_now
from learning_log.errors import (
    DatabaseAway,
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseMissing,
    DatabaseNewer,
    SettingsWrong,
)
from learning_log.storage.engines import POOL_SIZE, TO_READ, TO_READ_A_COPY, TO_WRITE, beginning, make_engine
from learning_log.storage.faults import BUSY, BUSY_SECONDS, is_away, is_busy, is_full, is_lost
from learning_log.storage.guarding import EVERY_TENANT
from learning_log.storage.replica import Replica
from learning_log.storage.tables import Row

__all__ = ["BUSY", "BUSY_SECONDS", "Database", "is_away", "is_busy", "is_full", "is_lost"]

# with_loader_criteria reads the column off the mixin, where SQLModel leaves a bare field; mapped classes keep theirs.
type.__setattr__(Row, "tenant_id", column("tenant_id", Uuid()))

MIGRATIONS = Path(__file__).parent / "migrations"


class TenantSession(Session):
    """A session whose queries see one tenant, named in its info."""


class Database:
    """Opens transactions. A session that is opened for a tenant reads and changes rows of that tenant only.

    read_url: a copy that is only read, and may lag; without it everything is read where it is written.
    pool_size: connections to PostgreSQL that stay open, with twice as many again in a rush.
    """

    def __init__(
        self,
        url: str,
        read_url: str = "",
        *,
        busy_seconds: float = BUSY_SECONDS,
        pool_size: int = POOL_SIZE,
        clock: Clock = utc_now,
    ) -> None:
        self.engine = make_engine(url, "WHATMATTERS_DATABASE_URL", busy_seconds, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.replica: Replica | None = None
        if read_url:
            copy = make_engine(read_url, "WHATMATTERS_DATABASE_READ_URL", busy_seconds, pool_size)
            if self.is_sqlite or copy.dialect.name == "sqlite":
                raise SettingsWrong("WHATMATTERS_DATABASE_READ_URL is for a replica of PostgreSQL. SQLite has none.")
            self.replica = Replica(copy, clock)

    @contextmanager
    def write(self, tenant: UUID | None) -> Iterator[Session]:
        """One transaction, committed at the end or rolled back whole. No tenant: rows of all of them."""
        with _session(self.engine, TO_WRITE, tenant) as session, session.begin():
            yield session
        if self.replica:
            self.replica.wrote()

    @contextmanager
    def read(self, tenant: UUID | None) -> Iterator[Session]:
        """One consistent view; whatever is changed in it is thrown away. It is a copy's view when there is a copy."""
        with self._at_the_copy(tenant) or _session(self.engine, TO_READ, tenant) as session:
            try:
                yield session
            finally:
                session.rollback()

    def _at_the_copy(self, tenant: UUID | None) -> Session | None:
        if self.replica is None or not self.replica.serves():
            return None
        session = _session(self.replica.engine, TO_READ_A_COPY, tenant)
        try:
            session.connection()
        except SQLAlchemyError as error:
            session.close()
            self.replica.failed(error)
            return None
        self.replica.answered()
        return session

    def reading(self) -> Connection:
        """A connection that takes no lock: for statements that are about rows of every tenant."""
        return beginning(self.engine, TO_READ, EVERY_TENANT).connect()

    def writing(self) -> Connection:
        """A connection for changes of the rows of every tenant, such as a new key. Whoever opens it commits."""
        return beginning(self.engine, TO_WRITE, EVERY_TENANT).connect()

    def gather_statistics(self) -> None:
        """Lets SQLite count what its indexes hold, so that it chooses the right ones; a moment, however much is kept.

        PostgreSQL does it by itself.
        """
        if self.is_sqlite:
            with self.writing() as connection:
                connection.exec_driver_sql("PRAGMA analysis_limit = 100000")
                connection.exec_driver_sql("ANALYZE")
                connection.commit()

    def revision(self) -> str | None:
        """The schema that the database has, or none when it is empty.

        Raises DatabaseMissing, DatabaseDamaged, DatabaseBusy or DatabaseAway.
        """
        if self.is_sqlite and not Path(self.engine.url.database or "").exists():
            raise DatabaseMissing
        try:
            with self.reading() as connection:
                return MigrationContext.configure(connection).get_current_revision()
        except OperationalError as error:
            if is_busy(error):
                raise DatabaseBusy from error
            raise DatabaseAway(
                "The database does not answer. What was kept is safe. Start it, or check WHATMATTERS_DATABASE_URL."
            ) from error
        except DatabaseError as error:
            raise DatabaseDamaged from error

    def check(self) -> None:
        """Raises unless the schema is exactly the one that this program knows."""
        revision = self.revision()
        if revision is None:
            raise DatabaseMissing
        if revision not in revisions():
            raise DatabaseNewer
        if revision != revisions()[-1]:
            raise DatabaseMissing(
                "The database is from an older What Matters. Bring it up to date with: whatmatters init"
            )

    def upgrade(self, to: str = "head") -> None:
        """Makes or updates the tables. Refuses a database that is newer than the program."""
        if self.is_sqlite:
            Path(self.engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
        with self.reading() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
        if revision is not None and revision not in revisions():
            raise DatabaseNewer
        if revision == revisions()[-1]:
            return
        with self.writing() as connection, changing_tables(connection):
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, to)

    def close(self) -> None:
        self.engine.dispose()
        if self.replica:
            self.replica.engine.dispose()


def revisions() -> list[str]:
    """Every schema that there has been, the oldest first; the last one is what this program knows."""
    return [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


def _session(engine: Engine, begin: dict[str, str], tenant: UUID | None) -> Session:
    session = TenantSession(beginning(engine, begin, str(tenant or EVERY_TENANT)), expire_on_commit=False)
    session.info["tenant"] = tenant
    return session


@contextmanager
def changing_tables(connection: Connection) -> Iterator[None]:
    """One transaction for a change of the tables. Workers that start together wait for one another.

    SQLite changes a table by making it anew and dropping the old one. Watched keys would take that for rows that went,
    and rows of other tables would lose what they point at. So all keys are looked at in the end instead.
    """
    if connection.dialect.name == "postgresql":
        with connection.begin():
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('whatmatters upgrade'))")
            yield
        return
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")  # does nothing once a transaction has begun
    try:
        with connection.begin():
            yield
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise DatabaseDamaged("The tables were not brought up to date: a row points nowhere. It is as it was.")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


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
