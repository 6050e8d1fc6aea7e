"""whatmatters import."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from learning_log.cli.app import app
from learning_log.cli.opening import Organisation, opened
from learning_log.cli.output import Advance, AsJson, as_json, progress, say, warn
from learning_log.errors import SettingsWrong
from learning_log.services.importing import (
    Imported,
    RowsRefused,
    prepare_folder,
    prepare_indicators,
    prepare_people,
    prepare_reflections,
)
from learning_log.services.organisation import find_service
from learning_log.storage.records import Records

KeepAll = Callable[[Records, Advance], list[Imported]]
KINDS = ("reflections", "people", "indicators")


@app.command("import", no_args_is_help=True)
def take_in(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="reflections, people, indicators, or a folder.")],
    file: Annotated[Path | None, typer.Argument(help="The CSV file.")] = None,
    layout: Annotated[str, typer.Option(help="What the file's columns mean: a file in config/import_layouts/.")] = (
        "default"
    ),
    service: Annotated[str | None, typer.Option(help="The service of rows that name none.")] = None,
    said_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of answers without a date. Else today.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="The name under which row ids are known. Else the file's.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Let other values of indicators replace those kept.")] = (
        False
    ),
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Import reflections, people or indicators from CSV, or a whole export.

    Every row is checked first. If one is wrong, nothing is imported. The same file again changes nothing.

    Example: whatmatters import reflections answers.csv --service "Supported living"

    Example: whatmatters import people people.csv

    Example: whatmatters import ./exported
    """
    options = {"layout": layout, "service": service, "said_on": said_on, "source": source, "replace": replace}
    try:
        with opened(organisation) as here:
            # Reading and checking a long file takes minutes: the bot keeps answers meanwhile.
            with here.read() as records:
                keep = _prepare(records, what, file, here.settings.zone, options)
            with here.write() as records, progress(f"Importing {what}") as advance:
                done = keep(records, advance)
    except RowsRefused as refused:
        if json:
            as_json({"imported": [], "problems": [vars(each) for each in refused.problems], "total": refused.total})
            raise typer.Exit(1) from refused
        raise
    if json:
        as_json({"imported": [vars(each) for each in done], "problems": [], "total": 0})
    else:
        _print(done)


def _prepare(records: Records, what: str, file: Path | None, zone: str, options: dict[str, Any]) -> KeepAll:
    if file is None:
        if not Path(what).is_dir():
            raise SettingsWrong(f"{what} is not the folder of an export. For one file: whatmatters import KIND FILE")
        return prepare_folder(records, Path(what))
    if what not in KINDS:
        raise SettingsWrong(f"{what!r} cannot be imported. Nothing was changed. One of: {', '.join(KINDS)}.")
    where = find_service(records, options["service"]) if options["service"] else None
    layout, said_on = options["layout"], options["said_on"]
    if what == "people":
        keep = prepare_people(records, file, layout, zone)
    elif what == "indicators":
        keep = prepare_indicators(records, file, layout, where, options["replace"])
    else:
        day = said_on.date() if said_on else None
        keep = prepare_reflections(records, file, layout, where, day, options["source"])
    return lambda writing, advance: [keep(writing, advance)]


def _print(done: list[Imported]) -> None:
    for each in done:
        for notice in each.notices:
            warn(notice)
        left = f", {each.left_out:,} without words left out" if each.left_out else ""
        say(f"{each.kind.replace('_', ' ')}: {each.new:,} new, {each.already:,} already there{left}.")
