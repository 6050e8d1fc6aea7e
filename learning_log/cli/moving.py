"""whatmatters zone."""

from __future__ import annotations

from typing import Annotated

import typer

from learning_log.cli.app import app
from learning_log.cli.opening import Organisation, opened
from learning_log.cli.output import AsJson, as_json, say
from learning_log.services import organisation as services
from learning_log.services import pacing


@app.command("zone")
def zone(
    name: Annotated[str, typer.Argument(help="A person supported or a member of staff: name or reference.")],
    zone: Annotated[str, typer.Argument(help="Where they live now, such as Europe/London.")],
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Say that somebody lives by another clock. They are asked at the same local time there.

    Example: whatmatters zone "Sam Example" Europe/Dublin
    """
    with opened(organisation) as here, here.write() as records:
        somebody = services.find_anybody(records, name)
        asked_at = pacing.move_to_zone(records, somebody, zone)
        if json:
            as_json({"kind": somebody.__tablename__, "id": somebody.id, "zone": zone, "next_due_at": asked_at})
        else:
            say(f"{records.text(somebody, 'name')} lives by the clock of {zone}.")
