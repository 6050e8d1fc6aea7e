"""Remembers who was shown whose words: once for each answer and each reader."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.dialects import postgresql, sqlite

from learning_log.services.access import Reader
from learning_log.storage.records import Records
from learning_log.storage.tables import Reading, Reflection, new_id


def note(records: Records, reader: Reader, reflections: Sequence[Reflection]) -> None:
    """The words of these are shown to the reader now. The first time counts; one's own words are no reading.

    Belongs into the transaction that audits the look.
    """
    rows = [
        {
            "id": new_id(),
            "tenant_id": records.tenant,
            "reflection_id": one.id,
            "staff_id": reader.staff_id,
            "first_read_at": records.now,
        }
        for one in reflections
        if one.staff_id != reader.staff_id
    ]
    if rows:
        insert = {"sqlite": sqlite, "postgresql": postgresql}[records.session.get_bind().dialect.name].insert
        records.session.execute(insert(Reading).values(rows).on_conflict_do_nothing())
