"""A new key for everything, and nothing readable in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from learning_log.errors import KeyMissing, SettingsWrong, WrongKey
from learning_log.services import auditing
from learning_log.services.exporting import export
from learning_log.services.importing import import_reflections
from learning_log.services.organisation import (
    add_person,
    add_provider,
    add_service,
    add_staff,
    add_team,
    find_person,
)
from learning_log.settings import Settings
from learning_log.storage.keys import read_keys, save_keys
from learning_log.storage.records import LearningLog, open_log
from learning_log.storage.rotation import rotate, sealed_tables
from learning_log.storage.tables import Provider
from learning_log.storage.tables.row import SEALED
from tests.services.everything import fill


def quiet(done: int, total: int) -> None:
    assert done <= total


def raw(log: LearningLog) -> list[tuple[str, dict[str, Any]]]:
    """Every row as the database holds it."""
    with log.database.reading() as connection:
        return [
            (table.name, dict(row))
            for table in SQLModel.metadata.sorted_tables
            for row in connection.execute(select(table)).mappings()
        ]


def numbers(log: LearningLog) -> set[int]:
    """The numbers of the keys that anything is sealed with."""
    return {
        int.from_bytes(bytes(value)[:4], "big")
        for _, row in raw(log)
        for column, value in row.items()
        if column.endswith(SEALED) and value is not None
    }


@pytest.fixture
def filled(log: LearningLog, tenant: UUID, other_tenant: UUID) -> LearningLog:
    for id in (tenant, other_tenant):
        with log.write(id) as records:
            if id == tenant:
                fill(records)
            else:
                add_provider(records, "Hillside Care")
            auditing.record(records, "administrator", "added")
    return log


def exported(log: LearningLog, tenant: UUID, folder: Path) -> dict[str, bytes]:
    with log.read(tenant) as records:
        export(records, folder)
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_after_a_rotation_all_is_sealed_with_the_new_key_and_reads_the_same(
    filled: LearningLog, tenant: UUID, settings: Settings, tmp_path: Path
) -> None:
    before = exported(filled, tenant, tmp_path / "before")
    assert numbers(filled) == {1}
    done = rotate(filled.database, settings.path_of_keys, True, quiet)
    assert done > len(sealed_tables())
    assert numbers(filled) == {2}
    assert set(read_keys(settings.path_of_keys).data) == {2}
    again = open_log(settings)
    assert exported(again, tenant, tmp_path / "after") == before
    with again.read(tenant) as records:
        assert auditing.broken_at(records) is None
    again.close()


def test_without_dropping_them_old_keys_still_open_old_backups(filled: LearningLog, settings: Settings) -> None:
    rotate(filled.database, settings.path_of_keys, False, quiet)
    assert set(read_keys(settings.path_of_keys).data) == {1, 2}


def test_a_rotation_that_was_cut_short_goes_on_with_the_same_key(
    filled: LearningLog, tenant: UUID, settings: Settings, tmp_path: Path
) -> None:
    class PowerCut(Exception):
        """Somebody pulled the plug."""

    def pull_the_plug(done: int, total: int) -> None:
        if done > total / 2:
            raise PowerCut

    before = exported(filled, tenant, tmp_path / "before")
    with pytest.raises(PowerCut):
        rotate(filled.database, settings.path_of_keys, True, pull_the_plug)
    assert numbers(filled) == {1, 2}
    halfway = open_log(settings)
    assert exported(halfway, tenant, tmp_path / "halfway") == before
    halfway.close()
    rotate(filled.database, settings.path_of_keys, True, quiet)
    assert numbers(filled) == {2}
    assert set(read_keys(settings.path_of_keys).data) == {2}


def test_what_was_written_with_the_old_key_meanwhile_is_not_lost_with_it(
    filled: LearningLog, other_tenant: UUID, settings: Settings
) -> None:
    late: list[UUID] = []

    def somebody_writes(done: int, total: int) -> None:
        """A command that was started before, and knows the old key only."""
        if done >= total and not late:
            with filled.write(other_tenant) as records:
                late.append(add_provider(records, "Added meanwhile").id)

    rotate(filled.database, settings.path_of_keys, True, somebody_writes)
    assert set(read_keys(settings.path_of_keys).data) == {2}
    assert numbers(filled) == {2}
    again = open_log(settings)
    with again.read(other_tenant) as records:
        assert records.text(records.get(Provider, late[0]), "name") == "Added meanwhile"
    again.close()


def test_a_rotation_with_the_wrong_key_changes_nothing(filled: LearningLog, settings: Settings) -> None:
    right = read_keys(settings.path_of_keys)
    settings.path_of_keys.unlink()
    wrong = type(right)({1: bytes(32)}, right.index, right.audit)
    save_keys(settings.path_of_keys, wrong)
    with pytest.raises(WrongKey):
        rotate(filled.database, settings.path_of_keys, True, quiet)
    assert numbers(filled) == {1}
    assert read_keys(settings.path_of_keys).data[1] == bytes(32)


def test_a_missing_and_a_damaged_key_file_are_said_with_their_place(log: LearningLog, settings: Settings) -> None:
    settings.path_of_keys.write_text("{}")
    with pytest.raises(SettingsWrong, match=r"cannot be read. Put the right one back"):
        open_log(settings)
    settings.path_of_keys.unlink()
    with pytest.raises(KeyMissing, match=r"keys.json is missing. Put it back, or set WHATMATTERS_KEY_FILE"):
        open_log(settings)


SECRETS = ("Zebedee", "Quillfeather", "marmalade", "Fernhollow", "Tumbleweed", "QX-4711", "zeb.q")


def test_the_database_holds_none_of_the_words_or_names(
    log: LearningLog, tenant: UUID, settings: Settings, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.csv"
    answers.write_text("id,words,direction\nQX-4711,Zebedee makes good marmalade,works\n", encoding="utf-8")
    with log.write(tenant) as records:
        service = add_service(records, "Tumbleweed living", add_provider(records, "Quillfeather Care"))
        team = add_team(records, "Fernhollow House", service)
        add_person(records, "Zebedee Quillfeather", team, reference="QX-4711")
        add_staff(records, "Zebedee Tumbleweed", team, username="zeb.q", password="marmalade-marmalade")
        import_reflections(records, answers, service=service)
        assert find_person(records, "zebedee quillfeather")
    held = b"".join(
        value if isinstance(value, bytes) else str(value).encode() for _, row in raw(log) for value in row.values()
    )
    if log.database.is_sqlite:
        path = Path(settings.database_url.removeprefix("sqlite:///"))
        files = [path.with_name(path.name + ending) for ending in ("", "-wal")]
        assert all(file.stat().st_size for file in files)
        held += b"".join(file.read_bytes() for file in files)
    for secret in SECRETS:
        for spelled in (secret, secret.lower(), secret.upper()):
            assert spelled.encode() not in held
            assert spelled.encode("utf-16-le") not in held
