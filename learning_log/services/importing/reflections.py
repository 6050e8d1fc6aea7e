"""Imports answers that were gathered elsewhere."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from learning_log.analysis.feeling import Feeling, feeling_of
from learning_log.analysis.nothing import nothing_to_report
from learning_log.errors import ImportRefused, LearningLogError
from learning_log.services import auditing, conversations, joining
from learning_log.services.finding import find_person, find_service, find_team, source_hash
from learning_log.services.importing.alike import look_alike
from learning_log.services.importing.layouts import Layout, read_layout
from learning_log.services.importing.problems import Imported, Keep, Problems, Progress, silent
from learning_log.services.importing.rows import SourceRow, noon, read_moment, read_rows
from learning_log.storage.records import Records
from learning_log.storage.tables import Person, Reflection, Service, Team

KIND = "reflections"
MOST_LETTERS = 20_000
AT_ONCE = 500


@dataclass(frozen=True)
class Answer:
    """A checked row. reference: where it came from, the same whenever the same file is read."""

    words: str
    direction: str
    audience: str
    said_at: datetime
    service_id: UUID
    team_id: UUID | None
    person_id: UUID | None
    reference: str
    feeling: Feeling
    nothing: bool


def import_reflections(
    records: Records,
    path: Path,
    layout: str = "default",
    service: Service | None = None,
    said_on: date | None = None,
    source: str | None = None,
    progress: Progress = silent,
) -> Imported:
    """All of the file's answers, or none. What was imported before is left as it is.

    service and said_on are for rows that say neither. source: under which name ids are remembered; else the layout's,
    or the file's name. Raises ImportRefused; RowsRefused lists the rows.
    """
    return prepare_reflections(records, path, layout, service, said_on, source)(records, progress)


def prepare_reflections(
    records: Records,
    path: Path,
    layout: str = "default",
    service: Service | None = None,
    said_on: date | None = None,
    source: str | None = None,
) -> Keep:
    """Reads and checks the file, and writes nothing. Call what it returns with a transaction that does.

    What takes long is here, so that the bot can keep answers meanwhile.
    """
    chosen, problems = read_layout(layout, KIND), Problems(path.name)
    file = read_rows(path, chosen, ("words", "direction"), problems)
    source = source or chosen.source or path.stem
    checking = _Checking(records, chosen, problems, service, said_on, source)
    answers = [answer for row in file.rows if (answer := checking.answer(row))]
    problems.stop_if_any()
    made = Imported(KIND, left_out=checking.left_out, notices=file.notices)
    if checking.narrowed:
        made.notices.append(
            f"Kept for the team alone, because the person has not agreed to themes: {checking.narrowed}."
        )
    made.notices += look_alike(records, {source_hash(records, each.reference): each for each in answers}, source)
    return lambda writing, progress: _keep(writing, answers, made, progress)


def _keep(records: Records, answers: list[Answer], made: Imported, progress: Progress) -> Imported:
    _refuse_taken_back(records, answers)
    for start in range(0, len(answers), AT_ONCE):
        some = {source_hash(records, answer.reference): answer for answer in answers[start : start + AT_ONCE]}
        known = set(records.all(select(Reflection.source_hash).where(col(Reflection.source_hash).in_(some))))
        added = [_add(records, answer, hashed) for hashed, answer in some.items() if hashed not in known]
        records.session.flush()
        for reflection in added:  # a long file must not fill the memory
            records.session.expunge(reflection)
        made.new += len(some) - len(known)
        made.already += len(known)
        progress(start + len(some), len(answers))
    if made.new:
        auditing.record(records, "administrator", "imported reflections")
    return made


def _refuse_taken_back(records: Records, answers: list[Answer]) -> None:
    """Somebody may have taken their agreement back, or asked to be forgotten, since the file was checked."""
    relied_on: set[tuple[UUID, str]] = set()
    for answer in answers:
        if answer.person_id:
            purposes = (joining.TAKE_PART, joining.THEMES) if answer.audience == "themes" else (joining.TAKE_PART,)
            relied_on |= {(answer.person_id, purpose) for purpose in purposes}
    for person_id, purpose in relied_on:
        if not _has_agreed(records, person_id, purpose):
            raise ImportRefused(
                "Somebody of this file took their agreement back meanwhile. Nothing was imported. Try again."
            )


def _has_agreed(records: Records, person_id: UUID, purpose: str) -> bool:
    chat = conversations.of(records, person_id, None)
    return chat is not None and joining.has_agreed(records, chat, purpose)


def _add(records: Records, answer: Answer, hashed: bytes) -> Reflection:
    reflection = Reflection(
        person_id=answer.person_id,
        team_id=answer.team_id,
        service_id=answer.service_id,
        direction=answer.direction,
        nothing_to_report=answer.nothing,
        audience=answer.audience,
        source="import",
        source_hash=hashed,
        feeling=answer.feeling.label,
        feeling_score=answer.feeling.score,
        feeling_sureness=answer.feeling.sureness,
        said_at=answer.said_at,
        kept_at=records.now,
    )
    return records.add(reflection, words=answer.words, source_reference=answer.reference)


@dataclass
class _Checking:
    """Turns rows into answers, and remembers what it has looked up and seen."""

    records: Records
    layout: Layout
    problems: Problems
    service: Service | None
    said_on: date | None
    source: str
    left_out: int = 0
    narrowed: int = 0
    _seen: dict[str, int] = field(default_factory=dict)
    _same: Counter[str] = field(default_factory=Counter)
    _found: dict[tuple[str, str], Any] = field(default_factory=dict)

    def answer(self, row: SourceRow) -> Answer | None:
        words = row["words"]
        if not words:
            self.left_out += 1
            return None
        before = self.problems.total
        if len(words) > MOST_LETTERS:
            self._wrong(row, "words", f"this is longer than {MOST_LETTERS:,} letters")
        if not row["direction"]:
            self._wrong(row, "direction", "this is empty")
        person = self._person(row)
        team = self._look_up(row, "team", find_team)
        service_id = self._service(row, team, person)
        said_at, reference = self._said_at(row), self._reference(row)
        if self.problems.total > before or service_id is None:
            return None
        team_id = team.id if team else person.team_id if person else None
        return Answer(
            words=words,
            direction=row["direction"],
            audience=self._audience(row, person),
            said_at=said_at,
            service_id=service_id,
            team_id=team_id,
            person_id=person.id if person else None,
            reference=reference,
            feeling=feeling_of(words, row["direction"]),
            nothing=nothing_to_report(words),
        )

    def _person(self, row: SourceRow) -> Person | None:
        person: Person | None = self._look_up(row, "person", find_person)
        if person and not self._agreed(person):
            self._wrong(row, "person", "this person has not agreed to take part, so nothing of theirs may be kept")
        return person

    def _audience(self, row: SourceRow, person: Person | None) -> str:
        """What the row says; for the team alone where a person never agreed to more."""
        audience = row["audience"] or "team"
        if audience != "themes" or person is None or self._agreed(person, joining.THEMES):
            return audience
        self.narrowed += 1
        return "team"

    def _agreed(self, person: Person, purpose: str = joining.TAKE_PART) -> bool:
        key = (f"agreed to {purpose}", str(person.id))
        if key not in self._found:
            self._found[key] = _has_agreed(self.records, person.id, purpose)
        return bool(self._found[key])

    def _service(self, row: SourceRow, team: Team | None, person: Person | None) -> UUID | None:
        named: Service | None = self._look_up(row, "service", find_service)
        if team is None and person is not None:
            team = self.records.get(Team, person.team_id)
        if team:
            if named and named.id != team.service_id:
                self._wrong(row, "service", "the team of this row is not in this service")
            return team.service_id
        if named or self.service:
            return (named or self.service).id  # type: ignore[union-attr]
        if not row["service"]:
            self._wrong(row, "service", "no service is named here; name one for all rows with --service NAME")
        return None

    def _said_at(self, row: SourceRow) -> datetime:
        if not row["said_on"]:
            return min(noon(self.said_on), self.records.now) if self.said_on else self.records.now
        moment = read_moment(row["said_on"], self.layout)
        if moment is None:
            self._wrong(row, "said_on", f"{row['said_on'][:30]!r} is not a date such as {self._example}")
            return self.records.now
        if moment.date() > self.records.now.date():
            self._wrong(row, "said_on", f"{row['said_on'][:30]!r} has not come yet")
        return min(moment, self.records.now)

    @cached_property
    def _example(self) -> str:
        return date(2026, 3, 31).strftime(self.layout.date_format or "%Y-%m-%d")

    def _reference(self, row: SourceRow) -> str:
        """By the row's id; without ids by what the row says, and how often the file has said it so far."""
        if row["id"]:
            earlier = self._seen.setdefault(row["id"], row.number)
            if earlier != row.number:
                self._wrong(row, "id", f"row {earlier} has this id too")
            return f"{self.source}/{row['id']}"
        said = "\0".join(f"{column}={row[column]}" for column in sorted(self.layout.columns) if row[column])
        digest = hashlib.sha256(said.encode()).hexdigest()[:32]
        self._same[digest] += 1
        return f"{self.source}#{digest}/{self._same[digest]}"

    def _look_up(self, row: SourceRow, column: str, find: Callable[[Records, str], Any]) -> Any:
        text = row[column]
        if not text:
            return None
        if (column, text) not in self._found:
            try:
                self._found[column, text] = find(self.records, text)
            except LearningLogError as error:
                self._found[column, text] = str(error).partition(". ")[0]
        found = self._found[column, text]
        if isinstance(found, str):
            self._wrong(row, column, found)
            return None
        return found

    def _wrong(self, row: SourceRow, column: str, said: str) -> None:
        self.problems.add(row.number, self.layout.columns.get(column, column), said)
