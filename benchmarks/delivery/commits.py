"""Messages kept, many in one commit: against the same rows by the bare driver, and by the ORM with a commit for each.

Ours works the rows out as well (hash of the chat, sealed body); the bare driver is handed them ready.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

import psycopg
from sqlalchemy import make_url, text

from benchmarks import databases
from benchmarks.databases import Postgres, Sqlite
from benchmarks.delivery.contender import WORDS
from benchmarks.delivery.plan import Plan, tell
from benchmarks.installation import Installation
from benchmarks.row import Row, against
from bot import inbox
from bot.channels.channel import Incoming
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import InboxMessage

A_COMMIT = 100  # as many as Telegram hands out at once
ALONE = 10  # the ORM with a commit for each is given so many times fewer rows


def run(plan: Plan) -> Iterator[Row]:
    for name in plan.databases:
        with databases.server(name) as server:
            found = [_round(plan, server, number) for number in range(plan.rounds)]
        ours, raw, orm = ([one[place] for one in found] for place in range(3))
        what = f"messages kept, {A_COMMIT} a commit, {name}"
        yield against(what, "rows/s", ours, raw, "the bare driver, as many a commit", 0.65)
        yield against(what, "rows/s", ours, orm, "the ORM, one a commit", 5)


def _round(plan: Plan, server: Sqlite | Postgres, number: int) -> tuple[float, float, float]:
    with TemporaryDirectory() as folder:
        log = Installation(Path(folder) / "installation", server.make(), "http://127.0.0.1:9/bot").log()
        ours = _rate(plan.rows, lambda: _keep(log, plan.rows))
        with log.database.reading() as connection:
            found = connection.exec_driver_sql("SELECT * FROM inbox")
            names, rows = list(found.keys()), [tuple(row) for row in found]
        raw = _rate(plan.rows, _by_driver(server.make(), names, rows))
        _forget(log)
        alone = plan.rows // ALONE
        orm = _rate(alone, lambda: _by_orm(log, [message(each) for each in range(alone)]))
        log.close()
    tell(f"commits, {server.name}, round {number + 1}: {ours:.0f}, {raw:.0f} (bare), {orm:.0f} (ORM) rows a second")
    return ours, raw, orm


def message(number: int) -> Incoming:
    """Of a stranger: nobody has to have joined."""
    return Incoming(f"{number}", f"{number % 1000}", {"update_id": number, "message": {"text": WORDS}}, f"{number}")


def _rate(rows: int, work: Callable[[], None]) -> float:
    databases.flush_disks()
    start = time.perf_counter()
    work()
    return rows / (time.perf_counter() - start)


def _keep(log: LearningLog, rows: int) -> None:
    for first in range(0, rows, A_COMMIT):
        inbox.keep(log, "telegram", [message(number) for number in range(first, first + A_COMMIT)])


def _forget(log: LearningLog) -> None:
    with log.write() as records:
        records.session.execute(text("DELETE FROM inbox"))


def _by_orm(log: LearningLog, messages: Sequence[Incoming]) -> None:
    for each in messages:
        with log.write() as records:
            row = InboxMessage(
                channel="telegram",
                message_key=each.key,
                address_hash=log.vault.fingerprint("address:telegram", each.address),
                chat_message=each.chat_message,
                received_at=records.now,
            )
            records.add(row, body=str(each.body))


def _by_driver(url: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Callable[[], None]:
    parsed = make_url(url)
    batches = [rows[first : first + A_COMMIT] for first in range(0, len(rows), A_COMMIT)]
    mark = "?" if parsed.get_backend_name() == "sqlite" else "%s"
    insert = f"INSERT INTO inbox ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))})"  # noqa: S608
    if mark == "?":
        return lambda: _in_sqlite(str(parsed.database), insert, batches)
    host = unquote(str(parsed.query["host"]))
    return lambda: _in_postgres(f"dbname={parsed.database} user={parsed.username} host={host}", insert, batches)


def _in_sqlite(path: str, insert: str, batches: Sequence[Sequence[tuple[Any, ...]]]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    for batch in batches:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert, batch)
        connection.execute("COMMIT")
    connection.close()


def _in_postgres(address: str, insert: str, batches: Sequence[Sequence[tuple[Any, ...]]]) -> None:
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        for batch in batches:
            cursor.executemany(insert, batch)
            connection.commit()
