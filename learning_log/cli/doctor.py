"""whatmatters doctor: says what is stuck, and mends it when asked to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from learning_log.cli.app import app
from learning_log.cli.output import AsJson, as_json, say
from learning_log.services import doctoring
from learning_log.services.doctoring import Finding
from learning_log.settings import read_settings
from learning_log.storage.records import open_log

SHOWN = 20


@app.command()
def doctor(
    mend: Annotated[
        bool, typer.Option("--mend", help="Mend what can be mended. Without it nothing is changed.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Say what is stuck: messages, questions, worries, channels. Over all organisations.

    Says how many, and what --mend does or what a person has to do. Ends with 1 if anything is stuck.

    Example: whatmatters doctor --mend
    """
    log = open_log(read_settings())
    try:
        mended = doctoring.mend(log) if mend else {}
        found = doctoring.look(log)
    finally:
        log.close()
    stuck = any(finding.stuck for finding in found)
    if json:
        as_json({"ok": not stuck, "mended": mended, "findings": [_as_data(finding) for finding in found]})
    else:
        _tell(mended, found)
    if stuck:
        raise typer.Exit(1)


def _tell(mended: dict[str, int], found: Sequence[Finding]) -> None:
    for name, count in mended.items():
        say(f"MENDED {name}: {count:,}")
    for finding in found:
        say(f"{'STUCK ' if finding.stuck else 'note  '} {finding.name}: {finding.said}")
        say(f"       {finding.then}")
        for detail in finding.details[:SHOWN]:
            say(f"       {detail.id}  {detail.at:%Y-%m-%d %H:%M} UTC  {detail.trouble}")
        if len(finding.details) > SHOWN:
            say(f"       and {len(finding.details) - SHOWN:,} more: whatmatters doctor --json")
    if not any(finding.stuck for finding in found):
        say("ok     Nothing is stuck.")


def _as_data(finding: Finding) -> dict[str, object]:
    return {**vars(finding), "details": [vars(detail) for detail in finding.details]}
