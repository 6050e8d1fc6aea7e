"""Small-number rules: how many people a commissioner may see, and what is hidden so that nobody can be found.

Numbers are of distinct people, never of messages. Sources: HES analysis guide and OpenSAFELY (7 or fewer, nearest 5);
ACRO (dominance of the largest contributors).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from learning_log.errors import LearningLogError

HIDDEN_TEXT = "*"

Place = tuple[str, str]


class CountWrong(LearningLogError, ValueError):
    """These counts of people do not fit together. Nothing was shown. Count them again."""


@dataclass(frozen=True)
class Rules:
    """`hidden_up_to` people are hidden, zero too. A service's own thresholds may only be stricter than these."""

    hidden_up_to: int = 7
    rounded_to: int = 5
    fewest_services: int = 2
    largest_two_percent: int = 90

    def __post_init__(self) -> None:
        stricter = self.hidden_up_to >= 7 and self.rounded_to >= 5 and self.fewest_services >= 2
        if not stricter or not 0 < self.largest_two_percent <= 90:
            raise CountWrong("The rules for small numbers may be stricter than the built-in ones, not weaker.")

    @property
    def narrowest_range(self) -> int:
        """A hidden number that can be worked out more closely than this counts as known."""
        return self.hidden_up_to + 1


@dataclass(frozen=True)
class Cell:
    """How many distinct people, and how many of them at each service that contributes."""

    people: int = 0
    services: tuple[int, ...] = ()


@dataclass(frozen=True)
class Shown:
    """`text` is what is printed. `value` is None where there is no number that may be worked with."""

    text: str
    value: int | None


HIDDEN = Shown(HIDDEN_TEXT, None)


@dataclass(frozen=True)
class Table:
    """What may be printed. Totals add up the rounded cells; "35 + *" is 35 and what is hidden."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[Place, Shown]
    row_totals: Mapping[str, Shown]
    column_totals: Mapping[str, Shown]
    total: Shown


def shown(count_people: int, services: Sequence[int], rules: Rules = Rules()) -> Shown:
    """One number on its own: rounded, or hidden.

    `services` holds the people at each service. Somebody with two services is in both, so they may add up to more than
    `count_people`; CountWrong when they cannot fit. Under the share of the largest two it takes three services or more.
    """
    _check(count_people, services)
    largest = sorted(services, reverse=True)
    few_people = count_people <= rules.hidden_up_to
    few_services = sum(1 for people in services if people) < rules.fewest_services
    # The share is of the people, not of the sum, which counts some twice and would make the largest look smaller.
    dominated = 100 * sum(largest[:2]) >= rules.largest_two_percent * count_people
    rounded = (count_people + rules.rounded_to // 2) // rules.rounded_to * rules.rounded_to
    return HIDDEN if few_people or few_services or dominated or rounded == 0 else _number(rounded)


def percent(part: Shown, whole: Shown) -> Shown:
    """Worked out from shown numbers, so that it tells no more; 0 % and 100 % are hidden: they speak of everybody."""
    if part.value is None or not whole.value:
        return HIDDEN
    share = (200 * part.value + whole.value) // (2 * whole.value)
    return Shown(f"{share} %", share) if 0 < share < 100 else HIDDEN


def table(rows: Sequence[str], columns: Sequence[str], cells: Mapping[Place, Cell], rules: Rules = Rules()) -> Table:
    """Cells by (row, column); one that is not given holds nobody.

    More cells than the small ones are hidden, until even somebody who knows every exact total from elsewhere cannot
    work a hidden one out to a range narrower than 8, or until nothing is left to be shown.
    """
    places = [(row, column) for row in rows for column in columns]
    if len(set(places)) != len(places) or not cells.keys() <= set(places):
        raise CountWrong("Each row and column needs a name of its own, and each cell needs to be in one of each.")
    full = {place: cells.get(place, Cell()) for place in places}
    alone = {place: shown(cell.people, cell.services, rules) for place, cell in full.items()}
    people = {place: cell.people for place, cell in full.items()}
    small = [place for place in places if alone[place] == HIDDEN]
    hidden = _hide_more(people, small, rules.narrowest_range)
    out = {place: HIDDEN if place in hidden else alone[place] for place in places}
    return Table(
        rows=tuple(rows),
        columns=tuple(columns),
        cells=out,
        row_totals={row: _total(out[row, column] for column in columns) for row in rows},
        column_totals={column: _total(out[row, column] for row in rows) for column in columns},
        total=_total(out.values()),
    )


def _check(people: int, services: Sequence[int]) -> None:
    negative = people < 0 or any(count < 0 for count in services)
    if negative or sum(services) < people or any(count > people for count in services):
        raise CountWrong


def _number(value: int) -> Shown:
    return Shown(str(value), value)


def _total(cells: Iterable[Shown]) -> Shown:
    kept = list(cells)
    values = [cell.value for cell in kept if cell.value is not None]
    if not values:
        return HIDDEN
    if len(values) < len(kept):
        # No value: part of a total is not a total, and a percentage of it would mislead.
        return Shown(f"{sum(values)} + {HIDDEN_TEXT}", None)
    return _number(sum(values))


def _hide_more(people: Mapping[Place, int], small: Sequence[Place], narrowest: int) -> set[Place]:
    hidden = set(small)
    waiting = deque(small)
    while waiting:
        # Hiding another cell never narrows a range: a cell that was safe once is safe for good.
        if _range(waiting[0], {place: people[place] for place in hidden}, people, narrowest) >= narrowest:
            waiting.popleft()
            continue
        more = _next_to_hide(waiting[0], hidden, people)
        if more is None:
            break
        hidden.add(more)
        waiting.append(more)
    return hidden


def _next_to_hide(place: Place, hidden: set[Place], people: Mapping[Place, int]) -> Place | None:
    """The smallest cell in a line where this one is hidden alone; else beside it, or where other hidden ones cross."""
    rows, columns = [hid[0] for hid in hidden], [hid[1] for hid in hidden]
    row, column = place
    lone_row, lone_column = rows.count(row) == 1, columns.count(column) == 1

    def worth_keeping(other: Place) -> tuple[bool, bool, bool, int, Place]:
        in_row, in_column = other[0] == row, other[1] == column
        helps = (in_row and lone_row) or (in_column and lone_column)
        crossed = other[0] in rows and other[1] in columns
        return not helps, not crossed, not (in_row or in_column), people[other], other

    return min((other for other in people if other not in hidden), key=worth_keeping, default=None)


def _range(place: Place, hidden: Mapping[Place, int], every: Mapping[Place, int], enough: int) -> int:
    """How many people this hidden number could be up or down with every row and column total unchanged.

    Counted up to `enough` each way. One more here means one fewer elsewhere in the row and in the column, one more
    where those meet others, and so on round: a flow through the hidden cells, each of which can give what it holds.
    """
    gives: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    takes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for other in hidden:
        if other != place:
            row, column = _ends(other, every)
            gives[row][column] += hidden[other]
            gives[column][row] = inf
            takes[row][column] = inf
            takes[column][row] += hidden[other]
    start, end = _ends(place, every)
    if start == end:
        return enough
    return _flow(gives, start, end, enough) + _flow(takes, start, end, min(enough, hidden[place]))


def _ends(place: Place, every: Mapping[Place, int]) -> tuple[str, str]:
    """The row and the column of a cell, as names for totals; a line of a single cell has no total to be known."""
    one_row = len({row for row, _ in every}) == 1
    one_column = len({column for _, column in every}) == 1
    return "free" if one_column else f"row {place[0]}", "free" if one_row else f"column {place[1]}"


def _flow(room: dict[str, dict[str, float]], start: str, end: str, enough: int) -> int:
    """The largest flow from start to end, by Edmonds and Karp, counted up to `enough`."""
    sent = 0
    while sent < enough and (path := _shortest(room, start, end)):
        through = min(enough - sent, *(room[one][two] for one, two in path))
        for one, two in path:
            room[one][two] -= through
            room[two][one] += through
        sent += int(through)
    return sent


def _shortest(room: Mapping[str, Mapping[str, float]], start: str, end: str) -> list[Place]:
    came_from = {start: start}
    waiting = deque([start])
    while waiting and end not in came_from:
        here = waiting.popleft()
        for there, left in room[here].items():
            if left > 0 and there not in came_from:
                came_from[there] = here
                waiting.append(there)
    path: list[Place] = []
    while end in came_from and end != start:
        path.append((came_from[end], end))
        end = came_from[end]
    return path
