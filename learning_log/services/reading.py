"""The words behind themes and numbers: for a team, of its own people, and every look at them is audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import and_, col, func, or_, select

from learning_log.services import auditing, looking
from learning_log.services.access import Reader, may_see_words
from learning_log.services.choosing import names_of_people
from learning_log.services.sense_making import must_speak_of
from learning_log.services.sharing import WRITTEN, ZONE, Filters, for_team
from learning_log.services.signing_in import names_of_staff
from learning_log.storage.records import Records
from learning_log.storage.tables import MACHINE, Outcome, Reflection, Team, ThemePlacement

PAGE = 10
TYPICAL, EDGE = 3, 2
_WITH_WORDS = col(Reflection.words_sealed).is_not(None)


@dataclass(frozen=True)
class Story:
    """One answer as a team reads it. `who` is empty where it came without a name."""

    id: UUID
    words: str
    direction: str
    said_on: date
    who: str
    by_staff: bool
    team: str
    outcome: str
    feeling: str | None
    sureness: float | None  # of the machine; none where a person said how it feels
    felt_by: str  # who said so; empty where a machine guessed
    themes: tuple[UUID, ...]  # that it stands in
    written_for_them: bool  # by somebody else: not the person's own voice
    worker_only: bool  # for the person's worker, and for nobody else


@dataclass(frozen=True)
class Stories:
    """One page, newest first, of `total`."""

    stories: tuple[Story, ...]
    total: int


@dataclass(frozen=True)
class Further:
    """Where reading goes on: at everything before this answer."""

    said_at: datetime
    id: UUID


@dataclass(frozen=True)
class Newest:
    """`further` is none when this is the first answer that there is."""

    stories: tuple[Story, ...]
    further: Further | None


def behind_theme(
    records: Records, reader: Reader, theme_id: UUID, filters: Filters, page: int = 1, size: int = PAGE
) -> Stories:
    """Needs a transaction that writes: the look is audited. Pages count from 1. Raises NotAllowed or NotFound."""
    scope = may_see_words(reader, records.tenant)
    must_speak_of(records, scope, theme_id)
    placed = select(ThemePlacement.reflection_id).where(ThemePlacement.theme_id == theme_id)
    shown = [*for_team(records.tenant, scope, filters), col(Reflection.id).in_(placed)]
    auditing.record(records, reader.actor, "read_words_behind_theme", "theme", theme_id)
    return _page(records, reader, shown, page, size)


def typical_of_theme(records: Records, reader: Reader, theme_id: UUID, filters: Filters) -> tuple[Story, ...]:
    """The answers that are most like the theme as a whole, of different people. Audited, like behind_theme."""
    likest = col(ThemePlacement.strength).desc()
    return _of_different_people(records, reader, _in_theme(records, reader, theme_id, filters, likest), TYPICAL)


def at_the_edge_of_theme(records: Records, reader: Reader, theme_id: UUID, filters: Filters) -> tuple[Story, ...]:
    """Those that the machine put there and that are least like it: they show whether it holds together. Audited."""
    wanted = _in_theme(records, reader, theme_id, filters, col(ThemePlacement.strength))
    return _of_different_people(records, reader, wanted.where(ThemePlacement.placed_by == MACHINE), EDGE)


def _in_theme(records: Records, reader: Reader, theme_id: UUID, filters: Filters, order: Any) -> Any:
    scope = may_see_words(reader, records.tenant)
    must_speak_of(records, scope, theme_id)
    auditing.record(records, reader.actor, "read_typical_words", "theme", theme_id)
    return (
        select(Reflection)
        .join(ThemePlacement, col(ThemePlacement.reflection_id) == Reflection.id)
        .where(ThemePlacement.theme_id == theme_id, *for_team(records.tenant, scope, filters))
        .order_by(order, col(Reflection.said_at).desc(), col(Reflection.id).desc())
        .limit(10 * TYPICAL)
    )


def _of_different_people(records: Records, reader: Reader, wanted: Any, most: int) -> tuple[Story, ...]:
    by_speaker: dict[UUID, Reflection] = {}
    for reflection in records.all(wanted):
        by_speaker.setdefault(reflection.staff_id or reflection.person_id or reflection.id, reflection)
    return _stories(records, reader, list(by_speaker.values())[:most])


def of_that_time(
    records: Records, reader: Reader, service_ids: Sequence[UUID], filters: Filters, page: int = 1, size: int = PAGE
) -> Stories:
    """What people of these services said in `filters.months`, to be read beside a number. Audited."""
    scope = may_see_words(reader, records.tenant)
    shown = for_team(records.tenant, scope, filters)
    if service_ids:
        shown.append(col(Reflection.service_id).in_(service_ids))
    auditing.record(records, reader.actor, "read_words_beside_indicator")
    return _page(records, reader, shown, page, size)


def these(records: Records, reader: Reader, ids: Sequence[UUID], filters: Filters) -> tuple[Story, ...]:
    """Those of these answers that the reader may read, in this order. Whoever asks audits the look."""
    shown = [*for_team(records.tenant, may_see_words(reader, records.tenant), filters), _WITH_WORDS]
    found = {one.id: one for one in records.all(select(Reflection).where(col(Reflection.id).in_(ids), *shown))}
    return _stories(records, reader, [found[id] for id in ids if id in found])


def newest(
    records: Records, reader: Reader, filters: Filters, before: Further | None = None, size: int = PAGE
) -> Newest:
    """All answers, the newest first. Audited. Raises NotAllowed."""
    shown = [*for_team(records.tenant, may_see_words(reader, records.tenant), filters), _WITH_WORDS]
    auditing.record(records, reader.actor, "read_newest_words")
    found = _before(records, shown, before, size + 1)
    last = found[size - 1] if len(found) > size else None
    return Newest(_stories(records, reader, found[:size]), Further(last.said_at, last.id) if last else None)


def _before(records: Records, shown: list[Any], before: Further | None, size: int) -> Sequence[Reflection]:
    wanted = select(Reflection).where(*shown)
    if before is not None:
        same_moment = and_(Reflection.said_at == before.said_at, Reflection.id < before.id)
        wanted = wanted.where(or_(col(Reflection.said_at) < before.said_at, same_moment))
    newest_first = wanted.order_by(col(Reflection.said_at).desc(), col(Reflection.id).desc())
    found: Sequence[Reflection] = records.all(newest_first.limit(size))
    return found


def _page(records: Records, reader: Reader, shown: list[Any], page: int, size: int) -> Stories:
    shown = [*shown, col(Reflection.words_sealed).is_not(None)]
    total = records.first(select(func.count()).select_from(Reflection).where(*shown))
    newest_first = select(Reflection).where(*shown).order_by(col(Reflection.said_at).desc(), col(Reflection.id).desc())
    found = records.all(newest_first.offset((max(page, 1) - 1) * size).limit(size))
    return Stories(_stories(records, reader, found), total)


def _stories(records: Records, reader: Reader, reflections: Sequence[Reflection]) -> tuple[Story, ...]:
    looking.note(records, reader, reflections)
    people = names_of_people(records, {one.person_id for one in reflections if one.person_id})
    staff = names_of_staff(records, {id for one in reflections for id in (one.staff_id, one.felt_by) if id})
    teams = _texts(records, Team, "name", {one.team_id for one in reflections if one.team_id})
    outcomes = _texts(records, Outcome, "words", {one.outcome_id for one in reflections if one.outcome_id})
    themes = _themes(records, [one.id for one in reflections])
    return tuple(
        Story(
            id=one.id,
            words=records.text(one, "words"),
            direction=one.direction,
            said_on=one.said_at.astimezone(ZoneInfo(ZONE)).date(),
            who=staff.get(one.staff_id, "") if one.staff_id else people.get(one.person_id, "") if one.person_id else "",
            by_staff=one.staff_id is not None,
            team=teams.get(one.team_id, "") if one.team_id else "",
            outcome=outcomes.get(one.outcome_id, "") if one.outcome_id else "",
            feeling=one.feeling,
            sureness=one.feeling_sureness,
            felt_by=staff.get(one.felt_by, "") if one.felt_by else "",
            themes=tuple(themes.get(one.id, ())),
            written_for_them=one.helped == WRITTEN,
            worker_only=one.audience == "worker",
        )
        for one in reflections
    )


def _themes(records: Records, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    placed = select(ThemePlacement.reflection_id, ThemePlacement.theme_id)
    strongest_first = placed.order_by(col(ThemePlacement.strength).desc(), col(ThemePlacement.theme_id))
    found: dict[UUID, list[UUID]] = {}
    for reflection, theme in records.session.execute(strongest_first.where(col(ThemePlacement.reflection_id).in_(ids))):
        found.setdefault(reflection, []).append(theme)
    return found


def _texts(records: Records, kind: Any, column: str, ids: set[UUID]) -> dict[UUID, str]:
    rows = records.all(select(kind).where(kind.id.in_(ids))) if ids else []
    return {row.id: records.text(row, column) for row in rows}
