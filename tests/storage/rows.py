"""A row in every table, made up from what the database itself says of its tables: for schemas that no class knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CHAR,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Uuid,
    insert,
    inspect,
    select,
)

Values = Mapping[str, Any]
MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def tables_of(connection: Connection) -> list[Table]:
    """What is in the database, parents first, without Alembic's own."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def fill(connection: Connection, given: Mapping[str, Sequence[Values]] | None = None) -> dict[str, list[Any]]:
    """Adds a row to every table, or as many as `given` has values for. Returns their ids by table.

    Every reference is set, to the first row of the other table; of columns of which one may be set, it is the first.
    """
    numbers, made = count(1), {}
    for table in tables_of(connection):
        made[table.name] = []
        for values in (given or {}).get(table.name, [{}]):
            row = {**_row(connection, table, made, next(numbers)), **values}
            connection.execute(insert(table).values(**row))
            made[table.name].append(row["id"])
    return made


def rows_of(connection: Connection) -> dict[str, dict[Any, dict[str, Any]]]:
    """Everything that is kept: table, id, column."""
    return {
        table.name: {row["id"]: dict(row) for row in connection.execute(select(table)).mappings()}
        for table in tables_of(connection)
    }


def _row(connection: Connection, table: Table, made: dict[str, list[Any]], number: int) -> dict[str, Any]:
    unset = _one_of(connection, table)
    return {column.name: _value(column, made, number) for column in table.columns if column.name not in unset}


def _one_of(connection: Connection, table: Table) -> set[str]:
    """The columns that have to be empty because another one of their check is set."""
    unset: set[str] = set()
    for check in inspect(connection).get_check_constraints(table.name):
        named = [column.name for column in table.columns if re.search(rf"\b{column.name}\b", check["sqltext"])]
        unset |= set(named[1:])
    return unset


def _value(column: Column[Any], made: dict[str, list[Any]], number: int) -> Any:
    for key in column.foreign_keys:
        if ids := made[key.column.table.name]:
            return ids[0]
        return None  # the first row of a table that points at itself
    kind = column.type
    if isinstance(kind, Uuid):
        return UUID(int=1000 + number)
    if isinstance(kind, CHAR):  # an id in SQLite
        return UUID(int=1000 + number).hex
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, Float):
        return number / 2
    if isinstance(kind, DateTime):
        return MOMENT if kind.timezone else MOMENT.replace(tzinfo=None)
    if isinstance(kind, Date):
        return date(2026, 3, number % 28 + 1)
    if isinstance(kind, LargeBinary):
        return f"{column.table.name}.{column.name} {number}".encode()
    return f"{column.name} {number}"
