"""Messages that do not go on, and the channels that they should go by."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update

from learning_log.services import auditing, claims
from learning_log.services.delivery import CHANNEL, INBOX, LATELY, OUTBOX, SEEN_WITHIN
from learning_log.services.doctoring.finding import Detail, Finding, clock, many
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import NOBODY
from learning_log.storage.tables.conversations import ASIDE, KEPT, OPEN, TROUBLED

CLAIM_TIME = timedelta(seconds=60)  # a claim that is older belongs to a worker that died


def find_claims(log: LearningLog) -> Finding | None:
    with log.read() as records:
        kinds = Counter(records.session.execute(select(OUTBOX.c.kind).where(OPEN, _old_claim(records))).scalars())
    if not kinds:
        return None
    alerts = kinds["alert"]
    return Finding(
        name="claims",
        count=kinds.total(),
        said=f"{many(kinds.total(), 'message')} in the hands of a worker that did not come back, "
        f"{many(alerts, 'alert')} among them.",
        then="--mend sends the alerts again. The others may have arrived: they are marked as unknown and not repeated. "
        "A worker that runs does the same by itself.",
        mends=True,
    )


def mend_claims(log: LearningLog) -> int:
    with log.write() as records:
        return claims.settle(records, and_(OPEN, _old_claim(records)))


def find_aside(log: LearningLog) -> Finding | None:
    with log.read() as records:
        rows = records.session.execute(
            select(INBOX.c.id, INBOX.c.received_at, INBOX.c.trouble).where(ASIDE).order_by(INBOX.c.received_at)
        ).all()
    if not rows:
        return None
    return Finding(
        name="aside",
        count=len(rows),
        said=f"Set aside, because they could not be handled: {many(len(rows), 'message')}.",
        then="--mend lets each be handled from the beginning. If it fails again, report the kind of trouble; "
        "it holds no words of anybody.",
        mends=True,
        details=tuple(Detail(row.id, row.received_at, row.trouble or "") for row in rows),
    )


def mend_aside(log: LearningLog) -> int:
    with log.read() as records:
        tenants = records.session.execute(select(INBOX.c.tenant_id).where(ASIDE).distinct()).scalars().all()
    return sum(_another_round(log, tenant) for tenant in tenants)


def _another_round(log: LearningLog, tenant: UUID) -> int:
    again = {"status": "kept", "attempts": 0, "next_try_at": None, "trouble": None}
    with log.write(tenant) as records:
        theirs = update(INBOX).where(ASIDE, INBOX.c.tenant_id == tenant).values(**again).returning(INBOX.c.id)
        ids = list(records.session.execute(theirs).scalars())
        for id in ids if tenant != NOBODY else ():
            auditing.record(records, "administrator", "gave another round", "inbox", id)
    return len(ids)


def find_unattended(log: LearningLog) -> Finding | None:
    """What waits in a channel where no worker was seen lately."""
    with log.read() as records:
        waiting = Counter(_by_channel(records, INBOX, KEPT)) + Counter(_by_channel(records, OUTBOX, OPEN))
        lately = CHANNEL.c.seen_at >= records.now - SEEN_WITHIN
        attended = set(records.session.execute(select(CHANNEL.c.name).where(lately)).scalars())
    left = {name: count for name, count in waiting.items() if name not in attended}
    if not left:
        return None
    total = sum(left.values())
    return Finding(
        name="unattended",
        count=total,
        said=f"Waiting in {' and '.join(sorted(left))}: {many(total, 'message')}. No worker was seen there for "
        f"{SEEN_WITHIN.seconds // 60} minutes.",
        then="Start the worker: whatmatters serve, or python -m bot. If it runs, look at its log. Nothing is lost.",
    )


def find_troubled(log: LearningLog) -> Finding | None:
    """Nothing waits for these any more; somebody may want to know."""
    with log.read() as records:
        lately = OUTBOX.c.made_at >= records.now - LATELY
        rows = records.session.execute(
            select(OUTBOX.c.id, OUTBOX.c.made_at, OUTBOX.c.status, OUTBOX.c.trouble)
            .where(TROUBLED, lately)
            .order_by(OUTBOX.c.made_at)
        ).all()
    if not rows:
        return None
    unknown = sum(row.status == "unknown" for row in rows)
    return Finding(
        name="troubled",
        count=len(rows),
        said=f"Of the last 24 hours: {many(unknown, 'message')} of unknown fate, {len(rows) - unknown:,} refused. "
        f"The first was made on {clock(rows[0].made_at)}.",
        then="Unknown means that the connection or the worker ended while it was sent: it may have arrived or not, and "
        "is not repeated, so that nobody is asked twice. Whoever misses an answer can write again.",
        stuck=False,
        details=tuple(Detail(row.id, row.made_at, f"{row.status} {row.trouble or ''}".strip()) for row in rows),
    )


def _old_claim(records: Records) -> ColumnElement[bool]:
    return and_(OUTBOX.c.status == "sending", OUTBOX.c.claimed_at < records.now - CLAIM_TIME)


def _by_channel(records: Records, table: Any, which: Any) -> dict[str, int]:
    counted = select(table.c.channel, func.count()).where(which).group_by(table.c.channel)
    return {row[0]: row[1] for row in records.session.execute(counted)}
