"""Adds the example's providers, services, homes, people and staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from learning_log.example import lives
from learning_log.example.cast import WEEKS, Cast, Member
from learning_log.example.writing import Places
from learning_log.services import asking, organisation
from learning_log.storage.records import Records
from learning_log.storage.tables import Person, Service, Staff, Team

BY = "example"  # who the audit log says did it
SIGNS_IN = ("team", "team_lead", "commissioner", "safeguarding_lead", "administrator")
# Whoever signs in is found again by this reference.
REFERENCE = "example-{role}"


def add_organisation(records: Records, cast: Cast, today: date) -> tuple[Places, list[Staff]]:
    """The places, and the safeguarding leads."""
    start = today - timedelta(weeks=WEEKS + 1)
    then = replace(records, now=min(records.now, datetime.combine(start, time(9), tzinfo=UTC)))
    providers = {key: organisation.add_provider(then, name, BY) for key, name in cast.providers.items()}
    services = {
        service.key: organisation.add_service(then, service.name, providers[service.provider], BY)
        for service in cast.services
    }
    teams = {home.key: organisation.add_team(then, home.name, services[home.service], BY) for home in cast.homes}
    staff = {member.name: _add_staff(then, member, cast, teams, services, today) for member in cast.staff}
    people = {person.name: _add_person(then, person, teams, today) for person in cast.people}
    leads = _add_office(then, cast)
    of_homes = {home.key: services[home.service].id for home in cast.homes}
    places = Places(
        services={key: service.id for key, service in services.items()} | of_homes,
        homes={key: team.id for key, team in teams.items()},
        people={name: person.id for name, person in people.items()},
        staff={name: member.id for name, member in staff.items()},
        questions={
            (who == "staff", question.direction): question.version_id
            for who in ("person", "staff")
            for question in asking.questions(then, who, "en", next(iter(asking.bank(who))))
        },
    )
    return places, leads


def _add_staff(
    records: Records,
    member: Member,
    cast: Cast,
    teams: Mapping[str, Team],
    services: Mapping[str, Service],
    today: date,
) -> Staff:
    team = teams[member.home]
    led = [services[service.key] for service in cast.services if service.lead == member.name]
    role = {cast.team_signs_in: "team", cast.lead_signs_in: "team_lead"}.get(member.name)
    reference = REFERENCE.format(role=role) if role else None
    staff = organisation.add_staff(records, member.name, team, reference, by=BY)
    for service in led:
        organisation.give_role(records, staff, "team", service=service, by=BY)
    if not led:
        organisation.give_role(records, staff, "team", team=team, by=BY)
    if member.left:
        staff.left_on = today - timedelta(weeks=member.left)
    return staff


def _add_person(records: Records, person: Member, teams: Mapping[str, Team], today: date) -> Person:
    row = organisation.add_person(records, person.name, teams[person.home], by=BY)
    row.added_at = datetime.combine(lives.joined_on(person, today), time(9), tzinfo=UTC)
    return row


def _add_office(records: Records, cast: Cast) -> list[Staff]:
    """The commissioner, the administrator and, returned, the safeguarding leads."""
    first, second = cast.safeguarding
    for name, role in ((cast.commissioner, "commissioner"), (cast.administrator, "administrator")):
        _add_officer(records, name, role, REFERENCE.format(role=role))
    return [
        _add_officer(records, first, "safeguarding_lead", REFERENCE.format(role="safeguarding_lead")),
        _add_officer(records, second, "safeguarding_lead", None),
    ]


def _add_officer(records: Records, name: str, role: str, reference: str | None) -> Staff:
    staff = organisation.add_staff(records, name, reference=reference, by=BY)
    organisation.give_role(records, staff, role, by=BY)
    return staff
