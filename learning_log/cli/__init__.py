"""whatmatters: the command line. One module for each group of commands, in the order of `whatmatters --help`."""

from learning_log.cli import setting_up, adding, listing, inviting, checking  # isort: skip
from learning_log.cli.app import app, main

__all__ = ["adding", "app", "checking", "inviting", "listing", "main", "setting_up"]
