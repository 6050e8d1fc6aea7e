"""The worker's logs: as everywhere, and without what python-telegram-bot says about reading updates raw."""

from __future__ import annotations

import warnings

from telegram.warnings import PTBUserWarning

from learning_log import logs
from learning_log.settings import Settings


def set_up(settings: Settings) -> None:
    logs.set_up(settings)
    # bot/polling.py wants the updates raw, so that one that cannot be read does not stop the others.
    warnings.filterwarnings("ignore", message=".*do_api_request.*getUpdates.*", category=PTBUserWarning)
