"""The learning log as services see it: one transaction on one tenant's records, at one moment."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, col, select

from learning_log.clock import Clock, utc_now
from learning_log.domain.folding import folded
from learning_log.errors import NotFound
from learning_log.settings import Settings
from learning_log.storage.database import Database, put, write_what_was_put
from learning_log.storage.encryption import Vault
from learning_log.storage.faults import in_words
from learning_log.storage.keys import read_keys
from learning_log.storage.tables import NOBODY, Row, Tenant, new_id
from learning_log.storage.tables.row import SEALED

Kept = TypeVar("Kept", bound=Row)
Found = TypeVar("Found")


@dataclass(frozen=True)
class Records:
    """An open transaction. Services take it first; whoever opened it owns the commit."""

    session: Session
    vault: Vault
    tenant: UUID
    now: datetime

    def add(self, row: Kept, **sealed: str | bytes | None) -> Kept:
        """Adds a row to this tenant; each keyword goes sealed into the column of its name plus _sealed."""
        row.tenant_id = self.tenant
        self.seal(row, **sealed)
        self.session.add(row)
        return row

    def put(self, kind: type[Row], /, *, sealed: dict[str, str | bytes | None], **values: object) -> UUID:
        """Adds a row without making an object of it: several times as quick as `add`, for what comes by the hundred.

        It is written together with others of its kind: before the next query of this transaction, or at its end.
        """
        id = new_id()
        row = {**_defaults(kind), **values, "id": id, "tenant_id": self.tenant}
        for column, value in sealed.items():
            plain = value.encode() if isinstance(value, str) else value
            place = (self.tenant, str(kind.__tablename__), column, id)
            row[column + SEALED] = None if plain is None else self.vault.seal(*place, plain)
        put(self.session, kind, row)
        return id

    def first_or_put(self, same: Any, kind: type[Kept], /, **values: object) -> Kept:
        """The row that `same` selects, made of these values where there is none.

        Two transactions may make the same one at the same moment: the second waits for the first and takes what it
        made. The table has to have a unique constraint on what `same` asks for.
        """
        found: Kept | None = self.first(same)
        if found is None:
            insert = {"sqlite": sqlite, "postgresql": postgresql}[self.session.get_bind().dialect.name].insert
            row = {**_defaults(kind), **values, "id": new_id(), "tenant_id": self.tenant}
            self.session.execute(insert(kind).values(**row).on_conflict_do_nothing())
            found = self.first(same)
        assert found is not None, "there is one now, whoever made it"  # noqa: S101
        return found

    def seal(self, row: SQLModel, **values: str | bytes | None) -> None:
        for column, value in values.items():
            plain = value.encode() if isinstance(value, str) else value
            sealed = None if plain is None else self.vault.seal(*_place(row, column), plain)
            setattr(row, column + SEALED, sealed)

    def text(self, row: SQLModel, column: str) -> str:
        """The words in a sealed column; an empty text where there are none. Raises WrongKey."""
        return self.content(row, column).decode()

    def content(self, row: SQLModel, column: str) -> bytes:
        sealed = getattr(row, column + SEALED)
        return b"" if sealed is None else self.vault.open(*_place(row, column), sealed)

    def flush(self) -> None:
        """Writes what was added and put: for a row that points to one of them."""
        self.session.flush()
        write_what_was_put(self.session)

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """A part of the transaction: what is done in it is kept whole, or not at all, when it fails."""
        self.flush()
        try:
            with self.session.begin_nested():
                yield
                self.flush()
        except Exception:
            for name in ("put", "known"):
                self.session.info.pop(name, None)
            raise

    def get(self, kind: type[Kept], id: UUID) -> Kept:
        """Raises NotFound, also for a row of another tenant."""
        row = self.held(kind).get(id) or self.session.get(kind, id)
        if row is None or row.tenant_id != self.tenant:
            raise NotFound
        return row

    def all(self, statement: Any) -> Sequence[Any]:
        found: Sequence[Any] = self.session.exec(statement).all()
        return found

    def first(self, statement: Any) -> Any:
        return self.session.exec(statement).first()

    def within(self, tenant: UUID) -> Records:
        """The same transaction on one tenant's records: for the worker, which answers several tenants in one commit.

        From now on queries of the session see this tenant only; NOBODY gives back the sight of all.
        """
        self.session.info["tenant"] = None if tenant == NOBODY else tenant
        return replace(self, tenant=tenant)

    def once(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` gives, looked up once in this transaction. Whoever changes it has to `know` the new value."""
        known = self.session.info.setdefault("known", {})
        if key not in known:
            known[key] = find()
        found: Found = known[key]
        return found

    def held(self, kind: type[Kept]) -> dict[UUID, Kept]:
        """Rows looked up for many in one query, and held for this transaction; `get` finds them first."""
        found: dict[UUID, Kept] = self.once(("held", kind), dict)
        return found

    def know(self, key: Hashable, value: object) -> None:
        self.session.info.setdefault("known", {})[key] = value

    def forget(self, key: Hashable) -> None:
        """It has changed: the next `once` looks again."""
        self.session.info.setdefault("known", {}).pop(key, None)

    def fingerprint(self, kind: str, value: str) -> bytes:
        """The look-up hash of a name, reference or address: folded, and different for each tenant."""
        return self.vault.fingerprint(f"{kind}:{self.tenant}", folded(value))


@cache
def _defaults(kind: type[Row]) -> dict[str, object]:
    """What each column of the table holds where nothing is said."""
    fields = kind.model_fields.items()
    return {name: None if field.is_required() else field.default for name, field in fields if name != "id"}


def _place(row: SQLModel, column: str) -> tuple[UUID, str, str, UUID]:
    tenant = row.id if isinstance(row, Tenant) else row.tenant_id  # type: ignore[attr-defined]
    return tenant, str(type(row).__tablename__), column, row.id  # type: ignore[attr-defined]


class LearningLog:
    """A database and the keys to it."""

    def __init__(self, database: Database, vault: Vault, clock: Clock = utc_now) -> None:
        self.database = database
        self.vault = vault
        self.clock = clock

    @contextmanager
    def write(self, tenant: UUID = NOBODY, at: datetime | None = None) -> Iterator[Records]:
        """A transaction: all of it is kept, or none. Without a tenant it sees every tenant's rows: for the worker."""
        with self.database.write(None if tenant == NOBODY else tenant) as session:
            yield Records(session, self.vault, tenant, at or self.clock())

    @contextmanager
    def read(self, tenant: UUID = NOBODY, at: datetime | None = None) -> Iterator[Records]:
        with self.database.read(None if tenant == NOBODY else tenant) as session:
            yield Records(session, self.vault, tenant, at or self.clock())

    def close(self) -> None:
        self.database.close()


def open_log(settings: Settings, clock: Clock = utc_now, *, reads_replica: bool = False) -> LearningLog:
    """The log of this installation. Raises DatabaseMissing, DatabaseNewer, DatabaseAway, DatabaseBusy, KeyMissing,
    SettingsWrong or WrongKey.

    reads_replica: read from the replica of the settings, if there is one. What it shows may be seconds old, so it is
    for looking, and not for a worker that decides by it what to send.
    """
    database = Database(settings.url_of_database, settings.database_read_url if reads_replica else "", clock=clock)
    database.check()
    log = LearningLog(database, Vault(read_keys(settings.path_of_keys)), clock)
    _try_key(log)
    return log


def _try_key(log: LearningLog) -> None:
    """Opens one sealed name, so that a wrong key is said at the start and not at the first answer."""
    try:
        with log.read() as records:
            named = records.first(select(Tenant).where(col(Tenant.name_sealed).is_not(None)).limit(1))
            if named:
                records.text(named, "name")
    except DBAPIError as error:
        raise in_words(error) or error from error
