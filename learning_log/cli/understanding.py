"""whatmatters understand: finds what people's words are about, as they come."""

from __future__ import annotations

import os
import signal
import sys
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from learning_log.cli.app import app
from learning_log.cli.output import AsJson, as_json, say, warn
from learning_log.errors import LearningLogError
from learning_log.logs import set_up
from learning_log.settings import Settings, read_settings
from learning_log.storage.records import open_log

if TYPE_CHECKING:
    from learning_log.analysis.encoder import Encoder

POLITE = 10  # others go first: people wait for answers and pages, and not for themes


@app.command()
def understand(
    once: Annotated[bool, typer.Option("--once", help="Look once at what is new, and end.")] = False,
    json: AsJson = False,
) -> None:
    """Find what people's words are about, as they come, until it is ended. `whatmatters serve` starts it too.

    One such process is enough. It can be ended at any moment: what was not placed by then waits.

    Example: whatmatters understand --once
    """
    # Loaded only here: the theme finder takes seconds to load, and other commands do without.
    from learning_log.services import understanding

    settings = read_settings()
    log = open_log(settings)
    try:
        set_up(settings)
        if once:
            with understanding.alone(log):
                looked_at = understanding.look(log, encoder_of(settings))
            as_json({"reflections": looked_at}) if json else say(f"Looked at {looked_at:,} reflections.")
            return
        os.nice(POLITE)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: sys.exit(0))
        understanding.serve(log, encoder_of(settings), Event())
    finally:
        log.close()


def encoder_of(settings: Settings) -> Encoder | None:
    """The installed model; says so when there is none that can be used."""
    from learning_log.services.meanings import encoder_in

    try:
        found = encoder_in(settings.models_dir)
    except LearningLogError as error:
        warn(f"{error} Themes go on without the model.")
        return None
    except OSError as error:
        warn(f"The model cannot be read ({error.strerror}). Themes go on without it. See: whatmatters models show")
        return None
    if found is None:
        warn(
            "The model is not installed: themes are found by the words that texts share. "
            "Where they were found with it, new answers wait. See: whatmatters models show"
        )
    return found
