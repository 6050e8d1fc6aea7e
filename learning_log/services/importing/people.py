"""Imports people who are supported. Nobody is asked anything before they have joined and agreed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from learning_log.errors import LearningLogError, NotFound
from learning_log.services.finding import by_hash, find_team
from learning_log.services.importing.layouts import read_layout
from learning_log.services.importing.problems import Imported, Keep, Problems, Progress, silent
from learning_log.services.importing.rows import SourceFile, SourceRow, read_rows
from learning_log.services.organisation import add_person, check_language, check_zone, clean
from learning_log.storage.records import Records
from learning_log.storage.tables import Person, Team

KIND = "people"


def import_people(
    records: Records, path: Path, layout: str = "default", zone: str = "Europe/London", progress: Progress = silent
) -> Imported:
    """All of the file's people, or none. One whose reference is there already is left as they are."""
    return prepare_people(records, path, layout, zone)(records, progress)


def prepare_people(records: Records, path: Path, layout: str = "default", zone: str = "Europe/London") -> Keep:
    """Reads and checks the file, and writes nothing. Call what it returns with a transaction that does."""
    chosen, problems = read_layout(layout, KIND), Problems(path.name)
    file = read_rows(path, chosen, ("reference", "name", "team"), problems)
    checking = _Checking(records, problems, zone)
    for row in file.rows:
        checking.check(row)
    problems.stop_if_any()
    return lambda writing, progress: _keep(writing, file, checking.teams, zone, progress)


def _keep(records: Records, file: SourceFile, teams: dict[str, UUID], zone: str, progress: Progress) -> Imported:
    made = Imported(KIND, notices=file.notices)
    for number, row in enumerate(file.rows, start=1):
        if by_hash(records, Person, "reference", row["reference"]):
            made.already += 1
        else:
            team = records.get(Team, teams[row["team"]])
            add_person(records, row["name"], team, row["reference"], row["language"] or "en", row["zone"] or zone)
            made.new += 1
        progress(number, len(file.rows))
    return made


class _Checking:
    def __init__(self, records: Records, problems: Problems, zone: str) -> None:
        self.records, self.problems = records, problems
        self.teams: dict[str, UUID] = {}
        self._references: dict[bytes, int] = {}

    def check(self, row: SourceRow) -> None:
        for column in ("reference", "name"):
            self._try(row, column, partial(clean, what=column))
        self._try(row, "team", self._team)
        if row["language"]:
            self._try(row, "language", check_language)
        if row["zone"]:
            self._try(row, "zone", check_zone)
        earlier = self._references.setdefault(
            self.records.fingerprint("person.reference", row["reference"]), row.number
        )
        if earlier != row.number and row["reference"]:
            self.problems.add(row.number, "reference", f"row {earlier} has this reference too")

    def _team(self, text: str) -> None:
        if not text:
            raise NotFound("this is empty")
        if text not in self.teams:
            self.teams[text] = find_team(self.records, text).id

    def _try(self, row: SourceRow, column: str, look: Callable[[str], object]) -> None:
        try:
            look(row[column])
        except LearningLogError as error:
            self.problems.add(row.number, column, str(error).partition(". ")[0])
