"""Takes everything out: one CSV and one JSON file for each kind of record, with the words opened."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from alembic.runtime.migration import MigrationContext
from sqlmodel import col, func, select

from learning_log.errors import AlreadyThere
from learning_log.services.exporting.cells import Plain, cell, plain
from learning_log.services.exporting.kinds import CHANNELS_WITH_ADDRESS, Kind, audit_kind, kinds
from learning_log.storage.records import Records
from learning_log.storage.tables import Row, Tenant

LAYOUT = 1
ABOUT, AUDIT, ORGANISATION = "about.json", "audit", "organisation"
ORGANISATION_COLUMNS: dict[str, type] = {"name": str, "invented": bool, "made_at": datetime}
AT_ONCE = 500
AT_ONCE_LARGE = 4  # a photo or a recording may have 20 MB

Progress = Callable[[int, int], None]


def export(records: Records, folder: Path, progress: Progress = lambda done, total: None) -> dict[str, int]:
    """Writes the tenant's records, sorted by id, so that the same records give the same files. Returns their numbers.

    The files hold words and names in plain text and are private to their owner. The caller records it in the audit log.
    """
    _make_room(folder)
    counts = {ORGANISATION: _write(folder, ORGANISATION, tuple(ORGANISATION_COLUMNS), iter([_organisation(records)]))}
    expected = {kind.name: _count(records, kind) for kind in kinds().values()}
    done, total = 0, sum(expected.values())
    for kind in kinds().values():
        counts[kind.name] = _write(folder, kind.name, tuple(kind.columns), _rows(records, kind))
        done += counts[kind.name]
        progress(done, total)
    # The chain was made with this installation's keys: it is there to be read, and is not imported.
    audit = audit_kind()
    _write(folder / AUDIT, audit.name, tuple(audit.columns), _rows(records, audit))
    about = {"layout": LAYOUT, "schema": schema(records), "counts": dict(sorted(counts.items()))}
    with _private(folder / ABOUT) as file:
        file.write(json.dumps(about, indent=2) + "\n")
    return counts


def schema(records: Records) -> str | None:
    return MigrationContext.configure(records.session.connection()).get_current_revision()


def _make_room(folder: Path) -> None:
    """An earlier export is written over; any other file is somebody's, and stays."""
    names = [ORGANISATION, *kinds()]
    ours = {ABOUT, AUDIT, *(f"{name}.csv" for name in names), *(f"{name}.json" for name in names)}
    if folder.exists() and not folder.is_dir():
        raise AlreadyThere(f"{folder} is a file. Nothing was written. Name a folder.")
    if folder.exists() and {path.name for path in folder.iterdir()} - ours:
        raise AlreadyThere(f"There are other files in {folder}. Nothing was written. Name a new folder.")
    for path in (folder, folder / AUDIT):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Without it an export that was cut short is not taken for a whole one.
    (folder / ABOUT).unlink(missing_ok=True)


def _organisation(records: Records) -> dict[str, Plain]:
    tenant = records.session.get_one(Tenant, records.tenant)
    return {"name": records.text(tenant, "name"), "invented": tenant.invented, "made_at": plain(tenant.made_at)}


def _count(records: Records, kind: Kind) -> int:
    counted = select(func.count()).select_from(kind.model).where(col(kind.model.tenant_id) == records.tenant)
    found: int = records.first(counted)
    return found


def _rows(records: Records, kind: Kind) -> Iterator[dict[str, Plain]]:
    statement = select(kind.model).where(col(kind.model.tenant_id) == records.tenant).order_by(col(kind.model.id))
    at_once = AT_ONCE_LARGE if bytes in kind.columns.values() else AT_ONCE
    for row in records.session.exec(statement.execution_options(yield_per=at_once)):
        yield {column: _value(records, kind, row, column) for column in kind.columns}
        records.session.expunge(row)


def _value(records: Records, kind: Kind, row: Row, column: str) -> Plain:
    if column not in kind.sealed:
        return plain(getattr(row, column))
    if getattr(row, f"{column}_sealed") is None or _is_secret(row, column):
        return None
    content: Any = records.content(row, column)
    return plain(content if kind.columns[column] is bytes else content.decode())


def _is_secret(row: Row, column: str) -> bool:
    return column == "address" and getattr(row, "channel", None) not in CHANNELS_WITH_ADDRESS


def _write(folder: Path, name: str, columns: tuple[str, ...], rows: Iterator[dict[str, Plain]]) -> int:
    written = 0
    with ExitStack() as stack:
        table = stack.enter_context(_private(folder / f"{name}.csv"))
        listed = stack.enter_context(_private(folder / f"{name}.json"))
        lines = csv.writer(table, lineterminator="\n")
        lines.writerow(columns)
        listed.write("[")
        for written, row in enumerate(rows, start=1):
            lines.writerow([cell(row[column]) for column in columns])
            listed.write(("," if written > 1 else "") + "\n" + json.dumps(row, ensure_ascii=False))
        listed.write("\n]\n" if written else "]\n")
    return written


def _private(path: Path) -> TextIO:
    path.unlink(missing_ok=True)
    return os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="", errors="strict"
    )
