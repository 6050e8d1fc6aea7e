"""whatmatters add, and whatmatters role: who supports, who is supported, and who may see what."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from learning_log import config
from learning_log.cli.app import app
from learning_log.cli.opening import Organisation, opened, tenants
from learning_log.cli.output import AsJson, as_json, say, warn
from learning_log.errors import AlreadyThere, NotFound, SettingsWrong
from learning_log.services import organisation as services
from learning_log.services.passwords import new_password
from learning_log.settings import read_settings
from learning_log.storage.records import Records, open_log
from learning_log.storage.tables import Provider, Service

adding = typer.Typer(no_args_is_help=True, help="Add an organisation, provider, service, team, person or staff.")
app.add_typer(adding, name="add")

Name = Annotated[str, typer.Argument(help="The name, as people know it.")]
Reference = Annotated[str | None, typer.Option(help="Your own code for them. One is made where there is none.")]
Language = Annotated[str, typer.Option(help="The language of the chat, such as en.")]
Zone = Annotated[str | None, typer.Option(help="The time zone they live in, such as Europe/London.")]


class RoleName(StrEnum):
    TEAM = "team"
    COMMISSIONER = "commissioner"
    ADMINISTRATOR = "administrator"
    SAFEGUARDING_LEAD = "safeguarding_lead"


IN_A_TEAM = (RoleName.TEAM, RoleName.SAFEGUARDING_LEAD)


@adding.command("organisation")
def add_organisation(name: Name, json: AsJson = False) -> None:
    """Add another organisation, which shares nothing with the first.

    Example: whatmatters add organisation "Hillside Together"
    """
    log = open_log(read_settings())
    try:
        if name.casefold() in (known.casefold() for known in tenants(log).values()):
            raise AlreadyThere(f"There is an organisation called {name!r} already. Nothing was changed.")
        with log.write() as records:
            tenant = services.new_tenant(records, name)
            _added("organisation", tenant.id, records.text(tenant, "name"), json)
    finally:
        log.close()


@adding.command("provider")
def add_provider(name: Name, json: AsJson = False, organisation: Organisation = None) -> None:
    """Add a provider of support.

    Example: whatmatters add provider "Riverside Care"
    """
    with opened(organisation) as here, here.write() as records:
        provider = services.add_provider(records, name)
        _added("provider", provider.id, records.text(provider, "name"), json)


@adding.command("service")
def add_service(
    name: Name,
    provider: Annotated[str | None, typer.Option(help="Its provider. Not needed when there is only one.")] = None,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Add a service of a provider.

    Example: whatmatters add service "Supported living" --provider "Riverside Care"
    """
    with opened(organisation) as here, here.write() as records:
        service = services.add_service(records, name, _provider(records, provider))
        _added("service", service.id, records.text(service, "name"), json)


@adding.command("team")
def add_team(
    name: Name,
    service: Annotated[str | None, typer.Option(help="Its service. Not needed when there is only one.")] = None,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Add a team: a home and the staff who work there.

    Example: whatmatters add team "Mill House" --service "Supported living"
    """
    with opened(organisation) as here, here.write() as records:
        team = services.add_team(records, name, _service(records, service))
        _added("team", team.id, records.text(team, "name"), json)


@adding.command("person")
def add_person(
    name: Name,
    team: Annotated[str, typer.Option(help="The team that supports them.")],
    reference: Reference = None,
    language: Language = "en",
    zone: Zone = None,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Add a person who is supported. Nothing is asked before they have joined and agreed.

    Example: whatmatters add person "Ann Example" --team "Mill House"
    """
    with opened(organisation) as here, here.write() as records:
        where = services.find_team(records, team)
        person = services.add_person(records, name, where, reference, language, zone or here.settings.zone)
        _added("person", person.id, records.text(person, "name"), json, reference=records.text(person, "reference"))
    _say_how_well_it_is_spoken(language)


@adding.command("staff")
def add_staff(
    name: Name,
    team: Annotated[str | None, typer.Option(help="The team they work in.")] = None,
    reference: Reference = None,
    username: Annotated[str | None, typer.Option(help="The name they sign in with.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from input.")] = False,
    make_password: Annotated[bool, typer.Option("--make-password", help="Make one, and print it this once.")] = False,
    role: Annotated[list[RoleName] | None, typer.Option(help="What they do; can be repeated. See: role")] = None,
    language: Language = "en",
    zone: Zone = None,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Add a member of staff, or a commissioner. With a username they can sign in.

    The roles team and safeguarding_lead hold in their team or, without a team, in the whole organisation. The roles
    commissioner and administrator always hold in the whole organisation.

    Example: whatmatters add staff "Sam Example" --team "Mill House" --role team --username sam --make-password
    """
    if not username and (password_stdin or make_password):
        raise SettingsWrong("A password is for somebody who signs in. Nothing was added. Give a --username NAME too.")
    password = _password(password_stdin, make_password) if username else None
    with opened(organisation) as here, here.write() as records:
        where = services.find_team(records, team) if team else None
        staff = services.add_staff(
            records, name, where, reference, username, password, language, zone or here.settings.zone
        )
        for each in role or []:
            services.give_role(records, staff, each.value, team=where if each in IN_A_TEAM else None)
            if where and each not in IN_A_TEAM:
                warn(f"The role {each.value} holds in the whole organisation, not only in the team.")
        shown = {"password": password} if password and make_password else {}
        reference = records.text(staff, "reference")
        _added("staff", staff.id, records.text(staff, "name"), json, reference=reference, **shown)
    _say_how_well_it_is_spoken(language)


@app.command("role")
def give_role(
    staff: Annotated[str, typer.Argument(help="A member of staff: name, reference or username.")],
    role: Annotated[RoleName, typer.Argument(help="What they do.")],
    team: Annotated[str | None, typer.Option(help="Only in this team.")] = None,
    service: Annotated[str | None, typer.Option(help="Only in this service.")] = None,
    take_away: Annotated[bool, typer.Option("--take-away", help="Take it away there instead.")] = False,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Give a member of staff a role, and with it what they may see; or take it away.

    Without a team or a service the role holds in the whole organisation.

    Example: whatmatters role "Sam Example" safeguarding_lead

    Example: whatmatters role "Sam Example" team --team "Mill House" --take-away
    """
    with opened(organisation) as here, here.write() as records:
        somebody = services.find_staff(records, staff)
        where = services.find_team(records, team) if team else None
        which = services.find_service(records, service) if service else None
        change = services.take_role if take_away else services.give_role
        change(records, somebody, role.value, where, which)
        if json:
            places = {"team": where.id if where else None, "service": which.id if which else None}
            as_json({"staff": somebody.id, "role": role.value, **places, "has_it": not take_away})
        else:
            has = "no longer has" if take_away else "has"
            say(f"{records.text(somebody, 'name')} {has} the role {role.value}.")


@app.command("password")
def set_password(
    staff: Annotated[str, typer.Argument(help="A member of staff: name, reference or username.")],
    username: Annotated[str | None, typer.Option(help="A new name to sign in with.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from input.")] = False,
    make_password: Annotated[bool, typer.Option("--make-password", help="Make one, and print it this once.")] = False,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Give a member of staff a new password. Also ends a lock after too many tries.

    Example: whatmatters password sam --make-password
    """
    password = _password(password_stdin, make_password)
    with opened(organisation) as here, here.write() as records:
        somebody = services.find_staff(records, staff)
        username = username or records.text(somebody, "username")
        if not username:
            raise SettingsWrong("They have no username yet. Nothing was changed. Give one with --username NAME.")
        services.set_sign_in(records, somebody, username, password)
        shown = {"password": password} if make_password else {}
        if json:
            as_json({"id": somebody.id, "username": username, **shown})
        else:
            say("\n".join([f"New password for {username!r}.", *(f"{key}: {value}" for key, value in shown.items())]))


def _password(from_input: bool, make: bool) -> str:
    """Never an argument: other users of the machine can see those."""
    if make:
        return new_password()
    if from_input:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise SettingsWrong("No password came in. Nothing was changed. Write it to the input of this command.")
        return given
    if not sys.stdin.isatty():
        raise SettingsWrong(
            "Nobody is there to type a password. Nothing was changed. Use --make-password or --password-stdin."
        )
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _provider(records: Records, text: str | None) -> Provider:
    if text:
        return services.find_provider(records, text)
    known = services.list_providers(records)
    if len(known) != 1:
        raise NotFound(f"There are {len(known)} providers. Nothing was changed. Say which with --provider NAME.")
    return known[0]


def _service(records: Records, text: str | None) -> Service:
    if text:
        return services.find_service(records, text)
    known = services.list_services(records)
    if len(known) != 1:
        raise NotFound(f"There are {len(known)} services. Nothing was changed. Say which with --service NAME.")
    return known[0]


def _say_how_well_it_is_spoken(language: str) -> None:
    if language not in config.names("wording"):
        warn(f"There are no texts in {language!r} yet: the bot speaks English with them.")
    elif (about := config.load(f"wording/{language}")["about"]).get("machine_made"):
        warn(
            f"The texts in {about['language']} were made by a machine. Have somebody read them before you use them. "
            "What is about safety is in English, and so is the scan for worries."
        )


def _added(what: str, id: UUID, name: str, json: bool, **more: str) -> None:
    if json:
        as_json({"kind": what, "id": id, "name": name, **more})
        return
    say(f"Added the {what} {name!r}.")
    for key, value in more.items():
        say(f"{key}: {value}")
