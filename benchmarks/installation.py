"""One invented installation: keys, a configuration of its own, a database, and the settings of its worker."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import make_keys
from learning_log.storage.records import LearningLog

ROOT = Path(__file__).parents[1]
TOKEN = "7000000001:invented-token-for-tests-of-what-works"
SECRET = "an-invented-secret"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Installation:
    """folder: of its keys, configuration and logs. telegram: the base address of the Bot API server, ending in /bot."""

    folder: Path
    url: str
    telegram: str
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(ROOT / "config", self.folder / "config")
        self.vault = Vault(make_keys(self.folder / "keys.json"))

    @property
    def settings(self) -> dict[str, str]:
        return {
            "WHATMATTERS_DATA_DIR": str(self.folder),
            "WHATMATTERS_CONFIG_DIR": str(self.folder / "config"),
            "WHATMATTERS_DATABASE_URL": self.url,
            "WHATMATTERS_TELEGRAM_TOKEN": TOKEN,
            "WHATMATTERS_TELEGRAM_BASE_URL": self.telegram,
            "WHATMATTERS_CHAT_PORT": str(self.port),
            "WHATMATTERS_LOG_LEVEL": "WARNING",
            **self.more,
        }

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WHATMATTERS_")}
        return {**clean, **self.settings, "PYTHONUNBUFFERED": "1"}

    @property
    def healthz(self) -> str:
        return f"http://127.0.0.1:{self.port}/healthz"

    def by_webhook(self) -> None:
        address = f"http://127.0.0.1:{self.port}/telegram"
        self.more |= {"WHATMATTERS_TELEGRAM_WEBHOOK_URL": address, "WHATMATTERS_TELEGRAM_WEBHOOK_SECRET": SECRET}

    def log(self) -> LearningLog:
        """The learning log of this installation, open beside its worker."""
        return LearningLog(Database(self.url), self.vault)

    def change(self, name: str, old: str, new: str) -> None:
        """Changes one line of a file in its configuration; an error when the line is not there."""
        path = self.folder / "config" / f"{name}.toml"
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"config/{name}.toml has no {old!r}")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def lift_pace(self) -> None:
        """As much as the worker can: what the channel allows is another row's question."""
        self.change("defaults", "per_second = 30", "per_second = 100000")
        self.change("defaults", "per_chat_seconds = 1.0", "per_chat_seconds = 0.0")

    def answer_once(self) -> None:
        """One message in answer to each, as an echo has it: shipped are two, "I have kept that" and a question."""
        answer = 'direction = "other" }]\nsay = ["reflecting.kept"]\nnext = "direction"'
        self.change("dialogues/telling", answer, answer.replace('["reflecting.kept"]', "[]"))


def python(*words: str) -> list[str]:
    return [sys.executable, *words]
