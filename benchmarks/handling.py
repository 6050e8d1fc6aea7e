"""Replies handled for good (kept, answered, reflection and outbox in one commit) against bare commits of SQLite.

The rival writes one row of the same words in each commit, with the same full synchronisation, and does nothing else:
no program that keeps one reply a commit can be faster on this disk.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.row import HEADS, Row, against
from benchmarks.table import table
from bot import inbox
from bot.channels.channel import Channel, Incoming
from bot.channels.webchat.channel import WebChat
from bot.handling import Handling
from learning_log.services import joining, organisation
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import new_keyring
from learning_log.storage.records import LearningLog

REPLIES = 200
ROUNDS = 5
WORDS = "The bus was late again and nobody told me (invented)."


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, help="also write the row to this file")


def run(chosen: argparse.Namespace) -> int:
    row = measured()
    print(table(HEADS, [row.cells()]))
    if chosen.json:
        chosen.json.write_text(json.dumps([row.as_dict()], indent=2) + "\n", encoding="utf-8")
    return 0


def measured() -> Row:
    with tempfile.TemporaryDirectory() as folder:
        ours = [_per_second(_handle(Path(folder) / f"{number}.db")) for number in range(ROUNDS)]
        rival = [_per_second(_commit(Path(folder) / f"raw{number}.db")) for number in range(ROUNDS)]
    return against("replies handled for good, one at a time", "replies/s", ours, rival, "one bare SQLite commit each")


def _per_second(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return REPLIES / (time.perf_counter() - start)


def _commit(path: Path) -> Callable[[], None]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE said (id INTEGER PRIMARY KEY, words TEXT)")

    def work() -> None:
        for _ in range(REPLIES):
            connection.execute("INSERT INTO said (words) VALUES (?)", (WORDS,))

    return work


def _handle(path: Path) -> Callable[[], None]:
    log = _log(path)
    channel = WebChat()
    channels: dict[str, Channel] = {channel.name: channel}

    async def at_once(work: Callable[..., Any], *args: Any) -> Any:
        return work(*args)

    handling = Handling(log, channels, at_once, "")

    def hear(key: str, body: dict[str, Any]) -> None:
        inbox.keep(log, channel.name, [Incoming(key, "one-chat", body)])
        asyncio.run(handling.handle_some())

    _join(log, hear)

    def work() -> None:
        for number in range(REPLIES):
            hear(f"reply-{number}", {"kind": "words", "words": WORDS})

    return work


def _log(path: Path) -> LearningLog:
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    return LearningLog(database, Vault(new_keyring()))


def _join(log: LearningLog, hear: Callable[[str, dict[str, Any]], None]) -> None:
    with log.write() as records:
        tenant = organisation.new_tenant(records, "Invented", invented=True).id
    with log.write(tenant) as records:
        provider = organisation.add_provider(records, "Invented Support")
        service = organisation.add_service(records, "Invented Living", provider)
        person = organisation.add_person(records, "Ada Invented", organisation.add_team(records, "Elm", service))
        code = joining.invite(records, person_id=person.id)
    hear("start", {"kind": "start", "code": code})
    for answer in ("Yes, I want to", "Yes, count mine", "Every day", "Morning, 10:00"):
        hear(f"join-{answer}", {"kind": "words", "words": answer})
