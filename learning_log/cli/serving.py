"""whatmatters serve: the worker with its chats, the sense-making app, and what finds themes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from learning_log import config
from learning_log.cli.app import app
from learning_log.cli.output import say
from learning_log.cli.processes import check_port_is_free, programs
from learning_log.errors import SettingsWrong
from learning_log.settings import Settings, read_settings
from learning_log.storage.records import open_log


@app.command()
def serve() -> None:
    """Start the bot with its web chat, the sense-making app, and what finds themes. Ctrl-C ends all.

    Example: whatmatters serve
    """
    settings = read_settings()
    open_log(settings).close()
    run(settings, lambda: _announce(settings))


def run(settings: Settings, ready: Callable[[], None]) -> None:
    """All programs, until they are ended. Calls `ready` when the chat and the app answer."""
    check_ports(settings)
    chat = f"http://{_reached(settings.chat_host)}:{settings.chat_port}/healthz"
    page = f"http://{_reached(settings.app_host)}:{settings.app_port}/_stcore/health"
    environment, home = environment_of(settings), _home()
    say("Starting …")
    with programs() as running:
        running.start("worker", [sys.executable, "-m", "bot"], environment, home)
        running.start("app", _streamlit(settings, home), environment, home)
        running.start("finder of themes", [sys.executable, "-m", "learning_log", "understand"], environment, home)
        running.wait([chat, page], ready)
        say("Ending …")
    say("Ended. Everything is kept.")


def check_ports(settings: Settings) -> None:
    """Raises SettingsWrong when one is in use."""
    check_port_is_free(settings.chat_host, settings.chat_port, "WHATMATTERS_CHAT_PORT, or --chat-port of demo")
    check_port_is_free(settings.app_host, settings.app_port, "WHATMATTERS_APP_PORT, or --app-port of demo")


def environment_of(settings: Settings) -> dict[str, str]:
    """What the children read. They start in another folder, where a relative path would be another one."""
    ours = {
        "WHATMATTERS_DATA_DIR": str(settings.data_dir.absolute()),
        "WHATMATTERS_KEY_FILE": str(settings.path_of_keys.absolute()),
        "WHATMATTERS_DATABASE_URL": _absolute(settings.url_of_database),
        "WHATMATTERS_CONFIG_DIR": str(config.folder().absolute()),
        "WHATMATTERS_MODELS_DIR": str(settings.models_dir.absolute()),
        "WHATMATTERS_CHAT_HOST": settings.chat_host,
        "WHATMATTERS_CHAT_PORT": str(settings.chat_port),
        "WHATMATTERS_APP_HOST": settings.app_host,
        "WHATMATTERS_APP_PORT": str(settings.app_port),
        "WHATMATTERS_TELEGRAM_TOKEN": settings.telegram_token.get_secret_value(),
        "PYTHONUNBUFFERED": "1",
    }
    return {"STREAMLIT_SERVER_ALLOWED_HOSTS": _hosts(settings), **os.environ, **ours}


def _hosts(settings: Settings) -> str:
    """The names that the app answers to, with spaces between: another name in a request is refused."""
    known = ["127.0.0.1", "localhost", "[::1]"]
    own = urlsplit(settings.address_of_app).hostname
    return " ".join(known if own is None or own in known else [*known, own])


def _absolute(url: str) -> str:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        parsed = parsed.set(database=str(Path(parsed.database).absolute()))
    return parsed.render_as_string(hide_password=False)


def _streamlit(settings: Settings, home: Path) -> list[str]:
    options = {
        "server.address": settings.app_host,
        "server.port": str(settings.app_port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "logger.hideWelcomeMessage": "true",  # the addresses are said once both answer
        "logger.level": "warning",
    }
    page = str(home / "sense_making_app" / "app.py")
    return [sys.executable, "-m", "streamlit", "run", page, *(f"--{name}={value}" for name, value in options.items())]


def _home() -> Path:
    """The folder that holds the packages, and the app's own configuration."""
    found = find_spec("sense_making_app")
    if found is None or found.origin is None:
        raise SettingsWrong("The sense-making app is not installed. Nothing was started. Install What Matters again.")
    return Path(found.origin).parents[1]


def _reached(host: str) -> str:
    """Where a server that listens everywhere answers on this machine."""
    named = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104  (nothing is bound here)
    return f"[{named}]" if ":" in named and not named.startswith("[") else named


def _announce(settings: Settings) -> None:
    say(f"Web chat:         {settings.address_of_chat}")
    say(f"Sense-making app: {settings.address_of_app}")
    say("Ctrl-C ends all.")
