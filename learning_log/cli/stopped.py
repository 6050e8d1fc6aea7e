"""Some commands need What Matters to be stopped."""

from __future__ import annotations

from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, select

from learning_log.clock import utc_now
from learning_log.errors import DatabaseDamaged, DatabaseMissing, SettingsWrong
from learning_log.services.delivery import SEEN_WITHIN
from learning_log.settings import Settings
from learning_log.storage.database import Database
from learning_log.storage.tables import Channel


def refuse_while_running(settings: Settings) -> None:
    """Raises SettingsWrong if a worker was seen lately: it would go on with other keys or rows than are there then.

    A database that is not there, or cannot be read, has no worker.
    """
    database = Database(settings.url_of_database)
    try:
        with database.read(None) as session:
            seen = session.exec(select(col(Channel.seen_at))).all() if _has_tables(database) else []
    except (DatabaseDamaged, DatabaseError):
        return
    finally:
        database.close()
    if any(utc_now() - moment < SEEN_WITHIN for moment in seen):
        raise SettingsWrong(
            "What Matters is running, or was until 2 minutes ago. Nothing was changed. Stop it, wait, try again."
        )


def _has_tables(database: Database) -> bool:
    try:
        return database.revision() is not None and inspect(database.engine).has_table("channel")
    except DatabaseMissing:
        return False
