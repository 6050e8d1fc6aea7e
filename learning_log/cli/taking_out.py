"""whatmatters export, backup and restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from learning_log.cli.app import app
from learning_log.cli.opening import Organisation, opened
from learning_log.cli.output import AsJson, as_json, progress, say
from learning_log.cli.stopped import refuse_while_running
from learning_log.services import auditing
from learning_log.services.exporting import export
from learning_log.settings import read_settings
from learning_log.storage import backup as backups
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import read_keys
from learning_log.storage.records import open_log


@app.command("export")
def take_out(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or one of an earlier export.")],
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Write everything of an organisation as CSV and JSON, one file for each kind.

    The files hold words and names that anybody can read: keep them safe. Import them again with: whatmatters import DIR

    Example: whatmatters export ./exported
    """
    with opened(organisation) as here:
        with here.write() as records:
            auditing.record(records, "administrator", "exported")
        with here.read() as records, progress("Exporting") as advance:
            counts = export(records, folder, advance)
    if json:
        as_json({"folder": str(folder.absolute()), "counts": counts})
        return
    for kind, count in counts.items():
        if count:
            say(f"{kind.replace('_', ' ')}: {count:,}")
    say(f"Exported to {folder.absolute()}. The files hold words and names in plain text: keep them safe.")


@app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    over: Annotated[bool, typer.Option("--over", help="Write over an earlier file.")] = False,
    json: AsJson = False,
) -> None:
    """Copy the database to one file, also while What Matters runs.

    The words in it stay sealed. The keys are not in it: keep a copy of the key file in another place.

    Example: whatmatters backup whatmatters-2026-03-02.backup
    """
    settings = read_settings()
    size = backups.back_up(settings.url_of_database, file, over)
    if json:
        as_json({"file": str(file.absolute()), "bytes": size, "holds_keys": False})
        return
    say(f"Backed up to {file.absolute()} ({size:,} bytes).")
    say(f"The keys are not in it. Keep a copy of {settings.path_of_keys.absolute()} in another place.")


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A file made by backup.")],
    over: Annotated[bool, typer.Option("--over", help="Replace what the database holds now.")] = False,
    json: AsJson = False,
) -> None:
    """Bring a backup back. Stop What Matters first. The key file must be the one of that time.

    Example: whatmatters restore whatmatters-2026-03-02.backup
    """
    settings = read_settings()
    refuse_while_running(settings)
    aside = backups.restore(settings.url_of_database, file, Vault(read_keys(settings.path_of_keys)), over)
    open_log(settings).close()
    if json:
        as_json({"restored": str(file.absolute()), "damaged": str(aside) if aside else None})
        return
    say(f"Restored {file.absolute()}.")
    if aside:
        say(f"The database before it was damaged. It was kept as {aside}.")
