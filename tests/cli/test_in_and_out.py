"""Import, export, backup, restore and keys by command."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.services import auditing
from learning_log.settings import Settings
from learning_log.storage.keys import new_keyring, read_keys, save_keys
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import NOBODY, AuditEntry, Channel, Reflection, Tenant
from tests.cli.conftest import Run
from tests.databases import postgres_programs

ANSWERS = "id,words,direction\n1,The garden is lovely,works\n2,Nothing,not_working\n"


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


def actions(log: LearningLog) -> list[str]:
    with log.read() as records:
        tenant: UUID = records.first(select(Tenant).where(Tenant.id != NOBODY)).id
    with log.read(tenant) as records:
        assert auditing.broken_at(records) is None
        return [entry.action for entry in records.all(select(AuditEntry).order_by(AuditEntry.position))]


def test_an_import_says_what_is_new_and_what_was_there(home: Run, answers: Path, log: LearningLog) -> None:
    first = home("import", "reflections", answers, "--service", "Supported living", "--said-on", "2026-01-05")
    assert first.stdout == "reflections: 2 new, 0 already there.\n"
    again = home("import", "reflections", answers, "--service", "Supported living", "--json")
    assert json.loads(again.stdout)["imported"][0] | {"notices": []} == {
        "kind": "reflections",
        "new": 0,
        "already": 2,
        "left_out": 0,
        "notices": [],
    }
    assert actions(log).count("imported reflections") == 1


def test_wrong_rows_are_listed_on_the_error_stream_or_as_json(home: Run, answers: Path, log: LearningLog) -> None:
    answers.write_text(ANSWERS + "3,Too cold,sideways\n", encoding="utf-8")
    arguments = ("import", "reflections", answers, "--service", "Supported living")
    result = home(*arguments)
    assert result.exit_code == 1
    assert "row 4, column 'direction': 'sideways' is not one of" in result.stderr
    as_json = home(*arguments, "--json")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["problems"][0]["row"] == 4
    with log.read() as records:
        assert records.all(select(Reflection)) == []


def test_what_cannot_be_imported_is_said(home: Run, answers: Path) -> None:
    for arguments, said in (
        (("recipes", answers), "'recipes' cannot be imported"),
        (("nowhere",), "is not the folder of an export"),
        (("reflections", answers, "--service", "Elsewhere"), "no service called 'Elsewhere'"),
        (("reflections", answers, "--layout", "unknown"), "There is no layout 'unknown'"),
    ):
        result = home("import", *arguments)
        assert result.exit_code == 1
        assert said in result.stderr


def test_export_and_import_again_by_command(home: Run, answers: Path, tmp_path: Path, log: LearningLog) -> None:
    home("import", "reflections", answers, "--service", "Supported living")
    result = home("export", tmp_path / "exported")
    assert result.exit_code == 0
    assert "reflection: 2" in result.stdout
    assert "keep them safe" in result.stdout
    before = {path.name: path.read_bytes() for path in (tmp_path / "exported").glob("*.*")}
    assert "reflection: 0 new, 2 already there." in home("import", tmp_path / "exported").stdout
    counts = json.loads(home("export", tmp_path / "exported", "--json").stdout)["counts"]
    assert (counts["reflection"], counts["person"]) == (2, 1)
    assert {path.name: path.read_bytes() for path in (tmp_path / "exported").glob("*.*")} == before
    assert actions(log).count("exported") == 2


def test_backup_and_restore_by_command(home: Run, tmp_path: Path, settings: Settings, log: LearningLog) -> None:
    path = f"{postgres_programs()}{os.pathsep}{os.environ['PATH']}"
    file = tmp_path / "log.backup"
    made = home("backup", file, PATH=path)
    assert made.exit_code == 0, made.output
    assert f"The keys are not in it. Keep a copy of {settings.path_of_keys}" in made.stdout
    home("add", "provider", "Added later")
    log.close()
    refused = home("restore", file, PATH=path)
    assert (refused.exit_code, "--over" in refused.stderr) == (1, True)
    assert home("restore", file, "--over", PATH=path).exit_code == 0
    assert "Added later" not in home("list", "providers").stdout


def test_nothing_is_restored_with_another_key_or_under_a_running_worker(
    home: Run, tmp_path: Path, settings: Settings, log: LearningLog
) -> None:
    path = f"{postgres_programs()}{os.pathsep}{os.environ['PATH']}"
    file = tmp_path / "log.backup"
    assert home("backup", file, PATH=path).exit_code == 0
    home("add", "provider", "Added later")
    log.close()
    right = settings.path_of_keys.read_bytes()
    save_keys(settings.path_of_keys, new_keyring())
    other_key = home("restore", file, "--over", PATH=path)
    assert (other_key.exit_code, "another key. Nothing was restored" in other_key.stderr) == (1, True)
    settings.path_of_keys.write_bytes(right)
    with log.write() as records:
        records.session.add(Channel(tenant_id=NOBODY, name="webchat", seen_at=datetime.now(UTC)))
    log.close()
    running = home("restore", file, "--over", PATH=path)
    assert (running.exit_code, "What Matters is running" in running.stderr) == (1, True)
    assert "Added later" in home("list", "providers").stdout


def test_keys_are_rotated_by_command(home: Run, settings: Settings, log: LearningLog) -> None:
    result = home("keys", "rotate", "--drop-old")
    assert result.exit_code == 0
    assert "with key 2" in result.stdout
    assert set(read_keys(settings.path_of_keys).data) == {2}
    assert "Ann Example" in home("list", "people").stdout
    assert actions(log)[-1] == "rotated keys"


def test_keys_are_not_rotated_under_a_running_worker(home: Run, settings: Settings, log: LearningLog) -> None:
    with log.write() as records:
        records.session.add(Channel(tenant_id=NOBODY, name="webchat", seen_at=datetime.now(UTC)))
    result = home("keys", "rotate")
    assert (result.exit_code, "What Matters is running" in result.stderr) == (1, True)
    assert set(read_keys(settings.path_of_keys).data) == {1}


def test_themes_are_found_and_listed_by_command(home: Run, tmp_path: Path) -> None:
    topics = {"works": ["garden", "cooking", "football"], "not_working": ["bus", "noise", "heating"]}
    said = "{n},The {t} on day {n} with the {t} group and all the {t} things,{d}\n"
    rows = [said.format(n=f"{d}{t}{n}", t=t, d=d) for d, list_ in topics.items() for t in list_ for n in range(12)]
    (tmp_path / "a.csv").write_text("id,words,direction\n" + "".join(rows), encoding="utf-8")
    assert home("import", "reflections", tmp_path / "a.csv", "--service", "Supported living").exit_code == 0
    made = json.loads(home("themes", "find", "--json").stdout)
    assert made["found"] > 0
    listed = json.loads(home("themes", "list", "--json").stdout)
    assert len(listed) >= made["found"]
    assert listed[0]["reflections"] >= listed[-1]["reflections"]
