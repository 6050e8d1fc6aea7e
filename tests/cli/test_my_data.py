"""Giving somebody their data, forgetting them, and holding what is needed for safeguarding, by command."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from learning_log.clock import utc_now
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import AuditEntry, ErasureHold, Person
from tests.cli.conftest import Run

LATER = f"{utc_now() + timedelta(days=90):%Y-%m-%d}"


@pytest.fixture
def led(home: Run) -> Run:
    """The same, with a safeguarding lead."""
    roles = ("--role", "safeguarding_lead", "--username", "lee", "--make-password")
    assert home("add", "staff", "Lee Example", "--team", "Mill House", *roles).exit_code == 0
    return home


def test_somebody_is_given_a_page_and_json_that_only_the_owner_reads(home: Run, tmp_path: Path) -> None:
    folder = tmp_path / "for-ann"
    given = json.loads(home("mydata", "Ann Example", "--to", folder, "--json").stdout)
    page, data = folder / "my-data.html", folder / "my-data.json"
    assert given == {"files": [str(page), str(data)]}
    assert json.loads(data.read_text())["you"]["name"] == "Ann Example"
    assert page.read_text().startswith("<!doctype html>")
    for path in (page, data):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert home("mydata", "Ann Example", "--to", folder).exit_code == 0


def test_nobody_is_forgotten_before_somebody_says_yes(home: Run, log: LearningLog) -> None:
    refused = home("forget", "Ann Example")
    assert refused.exit_code == 1
    assert "Nothing was changed." in refused.stderr
    forgotten = home("forget", "Ann Example", "--yes")
    assert forgotten.stdout.startswith("Ann Example is forgotten. Answers that were erased: 0.\nBackups may hold")
    with log.read() as records:
        person = records.first(select(Person))
        assert records.text(person, "name") == ""
        assert "forgot" in [entry.action for entry in records.all(select(AuditEntry))]
    assert home("forget", "Ann Example", "--yes").exit_code == 1


def test_what_a_lead_holds_is_kept_until_it_is_lifted(led: Run, log: LearningLog) -> None:
    held = led(
        *("hold", "Ann Example", "--by", "Lee Example", "--review-on", LATER, "--reason-stdin"), typed="An enquiry\n"
    )
    assert held.stdout.startswith("It is kept. Lee Example looks at it again on ")
    refused = led("forget", "Ann Example", "--yes")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Nothing was erased. All of it is kept for safeguarding. It is looked at again on")
    with log.read() as records:
        assert records.text(records.first(select(ErasureHold)), "reason") == "An enquiry"
        assert "acted_for_lead" in [entry.action for entry in records.all(select(AuditEntry))]
    assert json.loads(led("hold", "Ann Example", "--by", "lee", "--lift", "--json").stdout) == {"lifted": 1}
    assert json.loads(led("forget", "Ann Example", "--yes", "--json").stdout)["answers"] == 0


def test_a_purge_changes_nothing_without_yes(home: Run, log: LearningLog) -> None:
    assert home("left", "Ann Example", "--on", "2001-01-01").exit_code == 0
    assert home("purge").stdout == "To be forgotten: 1. Nothing was changed. Do it with --yes\n"
    with log.read() as records:
        assert records.text(records.first(select(Person)), "name") == "Ann Example"
    assert home("purge", "--yes").stdout == "Forgotten: 1. Answers that were erased: 0. Held: 0.\n"
    assert json.loads(home("purge", "--json").stdout) == {"due": 0}


def test_a_hold_needs_a_lead_and_a_day(led: Run) -> None:
    led("add", "staff", "Sam Example", "--team", "Mill House", "--role", "team", "--username", "sam", "--make-password")
    reason = {"typed": "An enquiry\n"}
    by_team = led("hold", "Ann Example", "--by", "sam", "--review-on", LATER, "--reason-stdin", **reason)
    no_day = led("hold", "Ann Example", "--by", "lee", "--reason-stdin", **reason)
    assert (by_team.exit_code, no_day.exit_code) == (1, 1)
    assert "--review-on" in no_day.stderr
