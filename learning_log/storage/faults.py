"""What a database may do to us, told apart: busy, away or full. Each has a sentence."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from learning_log.errors import DatabaseAway, DatabaseBusy, DatabaseFull, LearningLogError

BUSY_SECONDS = 30
BUSY = str(DatabaseBusy())

SQLITE_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
SQLITE_AWAY = ("SQLITE_CANTOPEN", "SQLITE_IOERR")
SQLITE_FULL = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")  # the second: no room to make the file that SQLite shares
POSTGRES_BUSY = {"55P03", "40P01", "40001"}  # a lock, a deadlock, two that changed the same
# Classes of codes: the line broke, it has run out of something, an operator or a crash ended it, its disk failed.
POSTGRES_AWAY = ("08", "53", "57P", "58")
POSTGRES_FULL = {"53100"}


def is_busy(error: Exception) -> bool:
    """Whether others were in the way, so that the same may well succeed later. Nothing was changed."""
    if isinstance(error, NoConnectionFree):
        return True
    return _of_sqlite(error, SQLITE_BUSY) or _of_postgres(error) in POSTGRES_BUSY


def is_away(error: Exception) -> bool:
    """Whether the database cannot be reached, so that the same may well succeed once it can.

    What was being committed at that moment may be there, or not.
    """
    if is_full(error):
        return False
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return _of_sqlite(error, SQLITE_AWAY) or _of_postgres(error).startswith(POSTGRES_AWAY) or _never_reached(error)


def is_full(error: Exception) -> bool:
    """Whether there was no room left on the disk. Nothing was changed."""
    return _of_sqlite(error, SQLITE_FULL) or _of_postgres(error) in POSTGRES_FULL


def is_lost(error: Exception) -> bool:
    """Whether the database itself was in the way (busy, gone, full), and not what was asked of it."""
    return is_busy(error) or is_full(error) or is_away(error)


def in_words(error: Exception) -> LearningLogError | None:
    """The same as a sentence for people; none for what is no fault of the database."""
    for is_it, kind in ((is_busy, DatabaseBusy), (is_full, DatabaseFull), (is_away, DatabaseAway)):
        if is_it(error):
            return kind()
    return None


def _of_sqlite(error: Exception, codes: tuple[str, ...]) -> bool:
    orig = error.orig if isinstance(error, DBAPIError) else None
    return (getattr(orig, "sqlite_errorname", "") or "").startswith(codes)


def _of_postgres(error: Exception) -> str:
    orig = error.orig if isinstance(error, DBAPIError) else None
    return getattr(orig, "sqlstate", None) or ""


def _never_reached(error: Exception) -> bool:
    """psycopg has no code for a connection that was refused, timed out or broke."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", "not psycopg") is None
