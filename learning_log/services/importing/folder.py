"""Imports an export: everything, in an order in which each row finds those it refers to."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from learning_log.errors import ImportRefused
from learning_log.services import auditing
from learning_log.services.exporting import ABOUT, LAYOUT, ORGANISATION, ORGANISATION_COLUMNS, schema
from learning_log.services.exporting.cells import from_cell, value_of
from learning_log.services.exporting.kinds import Kind, hashes, kinds
from learning_log.services.importing.problems import Imported, Problems, Progress, silent
from learning_log.storage.records import Records
from learning_log.storage.tables import Tenant

AT_ONCE = 500
MOST_CELL = 200_000_000  # media come as text in one cell

Values = dict[str, Any]


Keep = Callable[[Records, Progress], list[Imported]]


def import_folder(records: Records, folder: Path, progress: Progress = silent) -> list[Imported]:
    """Everything of an export, or nothing, in one transaction. Raises like prepare_folder."""
    return prepare_folder(records, folder)(records, progress)


def prepare_folder(records: Records, folder: Path) -> Keep:
    """Reads an export and writes nothing. Call what it returns with a transaction that does.

    Rows whose id is there already are left as they are. Reads the JSON files; the CSV file of a kind is read when its
    JSON file was taken away. An organisation that has no records yet gets the name of the exported one. Raises
    ImportRefused; RowsRefused lists the rows.
    """
    read = _Reading(folder, Problems(str(folder)))
    about = read.about(schema(records))
    found = {kind.name: read.rows(kind.name, kind.columns, kind.needed) for kind in kinds().values()}
    organisation = read.rows(ORGANISATION, ORGANISATION_COLUMNS, ORGANISATION_COLUMNS)
    read.compare_counts(about, {**found, ORGANISATION: organisation})
    read.problems.stop_if_any()
    return lambda writing, progress: _keep_all(writing, found, organisation[0], read.problems, progress)


def _keep_all(
    records: Records, found: dict[str, list[Values]], organisation: Values, problems: Problems, progress: Progress
) -> list[Imported]:
    known = {kind.name: _ids(records, kind) for kind in kinds().values()}
    for kind in kinds().values():
        _check_references(kind, found, known, problems)
    problems.stop_if_any()
    if not any(known.values()):
        _rename(records, organisation)
    done = [_keep(records, kind, found[kind.name], known[kind.name], progress) for kind in kinds().values()]
    if any(imported.new for imported in done):
        auditing.record(records, "administrator", "imported an export")
    return done


def _ids(records: Records, kind: Kind) -> set[UUID]:
    return set(records.all(select(kind.model.id).where(col(kind.model.tenant_id) == records.tenant)))


def _check_references(
    kind: Kind, found: dict[str, list[Values]], known: dict[str, set[UUID]], problems: Problems
) -> None:
    there = {name: known[name] | {row["id"] for row in found[name]} for name in set(kind.refers.values())}
    seen: set[UUID] = set()
    for number, row in enumerate(found[kind.name], start=2):
        if row["id"] in seen:
            problems.add(number, "id", "another row has this id too", kind.name)
        seen.add(row["id"])
        for column, other in kind.refers.items():
            if row[column] is not None and row[column] not in there[other]:
                problems.add(number, column, f"there is no {other} {row[column]}", kind.name)


def _rename(records: Records, organisation: Values) -> None:
    tenant = records.session.get_one(Tenant, records.tenant)
    records.seal(tenant, name=organisation["name"])
    tenant.invented, tenant.made_at = organisation["invented"], organisation["made_at"]
    records.session.add(tenant)


def _keep(records: Records, kind: Kind, rows: list[Values], known: set[UUID], progress: Progress) -> Imported:
    new = [row for row in rows if row["id"] not in known]
    made = Imported(kind.name, new=len(new), already=len(rows) - len(new))
    ordered = list(_those_referred_to_first(kind, new))
    try:
        for start in range(0, len(ordered), AT_ONCE):
            added = [_add(records, kind, row) for row in ordered[start : start + AT_ONCE]]
            records.session.flush()
            for row in added:
                records.session.expunge(row)
            progress(min(start + AT_ONCE, len(ordered)), len(ordered))
    except IntegrityError as error:
        raise ImportRefused(
            f"Rows of the kind {kind.name!r} clash with what is kept already, here or in another organisation. "
            "Nothing was imported. Import into an empty database, or into the one that this export came from."
        ) from error
    return made


def _add(records: Records, kind: Kind, row: Values) -> Any:
    plain = {column: value for column, value in row.items() if column not in kind.sealed}
    plain |= hashes(records, kind, row)
    return records.add(kind.model(**plain), **{column: row[column] for column in kind.sealed})


def _those_referred_to_first(kind: Kind, rows: list[Values]) -> Iterator[Values]:
    """A correction comes after what it corrects, also where ids were made elsewhere."""
    own = [column for column, other in kind.refers.items() if other == kind.name]
    waiting = {row["id"]: row for row in rows}
    while own and waiting:
        ready = [row for row in waiting.values() if not any(row[column] in waiting for column in own)]
        if not ready:
            raise ImportRefused(
                f"Rows of the kind {kind.name!r} refer to one another in a circle. Nothing was imported."
            )
        for row in ready:
            yield waiting.pop(row["id"])
    yield from waiting.values()


@dataclass
class _Reading:
    folder: Path
    problems: Problems
    numbers: dict[str, int] = field(default_factory=dict)

    def about(self, known_schema: str | None) -> Values:
        about = self._json(self.folder / ABOUT, "This is not a whole export.")
        if not isinstance(about, dict) or about.get("layout") != LAYOUT or not isinstance(about.get("counts"), dict):
            raise ImportRefused("This export has a layout that is not known here. Nothing was imported. Update first.")
        if str(about.get("schema")) > str(known_schema):
            raise ImportRefused("This export is from a newer What Matters. Nothing was imported. Update the program.")
        return about

    def rows(self, name: str, columns: dict[str, type], needed: Iterable[str]) -> list[Values]:
        """The kind's checked rows, those without a problem."""
        listed = self.folder / f"{name}.json"
        table = self.folder / f"{name}.csv"
        found = list(self._listed(listed) if listed.exists() else self._table(table, columns))
        self.numbers[name] = len(found)
        checked = (self._check(name, number, row, columns, needed) for number, row in enumerate(found, start=2))
        return [row for row in checked if row is not None]

    def compare_counts(self, about: Values, found: dict[str, list[Values]]) -> None:
        for name in found:
            expected = about["counts"].get(name)
            if expected != self.numbers[name]:
                self.problems.add(1, "-", f"{self.numbers[name]} rows are here, and {expected} were exported", name)
        if self.numbers[ORGANISATION] != 1:
            self.problems.add(1, "-", "an export is of one organisation", ORGANISATION)

    def _listed(self, path: Path) -> Iterator[Values]:
        rows = self._json(path, "It is damaged.")
        if not isinstance(rows, list):
            raise ImportRefused(f"{path.name} is damaged. Nothing was imported.")
        yield from (row if isinstance(row, dict) else {} for row in rows)

    def _json(self, path: Path, why: str) -> Any:
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ImportRefused(f"There is no {path.name} in {self.folder}. {why} Nothing was imported.") from error
        except (ValueError, RecursionError) as error:
            raise ImportRefused(f"{path.name} cannot be read as JSON. Nothing was imported.") from error

    def _table(self, path: Path, columns: dict[str, type]) -> Iterator[Values]:
        if not path.exists():
            raise ImportRefused(f"There is no {path.name} in {self.folder}. Nothing was imported.")
        csv.field_size_limit(MOST_CELL)
        begins = 1
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows: Any = csv.DictReader(file, strict=True)
                for number, row in enumerate(rows, start=2):
                    begins = rows.line_num + 1
                    if row.pop(None, None):
                        self.problems.add(number, "-", "there are more cells than the header has", path.stem)
                    yield {name: self._cell(path.stem, number, name, text, columns) for name, text in row.items()}
        except (csv.Error, UnicodeDecodeError) as error:
            raise ImportRefused(
                f"{path.name} is not a CSV file in UTF-8: {error}. Nothing was imported. Look from line {begins} on."
            ) from error

    def _cell(self, kind: str, number: int, column: str, text: str | None, columns: dict[str, type]) -> Any:
        try:
            return from_cell(text or "", columns.get(column, str))
        except (ValueError, KeyError):
            return text  # _check says what is wrong with it

    def _check(
        self, kind: str, number: int, row: Values, columns: dict[str, type], needed: Iterable[str]
    ) -> Values | None:
        before = self.problems.total
        for column in row.keys() - columns.keys():
            self.problems.add(number, str(column), "this column is not known", kind)
        checked: Values = {}
        for column, wanted in columns.items():
            found = row.get(column)
            if found is None and column in needed:
                self.problems.add(number, column, "this is empty", kind)
            try:
                checked[column] = None if found is None else value_of(found, wanted)
            except (ValueError, TypeError):
                self.problems.add(number, column, f"{str(found)[:40]!r} is not {_called(wanted)}", kind)
        return checked if self.problems.total == before else None


def _called(kind: type) -> str:
    return {
        UUID: "an id",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        date: "a date",
        datetime: "a time with its offset",
    }.get(kind, "text")
