"""What somebody is called where people who know each other hear of them."""

from __future__ import annotations

from uuid import UUID

from learning_log.storage.records import Records
from learning_log.storage.tables import Person, Staff


def name_of(records: Records, id: UUID) -> str:
    """Of a person or a member of staff of this tenant; an empty text for anybody else."""
    for kind in (Person, Staff):
        row = records.session.get(kind, id)
        if row is not None and row.tenant_id == records.tenant:
            return records.text(row, "name")
    return ""


def first_name_of(records: Records, id: UUID) -> str:
    return name_of(records, id).partition(" ")[0]
