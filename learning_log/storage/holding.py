"""A name that one process holds at a time. The hold ends with the process, however it ends."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from learning_log.storage.database import Database


class Hold(Protocol):
    def is_held(self) -> bool:
        """Whether it is still ours: a database that went away has given it to others."""

    def release(self) -> None: ...


def take_hold(database: Database, name: str) -> Hold | None:
    """None while another process has it.

    SQLite: a lock of the operating system on a file beside the database. PostgreSQL: an advisory lock of a connection
    of our own; the server gives it back as soon as the connection ends. It does not work through a pooler that
    shares connections between transactions.
    """
    if database.is_sqlite:
        return _HeldFile.take(Path(f"{database.engine.url.database}.{_plain(name)}.held"))
    return _HeldLock.take(database, name)


class _HeldFile:
    def __init__(self, opened: IO[bytes]) -> None:
        self._opened = opened

    @classmethod
    def take(cls, path: Path) -> _HeldFile | None:
        opened = path.open("ab")
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            opened.close()
            return None
        return cls(opened)

    def is_held(self) -> bool:
        return not self._opened.closed

    def release(self) -> None:
        self._opened.close()


class _HeldLock:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    def take(cls, database: Database, name: str) -> _HeldLock | None:
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            number = int.from_bytes(hashlib.sha256(f"whatmatters:{name}".encode()).digest()[:8], "big", signed=True)
            if connection.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}).scalar():
                return cls(connection)
        except DBAPIError:
            connection.invalidate()
            raise
        connection.close()
        return None

    def is_held(self) -> bool:
        try:
            return bool(self._connection.execute(text("SELECT true")).scalar())
        except DBAPIError:
            return False

    def release(self) -> None:
        """Ends the connection: one that went back to the pool would keep the lock."""
        self._connection.invalidate()
        self._connection.close()


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)
