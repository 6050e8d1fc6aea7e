"""Changes the key that seals: a new key, and everything that was sealed with older ones sealed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Table, func, or_, select, update
from sqlmodel import SQLModel

from learning_log.storage.database import Database
from learning_log.storage.encryption import HEADER_BYTES, Vault
from learning_log.storage.keys import read_keys, save_keys
from learning_log.storage.tables.row import SEALED

AT_ONCE = 200
AT_ONCE_LARGE = 4  # a photo or a recording may have 20 MB
LARGE = {"feeling_model", "media", "theme_model"}

Progress = Callable[[int, int], None]


def rotate(database: Database, path_of_keys: Path, drop_old: bool, progress: Progress) -> int:
    """Returns how many rows were sealed again. Nobody else may be writing.

    Can be repeated after it was cut short: then it goes on with the newest key. The index and the audit key stay, so
    that names are still found and the audit log still holds.
    """
    keyring = read_keys(path_of_keys)
    if not any(_waiting(database, table, Vault(keyring)) for table in sealed_tables()):
        keyring = keyring.with_new_key()
        save_keys(path_of_keys, keyring)
    vault = Vault(keyring)
    total = sum(_waiting(database, table, vault) for table in sealed_tables())
    done = 0
    for number in _reseal_all(database, vault):
        done += number
        progress(done, max(done, total))
    while drop_old and not _dropped(database, path_of_keys, vault):
        done += sum(_reseal_all(database, vault))
    return done


def _dropped(database: Database, path_of_keys: Path, vault: Vault) -> bool:
    """Takes the old keys out if nothing needs them. Nobody can write from that look until they are out."""
    with database.writing() as connection, connection.begin():
        if not database.is_sqlite:  # SQLite has locked already
            names = ", ".join(connection.dialect.identifier_preparer.format_table(table) for table in sealed_tables())
            connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")
        if any(_count(connection, table, vault) for table in sealed_tables()):
            return False
        save_keys(path_of_keys, vault.keyring.without_old_keys())
    return True


def _reseal_all(database: Database, vault: Vault) -> Iterator[int]:
    for table in sealed_tables():
        yield from _reseal(database, table, vault)


def sealed_tables() -> list[Table]:
    return [table for table in SQLModel.metadata.sorted_tables if _sealed(table)]


def _sealed(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name.endswith(SEALED)]


def _is_old(table: Table, vault: Vault) -> Any:
    """Whether a column starts with another key's number."""
    header = vault.keyring.current.to_bytes(HEADER_BYTES, "big")
    # Read as: the first bytes are not those of the key in use; nothing sealed is not old.
    return or_(*(func.substr(column, 1, HEADER_BYTES) != header for column in _sealed(table)))


def _waiting(database: Database, table: Table, vault: Vault) -> int:
    with database.reading() as connection:
        return _count(connection, table, vault)


def _count(connection: Connection, table: Table, vault: Vault) -> int:
    counted = select(func.count()).select_from(table).where(_is_old(table, vault))
    return int(connection.execute(counted).scalar_one())


def _reseal(database: Database, table: Table, vault: Vault) -> Iterator[int]:
    """Batch by batch, each kept at once: what is done stays done. Yields the size of each."""
    last: UUID | None = None
    at_once = AT_ONCE_LARGE if table.name in LARGE else AT_ONCE
    while True:
        with database.writing() as connection, connection.begin():
            wanted = select(table).where(_is_old(table, vault)).order_by(table.c.id).limit(at_once)
            if last is not None:
                wanted = wanted.where(table.c.id > last)
            rows = connection.execute(wanted).mappings().all()
            for row in rows:
                fresh = {column.name: _again(vault, table, column.name, row) for column in _sealed(table)}
                connection.execute(update(table).where(table.c.id == row["id"]).values(**fresh))
        if not rows:
            return
        last = rows[-1]["id"]
        yield len(rows)


def _again(vault: Vault, table: Table, column: str, row: Any) -> bytes | None:
    sealed = row[column]
    if sealed is None or vault.is_current(sealed):
        return None if sealed is None else bytes(sealed)
    tenant = row["id"] if table.name == "tenant" else row["tenant_id"]
    place = (tenant, table.name, column.removesuffix(SEALED), row["id"])
    return vault.seal(*place, vault.open(*place, sealed))
