"""Which reflections may be shown to whom, as conditions of a query. Everything that is read goes through here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import and_, case, col, exists, func, or_, select

from learning_log.domain.periods import Period
from learning_log.services.access import Scope
from learning_log.storage.tables import Agreement, Person, Reflection, ThemePlacement

ZONE = "Europe/London"
WRITTEN = "written"  # by somebody else, for the person


@dataclass(frozen=True)
class Filters:
    """What a team chose to look at. `months` are oldest first; none of them means any time."""

    service_id: UUID | None = None
    team_id: UUID | None = None
    person_id: UUID | None = None
    direction: str | None = None
    months: tuple[Period, ...] = ()


def for_team(tenant: UUID, scope: Scope, filters: Filters) -> list[Any]:
    """Conditions on Reflection: never one that is for its writer alone, taken back, corrected, or that says nothing.

    One that is for the person's worker is there for a scope of that member of staff, and for nobody else.
    """
    return [*_stands(tenant), _open_to(scope), *_chosen(Reflection, scope, filters)]


def for_anybody(tenant: UUID) -> list[Any]:
    """Conditions on Reflection: what may be read by somebody beside its writer."""
    return [*_stands(tenant), Reflection.audience != "me"]


def for_the_team() -> Any:
    """A condition on Reflection: it is open to all who may read the team's words, or to more."""
    return col(Reflection.audience).in_(("team", "themes"))


def _open_to(scope: Scope) -> Any:
    if scope.staff_id is None:
        return for_the_team()
    own = select(Person.id).where(Person.worker_id == scope.staff_id)
    its_worker = and_(
        Reflection.audience == "worker", col(Reflection.staff_id).is_(None), col(Reflection.person_id).in_(own)
    )
    return or_(for_the_team(), its_worker)


def for_counting(tenant: UUID, scope: Scope, filters: Filters) -> list[Any]:
    """The same as for_team, as conditions on ThemePlacement: what was said in themes is counted from there alone."""
    own = [col(ThemePlacement.tenant_id) == tenant, col(ThemePlacement.counts).is_(True)]
    return [*own, *_chosen(ThemePlacement, scope, filters)]


def _chosen(said: type[Reflection] | type[ThemePlacement], scope: Scope, filters: Filters) -> list[Any]:
    conditions: list[Any] = []
    if not scope.everywhere:
        conditions.append(or_(col(said.team_id).in_(scope.teams), col(said.service_id).in_(scope.services)))
    if filters.service_id is not None:
        conditions.append(said.service_id == filters.service_id)
    if filters.team_id is not None:
        conditions.append(said.team_id == filters.team_id)
    if filters.person_id is not None:
        conditions.append(said.person_id == filters.person_id)
    if filters.direction is not None:
        conditions.append(said.direction == filters.direction)
    if filters.months:
        conditions += _between(filters.months, said)
    return conditions


def for_release(tenant: UUID, periods: Sequence[Period]) -> list[Any]:
    """Conditions on Reflection for counts outside the team: shared for that, by somebody who says yes to it today.

    Answers without a name are left out: nobody agreed for them, and nobody can tell how many people they come from.
    So are answers that somebody wrote for the person.
    """
    agreed = [_said_yes(), ~_said_no()]
    return [*_stands(tenant), Reflection.audience == "themes", _own_voice(), *agreed, *_between(periods)]


def speaker() -> Any:
    """Whose words they are; an answer without a name counts as somebody of its own."""
    return func.coalesce(Reflection.staff_id, Reflection.person_id, Reflection.id)


def place_in(periods: Sequence[Period], said: type[Reflection] | type[ThemePlacement] = Reflection) -> Any:
    """The position of the period that it was said in: one scan, and the same in both databases."""
    ends: list[tuple[Any, int]] = [
        (col(said.said_at) < period.ends_before(ZONE), place) for place, period in enumerate(periods)
    ]
    return case(*ends, else_=len(periods))


def between(start: datetime, end: datetime, said: type[Reflection] | type[ThemePlacement] = Reflection) -> list[Any]:
    return [col(said.said_at) >= start, col(said.said_at) < end]


def _between(periods: Sequence[Period], said: type[Reflection] | type[ThemePlacement] = Reflection) -> list[Any]:
    return between(periods[0].starts_at(ZONE), periods[-1].ends_before(ZONE), said)


def _stands(tenant: UUID) -> list[Any]:
    return [
        # Said here too: the session's own tenant does not reach into a query on a subquery.
        col(Reflection.tenant_id) == tenant,
        col(Reflection.withdrawn_at).is_(None),
        col(Reflection.superseded_at).is_(None),
        col(Reflection.nothing_to_report).is_(False),
    ]


def _own_voice() -> Any:
    return or_(col(Reflection.helped).is_(None), col(Reflection.helped) != WRITTEN)


def _said_yes() -> Any:
    """The latest answer to themes for commissioners. Without an answer there is no yes."""
    answer = aliased(Agreement)
    yes = and_(col(answer.agreed).is_(True), col(answer.withdrawn_at).is_(None))
    return _latest_answer(answer, ("themes",), yes)


def _said_no() -> Any:
    """The latest answer to taking part, or to themes for commissioners, was no or has been taken back."""
    answer = aliased(Agreement)
    no = or_(col(answer.agreed).is_(False), col(answer.withdrawn_at).is_not(None))
    return _latest_answer(answer, ("take_part", "themes"), no)


def _latest_answer(answer: Any, purposes: Sequence[str], said: Any) -> Any:
    later = aliased(Agreement)
    whose = or_(
        answer.staff_id == Reflection.staff_id,
        and_(col(Reflection.staff_id).is_(None), answer.person_id == Reflection.person_id),
    )
    newer = exists(
        select(later.id).where(
            later.purpose == answer.purpose,
            or_(later.staff_id == answer.staff_id, later.person_id == answer.person_id),
            later.answered_at > answer.answered_at,
        )
    )
    return exists(select(answer.id).where(col(answer.purpose).in_(purposes), whose, said, ~newer))
