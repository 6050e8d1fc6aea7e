"""whatmatters keys."""

from __future__ import annotations

from typing import Annotated

import typer

from learning_log.cli.app import app
from learning_log.cli.opening import tenants
from learning_log.cli.output import AsJson, as_json, progress, say
from learning_log.cli.stopped import refuse_while_running
from learning_log.services import auditing
from learning_log.settings import read_settings
from learning_log.storage.records import open_log
from learning_log.storage.rotation import rotate

keys = typer.Typer(no_args_is_help=True, help="The keys that words and names are sealed with.")
app.add_typer(keys, name="keys")


@keys.command("rotate")
def rotate_keys(
    drop_old: Annotated[bool, typer.Option("--drop-old", help="Take the old keys out of the key file.")] = False,
    json: AsJson = False,
) -> None:
    """Make a new key, and seal everything with it. Stop What Matters first.

    If it is cut short, run it again: it goes on where it was. With --drop-old, backups from before open only with
    your copy of the old key file.

    Example: whatmatters keys rotate
    """
    settings = read_settings()
    refuse_while_running(settings)
    log = open_log(settings)
    try:
        with progress("Sealing again") as advance:
            rows = rotate(log.database, settings.path_of_keys, drop_old, advance)
    finally:
        log.close()
    log = open_log(settings)
    try:
        for tenant in tenants(log):
            with log.write(tenant) as records:
                auditing.record(records, "administrator", "rotated keys")
        number = log.vault.keyring.current
    finally:
        log.close()
    if json:
        as_json({"rows": rows, "key": number, "dropped_old": drop_old})
        return
    say(f"Sealed {rows:,} rows with key {number}. Make a new copy of {settings.path_of_keys.absolute()}.")
    if drop_old:
        say("Older backups open only with a copy of the old key file.")
