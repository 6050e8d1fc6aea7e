"""Everything that is wrong with a file, before anything of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from learning_log.errors import ImportRefused
from learning_log.storage.records import Records

MOST_SHOWN = 50

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Problem:
    """row: as a spreadsheet counts, where the header is row 1. where: the kind, in an export of many files."""

    row: int
    column: str
    said: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.where + ', ' if self.where else ''}row {self.row}, column {self.column!r}: {self.said}"


class RowsRefused(ImportRefused):
    """Some rows are wrong. Nothing was imported."""

    def __init__(self, name: str, problems: list[Problem], total: int) -> None:
        self.problems, self.total = problems, total
        lines = [f"{total} {'thing is' if total == 1 else 'things are'} wrong in {name}. Nothing was imported."]
        lines += [f"  {problem}" for problem in problems]
        if total > len(problems):
            lines.append(f"  … and {total - len(problems)} more.")
        super().__init__("\n".join(lines))


@dataclass
class Problems:
    """Collects the first of them, and counts all."""

    name: str
    found: list[Problem] = field(default_factory=list)
    total: int = 0

    def add(self, row: int, column: str, said: str, where: str = "") -> None:
        self.total += 1
        if len(self.found) < MOST_SHOWN:
            self.found.append(Problem(row, column, said, where))

    def stop_if_any(self) -> None:
        if self.total:
            in_order = sorted(self.found, key=lambda problem: (problem.where, problem.row))
            raise RowsRefused(self.name, in_order, self.total)


@dataclass
class Imported:
    """What came of it. left_out: rows that say nothing. notices: sentences for whoever ran it."""

    kind: str
    new: int = 0
    already: int = 0
    left_out: int = 0
    notices: list[str] = field(default_factory=list)


Keep = Callable[[Records, Progress], Imported]


def silent(done: int, total: int) -> None:
    """Progress that nobody looks at."""
