"""What a commissioner may know of themes: rounded counts of people, and the names that people gave to themes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select

from learning_log.domain.disclosure import HIDDEN, Cell, Rules, Shown, table
from learning_log.domain.periods import Period, quarters_before
from learning_log.services import auditing
from learning_log.services.access import Reader, may_see_released_counts
from learning_log.services.deciding import CONFIRMED
from learning_log.services.labelling import kept_out_of_labels, may_be_released
from learning_log.services.sharing import for_release, place_in, speaker
from learning_log.storage.records import Records
from learning_log.storage.tables import Reflection, Theme, ThemePlacement

QUARTERS = 4
RULES = Rules()
DIRECTIONS = ("works", "not_working")


@dataclass(frozen=True)
class ReleasedTheme:
    """`people` has a count, or what stands for a hidden one, for each quarter. It holds no id."""

    label: str
    direction: str
    people: tuple[Shown, ...]


@dataclass(frozen=True)
class Release:
    """`too_few` says that there are themes which too few people spoke of to be named."""

    quarters: tuple[Period, ...]
    themes: tuple[ReleasedTheme, ...]
    too_few: bool


def record_look(records: Records, reader: Reader) -> None:
    """To be kept before released_themes is shown to anybody: counting takes long, and must not hold the lock for
    writing. Raises NotAllowed."""
    may_see_released_counts(reader, records.tenant)
    auditing.record(records, reader.actor, "read_released_themes")


def released_themes(records: Records, reader: Reader, today: date, rules: Rules = RULES) -> Release:
    """Themes that a person confirmed, over the last quarters that are over. Reads, and writes nothing: see record_look.

    There are no filters, so that no two answers can be taken from each other. Raises NotAllowed.
    """
    may_see_released_counts(reader, records.tenant)
    quarters = quarters_before(today, QUARTERS)
    cells = _cells(records, quarters)
    themes: list[ReleasedTheme] = []
    too_few = False
    for direction in DIRECTIONS:
        confirmed = select(Theme).where(Theme.state == CONFIRMED, Theme.direction == direction)
        found = _released(records, records.all(confirmed), direction, quarters, cells, rules)
        themes += found
        too_few = too_few or any(all(cell == HIDDEN for cell in theme.people) for theme in found)
    shown = [theme for theme in themes if any(cell != HIDDEN for cell in theme.people)]
    return Release(tuple(quarters), tuple(shown), too_few)


def _released(
    records: Records,
    themes: Sequence[Theme],
    direction: str,
    quarters: Sequence[Period],
    cells: dict[tuple[UUID, int], Cell],
    rules: Rules,
) -> list[ReleasedTheme]:
    if not themes:
        return []
    rows, columns = [str(theme.id) for theme in themes], [quarter.key for quarter in quarters]
    people = {
        (str(theme.id), quarter.key): cells.get((theme.id, place), Cell())
        for theme in themes
        for place, quarter in enumerate(quarters)
    }
    hidden = table(rows, columns, people, rules)
    names = kept_out_of_labels(records)
    released = [
        ReleasedTheme(label, direction, tuple(hidden.cells[str(theme.id), column] for column in columns))
        for theme in themes
        # Confirmed before somebody of this name came: the count waits until the theme is renamed.
        if may_be_released(label := records.text(theme, "label"), names)
    ]
    return sorted(released, key=lambda theme: theme.label.casefold())


def _cells(records: Records, quarters: Sequence[Period]) -> dict[tuple[UUID, int], Cell]:
    said = (
        select(
            ThemePlacement.theme_id,
            place_in(quarters).label("place"),
            col(Reflection.service_id).label("service"),
            speaker().label("who"),
        )
        .join(Reflection, col(Reflection.id) == ThemePlacement.reflection_id)
        .where(*for_release(records.tenant, quarters))
        .subquery()
    )
    people = func.count(said.c.who.distinct())
    in_all: Any = select(said.c.theme_id, said.c.place, people).group_by(said.c.theme_id, said.c.place)
    apart: Any = select(said.c.theme_id, said.c.place, said.c.service, people).group_by(
        said.c.theme_id, said.c.place, said.c.service
    )
    services: dict[tuple[UUID, int], list[int]] = defaultdict(list)
    for theme, place, _, count in records.session.execute(apart).all():
        services[theme, place].append(count)
    return {
        (theme, place): Cell(count, tuple(services[theme, place]))
        for theme, place, count in records.session.execute(in_all).all()
    }
