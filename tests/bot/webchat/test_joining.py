"""The page behind a joining link."""

from __future__ import annotations

from html import unescape

import pytest
from sqlmodel import select

from bot.channels.webchat.session import TOKEN
from bot.dialogue.book import words
from learning_log.services import conversations
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import InboxMessage, Person
from tests.bot.conftest import Home
from tests.bot.webchat.room import ADDRESS, Room, Visitor


def test_a_preview_of_the_link_uses_nothing(room: Room, home: Home) -> None:
    code = room.invite(home.tenant, person_id=home.ada)
    for _ in range(3):
        assert room.client().get(f"/join/{code}").status_code == 200
    assert room.kept == []
    assert room.client().post(f"/join/{code}").status_code == 200


def test_the_first_answer_is_on_the_page_that_start_leads_to(room: Room, home: Home) -> None:
    code = room.invite(home.tenant, person_id=home.ada)
    page = room.client().post(f"/join/{code}")
    assert page.url.path == "/chat"
    assert words("en").say("joining.hello") in page.text
    assert "Yes, I want to" in page.text


@pytest.mark.parametrize(
    ("how", "status", "sentence"),
    [("unknown", 404, "code_unknown"), ("used", 410, "code_used"), ("expired", 410, "code_expired")],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_code_that_cannot_be_used_gets_its_sentence_at_once(
    room: Room, home: Home, how: str, status: int, sentence: str, method: str
) -> None:
    code = room.invite(home.tenant, person_id=home.ada, hours=0 if how == "expired" else 72)
    if how == "used":
        room.client().post(f"/join/{code}")
    kept = len(room.kept)
    answer = room.client().request(method, f"/join/{'nobody-made-this' if how == 'unknown' else code}")
    assert answer.status_code == status
    assert words("en").say(f"trouble.{sentence}") in answer.text
    assert len(room.kept) == kept


def test_an_old_link_leads_to_the_chat_on_the_device_that_has_it(ada: Visitor, home: Home) -> None:
    code = ada.room.invite(home.tenant, person_id=home.ada)
    ada.client.post(f"/join/{code}")
    assert 'href="/chat"' in ada.client.get(f"/join/{code}").text
    assert 'href="/chat"' not in ada.room.client().get(f"/join/{code}").text


def test_a_new_link_on_the_same_device_keeps_the_same_chat(ada: Visitor) -> None:
    ada.start()
    before = ada.client.cookies["whatmatters"]
    ada.start()
    assert ada.client.cookies["whatmatters"] == before


def test_a_new_link_on_another_device_closes_the_chat_on_the_first(ada: Visitor, room: Room, home: Home) -> None:
    ada.join()
    other = Visitor(room, home.tenant, home.ada).start()
    assert "What is going well?" in other.page()
    assert ada.client.get("/chat").status_code == 401


def test_somebody_else_on_the_same_device_sees_nothing_of_the_first(ada: Visitor, room: Room, home: Home) -> None:
    ada.join().write("Only for my team: the heron")
    code = room.invite(home.tenant, person_id=None, staff_id=home.ben)
    page = ada.client.post(f"/join/{code}").text
    assert words("en").say("joining.what", "staff") in page
    assert "heron" not in page


def test_the_cookie_is_random_and_out_of_reach_of_scripts_and_other_sites(room: Room, home: Home) -> None:
    found = set()
    for person in (home.ada, home.ada):
        answer = room.client().post(f"/join/{room.invite(home.tenant, person_id=person)}", follow_redirects=False)
        cookie = answer.headers["set-cookie"]
        assert answer.status_code == 303
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        found.add(cookie.partition("=")[2].partition(";")[0])
    assert len(found) == 2
    assert all(TOKEN.fullmatch(token) for token in found)


def test_over_https_the_cookie_never_travels_in_the_open(log: LearningLog, settings: Settings, home: Home) -> None:
    room = Room(log, settings.model_copy(update={"chat_url": "https://chat.example"}))
    answer = room.client().post(f"/join/{room.invite(home.tenant, person_id=home.ada)}", follow_redirects=False)
    assert answer.headers["set-cookie"].startswith("__Host-whatmatters=")
    assert "Secure" in answer.headers["set-cookie"]


def test_the_database_does_not_hold_the_token_to_read(ada: Visitor, log: LearningLog) -> None:
    ada.join()
    token = ada.client.cookies["whatmatters"]
    with log.read(ada.tenant) as records:
        chat = conversations.of(records, ada.person_id, None)
        assert chat is not None
        assert token.encode() not in (chat.address_sealed or b"") + chat.address_hash
        keys = [row.message_key for row in records.all(select(InboxMessage))]
    assert keys
    assert not any(token in key for key in keys)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
)
def test_another_site_can_start_no_chat(room: Room, home: Home, headers: dict[str, str]) -> None:
    code = room.invite(home.tenant, person_id=home.ada)
    answer = room.client().post(f"/join/{code}", headers=headers)
    assert answer.status_code == 403
    assert room.kept == []
    assert "set-cookie" not in answer.headers


def test_a_browser_that_names_itself_may_start(room: Room, home: Home) -> None:
    code = room.invite(home.tenant, person_id=home.ada)
    answer = room.client().post(f"/join/{code}", headers={"Sec-Fetch-Site": "same-origin", "Origin": ADDRESS})
    assert answer.status_code == 200


def test_somebody_who_speaks_welsh_is_spoken_to_in_welsh(room: Room, home: Home, log: LearningLog) -> None:
    with log.write(home.tenant) as records:
        records.get(Person, home.ada).language = "cy"
    link = f"/join/{room.invite(home.tenant, person_id=home.ada)}"
    assert "Dechrau eich sgwrs" in room.client().get(link).text
    visitor = Visitor(room, home.tenant, home.ada).start()
    for label in ("Ydw, rwyf eisiau", "Cewch, dangoswch nhw", "Na chewch", "Unwaith yr wythnos", "Bore, 10:00"):
        visitor.tap(label)
    shown = unescape(visitor.client.get("/chat").text)
    assert '<html lang="cy"' in shown
    assert "Helo. What Matters sydd yma." in shown
    assert "dydd Gwener am 10:00 yn y bore" in shown
    assert "Beth sy'n mynd yn dda?" in shown
    visitor.write("stopiwch")
    assert "Rwyf wedi stopio." in visitor.client.get("/chat").text


def test_the_language_that_is_chosen_in_the_chat_stays(ada: Visitor, home: Home, log: LearningLog) -> None:
    ada.join()
    ada.write("settings")
    ada.tap("The language")
    ada.tap("Cymraeg")
    shown = unescape(ada.client.get("/chat").text)
    assert '<html lang="cy"' in shown
    assert "Diolch. Rwyf wedi newid hynny." in shown
    with log.read(home.tenant) as records:
        assert records.get(Person, home.ada).language == "cy"
