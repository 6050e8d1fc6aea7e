"""whatmatters init: the data folder, the keys, the database and the first organisation."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Annotated

import typer

from learning_log.cli.app import app
from learning_log.cli.opening import tenants
from learning_log.cli.output import AsJson, as_json, say
from learning_log.clock import Clock, utc_now
from learning_log.errors import DatabaseMissing, KeyMissing
from learning_log.services.organisation import new_tenant
from learning_log.settings import Settings, read_settings
from learning_log.storage.database import Database
from learning_log.storage.keys import make_keys
from learning_log.storage.records import open_log

NAME = "Our organisation"


@dataclass
class SetUp:
    """What was done, in sentences, and which organisation there is now."""

    organisation: str
    done: list[str] = field(default_factory=list)


@app.command()
def init(
    name: Annotated[str, typer.Option(help="The name of your organisation.")] = NAME,
    json: AsJson = False,
) -> None:
    """Set up What Matters here, or bring an older database up to date.

    Can be repeated: what is there already is left as it is.

    Example: whatmatters init --name "Riverside Together"
    """
    settings = read_settings()
    made = set_up(settings, name)
    if json:
        where = {"data_dir": str(settings.data_dir.absolute()), "key_file": str(settings.path_of_keys.absolute())}
        as_json({"organisation": made.organisation, **where, "done": made.done})
        return
    for line in made.done or ["Everything was there already. Nothing was changed."]:
        say(line)


def set_up(settings: Settings, name: str, invented: bool = False, clock: Clock = utc_now) -> SetUp:
    made = SetUp(name)
    if not settings.data_dir.exists():
        settings.data_dir.mkdir(parents=True, mode=0o700)
        made.done.append(f"Made the data folder {settings.data_dir.absolute()}.")
    _make_keys(settings, made)
    _make_database(settings, made)
    _make_organisation(settings, made, invented, clock)
    return made


def _make_keys(settings: Settings, made: SetUp) -> None:
    """A new key for words that were kept with another one would lose them: then the old one has to come back."""
    path = settings.path_of_keys
    if path.exists():
        return
    if _revision(settings):
        raise KeyMissing(
            f"There is a database, but the key file {path} is missing. Nothing was changed. Put the key file back."
        )
    make_keys(path)
    made.done.append(f"Made the key file {path.absolute()}. Keep a copy of it apart from backups.")


def _make_database(settings: Settings, made: SetUp) -> None:
    before = _revision(settings)
    database = Database(settings.url_of_database)
    try:
        database.upgrade()
        after = database.revision()
    finally:
        database.close()
    if before != after:
        made.done.append(f"Brought the database up to date ({after})." if before else "Made the database.")
    if database.is_sqlite and database.engine.url.database:
        os.chmod(database.engine.url.database, 0o600)


def _make_organisation(settings: Settings, made: SetUp, invented: bool, clock: Clock) -> None:
    log = open_log(settings, clock)
    try:
        known = list(tenants(log).values())
        if not known:
            with log.write() as records:
                new_tenant(records, made.organisation, invented)
            made.done.append(f"Made the organisation {made.organisation!r}.")
        elif made.organisation not in known:
            if made.organisation != NAME:
                made.done.append(
                    f"There is an organisation already: {', '.join(known)}. It was left as it is. "
                    f"For another one: whatmatters add organisation {made.organisation!r}"
                )
            made.organisation = known[0]
    finally:
        log.close()


def _revision(settings: Settings) -> str | None:
    database = Database(settings.url_of_database)
    try:
        return database.revision()
    except DatabaseMissing:
        return None
    finally:
        database.close()
