"""Themes over time, for those who may read the words behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select

from learning_log.domain.periods import Period
from learning_log.errors import NotAllowed, NotFound
from learning_log.services.access import Reader, Scope, may_see_words
from learning_log.services.sharing import Filters, for_counting, for_team, place_in
from learning_log.services.signing_in import names_of_staff
from learning_log.storage.records import Records
from learning_log.storage.tables import Reflection, Theme, ThemePlacement

SET_ASIDE = "set_aside"


@dataclass(frozen=True)
class Count:
    """How often something was said, and by how many different people."""

    period: Period
    times: int
    people: int


@dataclass(frozen=True)
class ThemeOverTime:
    """`months` has one count for each month asked for, oldest first. `clarity` is 0 to 1."""

    id: UUID
    label: str
    direction: str
    state: str
    clarity: float
    times: int
    people: int
    months: tuple[Count, ...]
    decided_at: datetime | None
    decided_by: str
    locked: bool


def themes_over_time(
    records: Records, reader: Reader, filters: Filters, *, with_set_aside: bool = False
) -> list[ThemeOverTime]:
    """Themes that somebody spoke of where and when the filters say, the most spoken of first. Raises NotAllowed.

    `filters.months` are the columns and have to be given. A theme of other teams alone is left out: its name may hold
    their words.
    """
    shown = for_counting(records.tenant, may_see_words(reader, records.tenant), filters)
    cells = _count_by_month(records, shown, filters.months)
    totals = _count(records, shown)
    wanted = select(Theme).where(col(Theme.id).in_(totals.keys()))
    if not with_set_aside:
        wanted = wanted.where(Theme.state != SET_ASIDE)
    themes = records.all(wanted)
    deciders = names_of_staff(records, [theme.decided_by for theme in themes if theme.decided_by])
    found = [_over_time(records, theme, filters.months, cells, totals, deciders) for theme in themes]
    return sorted(found, key=lambda theme: (-theme.times, theme.label))


def theme(records: Records, reader: Reader, theme_id: UUID, filters: Filters) -> ThemeOverTime:
    """Raises NotFound, also when the reader may see none of its words."""
    scope = may_see_words(reader, records.tenant)
    must_speak_of(records, scope, theme_id)
    shown = for_counting(records.tenant, scope, filters)
    cells = _count_by_month(records, shown, filters.months, theme_id)
    found = records.get(Theme, theme_id)
    deciders = names_of_staff(records, [found.decided_by] if found.decided_by else [])
    return _over_time(records, found, filters.months, cells, _count(records, shown, theme_id), deciders)


def must_speak_of(records: Records, scope: Scope, theme_id: UUID) -> None:
    """Raises NotFound for a theme that nobody in this scope ever spoke of."""
    if theme_id not in _count(records, for_counting(records.tenant, scope, Filters()), theme_id):
        raise NotFound


def must_read(records: Records, reader: Reader, reflection_id: UUID) -> Reflection:
    """The answer. Raises NotFound for one that this reader may not read, and NotAllowed."""
    shown = for_team(records.tenant, may_see_words(reader, records.tenant), Filters())
    found: Reflection | None = records.first(select(Reflection).where(col(Reflection.id) == reflection_id, *shown))
    if found is None:
        raise NotFound
    return found


def must_see_everything(records: Records, reader: Reader) -> None:
    """Raises NotAllowed unless the reader may read every answer that themes are made of."""
    scope = may_see_words(reader, records.tenant)
    everywhere = for_team(records.tenant, Scope(everywhere=True), Filters())
    own = select(Reflection.id).where(*for_team(records.tenant, scope, Filters()))
    hidden = select(Reflection.id).where(*everywhere, col(Reflection.id).not_in(own)).limit(1)
    if not scope.everywhere and records.first(hidden) is not None:
        raise NotAllowed("This is about the answers of all teams. Nothing was changed. Ask who may read all of them.")


def _count_by_month(
    records: Records, shown: Sequence[Any], months: Sequence[Period], theme_id: UUID | None = None
) -> dict[tuple[UUID, int], tuple[int, int]]:
    if not months:
        return {}
    place = place_in(months, ThemePlacement).label("place")
    # Grouped outside, over a plain column: PostgreSQL does not see that two CASEs with parameters are the same.
    said = _said(shown, theme_id).add_columns(place).subquery()
    counted = select(said.c.theme_id, said.c.place, func.count(), func.count(said.c.who.distinct()))
    rows = records.session.execute(counted.group_by(said.c.theme_id, said.c.place)).all()
    return {(theme, month): (times, people) for theme, month, times, people in rows}


def _count(records: Records, shown: Sequence[Any], theme_id: UUID | None = None) -> dict[UUID, tuple[int, int]]:
    said = _said(shown, theme_id).subquery()
    counted = select(said.c.theme_id, func.count(), func.count(said.c.who.distinct())).group_by(said.c.theme_id)
    return {theme: (times, people) for theme, times, people in records.session.execute(counted).all()}


def _said(shown: Sequence[Any], theme_id: UUID | None) -> Any:
    said: Any = select(ThemePlacement.theme_id, col(ThemePlacement.said_by).label("who")).where(*shown)
    return said if theme_id is None else said.where(ThemePlacement.theme_id == theme_id)


def _over_time(
    records: Records,
    theme: Theme,
    months: Iterable[Period],
    cells: dict[tuple[UUID, int], tuple[int, int]],
    totals: dict[UUID, tuple[int, int]],
    deciders: dict[UUID, str],
) -> ThemeOverTime:
    times, people = totals.get(theme.id, (0, 0))
    return ThemeOverTime(
        id=theme.id,
        label=records.text(theme, "label"),
        direction=theme.direction,
        state=theme.state,
        clarity=theme.clarity,
        times=times,
        people=people,
        months=tuple(Count(month, *cells.get((theme.id, place), (0, 0))) for place, month in enumerate(months)),
        decided_at=theme.decided_at,
        decided_by=deciders.get(theme.decided_by, "") if theme.decided_by else "",
        locked=theme.locked,
    )
