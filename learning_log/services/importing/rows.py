"""Reads a CSV file, as spreadsheets of all kinds write them, into rows under our own column names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from learning_log.domain.folding import folded
from learning_log.errors import ImportRefused
from learning_log.services.exporting.cells import FIRST_YEAR
from learning_log.services.importing.layouts import Layout, in_our_words
from learning_log.services.importing.problems import Problems

MOST_BYTES = 100_000_000
MOST_CELL = 1_000_000
DELIMITERS = (",", ";", "\t")
# A cell that begins like this was kept from becoming a formula: see docs/import-export.md.
KEPT_FROM_FORMULA = tuple(f"'{sign}" for sign in "=+-@")


@dataclass(frozen=True)
class SourceRow:
    """number: as a spreadsheet counts. Every column of the layout is there; an empty text where the file has none."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class SourceFile:
    name: str
    rows: list[SourceRow]
    notices: list[str]


def read_rows(path: Path, layout: Layout, required: tuple[str, ...], problems: Problems) -> SourceFile:
    """Adds to the problems what is wrong with single rows; raises ImportRefused when no row can be read."""
    text, notices = read_text(path)
    csv.field_size_limit(MOST_CELL)
    try:
        delimiter, places = _header(path, text, layout, required)
    except csv.Error as error:
        raise _unreadable(path, error, 1) from error
    lines = _lines(path, text, delimiter)
    width = len(next(lines))
    rows = list(_rows(lines, width, layout, places, problems))
    if not rows and not problems.total:
        raise ImportRefused(f"{path.name} has a header and no rows. Nothing was imported.")
    return SourceFile(path.name, rows, notices)


def _lines(path: Path, text: str, delimiter: str) -> Iterator[list[str]]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in lines:
            yield cells
            begins = lines.line_num + 1
    except csv.Error as error:
        raise _unreadable(path, error, begins) from error


def _unreadable(path: Path, error: csv.Error, line: int) -> ImportRefused:
    """A quote that is not closed is noticed at the end of the file: the row that it is in says more."""
    return ImportRefused(
        f"{path.name} is not a CSV file that can be read: {error}. Nothing was imported. "
        f"Look at the quotation marks of the row that begins in line {line}."
    )


def read_text(path: Path) -> tuple[str, list[str]]:
    """The file's text, and what has to be said about it aloud."""
    if path.is_dir() or not path.exists():
        raise ImportRefused(f"There is no file {path}. Nothing was imported.")
    if path.stat().st_size > MOST_BYTES:
        raise ImportRefused(
            f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB. Nothing was imported. Split it into several."
        )
    content = path.read_bytes()
    if not content.strip():
        raise ImportRefused(f"{path.name} is empty. Nothing was imported.")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content:
        raise ImportRefused(f"{path.name} is not plain text. Nothing was imported. Save it as CSV in UTF-8.")
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise ImportRefused(
            f"{path.name} is neither in UTF-8 nor in Windows-1252. Nothing was imported. Save it as CSV in UTF-8."
        ) from error
    return text, [f"{path.name} is not in UTF-8: it was read as Windows-1252. Look whether accents came out right."]


def _header(path: Path, text: str, layout: Layout, required: tuple[str, ...]) -> tuple[str, dict[str, int]]:
    """The delimiter, and where each of our columns is."""
    wanted = {column: folded(theirs) for column, theirs in layout.columns.items()}
    best: tuple[str, list[str]] = (",", [])
    for delimiter in DELIMITERS:
        names = [folded(name) for name in next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))]
        if len(set(wanted.values()) & set(names)) > len(set(wanted.values()) & set(best[1])) or not best[1]:
            best = (delimiter, names)
    delimiter, names = best
    missing = [
        layout.columns[column] for column in required if wanted[column] not in names and column not in layout.fixed
    ]
    if missing:
        raise ImportRefused(
            f"{path.name} has no column {', '.join(map(repr, missing))}. Nothing was imported. "
            f"It has: {', '.join(names)[:300]}. If the columns are called otherwise, choose or write a --layout."
        )
    twice = sorted({name for name in names if name in wanted.values() and names.count(name) > 1})
    if twice:
        raise ImportRefused(f"{path.name} has the column {twice[0]!r} twice. Nothing was imported.")
    return delimiter, {column: names.index(theirs) for column, theirs in wanted.items() if theirs in names}


def _rows(
    lines: Iterator[list[str]], width: int, layout: Layout, places: dict[str, int], problems: Problems
) -> Iterator[SourceRow]:
    for number, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != width:
            problems.add(number, "-", f"there are {len(cells)} cells, and the header has {width}")
            continue
        row = dict(layout.fixed)
        for column, place in places.items():
            cell = _plain(cells[place])
            ours = in_our_words(layout, column, cell) if cell else cell
            if ours is None:
                allowed = ", ".join(list(layout.values[column])[:8])
                problems.add(number, layout.columns[column], f"{cell[:60]!r} is not one of: {allowed}")
            row[column] = cell if ours is None else ours or layout.fixed.get(column, "")
        yield SourceRow(number, row)


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith(KEPT_FROM_FORMULA) else cell


def read_date(text: str, layout: Layout) -> date | None:
    """None too for a year that was mistyped, such as 0026."""
    try:
        day = datetime.strptime(text, layout.date_format).date() if layout.date_format else date.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        return None
    return day if day.year >= FIRST_YEAR else None


def read_moment(text: str, layout: Layout) -> datetime | None:
    """A date means noon; a time without an offset is in UTC."""
    day = read_date(text, layout)
    if day:
        return noon(day)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year < FIRST_YEAR:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
