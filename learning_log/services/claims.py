"""Messages that a worker had in its hands when it ended, or whose answer got lost: their fate is unknown."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, update

from learning_log.storage.records import Records
from learning_log.storage.tables import OutboxMessage

OUTBOX: Table = OutboxMessage.__table__  # type: ignore[attr-defined]


def settle(records: Records, which: ColumnElement[bool] | Any) -> int:
    """A prompt or an answer of unknown fate is not repeated, an alert is. Returns how many there were."""
    again = {"status": "pending", "due_at": records.now}
    over = {"status": "unknown", "body_sealed": None}
    alerts = update(OUTBOX).where(which, OUTBOX.c.kind == "alert").values(**again)
    others = update(OUTBOX).where(which, OUTBOX.c.kind != "alert").values(**over)
    changed = [records.session.execute(each.returning(OUTBOX.c.id)).all() for each in (alerts, others)]
    return sum(len(rows) for rows in changed)
