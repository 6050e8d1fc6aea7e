"""whatmatters left."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from learning_log.cli.app import app
from learning_log.cli.opening import Organisation, opened
from learning_log.cli.output import AsJson, as_json, say
from learning_log.services import organisation as services


@app.command("left")
def left(
    name: Annotated[str, typer.Argument(help="A person supported or a member of staff: name or reference.")],
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From which day. Without it: today.")
    ] = None,
    back: Annotated[bool, typer.Option("--back", help="They are here again, or never left.")] = False,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Say that somebody has left. A person is asked no more; a member of staff cannot sign in any more.

    What they said stays. Somebody who wants to be forgotten says so in the chat.

    Example: whatmatters left "Sam Example" --on 2026-03-31
    """
    with opened(organisation) as here, here.write() as records:
        somebody = services.find_anybody(records, name)
        day = None if back else on.date() if on else records.now.date()
        services.leave(records, somebody, day)
        if json:
            as_json({"kind": somebody.__tablename__, "id": somebody.id, "left_on": day})
        else:
            known = records.text(somebody, "name")
            say(f"{known} is here." if day is None else f"{known} left, from {day.isoformat()} on.")
