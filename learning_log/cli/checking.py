"""whatmatters check: says what is wrong, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from learning_log.cli.app import app
from learning_log.cli.checks import (
    OF_SETTINGS,
    Finding,
    check_audit,
    check_capacity,
    check_rota,
    check_themes,
    check_worker,
)
from learning_log.cli.opening import tenants
from learning_log.cli.output import AsJson, as_json, say
from learning_log.errors import LearningLogError
from learning_log.settings import Settings, read_settings
from learning_log.storage.records import open_log

checks = typer.Typer(invoke_without_command=True)
app.add_typer(checks, name="check")


@checks.callback()
def check(context: typer.Context, json: AsJson = False) -> None:
    """Look at settings, keys, database, audit log, Telegram, speech, worker, rota and records of capacity.

    Says what is wrong and how to mend it. Ends with 1 if anything is.

    Example: whatmatters check --json
    """
    if context.invoked_subcommand:
        return
    found = list(_look())
    well = all(finding.ok for finding in found)
    if json:
        as_json({"ok": well, "checks": [{**vars(finding), "ok": finding.ok} for finding in found]})
    else:
        for finding in found:
            say(f"{'ok   ' if finding.ok else 'WRONG'} {finding.name}: {finding.said}")
            if finding.mend:
                say(f"      {finding.mend}")
    if not well:
        raise typer.Exit(1)


def _look() -> Iterator[Finding]:
    try:
        settings = read_settings()
    except LearningLogError as error:
        yield Finding("settings", str(error), "Set it as docs/settings.md says.")
        return
    yield Finding("settings", f"The settings can be read. The data folder is {settings.data_dir.absolute()}.")
    for look in OF_SETTINGS:
        yield look(settings)
    yield from _look_inside(settings)


def _look_inside(settings: Settings) -> Iterator[Finding]:
    try:
        log = open_log(settings)
    except LearningLogError as error:
        yield Finding("database", str(error), "Mend that first: the rest could not be looked at.")
        return
    try:
        known = tenants(log)
        if not known:
            yield Finding("database", "There is no organisation yet.", "Make one: whatmatters init --name NAME")
            return
        yield Finding("database", f"The database answers. It holds: {', '.join(known.values())}.")
        yield from check_audit(log)
        yield from check_rota(log)
        yield from check_capacity(log)
        yield check_worker(log, settings)
        yield check_themes(log, settings)
    finally:
        log.close()
