"""The tick as somebody would write it by hand for each driver: the same rows, the same batches, no rules of pace."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import psycopg

from learning_log.storage.records import LearningLog
from learning_log.storage.tables import new_id

PICK = (
    "SELECT schedule.id, schedule.tenant_id, conversation_id, next_due_at, channel, address_hash FROM schedule"
    " JOIN conversation ON conversation.id = conversation_id WHERE next_due_at <= {now}"
    " ORDER BY next_due_at LIMIT 500"
)
ASK = (
    "INSERT INTO asked (id, tenant_id, conversation_id, local_date, slot, due_at, status)"
    " VALUES (?, ?, ?, ?, 'scheduled', ?, 'due')"
)
SAY = (
    "INSERT INTO outbox (id, tenant_id, conversation_id, channel, address_hash, kind, urgency, made_at, place, due_at,"
    " status, attempts, asked_id) VALUES (?, ?, ?, ?, ?, 'prompt', 3, ?, 0, ?, 'pending', 0, ?)"
)
MOVE = "UPDATE schedule SET next_due_at = ?, changed_at = ? WHERE id = ?"
# PostgreSQL takes a whole batch in one statement, as columns.
ASK_MANY = (
    "INSERT INTO asked (id, tenant_id, conversation_id, local_date, slot, due_at, status)"
    " SELECT a, b, c, d, 'scheduled', e, 'due'"
    " FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::date[], %s::timestamptz[]) AS u(a, b, c, d, e)"
)
SAY_MANY = (
    "INSERT INTO outbox (id, tenant_id, conversation_id, channel, address_hash, kind, urgency, made_at, place, due_at,"
    " status, attempts, asked_id) SELECT a, b, c, d, e, 'prompt', 3, f, 0, g, 'pending', 0, h FROM unnest(%s::uuid[],"
    " %s::uuid[], %s::uuid[], %s::text[], %s::bytea[], %s::timestamptz[], %s::timestamptz[], %s::uuid[])"
    " AS u(a, b, c, d, e, f, g, h)"
)
MOVE_MANY = (
    "UPDATE schedule SET next_due_at = a, changed_at = b"
    " FROM unnest(%s::timestamptz[], %s::timestamptz[], %s::uuid[]) AS u(a, b, c) WHERE id = c"
)


def claim_all(log: LearningLog) -> int:
    url = log.database.engine.url
    if log.database.is_sqlite:
        return _in_sqlite(str(url.database))
    return _in_postgres(f"dbname={url.database} user={url.username} host={unquote(str(url.query['host']))}")


def _in_sqlite(path: str) -> int:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    made = 0
    while True:
        connection.execute("BEGIN IMMEDIATE")
        now = datetime.now(UTC)
        found = connection.execute(PICK.format(now="?"), [_text(now)]).fetchall()
        rows = _rows(found, _text(now), _text(now + timedelta(days=1)), str(now.date()), lambda: new_id().hex)
        for statement, values in zip((ASK, SAY, MOVE), rows, strict=True):
            connection.executemany(statement, values)
        connection.execute("COMMIT")
        made += len(found)
        if not found:
            connection.close()
            return made


def _in_postgres(address: str) -> int:
    made = 0
    with psycopg.connect(address) as connection:
        while True:
            now = datetime.now(UTC)
            pick = PICK.format(now="%s") + " FOR UPDATE OF schedule SKIP LOCKED"
            found = connection.execute(pick, [now]).fetchall()
            rows = _rows(found, now, now + timedelta(days=1), now.date(), new_id)
            for statement, values in zip((ASK_MANY, SAY_MANY, MOVE_MANY), rows, strict=True):
                if found:
                    connection.execute(statement, [list(column) for column in zip(*values, strict=True)])
            connection.commit()
            made += len(found)
            if not found:
                return made


def _rows(found: Sequence[Any], now: Any, then: Any, today: Any, new: Any) -> tuple[list[Any], list[Any], list[Any]]:
    ask, say, move = [], [], []
    for id, tenant, conversation, due, channel, chat in found:
        asked = new()
        ask.append((asked, tenant, conversation, today, due))
        say.append((new(), tenant, conversation, channel, chat, now, now, asked))
        move.append((then, now, id))
    return ask, say, move


def _text(moment: datetime) -> str:
    """As SQLAlchemy keeps it in SQLite."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
