"""Wakes the other workers of a PostgreSQL database: LISTEN and NOTIFY. What is missed is found by looking, a second
later. SQLite has one worker, which needs no waking."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from learning_log.storage.database import Database

logger = logging.getLogger(__name__)
NAME = "whatmatters"
LONGEST = 7000  # bytes: PostgreSQL takes 8,000
LOOK_SECONDS = 1.0


def ring(database: Database, words: Iterable[str]) -> None:
    """Tells all workers. words: what is new, such as the name of a channel; short, and never personal."""
    if database.is_sqlite:
        return
    try:
        with database.engine.begin() as connection:
            for together in _packed(words):
                connection.execute(text("SELECT pg_notify(:name, :words)"), {"name": NAME, "words": together})
    except DBAPIError as error:  # they look by themselves
        logger.info("nobody was woken", extra={"trouble": type(error).__name__})


def _packed(words: Iterable[str]) -> Iterable[str]:
    packed = ""
    for word in words:
        if packed and len(packed) + len(word) >= LONGEST:
            yield packed
            packed = ""
        packed = f"{packed} {word}".strip()
    if packed:
        yield packed


class Listening:
    """Hears what others ring, in a thread of its own, until it is closed."""

    def __init__(self, database: Database, heard: Callable[[list[str]], None]) -> None:
        """heard: is called in the listening thread with the words of one ring."""
        self._database, self._heard = database, heard
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="bell", daemon=True)
        if not database.is_sqlite:
            self._thread.start()

    def wait_a_moment(self, seconds: float) -> None:
        """Until it is closed, or for so long."""
        self._closed.wait(seconds)

    def close(self) -> None:
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                self._hear()
            except (psycopg.Error, DBAPIError) as error:
                logger.info("not listening", extra={"trouble": type(error).__name__})
                self.wait_a_moment(LOOK_SECONDS)

    def _hear(self) -> None:
        url = self._database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"LISTEN {NAME}")
            while not self._closed.is_set():
                for told in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
                    self._heard(told.payload.split())
