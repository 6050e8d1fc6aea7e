"""Adding, listing, inviting and asking by command."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.errors import SignInRefused
from learning_log.services import joining, passwords, signing_in
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import NOBODY, Asked, AuditEntry, Channel, Conversation, Person, Role, Staff
from tests.cli.conftest import Run

LONG = "an invented password"


def people(run: Run) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(run("list", "people", "--json").stdout)
    return listed


def test_what_was_added_is_listed(home: Run) -> None:
    (ann,) = people(home)
    assert (ann["name"], ann["reference"], ann["team"], ann["chat"]) == (
        "Ann Example",
        "P-0001",
        "Mill House",
        "not joined",
    )
    assert "Riverside Care" in home("list", "services").stdout
    assert json.loads(home("list", "teams", "--json").stdout)[0]["service"] == "Supported living"


def test_what_is_not_there_is_said_with_where_to_look(home: Run) -> None:
    result = home("add", "person", "Bo Example", "--team", "Nowhere")
    assert result.exit_code == 1
    assert result.stderr == "There is no team called 'Nowhere'. See: whatmatters list teams\n"
    assert len(people(home)) == 1


def test_a_provider_has_to_be_named_when_there_are_several(home: Run) -> None:
    home("add", "provider", "Hillside Care")
    result = home("add", "service", "Outreach")
    assert result.exit_code == 1
    assert "Say which with --provider NAME" in result.stderr
    assert home("add", "service", "Outreach", "--provider", "hillside care").exit_code == 0


def test_a_made_password_is_shown_once_and_opens(home: Run, log: LearningLog) -> None:
    result = home(
        *("add", "staff", "Sam Example", "--team", "Mill House", "--role", "team", "--role", "safeguarding_lead"),
        *("--username", "sam", "--make-password", "--json"),
    )
    shown = json.loads(result.stdout)["password"]
    with log.read() as records:
        kept = records.first(select(Staff)).password_hash
    assert passwords.matches(kept, shown)
    (sam,) = json.loads(home("list", "staff", "--json").stdout)
    assert (sam["roles"], sam["username"]) == (["team", "safeguarding_lead"], "sam")
    assert shown not in home("list", "staff").stdout


def test_a_password_comes_from_input_and_is_not_shown(home: Run, log: LearningLog) -> None:
    home("add", "staff", "Sam Example")
    result = home("password", "Sam Example", "--username", "sam", "--password-stdin", typed="a long password\n")
    assert result.exit_code == 0
    assert "a long password" not in result.output
    with log.read() as records:
        assert passwords.matches(records.first(select(Staff)).password_hash, "a long password")


def test_nobody_is_waited_for_where_nobody_can_type(home: Run) -> None:
    result = home("add", "staff", "Sam Example", "--username", "sam")
    assert result.exit_code == 1
    assert "--make-password or --password-stdin" in result.stderr
    assert json.loads(home("list", "staff", "--json").stdout) == []


def test_a_role_can_be_given_later(home: Run) -> None:
    home("add", "staff", "Sam Example")
    result = home("role", "sam example", "team", "--team", "Mill House")
    assert result.stdout == "Sam Example has the role team.\n"
    assert home("role", "Sam Example", "king").exit_code == 2


def audited(log: LearningLog) -> list[str]:
    with log.read() as records:
        return [entry.action for entry in records.all(select(AuditEntry))]


def test_a_role_can_be_taken_away_where_it_was_given(home: Run, log: LearningLog) -> None:
    home("add", "staff", "Sam Example", "--team", "Mill House", "--role", "team", "--role", "commissioner")
    refused = home("role", "Sam Example", "team", "--take-away")
    assert refused.exit_code == 1
    assert "They have it: in the team 'Mill House'." in refused.stderr
    taken = home("role", "Sam Example", "team", "--team", "Mill House", "--take-away")
    assert taken.stdout == "Sam Example no longer has the role team.\n"
    assert json.loads(home("list", "staff", "--json").stdout)[0]["roles"] == ["commissioner"]
    assert audited(log).count("took_role_away") == 1


def test_a_role_given_with_a_team_holds_there_and_what_holds_everywhere_is_said(home: Run, log: LearningLog) -> None:
    roles = ("--role", "team", "--role", "safeguarding_lead", "--role", "administrator")
    added = home("add", "staff", "Sam Example", "--team", "Mill House", *roles)
    assert added.stderr == "The role administrator holds in the whole organisation, not only in the team.\n"
    with log.read() as records:
        held = {role.role: role.team_id is not None for role in records.all(select(Role))}
    assert held == {"team": True, "safeguarding_lead": True, "administrator": False}


def test_who_left_is_listed_so_cannot_sign_in_and_may_come_back(home: Run, log: LearningLog) -> None:
    home("add", "staff", "Sam Example", "--role", "team", "--username", "sam", "--password-stdin", typed=f"{LONG}\n")
    assert signing_in.sign_in(log, "sam", LONG, signing_in.Strangers()).name == "Sam Example"
    assert home("left", "Sam Example", "--on", "2026-03-02").stdout == "Sam Example left, from 2026-03-02 on.\n"
    with pytest.raises(SignInRefused):
        signing_in.sign_in(log, "sam", LONG, signing_in.Strangers())
    assert home("left", "Ann Example").exit_code == 0
    assert people(home)[0]["left_on"] is not None
    assert home("left", "Ann Example", "--back").stdout == "Ann Example is here.\n"
    assert people(home)[0]["left_on"] is None
    assert (audited(log).count("left"), audited(log).count("came_back")) == (2, 1)


def test_a_sign_in_that_could_not_be_made_adds_nobody(home: Run) -> None:
    for arguments, typed, said in (
        (("--make-password",), None, "Give a --username NAME too"),
        (("--password-stdin",), f"{LONG}\n", "Give a --username NAME too"),
        (("--username", "sam", "--password-stdin"), "", "No password came in"),
    ):
        result = home("add", "staff", "Sam Example", *arguments, typed=typed)
        assert (result.exit_code, said in result.stderr) == (1, True), result.output
    assert json.loads(home("list", "staff", "--json").stdout) == []


def test_an_invitation_has_a_code_links_and_an_end(home: Run, log: LearningLog) -> None:
    made = json.loads(home("invite", "Ann Example", "--hours", "1", "--json").stdout)
    assert made.keys() == {"code", "chat_link", "telegram_link", "expires_at"}
    assert made["chat_link"] == f"http://127.0.0.1:8080/join/{made['code']}"
    assert made["telegram_link"] is None
    with log.write() as records:
        invitation = joining.look_up(records, made["code"])
        assert invitation.expires_at == datetime.fromisoformat(made["expires_at"])


def test_the_link_leads_to_telegram_once_the_bot_is_known(home: Run, log: LearningLog, now: datetime) -> None:
    with log.write() as records:
        records.session.add(Channel(tenant_id=NOBODY, name="telegram", username="riverside_bot", seen_at=now))
    made = json.loads(home("invite", "P-0001", "--json").stdout)
    assert made["telegram_link"] == f"https://t.me/riverside_bot?start={made['code']}"
    assert "Telegram: https://t.me/riverside_bot?start=" in home("invite", "P-0001").stdout


def test_the_qr_code_is_on_the_terminal_and_in_a_file(home: Run, tmp_path: Path) -> None:
    result = home("invite", "Ann Example", "--qr", tmp_path / "ann.png")
    assert "█" in result.stdout
    assert (tmp_path / "ann.png").read_bytes().startswith(b"\x89PNG")
    assert home("invite", "Ann Example", "--qr", tmp_path / "ann.svg").exit_code == 0
    assert b"<svg" in (tmp_path / "ann.svg").read_bytes()
    refused = home("invite", "Ann Example", "--qr", tmp_path / "ann.gif")
    assert (refused.exit_code, refused.stderr) == (1, "The file of a QR code ends in .png or .svg. Nothing was made.\n")


def test_staff_are_invited_too_and_strangers_are_not(home: Run) -> None:
    home("add", "staff", "Sam Example")
    assert home("invite", "Sam Example", "--json").exit_code == 0
    result = home("invite", "Nobody Known")
    assert result.exit_code == 1
    assert "There is no person" in result.stderr


def test_only_who_joined_and_agreed_is_asked(home: Run, log: LearningLog) -> None:
    refused = home("ask", "Ann Example")
    assert (refused.exit_code, "has not joined yet" in refused.stderr) == (1, True)
    code = json.loads(home("invite", "Ann Example", "--json").stdout)["code"]
    with log.read() as records:
        tenant: UUID = records.first(select(Person)).tenant_id
    with log.write(tenant) as records:
        joining.accept(records, code, "webchat", "an invented address")
        chat = records.first(select(Conversation))
        joining.answer_agreement(records, chat, joining.TAKE_PART, True, "1")
    assert home("ask", "Ann Example").stdout == "Ann Example is asked at the worker's next round.\n"
    with log.read(tenant) as records:
        assert [asked.status for asked in records.all(select(Asked))] == ["due"]


def test_an_organisation_has_to_be_named_when_there_are_several(home: Run) -> None:
    assert home("add", "organisation", "Hillside Together").exit_code == 0
    again = home("add", "organisation", "hillside together")
    assert (again.exit_code, "already" in again.stderr) == (1, True)
    refused = home("list", "people")
    assert refused.exit_code == 1
    assert "--organisation NAME" in refused.stderr
    assert "Riverside Together, Hillside Together" in refused.stderr
    assert home("list", "people", "--organisation", "Hillside Together").stdout == "There is no person yet.\n"
    assert "Ann" in home("list", "people", WHATMATTERS_ORGANISATION="riverside together").stdout
    unknown = home("list", "people", "--organisation", "Elsewhere")
    assert (unknown.exit_code, "no organisation called 'Elsewhere'" in unknown.stderr) == (1, True)
