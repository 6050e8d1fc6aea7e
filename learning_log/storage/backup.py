"""Copies the database to a file and back. Words stay sealed in it, and the keys never go in."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlalchemy import URL, inspect, select
from sqlmodel import SQLModel, col

from learning_log.errors import AlreadyThere, DatabaseMissing, NotFound, SettingsWrong, WrongKey
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.guarding import EVERY_TENANT, TENANT_SETTING
from learning_log.storage.tables import Tenant

SQLITE_MAGIC, POSTGRES_MAGIC = b"SQLite format 3\0", b"PGDMP"
# What `init` and the worker write by themselves: nobody's work is lost with it.
NOT_COUNTED = {"tenant", "channel"}
SQLITE_FILES = ("", "-wal", "-shm")  # the database, and what belongs to it


def back_up(url: str, file: Path, over: bool = False) -> int:
    """Writes a copy that is consistent although others write meanwhile. Returns its size in bytes.

    Raises AlreadyThere rather than writing over a file, unless told to.
    """
    if file.exists() and not over:
        raise AlreadyThere(f"There is a file {file} already. Nothing was written. Choose another name, or use --over.")
    database = Database(url)
    try:
        database.check()
        file.absolute().parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(file.name + ".new")
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            if database.is_sqlite:
                _copy_sqlite(_path(database), beside)
            else:
                # Without the option pg_dump refuses tables whose rows are guarded: see guarding.py and _environment.
                options = ("--format=custom", "--no-owner", "--enable-row-security")
                _run_postgres("pg_dump", database.engine.url, *options, f"--file={beside}")
            os.replace(beside, file)
        finally:
            beside.unlink(missing_ok=True)
    finally:
        database.close()
    return file.stat().st_size


def restore(url: str, file: Path, vault: Vault, over: bool = False) -> Path | None:
    """Brings a backup back, and up to date. Returns where a damaged database was moved to, if there was one.

    Refuses a database that holds records, unless told to replace it. Raises WrongKey, before anything is replaced, for
    a backup that these keys do not open.
    """
    _recognise(file, is_sqlite=url.startswith("sqlite"))
    database = Database(url)
    aside = None
    try:
        damaged = database.is_sqlite and _is_damaged(_path(database))
        if not over and not damaged and _holds_records(database):
            raise AlreadyThere(
                "The database holds records already. Nothing was restored. To replace them all use --over."
            )
        if database.is_sqlite:
            aside = _restore_sqlite(database, file, vault, damaged)
        else:
            _try_key_of_postgres(database.engine.url, file, vault)
            _restore_postgres(database, file)
        database.upgrade()
    finally:
        database.close()
    return aside


def _recognise(file: Path, is_sqlite: bool) -> None:
    if not file.is_file():
        raise NotFound(f"There is no file {file}. Nothing was restored.")
    with file.open("rb") as opened:
        start = opened.read(16)
    kinds = {SQLITE_MAGIC: True, POSTGRES_MAGIC: False}
    found = next((kind for magic, kind in kinds.items() if start.startswith(magic)), None)
    if found is None:
        raise SettingsWrong(f"{file} is not a backup. Nothing was restored.")
    if found is not is_sqlite:
        of, here = ("SQLite", "PostgreSQL") if found else ("PostgreSQL", "SQLite")
        raise SettingsWrong(
            f"{file} is a backup of {of}, and this database is {here}. Nothing was restored. "
            "To move between them use: whatmatters export, and whatmatters import"
        )


def _holds_records(database: Database) -> bool:
    try:
        if database.revision() is None:
            return False
    except DatabaseMissing:
        return False
    there = set(inspect(database.engine).get_table_names())
    with database.reading() as connection:
        return any(
            connection.execute(select(table.c.id).limit(1)).first() is not None
            for table in SQLModel.metadata.sorted_tables
            if table.name in there - NOT_COUNTED
        )


def _restore_sqlite(database: Database, file: Path, vault: Vault, damaged: bool) -> Path | None:
    """Checks a copy of the file first: the database is replaced by something whole, or not at all."""
    path = _path(database)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".restoring")
    try:
        _copy_sqlite(file, beside)
        checked = Database(f"sqlite:///{beside}")
        try:
            checked.upgrade()  # refuses one that is newer than the program
            _try_key_of_sqlite(checked, vault)
        finally:
            checked.close()
        database.engine.dispose()
        aside = _move_aside(path) if damaged else None
        _copy_sqlite(beside, path)
        os.chmod(path, 0o600)
    finally:
        for ending in SQLITE_FILES:
            beside.with_name(beside.name + ending).unlink(missing_ok=True)
    return aside


def _restore_postgres(database: Database, file: Path) -> None:
    """In one transaction, with the tables dropped that are newer than the backup: they point to what is replaced."""
    url = database.engine.url
    listed = _run_postgres("pg_restore", url, "--list", str(file))
    there = inspect(database.engine).get_table_names()
    newer = [name for name in there if name in SQLModel.metadata.tables and f" TABLE public {name} " not in listed]
    cleanly = ("--clean", "--if-exists", "--no-owner")
    if not newer:
        whole = ("--single-transaction", "--exit-on-error", f"--dbname={url.database}")
        _run_postgres("pg_restore", url, *cleanly, *whole, str(file))
        return
    with TemporaryDirectory() as room:
        before, script = Path(room) / "before.sql", Path(room) / "restore.sql"
        before.write_text("".join(f'DROP TABLE "{name}" CASCADE;\n' for name in newer), encoding="utf-8")
        _run_postgres("pg_restore", url, *cleanly, f"--file={script}", str(file))
        options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        _run_postgres("psql", url, *options, f"--file={before}", f"--file={script}")


def _is_damaged(path: Path) -> bool:
    if not path.is_file() or not path.stat().st_size:
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as reading:
            return bool(reading.execute("PRAGMA quick_check").fetchone() != ("ok",))
    except sqlite3.OperationalError as error:  # such as a file that may not be read, which may well be whole
        raise SettingsWrong(f"{path} cannot be looked at: {error}. Nothing was restored.") from error
    except sqlite3.DatabaseError:
        return True


def _move_aside(path: Path) -> Path:
    """Something may still be got out of it, so it is kept with what belongs to it."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for ending in SQLITE_FILES:
        part = path.with_name(path.name + ending)
        if part.exists():
            os.replace(part, aside.with_name(aside.name + ending))
    return aside


def _try_key_of_sqlite(checked: Database, vault: Vault) -> None:
    with checked.reading() as connection:
        found = connection.execute(select(col(Tenant.id), col(Tenant.name_sealed))).all()
    for tenant, sealed in found:
        _try_key(vault, tenant, sealed)


def _try_key_of_postgres(url: URL, file: Path, vault: Vault) -> None:
    """Reads the names of organisations off the backup, which would else be known only when all was replaced."""
    said = _run_postgres("pg_restore", url, "--data-only", "--table=tenant", "--file=-", str(file))
    columns: list[str] = []
    for line in said.splitlines():
        if line == "\\.":
            return
        if columns:
            row = dict(zip(columns, line.split("\t"), strict=True))
            sealed = row["name_sealed"]
            _try_key(vault, UUID(row["id"]), None if sealed == "\\N" else bytes.fromhex(sealed.removeprefix("\\\\x")))
        elif line.startswith("COPY "):
            columns = line[line.index("(") + 1 : line.index(")")].split(", ")


def _try_key(vault: Vault, tenant: UUID, sealed: bytes | None) -> None:
    if sealed is None:
        return
    try:
        vault.open(tenant, "tenant", "name", tenant, sealed)
    except WrongKey as error:
        raise WrongKey(
            "This backup was made with another key. Nothing was restored. Put the key file of that time back first."
        ) from error


def _copy_sqlite(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as reading,
        closing(sqlite3.connect(target, timeout=30)) as writing,
    ):
        try:
            reading.backup(writing)
            if writing.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise SettingsWrong(f"{source} is damaged. Nothing was replaced.")
        except sqlite3.DatabaseError as error:
            raise SettingsWrong(f"{source} cannot be copied to {target}: {error}. Nothing was replaced.") from error


def _path(database: Database) -> Path:
    return Path(database.engine.url.database or "")


def _run_postgres(program: str, url: URL, *arguments: str) -> str:
    """Returns what the program printed."""
    found = shutil.which(program)
    if found is None:
        raise SettingsWrong(
            f"{program} is not on this machine, and PostgreSQL is copied with it. Nothing was changed. "
            "Install the client of your PostgreSQL (on Debian: postgresql-client)."
        )
    ran = subprocess.run(  # noqa: S603  (the arguments are ours)
        [found, *arguments], env=_environment(url), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise SettingsWrong(f"{program} said: {last}. Nothing was changed.")
    return ran.stdout


def _environment(url: URL) -> dict[str, str]:
    """How to reach the server. The password stays off the command line, where other users could read it."""
    options = (url.query.get("options"), os.environ.get("PGOPTIONS"), f"-c {TENANT_SETTING}={EVERY_TENANT}")
    said = {
        "PGOPTIONS": " ".join(str(option) for option in options if option),
        "PGHOST": url.query.get("host") or url.host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
    }
    return {**os.environ, **{name: str(value) for name, value in said.items() if value}}
