"""What an export holds: read off the tables, so that a new column comes along by itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Float, Integer, LargeBinary, Table, Uuid
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

import learning_log.storage.tables as tables
from learning_log.services.conversations import address_hash
from learning_log.services.finding import source_hash, username_hash
from learning_log.storage.copying import COPIED
from learning_log.storage.records import Records
from learning_log.storage.tables import Row
from learning_log.storage.tables.row import SEALED

HASH = "_hash"
# Codes, messages in flight and what the worker and the theme finder can make anew stay where they are.
MADE_ANEW = {"feeling_model", "reflection_meaning", "theme_model", "theme_proposal"}
LEFT_OUT_TABLES = {"invitation", "inbox", "outbox", "channel", "audit_entry"} | MADE_ANEW
LEFT_OUT_COLUMNS = {
    ("reflection", "inbox_id"),
    ("staff", "password_hash"),
    ("staff", "failed_sign_ins"),
    ("staff", "locked_until"),
    *(("theme_placement", column) for column in COPIED),  # the database makes them itself
}
BYTES = {("media", "content")}
NAMES = {"name", "reference"}  # sealed columns may be empty for the database, but nobody is without a name
# The address of a web chat is the secret that opens it.
CHANNELS_WITH_ADDRESS = {"telegram"}


@dataclass(frozen=True)
class Kind:
    """One table, as an export shows it. columns: plain name and type, in the order of the table."""

    name: str
    model: type[Row]
    columns: dict[str, type]
    sealed: frozenset[str]
    needed: frozenset[str]
    refers: dict[str, str]  # column -> the kind whose id it holds

    @property
    def table(self) -> Table:
        return SQLModel.metadata.tables[self.name]


@cache
def kinds() -> dict[str, Kind]:
    """Every exported kind, those that others refer to first."""
    ordered = [table.name for table in SQLModel.metadata.sorted_tables]
    models = _models()
    exported = [name for name in ordered if name in models and name not in LEFT_OUT_TABLES]
    return {name: _kind(name, models[name]) for name in exported}


@cache
def audit_kind() -> Kind:
    return _kind("audit_entry", tables.AuditEntry)


def _models() -> dict[str, type[Row]]:
    found = [getattr(tables, name) for name in tables.__all__]
    rows = [model for model in found if isinstance(model, type) and issubclass(model, Row) and model is not Row]
    return {str(model.__tablename__): model for model in rows}


def _kind(name: str, model: type[Row]) -> Kind:
    columns: dict[str, type] = {}
    sealed, needed, refers = set(), set(), {}
    for column in SQLModel.metadata.tables[name].columns:
        if column.name == "tenant_id" or (name, column.name) in LEFT_OUT_COLUMNS or column.name.endswith(HASH):
            continue
        plain = column.name.removesuffix(SEALED)
        if plain != column.name:
            sealed.add(plain)
            columns[plain] = bytes if (name, plain) in BYTES else str
            if plain in NAMES:
                needed.add(plain)
            continue
        columns[plain] = _type(column)
        if not column.nullable:
            needed.add(plain)
        for key in column.foreign_keys:
            refers[plain] = key.column.table.name
    return Kind(name, model, columns, frozenset(sealed), frozenset(needed), refers)


def _type(column: Column[Any]) -> type:
    # Integer before the others would take a Boolean for a number.
    for kind, python in (
        (UTCDateTime, datetime),
        (Date, date),
        (Uuid, UUID),
        (Boolean, bool),
        (Integer, int),
        (Float, float),
        (LargeBinary, bytes),
    ):
        if isinstance(column.type, kind):
            return python
    return str


def hashes(records: Records, kind: Kind, row: dict[str, Any]) -> dict[str, bytes | None]:
    """The look-up hashes of a row, made with the keys of this installation."""
    made: dict[str, bytes | None] = {}
    for column in kind.table.columns:
        if column.name.endswith(HASH) and (kind.name, column.name) not in LEFT_OUT_COLUMNS:
            make = _HASHES[kind.name, column.name]
            made[column.name] = make(records, row)
    return made


def _of(kind: str, column: str) -> Callable[[Records, dict[str, Any]], bytes]:
    return lambda records, row: records.fingerprint(f"{kind}.{column}", row[column] or "")


def _username(records: Records, row: dict[str, Any]) -> bytes | None:
    return username_hash(records, row["username"]) if row["username"] else None


def _address(records: Records, row: dict[str, Any]) -> bytes:
    # Without an address the row gets a hash that no message can ever match.
    return address_hash(records, row["channel"], row["address"] or secrets.token_hex(32))


def _source(records: Records, row: dict[str, Any]) -> bytes | None:
    return source_hash(records, row["source_reference"]) if row["source_reference"] else None


_HASHES: dict[tuple[str, str], Callable[[Records, dict[str, Any]], bytes | None]] = {
    ("provider", "name_hash"): _of("provider", "name"),
    ("service", "name_hash"): _of("service", "name"),
    ("team", "name_hash"): _of("team", "name"),
    ("person", "name_hash"): _of("person", "name"),
    ("person", "reference_hash"): _of("person", "reference"),
    ("staff", "name_hash"): _of("staff", "name"),
    ("staff", "reference_hash"): _of("staff", "reference"),
    ("staff", "username_hash"): _username,
    ("conversation", "address_hash"): _address,
    ("reflection", "source_hash"): _source,
}
