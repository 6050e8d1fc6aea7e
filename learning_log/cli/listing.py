"""whatmatters list: who there is."""

from __future__ import annotations

from typing import Any

import typer
from sqlmodel import select

from learning_log.cli.app import app
from learning_log.cli.opening import Organisation, opened, tenants
from learning_log.cli.output import AsJson, as_json, table
from learning_log.services import organisation as services
from learning_log.settings import read_settings
from learning_log.storage.records import Records, open_log
from learning_log.storage.tables import Conversation, Person, Provider, Row, Service, Staff, Team

listing = typer.Typer(no_args_is_help=True, help="List organisations, providers, services, teams, people or staff.")
app.add_typer(listing, name="list")


@listing.command("organisations")
def list_organisations(json: AsJson = False) -> None:
    """List the organisations of this installation."""
    log = open_log(read_settings())
    try:
        _print([{"name": name, "id": id} for id, name in tenants(log).items()], "organisation", json)
    finally:
        log.close()


@listing.command("providers")
def list_providers(json: AsJson = False, organisation: Organisation = None) -> None:
    """List the providers."""
    with opened(organisation) as here, here.read() as records:
        rows = [_named(records, provider) for provider in services.list_providers(records)]
    _print(rows, "provider", json)


@listing.command("services")
def list_services(json: AsJson = False, organisation: Organisation = None) -> None:
    """List the services, each with its provider."""
    with opened(organisation) as here, here.read() as records:
        providers = _names(records, services.list_providers(records))
        rows = [
            _named(records, service, provider=providers[service.provider_id])
            for service in services.list_services(records)
        ]
    _print(rows, "service", json)


@listing.command("teams")
def list_teams(json: AsJson = False, organisation: Organisation = None) -> None:
    """List the teams, each with its service."""
    with opened(organisation) as here, here.read() as records:
        names = _names(records, services.list_services(records))
        rows = [_named(records, team, service=names[team.service_id]) for team in services.list_teams(records)]
    _print(rows, "team", json)


@listing.command("people")
def list_people(json: AsJson = False, organisation: Organisation = None) -> None:
    """List the people supported, and whether each has joined.

    Example: whatmatters list people --json
    """
    with opened(organisation) as here, here.read() as records:
        teams, chats = _names(records, services.list_teams(records)), _chats(records)
        rows = [_person(records, person, teams, chats) for person in services.list_people(records)]
    _print(rows, "person", json)


@listing.command("staff")
def list_staff(json: AsJson = False, organisation: Organisation = None) -> None:
    """List the staff, their roles and whether each can sign in."""
    with opened(organisation) as here, here.read() as records:
        teams, chats = _names(records, services.list_teams(records)), _chats(records)
        rows = [_member(records, staff, teams, chats) for staff in services.list_staff(records)]
    _print(rows, "member of staff", json)


def _person(records: Records, person: Person, teams: dict[Any, str], chats: dict[Any, str]) -> dict[str, Any]:
    return {
        "reference": records.text(person, "reference"),
        "name": records.text(person, "name"),
        "team": teams[person.team_id],
        "chat": chats.get(person.id, "not joined"),
        "language": person.language,
        "zone": person.zone,
        "left_on": person.left_on,
        "id": person.id,
    }


def _member(records: Records, staff: Staff, teams: dict[Any, str], chats: dict[Any, str]) -> dict[str, Any]:
    return {
        "reference": records.text(staff, "reference"),
        "name": records.text(staff, "name"),
        "team": teams.get(staff.team_id),
        "roles": [role.role for role in services.roles_of(records, staff)],
        "username": records.text(staff, "username") or None,
        "chat": chats.get(staff.id, "not joined"),
        "left_on": staff.left_on,
        "id": staff.id,
    }


def _named(records: Records, row: Provider | Service | Team, **more: Any) -> dict[str, Any]:
    return {"name": records.text(row, "name"), **more, "id": row.id}


def _names(records: Records, rows: Any) -> dict[Any, str]:
    return {row.id: records.text(row, "name") for row in rows}


def _chats(records: Records) -> dict[Any, str]:
    found: list[Row] = list(records.all(select(Conversation)))
    return {chat.person_id or chat.staff_id: chat.status for chat in found if isinstance(chat, Conversation)}


def _print(rows: list[dict[str, Any]], what: str, json: bool) -> None:
    if json:
        as_json(rows)
    else:
        table(rows, f"There is no {what} yet.")
