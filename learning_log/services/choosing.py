"""The services, teams and people that a reader may choose from, by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from learning_log.services.access import Reader, Scope, may_see_people, may_see_words
from learning_log.storage.records import Records
from learning_log.storage.tables import Person, Service, Team


@dataclass(frozen=True)
class Place:
    id: UUID
    name: str
    service_id: UUID


@dataclass(frozen=True)
class Named:
    """Somebody. Two of one name are told apart by their references."""

    id: UUID
    name: str
    team_id: UUID


@dataclass(frozen=True)
class Choices:
    """Each sorted by name. A service is here when the reader may see at least one of its teams."""

    services: tuple[Place, ...]
    teams: tuple[Place, ...]
    people: tuple[Named, ...]

    def name_of(self, id: UUID | None) -> str:
        named: tuple[Place | Named, ...] = (*self.services, *self.teams, *self.people)
        return next((one.name for one in named if one.id == id), "")

    def teams_of(self, service_id: UUID | None) -> tuple[Place, ...]:
        return tuple(team for team in self.teams if service_id in (None, team.service_id))

    def people_of(self, service_id: UUID | None, team_id: UUID | None) -> tuple[Named, ...]:
        teams = {team.id for team in self.teams_of(service_id) if team_id in (None, team.id)}
        return tuple(person for person in self.people if person.team_id in teams)


def choices(records: Records, reader: Reader) -> Choices:
    """For the team role only. Raises NotAllowed."""
    scope = may_see_words(reader, records.tenant)
    teams = [
        Place(team.id, records.text(team, "name"), team.service_id)
        for team in records.all(select(Team))
        if scope.holds_team(team.id)
    ]
    seen = {team.service_id for team in teams}
    services = [
        Place(service.id, records.text(service, "name"), service.id)
        for service in records.all(select(Service))
        if scope.holds_service(service.id) or service.id in seen
    ]
    return Choices(_by_name(services), _by_name(teams), tuple(_people(records, scope)))


def person(records: Records, reader: Reader, person_id: UUID) -> Person:
    """Raises NotFound, or NotAllowed for a person of a team that is not the reader's."""
    found = records.get(Person, person_id)
    may_see_people(reader, records.tenant, found.team_id)
    return found


def names_of_people(records: Records, ids: Iterable[UUID]) -> dict[UUID, str]:
    wanted = set(ids)
    found = records.all(select(Person).where(col(Person.id).in_(wanted))) if wanted else []
    return {one.id: records.text(one, "name") for one in found}


def _people(records: Records, scope: Scope) -> list[Named]:
    wanted = select(Person).where(col(Person.left_on).is_(None), col(Person.forgotten_at).is_(None))
    if not scope.everywhere:
        wanted = wanted.where(col(Person.team_id).in_(scope.teams))
    found = [(one, records.text(one, "name")) for one in records.all(wanted)]
    alike = Counter(name.casefold() for _, name in found)
    people = [
        Named(
            one.id, name if alike[name.casefold()] == 1 else f"{name} ({records.text(one, 'reference')})", one.team_id
        )
        for one, name in found
    ]
    return sorted(people, key=lambda one: one.name.casefold())


def _by_name(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=lambda place: place.name.casefold()))
