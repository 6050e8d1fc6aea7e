"""Who did what to whose record: a chain that shows when a link was changed or taken out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from learning_log.storage.records import Records
from learning_log.storage.tables import AuditEntry, Tenant

FIRST_LINK = bytes(32)


def record(records: Records, actor: str, action: str, subject: str | None = None, id: UUID | None = None) -> AuditEntry:
    """Adds one entry. actor: "staff:<id>", "person:<id>", "administrator" (the command line) or "worker". No words."""
    # Two writers must not take the same place in the chain: PostgreSQL needs the lock, SQLite has it already.
    records.session.exec(select(Tenant.id).where(Tenant.id == records.tenant).with_for_update()).first()
    last = records.first(select(AuditEntry).order_by(col(AuditEntry.position).desc()).limit(1))
    position = last.position + 1 if last else 1
    link = records.vault.chain(
        last.link if last else FIRST_LINK, _entry(position, records.now, actor, action, subject, id)
    )
    entry = AuditEntry(
        position=position, at=records.now, actor=actor, action=action, subject=subject, subject_id=id, link=link
    )
    records.add(entry)
    records.session.flush()
    return entry


def broken_at(records: Records) -> int | None:
    """The position of the first entry that was changed, or that follows one taken out; none when the chain holds."""
    previous = FIRST_LINK
    entries = records.all(select(AuditEntry).order_by(col(AuditEntry.position)))
    for position, entry in enumerate(entries, start=1):
        expected = records.vault.chain(
            previous, _entry(position, entry.at, entry.actor, entry.action, entry.subject, entry.subject_id)
        )
        if entry.position != position or entry.link != expected:
            return position
        previous = entry.link
    return None


def _entry(position: int, at: datetime, actor: str, action: str, subject: str | None, subject_id: UUID | None) -> bytes:
    return "\0".join([str(position), at.isoformat(), actor, action, subject or "", str(subject_id or "")]).encode()
