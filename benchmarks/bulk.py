"""Rows by the hundred thousand: SQLite's executemany and PostgreSQL's COPY, with each column's own encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Column, Engine, Table
from sqlalchemy.sql.schema import ScalarElementColumnDefault

AT_ONCE = 10_000


def write(engine: Engine, model: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    """One transaction. Columns that a row does not name get the model's own default. Nothing is checked."""
    table: Table = model.__table__
    encoders = [_encoder(column, engine) for column in table.columns]
    encoded = (tuple(encode(row) for encode in encoders) for row in rows)
    if engine.dialect.name == "sqlite":
        _insert(engine, table, encoded)
    else:
        _copy(engine, table, encoded)


def _encoder(column: Column[Any], engine: Engine) -> Callable[[dict[str, Any]], Any]:
    """What the driver wants for this column, from a row as services write it."""
    process = column.type.dialect_impl(engine.dialect).bind_processor(engine.dialect)
    default = column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
    name = column.name
    if process is None:
        return lambda row: row.get(name, default)
    return lambda row: process(row.get(name, default))


def _insert(engine: Engine, table: Table, rows: Iterator[tuple[Any, ...]]) -> None:
    connection = engine.raw_connection()
    marks = ", ".join("?" * len(table.columns))
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.execute("BEGIN IMMEDIATE")
    while batch := list(islice(rows, AT_ONCE)):
        cursor.executemany(f"INSERT INTO {table.name} ({_names(table)}) VALUES ({marks})", batch)  # noqa: S608
    cursor.execute("COMMIT")
    connection.invalidate()  # the next one checks foreign keys again


def _copy(engine: Engine, table: Table, rows: Iterator[tuple[Any, ...]]) -> None:
    connection = engine.raw_connection()
    cursor: Any = connection.cursor()
    cursor.execute("SET session_replication_role = replica")  # no foreign keys either
    with cursor.copy(f"COPY {table.name} ({_names(table)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    connection.commit()
    connection.invalidate()


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)
