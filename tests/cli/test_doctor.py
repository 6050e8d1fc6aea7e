"""whatmatters doctor says what is stuck, and mends it only when it is asked to."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from learning_log.settings import Settings
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import NOBODY, InboxMessage
from tests.cli.conftest import Run
from tests.services.delivered import Post


def aside(log: LearningLog, many: int = 1) -> None:
    for _ in range(many):
        post_of(log).received(timedelta(hours=1), status="aside", trouble="KeyError")
    post_of(log).seen("webchat", timedelta())


def post_of(log: LearningLog) -> Post:
    """A post of nobody's, at the time that the command line has."""
    return Post(LearningLog(log.database, log.vault, lambda: datetime.now(UTC)), NOBODY)


def statuses(log: LearningLog) -> list[str]:
    with log.read() as records:
        return [row.status for row in records.all(select(InboxMessage))]


def test_nothing_is_stuck_in_a_new_installation(run: Run) -> None:
    result = run("doctor")
    assert (result.exit_code, result.stdout) == (0, "ok     Nothing is stuck.\n")
    assert json.loads(run("doctor", "--json").stdout) == {"ok": True, "mended": {}, "findings": []}


def test_what_is_stuck_is_said_and_left_alone(run: Run, log: LearningLog) -> None:
    aside(log)
    result = run("doctor")
    assert result.exit_code == 1
    assert "STUCK  aside: Set aside, because they could not be handled: 1 message." in result.stdout
    assert "--mend lets each be handled from the beginning." in result.stdout
    assert "KeyError" in result.stdout
    assert statuses(log) == ["aside"]


def test_mending_says_what_it_did_and_what_is_left(run: Run, log: LearningLog) -> None:
    aside(log)
    result = run("doctor", "--mend")
    assert (result.exit_code, result.stdout) == (0, "MENDED aside: 1\nok     Nothing is stuck.\n")
    assert statuses(log) == ["kept"]
    post_of(log).received(timedelta(), channel="telegram")
    left = run("doctor", "--mend")
    assert (left.exit_code, "unattended" in left.stdout) == (1, True)


def test_a_program_gets_the_same_as_json(run: Run, log: LearningLog) -> None:
    aside(log)
    said = json.loads(run("doctor", "--json").stdout)
    assert said["ok"] is False
    (finding,) = said["findings"]
    assert (finding["name"], finding["count"], finding["mends"], finding["stuck"]) == ("aside", 1, True, True)
    assert finding["details"][0]["trouble"] == "KeyError"
    mended = json.loads(run("doctor", "--mend", "--json").stdout)
    assert (mended["ok"], mended["mended"]) == (True, {"aside": 1})


def test_a_long_list_is_cut_and_says_so(run: Run, log: LearningLog) -> None:
    aside(log, 22)
    result = run("doctor")
    assert result.stdout.count("KeyError") == 20
    assert "and 2 more: whatmatters doctor --json" in result.stdout


def test_a_missing_key_file_is_a_sentence(run: Run, settings: Settings) -> None:
    settings.path_of_keys.unlink()
    result = run("doctor")
    assert result.exit_code == 1
    assert f"The key file {settings.path_of_keys} is missing." in result.stderr
