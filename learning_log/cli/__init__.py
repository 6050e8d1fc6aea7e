"""whatmatters: the command line. One module for each group of commands, in the order of `whatmatters --help`."""

from learning_log.cli import (  # noqa: F401  # isort: skip  (each adds its commands to the app)
    setting_up,
    adding,
    leaving,
    moving,
    listing,
    inviting,
    checking,
    wording,
    doctor,
    taking_in,
    taking_out,
    my_data,
    keys,
    models,
    themes,
    proposals,
    feelings,
    understanding,
    serving,
    demo,
)
from learning_log.cli.app import app, main

__all__ = ["app", "main"]
