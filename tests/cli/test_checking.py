"""whatmatters check says what is wrong, and how to mend it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.services import auditing
from learning_log.services.seen import THEMES
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import NOBODY, AuditEntry, CapacityRecord, Channel, Person, Tenant
from tests.cli.conftest import Run


def found(run: Run, **settings: str) -> dict[str, dict[str, object]]:
    checks = json.loads(run("check", "--json", **settings).stdout)["checks"]
    return {check["name"]: check for check in checks}


def see_worker(log: LearningLog, ago: timedelta = timedelta()) -> None:
    with log.write() as records:
        for name in ("webchat", THEMES):
            records.session.add(Channel(tenant_id=NOBODY, name=name, seen_at=datetime.now(UTC) - ago))


def add_leads(run: Run) -> None:
    for name in ("sam", "kim"):
        made = run(
            *("add", "staff", f"{name} Example", "--role", "safeguarding_lead"),
            *("--username", name, "--make-password"),
        )
        assert made.exit_code == 0


def test_a_whole_installation_is_well(run: Run, log: LearningLog) -> None:
    add_leads(run)
    see_worker(log)
    result = run("check")
    assert result.exit_code == 0, result.output
    assert all(line.startswith("ok ") for line in result.stdout.splitlines())
    assert json.loads(run("check", "--json").stdout)["ok"] is True


def test_a_gap_in_the_rota_is_wrong_and_says_how_to_mend_it(run: Run) -> None:
    result = run("check")
    assert result.exit_code == 1
    rota = found(run)["rota"]
    assert rota["ok"] is False
    assert "0 safeguarding leads can be reached, and 2 are needed" in str(rota["said"])
    assert 'whatmatters role "NAME" safeguarding_lead' in str(rota["mend"])


def test_a_lead_who_left_or_cannot_sign_in_is_not_counted(run: Run) -> None:
    add_leads(run)
    run("add", "staff", "Jo Example", "--role", "safeguarding_lead")
    run("left", "kim Example", "--on", "2099-01-01")
    assert "2 safeguarding leads can be reached" in str(found(run)["rota"]["said"])
    run("left", "kim Example")
    assert "1 safeguarding leads can be reached, and 2 are needed" in str(found(run)["rota"]["said"])


def test_people_who_are_not_asked_for_want_of_a_record_are_counted_without_their_names(
    home: Run, log: LearningLog
) -> None:
    assert (found(home)["capacity"]["ok"], found(home)["capacity"]["counts"]) == (True, {"undecided": 0, "overdue": 0})
    with log.write() as everyone:
        person = everyone.first(select(Person))
        day = datetime.now(UTC).date()
        record = CapacityRecord(
            person_id=person.id,
            decision="channel",
            assessed_on=day,
            able=False,
            review_on=day,
            recorded_at=datetime.now(UTC),
        )
        everyone.within(person.tenant_id).add(record)

    capacity = found(home)["capacity"]
    assert (capacity["ok"], capacity["counts"]) == (False, {"undecided": 1, "overdue": 0})
    assert "a best-interests record is missing: 1; because a record is past its review: 0" in str(capacity["said"])
    assert "Ann" not in home("check").output


def test_a_worker_that_was_not_seen_is_wrong(run: Run, log: LearningLog) -> None:
    see_worker(log, timedelta(minutes=3))
    checks = found(run)
    worker, themes = checks["worker"], checks["themes"]
    assert (worker["ok"], worker["mend"]) == (False, "Start it: whatmatters serve")
    assert (themes["ok"], "whatmatters understand" in str(themes["mend"])) == (False, True)


def test_a_key_file_that_others_can_read_is_wrong(run: Run, settings: Settings) -> None:
    settings.path_of_keys.chmod(0o644)
    keys = found(run)["keys"]
    assert keys["ok"] is False
    assert f"chmod 600 {settings.path_of_keys}" in str(keys["mend"])


def test_a_missing_key_file_is_wrong_and_the_rest_is_not_looked_at(run: Run, settings: Settings) -> None:
    settings.path_of_keys.unlink()
    checks = found(run)
    assert (checks["keys"]["ok"], checks["database"]["ok"]) == (False, False)
    assert "audit" not in checks


def test_a_changed_audit_entry_is_found(run: Run, log: LearningLog) -> None:
    with log.read() as records:
        tenant: UUID = records.first(select(Tenant).where(Tenant.id != NOBODY)).id
    with log.write(tenant) as records:
        for action in ("looked", "decided", "exported"):
            auditing.record(records, "administrator", action)
    assert found(run)["audit"]["ok"] is True
    with log.write(tenant) as records:
        records.first(select(AuditEntry).where(AuditEntry.position == 2)).action = "nothing"
    audit = found(run)["audit"]
    assert (audit["ok"], "from entry 2 on" in str(audit["said"])) == (False, True)


def test_a_token_that_does_not_work_is_wrong_and_is_not_shown(run: Run) -> None:
    token = "123456:an-invented-token-of-nobody"
    settings = {
        "WHATMATTERS_TELEGRAM_TOKEN": token,
        "WHATMATTERS_TELEGRAM_BASE_URL": "http://127.0.0.1:1/bot",
    }
    telegram = found(run, **settings)["telegram"]
    assert telegram["ok"] is False
    assert "WHATMATTERS_TELEGRAM_TOKEN" in str(telegram["mend"])
    assert token not in run("check", **settings).output


def test_an_empty_config_folder_is_wrong(run: Run, settings: Settings) -> None:
    (settings.data_dir / "config").mkdir()
    config = found(run, WHATMATTERS_CONFIG_DIR=str(settings.data_dir / "config"))["config"]
    assert (config["ok"], config["mend"]) == (False, "Set WHATMATTERS_CONFIG_DIR.")


def test_it_says_whether_messages_can_be_read_aloud(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    speech = found(run)["speech"]
    assert (speech["ok"], speech["said"]) == (True, "Messages can be read aloud.")
    (tmp_path / "espeak-ng").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "espeak-ng").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    speech = found(run)["speech"]
    assert (speech["ok"], "script/environment speech" in str(speech["said"])) == (True, True)
