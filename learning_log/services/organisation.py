"""Adds those who support and those who are supported, and says what each member of staff may see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from learning_log.errors import AlreadyThere, NotFound, SettingsWrong
from learning_log.services import auditing, conversations, following, joining, pacing
from learning_log.services.finding import (
    by_hash,
    check_zone,
    find_anybody,
    find_person,
    find_provider,
    find_service,
    find_staff,
    find_team,
    username_hash,
)
from learning_log.services.passwords import hash_password
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, Person, Provider, Role, Row, Service, Staff, Team, Tenant

__all__ = [
    "ROLES",
    "add_person",
    "add_provider",
    "add_service",
    "add_staff",
    "add_team",
    "check_language",
    "check_zone",
    "clean",
    "find_anybody",
    "find_person",
    "find_provider",
    "find_service",
    "find_staff",
    "find_team",
    "give_role",
    "leave",
    "list_people",
    "list_providers",
    "list_services",
    "list_staff",
    "list_teams",
    "new_tenant",
    "roles_of",
    "set_sign_in",
    "take_role",
]

ROLES = ("team", "commissioner", "administrator", "safeguarding_lead")
ADMINISTRATOR = "administrator"  # whoever may run the command line
MOST_NAME = 200

Kind = TypeVar("Kind", bound=Row)


def new_tenant(records: Records, name: str, invented: bool = False) -> Tenant:
    """A new organisation. `records` must be open for every tenant."""
    tenant = Tenant(made_at=records.now, invented=invented)
    records.seal(tenant, name=clean(name, "name"))
    records.session.add(tenant)
    records.session.flush()
    return tenant


def add_provider(records: Records, name: str, by: str = ADMINISTRATOR) -> Provider:
    return _add(records, Provider(name_hash=_new_name(records, Provider, name)), by, name=clean(name, "name"))


def add_service(records: Records, name: str, provider: Provider, by: str = ADMINISTRATOR) -> Service:
    service = Service(provider_id=provider.id, name_hash=_new_name(records, Service, name))
    return _add(records, service, by, name=clean(name, "name"))


def add_team(records: Records, name: str, service: Service, by: str = ADMINISTRATOR) -> Team:
    team = Team(service_id=service.id, name_hash=_new_name(records, Team, name))
    return _add(records, team, by, name=clean(name, "name"))


def add_person(
    records: Records,
    name: str,
    team: Team,
    reference: str | None = None,
    language: str = "en",
    zone: str = "Europe/London",
    by: str = ADMINISTRATOR,
) -> Person:
    """reference: the organisation's own code for the person; "P-0001" and so on are made where there is none."""
    reference = _new_reference(records, Person, "P", reference)
    person = Person(
        team_id=team.id,
        name_hash=records.fingerprint("person.name", clean(name, "name")),
        reference_hash=records.fingerprint("person.reference", reference),
        language=check_language(language),
        zone=check_zone(zone),
        added_at=records.now,
    )
    return _add(records, person, by, name=clean(name, "name"), reference=reference)


def add_staff(
    records: Records,
    name: str,
    team: Team | None = None,
    reference: str | None = None,
    username: str | None = None,
    password: str | None = None,
    language: str = "en",
    zone: str = "Europe/London",
    by: str = ADMINISTRATOR,
) -> Staff:
    """With a username and a password they can sign in. What they see there is decided by give_role."""
    reference = _new_reference(records, Staff, "S", reference)
    staff = Staff(
        team_id=team.id if team else None,
        name_hash=records.fingerprint("staff.name", clean(name, "name")),
        reference_hash=records.fingerprint("staff.reference", reference),
        language=check_language(language),
        zone=check_zone(zone),
        added_at=records.now,
    )
    _add(records, staff, by, name=clean(name, "name"), reference=reference)
    if username and password:
        set_sign_in(records, staff, username, password, by)
    return staff


def set_sign_in(records: Records, staff: Staff, username: str, password: str, by: str = ADMINISTRATOR) -> None:
    """Gives a username and a password, or new ones. Lifts a lock. Raises AlreadyThere for a username in use."""
    username = clean(username, "username")
    hashed = username_hash(records, username)
    staff.password_hash = hash_password(password)
    staff.username_hash = hashed
    records.seal(staff, username=username)
    staff.failed_sign_ins, staff.locked_until = 0, None
    try:
        records.session.flush()
    except IntegrityError as error:  # it may be in use in an organisation that this transaction cannot see
        raise AlreadyThere(f"The username {username!r} is in use. Nothing was changed. Choose another.") from error
    auditing.record(records, by, "set_sign_in", "staff", staff.id)


def give_role(
    records: Records,
    staff: Staff,
    role: str,
    team: Team | None = None,
    service: Service | None = None,
    by: str = ADMINISTRATOR,
) -> Role:
    """role: one of ROLES, in a team, in a service, or in all of the organisation. Giving it twice changes nothing."""
    if role not in ROLES:
        raise SettingsWrong(f"There is no role {role!r}. Nothing was changed. The roles are: {', '.join(ROLES)}.")
    if team and service:
        raise SettingsWrong("A role is in a team or in a service, not in both. Nothing was changed.")
    team_id, service_id = team.id if team else None, service.id if service else None
    for held in roles_of(records, staff):
        if (held.role, held.team_id, held.service_id) == (role, team_id, service_id):
            return held
    return _add(records, Role(staff_id=staff.id, role=role, team_id=team_id, service_id=service_id), by)


def take_role(
    records: Records,
    staff: Staff,
    role: str,
    team: Team | None = None,
    service: Service | None = None,
    by: str = ADMINISTRATOR,
) -> None:
    """Takes a role away where it was given: in this team, in this service, or in all of the organisation.

    Raises NotFound if they do not hold it there. What they see changes at their next step in the app.
    """
    place = (team.id if team else None, service.id if service else None)
    held = [given for given in roles_of(records, staff) if given.role == role]
    found = next((given for given in held if (given.team_id, given.service_id) == place), None)
    if found is None:
        where = ", ".join(_place_of(records, given) for given in held) or "nowhere"
        raise NotFound(f"They do not have the role {role} there. Nothing was changed. They have it: {where}.")
    records.session.delete(found)
    records.session.flush()
    auditing.record(records, by, "took_role_away", "staff", staff.id)


def leave(records: Records, somebody: Person | Staff, on: date | None, by: str = ADMINISTRATOR) -> None:
    """From this day on a person is asked no more, and a member of staff cannot sign in. None: they are here again."""
    somebody.left_on = on
    is_person = isinstance(somebody, Person)
    chat = conversations.of(records, somebody.id if is_person else None, None if is_person else somebody.id)
    if chat and on is None and chat.status == "active":
        pacing.start(records, chat)
    if chat and on and isinstance(somebody, Person):
        _move_on(records, chat, somebody)
    records.session.add(somebody)
    records.session.flush()
    auditing.record(records, by, "left" if on else "came_back", str(somebody.__tablename__), somebody.id)


def _move_on(records: Records, chat: Conversation, person: Person) -> None:
    """They are asked, as long as they are here, whether they want to be asked again once they have moved on."""
    following.call_off_kind(records, chat, following.MOVING_ON)
    if joining.has_agreed(records, chat, joining.MOVING_ON):
        following.plan_moving_on(records, person)
    else:
        following.plan(records, following.MOVING_ON, records.now.date(), person_id=person.id)


def _place_of(records: Records, given: Role) -> str:
    if given.team_id:
        return f"in the team {records.text(records.get(Team, given.team_id), 'name')!r}"
    if given.service_id:
        return f"in the service {records.text(records.get(Service, given.service_id), 'name')!r}"
    return "in the whole organisation"


def roles_of(records: Records, staff: Staff) -> Sequence[Role]:
    return records.all(select(Role).where(Role.staff_id == staff.id).order_by(col(Role.id)))


def list_providers(records: Records) -> Sequence[Provider]:
    return _all(records, Provider)


def list_services(records: Records) -> Sequence[Service]:
    return _all(records, Service)


def list_teams(records: Records) -> Sequence[Team]:
    return _all(records, Team)


def list_people(records: Records) -> Sequence[Person]:
    return _all(records, Person)


def list_staff(records: Records) -> Sequence[Staff]:
    return _all(records, Staff)


def check_language(language: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", language):
        raise SettingsWrong(f"{language!r} is not a language code such as en. Nothing was changed.")
    return language


def _all(records: Records, kind: type[Kind]) -> Sequence[Kind]:
    return records.all(select(kind).where(col(kind.tenant_id) == records.tenant).order_by(col(kind.id)))


def _add(records: Records, row: Kind, by: str, **sealed: str) -> Kind:
    records.add(row, **sealed)
    records.session.flush()
    auditing.record(records, by, "added", str(type(row).__tablename__), row.id)
    return row


def _new_name(records: Records, kind: type[Row], name: str) -> bytes:
    if by_hash(records, kind, "name", clean(name, "name")):
        raise AlreadyThere(f"There is a {kind.__tablename__} called {name!r} already. Nothing was changed.")
    return records.fingerprint(f"{kind.__tablename__}.name", name)


def _new_reference(records: Records, kind: type[Row], letter: str, wanted: str | None) -> str:
    if wanted:
        wanted = clean(wanted, "reference")
        if by_hash(records, kind, "reference", wanted):
            raise AlreadyThere(f"The reference {wanted!r} is in use. Nothing was changed. Choose another.")
        return wanted
    number = 1 + (
        records.first(select(func.count()).select_from(kind).where(col(kind.tenant_id) == records.tenant)) or 0
    )
    while by_hash(records, kind, "reference", f"{letter}-{number:04}"):
        number += 1
    return f"{letter}-{number:04}"


def clean(text: str, what: str) -> str:
    """The text with single spaces. Raises SettingsWrong where there is none, too much, or a control character."""
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > MOST_NAME or not cleaned.isprintable():
        raise SettingsWrong(f"A {what} needs 1 to {MOST_NAME} letters that can be printed. Nothing was changed.")
    return cleaned
