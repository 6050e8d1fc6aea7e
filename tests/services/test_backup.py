"""A copy of the database, and the way back."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select

from learning_log.errors import (
    AlreadyThere,
    DatabaseDamaged,
    DatabaseMissing,
    DatabaseNewer,
    NotFound,
    SettingsWrong,
    WrongKey,
)
from learning_log.services.organisation import add_provider
from learning_log.settings import Settings
from learning_log.storage.backup import back_up, restore
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.guarding import unguarded
from learning_log.storage.keys import make_keys, new_keyring
from learning_log.storage.records import LearningLog, open_log
from learning_log.storage.tables import Provider
from tests.databases import postgres_programs


@pytest.fixture(autouse=True)
def postgres_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{postgres_programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "safe" / "log.backup"


def names(log: LearningLog, tenant: UUID) -> list[str]:
    with log.read(tenant) as records:
        return [records.text(provider, "name") for provider in records.all(select(Provider))]


def add(log: LearningLog, tenant: UUID, name: str) -> None:
    with log.write(tenant) as records:
        add_provider(records, name)


def test_a_backup_brings_back_what_was_there(log: LearningLog, tenant: UUID, settings: Settings, file: Path) -> None:
    add(log, tenant, "Riverside Care")
    size = back_up(settings.url_of_database, file)
    assert size == file.stat().st_size > 0
    add(log, tenant, "Added later")
    log.close()
    restore(settings.url_of_database, file, log.vault, over=True)
    again = open_log(settings)
    assert names(again, tenant) == ["Riverside Care"]
    again.close()


def test_a_backup_from_before_an_upgrade_is_brought_back_and_up_to_date(
    log: LearningLog, tenant: UUID, settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(log, tenant, "Riverside Care")
    with log.database.writing() as connection:
        connection.execute(text("DROP TABLE reflection_meaning"))  # as the schema was before 0004
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    with monkeypatch.context() as then:
        then.setattr(Database, "check", lambda self: None)  # the program of that time found its own schema
        back_up(settings.url_of_database, file)
    log.database.upgrade()
    add(log, tenant, "Added after the upgrade")
    log.close()
    restore(settings.url_of_database, file, log.vault, over=True)
    again = open_log(settings)
    assert names(again, tenant) == ["Riverside Care"]
    with again.database.reading() as connection:
        assert unguarded(connection) == []
        assert connection.execute(text("SELECT count(*) FROM reflection_meaning")).scalar() == 0
    again.close()


def test_tenants_are_kept_apart_in_what_was_brought_back(
    log: LearningLog, tenant: UUID, other_tenant: UUID, settings: Settings, file: Path
) -> None:
    add(log, tenant, "Riverside Care")
    add(log, other_tenant, "Hillside Care")
    back_up(settings.url_of_database, file)
    log.close()
    restore(settings.url_of_database, file, log.vault, over=True)
    again = open_log(settings)
    with again.database.reading() as connection:
        assert unguarded(connection) == []
    assert names(again, tenant) == ["Riverside Care"]
    assert names(again, other_tenant) == ["Hillside Care"]
    again.close()


def test_a_backup_holds_no_keys_and_no_words_and_is_private(
    log: LearningLog, tenant: UUID, settings: Settings, file: Path
) -> None:
    add(log, tenant, "Riverside Care")
    back_up(settings.url_of_database, file)
    content = file.read_bytes()
    assert b"Riverside" not in content
    for key in log.vault.keyring.data.values():
        assert key not in content
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["log.backup"]


def test_records_are_not_written_over_unless_told_to(
    log: LearningLog, tenant: UUID, settings: Settings, file: Path
) -> None:
    back_up(settings.url_of_database, file)
    restore(settings.url_of_database, file, log.vault)  # only an empty organisation was there
    add(log, tenant, "Riverside Care")
    with pytest.raises(AlreadyThere, match="--over"):
        restore(settings.url_of_database, file, log.vault)
    assert names(log, tenant) == ["Riverside Care"]


def test_an_earlier_backup_is_not_written_over_unless_told_to(
    log: LearningLog, tenant: UUID, settings: Settings, file: Path
) -> None:
    back_up(settings.url_of_database, file)
    with pytest.raises(AlreadyThere, match="Nothing was written"):
        back_up(settings.url_of_database, file)
    back_up(settings.url_of_database, file, over=True)


def test_what_is_no_backup_is_refused(log: LearningLog, settings: Settings, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear")
    with pytest.raises(SettingsWrong, match="is not a backup"):
        restore(settings.url_of_database, letter, log.vault)
    with pytest.raises(NotFound, match="There is no file"):
        restore(settings.url_of_database, tmp_path / "nowhere", log.vault)
    other = tmp_path / "other"
    other.write_bytes(b"PGDMP" if settings.database_url.startswith("sqlite") else b"SQLite format 3\0")
    with pytest.raises(SettingsWrong, match="To move between them use: whatmatters export"):
        restore(settings.url_of_database, other, log.vault)


def test_a_damaged_backup_replaces_nothing(log: LearningLog, tenant: UUID, settings: Settings, file: Path) -> None:
    add(log, tenant, "Riverside Care")
    back_up(settings.url_of_database, file)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(SettingsWrong):
        restore(settings.url_of_database, file, log.vault, over=True)
    assert names(log, tenant) == ["Riverside Care"]


def test_a_backup_of_another_key_replaces_nothing(
    log: LearningLog, tenant: UUID, settings: Settings, file: Path
) -> None:
    add(log, tenant, "Riverside Care")
    back_up(settings.url_of_database, file)
    add(log, tenant, "Added later")
    with pytest.raises(WrongKey, match=r"another key. Nothing was restored"):
        restore(settings.url_of_database, file, Vault(new_keyring()), over=True)
    assert sorted(names(log, tenant)) == ["Added later", "Riverside Care"]


def test_a_damaged_database_is_moved_aside_for_a_whole_backup(
    log: LearningLog, tenant: UUID, settings: Settings, file: Path
) -> None:
    add(log, tenant, "Riverside Care")
    back_up(settings.url_of_database, file)
    log.close()
    if not log.database.is_sqlite:  # a server looks after its own files
        assert restore(settings.url_of_database, file, log.vault, over=True) is None
        return
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    rubbish = b"this was a database once" * 100
    for number in (1, 2):
        path.write_bytes(rubbish)
        damaged_backup = file.with_name("half.backup")
        damaged_backup.write_bytes(file.read_bytes()[:5000])
        with pytest.raises(SettingsWrong, match=r"half.backup"):
            restore(settings.url_of_database, damaged_backup, log.vault)
        assert path.read_bytes() == rubbish
        with pytest.raises(DatabaseDamaged, match="whatmatters restore FILE"):
            open_log(settings)
        aside = restore(settings.url_of_database, file, log.vault)
        assert aside == path.with_name(f"{path.name}.damaged-{number}")
        assert aside.read_bytes() == rubbish
        again = open_log(settings)
        assert names(again, tenant) == ["Riverside Care"]
        again.close()


def test_there_is_nothing_to_back_up_before_init(empty_database_url: str, file: Path) -> None:
    with pytest.raises(DatabaseMissing):
        back_up(empty_database_url, file)
    assert not file.exists()


def test_without_the_client_of_postgresql_it_says_what_to_install(
    settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    if settings.database_url.startswith("sqlite"):
        assert back_up(settings.url_of_database, file) > 0
    else:
        with pytest.raises(SettingsWrong, match="postgresql-client"):
            back_up(settings.url_of_database, file)


def test_a_database_of_a_newer_program_is_left_alone(settings: Settings, file: Path) -> None:
    database = Database(settings.url_of_database)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    for refused in (
        lambda: open_log(settings),
        lambda: Database(settings.url_of_database).upgrade(),
        lambda: back_up(settings.url_of_database, file),
    ):
        with pytest.raises(DatabaseNewer, match=r"newer What Matters. Update the program"):
            refused()


def test_another_key_is_said_at_once(log: LearningLog, tenant: UUID, settings: Settings) -> None:
    settings.path_of_keys.unlink()
    make_keys(settings.path_of_keys)
    with pytest.raises(WrongKey, match=r"another key. Put the right key file back"):
        open_log(settings)
