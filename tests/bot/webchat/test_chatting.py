"""What is said on the page, and what the page shows of it."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select

from bot.channels.webchat import chatting
from bot.channels.webchat.page import sorry
from bot.channels.webchat.posting import MOST_LETTERS
from bot.dialogue.book import words
from bot.dialogue.turn import File, Say
from learning_log.services import conversations
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Concern, InboxMessage, Reflection
from tests.bot.conftest import Home
from tests.bot.webchat.room import Room, Visitor


def reflections(log: LearningLog, visitor: Visitor) -> list[str]:
    with log.read(visitor.tenant) as records:
        return [records.text(row, "words") for row in records.all(select(Reflection).order_by(col(Reflection.said_at)))]


def test_an_answer_is_kept_with_the_person_and_shown_on_both_sides(ada: Visitor, log: LearningLog) -> None:
    ada.join().write("I like the allotment")
    assert reflections(log, ada) == ["I like the allotment"]
    said = ada.words_on_page()
    assert said[-3:] == ["I like the allotment", words("en").say("reflecting.kept"), "What is not going well?"]


def test_a_tapped_button_is_shown_by_its_label(ada: Visitor) -> None:
    ada.join().write("The bus")
    ada.write("Nothing")
    ada.tap("Go back to bowling")
    assert "Go back to bowling" in ada.words_on_page()


def test_only_the_newest_message_can_be_tapped(ada: Visitor) -> None:
    ada.join()
    page = ada.page()
    assert page.count('class="choices"') == 1
    assert "Yes, I want to" not in page
    assert page.index('class="choices"') > page.index("What is going well?")


def test_a_message_is_kept_before_its_post_is_answered(ada: Visitor, log: LearningLog) -> None:
    ada.join()
    ada.room.is_slow = True
    ada.post(text="Still to be handled")
    with log.read() as records:
        waiting = records.all(select(InboxMessage).where(InboxMessage.status == "kept"))
        assert ["Still to be handled" in records.text(row, "body") for row in waiting] == [True]
    assert ada.words_on_page()[-1] == "Still to be handled"


def test_a_message_that_is_sent_again_is_kept_once(ada: Visitor, log: LearningLog) -> None:
    ada.join()
    key = str(uuid4())
    for _ in range(3):
        assert ada.post(text="The garden", key=key) == {"kept": True, "key": key}
    assert reflections(log, ada) == ["The garden"]


def test_other_words_under_a_key_that_was_used_are_not_lost(ada: Visitor, log: LearningLog) -> None:
    """Whoever goes back in the browser and writes something else uses the form, and its key, again."""
    ada.join()
    key = str(uuid4())
    ada.post(text="The garden", key=key)
    ada.post(text="The noise", key=key)
    assert reflections(log, ada) == ["The garden", "The noise"]


def test_a_key_of_one_chat_takes_nothing_from_another(ada: Visitor, room: Room, home: Home, log: LearningLog) -> None:
    ada.join()
    ben = Visitor(room, home.tenant, home.ada)
    key = str(uuid4())
    ada.post(text="From here", key=key)
    ben.start()
    ben.post(text="From there", key=key)
    assert reflections(log, ada) == ["From here", "From there"]


def test_nothing_to_send_gets_a_sentence(ada: Visitor) -> None:
    ada.join()
    kept = len(ada.room.kept)
    assert ada.post(400, text=" \r\n ")["sorry"] == sorry("en", "blank")
    assert len(ada.room.kept) == kept


def test_too_many_letters_get_a_sentence_and_stay_in_the_box(ada: Visitor, log: LearningLog) -> None:
    ada.join()
    long = "b" * (MOST_LETTERS + 1)
    assert ada.post(413, text=long)["sorry"] == sorry("en", "too_long")
    page = ada.client.post("/chat/say", data={"key": str(uuid4()), "text": long})
    assert page.status_code == 413
    assert f">{long}</textarea>" in page.text
    assert sorry("en", "too_long") in page.text
    assert reflections(log, ada) == []


def test_the_most_letters_are_kept_whole_with_their_lines(ada: Visitor, log: LearningLog) -> None:
    ada.join()
    text = ("ŵ😀\r\n" * MOST_LETTERS)[: MOST_LETTERS + MOST_LETTERS // 3].strip()
    whole = text.replace("\r\n", "\n")
    ada.post(text=text)
    assert len(whole) <= MOST_LETTERS
    assert reflections(log, ada) == [whole]


def test_json_is_heard_like_a_form(ada: Visitor, log: LearningLog) -> None:
    ada.join()
    key = str(uuid4())
    answer = ada.client.post(
        "/chat/say",
        content=f'{{"key": "{key}", "text": "By hand \\ud800"}}',
        headers={"Content-Type": "application/json", "Accept": "application/json"},
    )
    assert answer.json() == {"kept": True, "key": key}
    assert reflections(log, ada) == ["By hand ?"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("application/json", b'{"key": 7, "text": []}'),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=b", b"--b\r\nnonsense"),
        ("text/plain", b"key=12345678&text=hello"),
        ("application/x-www-form-urlencoded", b"text=without+a+key"),
    ],
)
def test_a_post_that_cannot_be_read_gets_a_sentence(ada: Visitor, kind: str, content: bytes) -> None:
    ada.join()
    kept = len(ada.room.kept)
    headers = {"Content-Type": kind, "Accept": "application/json"}
    answer = ada.client.post("/chat/say", content=content, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["sorry"] == sorry("en", "unreadable")
    assert len(ada.room.kept) == kept


def test_a_choice_that_was_never_offered_is_refused(ada: Visitor) -> None:
    ada.join()
    kept = len(ada.room.kept)
    assert ada.post(409, button="00000000:agree:yes")["sorry"] == sorry("en", "closed")
    assert len(ada.room.kept) == kept


def test_words_are_shown_as_words_and_never_run(ada: Visitor) -> None:
    ada.join()
    lines = ada.write('<script>alert("x")</script> & <b>')
    assert "&lt;script&gt;" in lines[0]["html"]
    assert "<script>alert" not in ada.page() + lines[0]["html"]


@pytest.mark.parametrize("is_joined", [True, False])
def test_i_am_worried_is_heard_in_every_state(room: Room, home: Home, log: LearningLog, is_joined: bool) -> None:
    visitor = Visitor(room, home.tenant, home.ada)
    visitor.join() if is_joined else visitor.start()
    assert 'value="😟 I am worried"' in visitor.page()
    said = visitor.write("😟 I am worried")
    assert any("999" in line["words"] for line in said if line["by"] == "bot")
    with log.read(home.tenant) as records:
        assert len(records.all(select(Concern))) == 1


def test_the_three_buttons_are_there_in_every_state(ada: Visitor) -> None:
    pages = [ada.start().page(), ada.join().page()]
    ada.write("✋ Stop")
    pages.append(ada.page())
    for page in pages:
        for name in ("worried", "again", "stop"):
            assert f'value="{words("en").say(f"buttons.{name}")}"' in page


def test_it_all_works_without_scripts(ada: Visitor, log: LearningLog) -> None:
    ada.join()
    answer = ada.client.post("/chat/say", data={"key": str(uuid4()), "text": "No scripts"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/chat#newest")
    page = ada.page()
    assert "What is not going well?" in page
    assert 'href="/chat?look=' in page
    assert reflections(log, ada) == ["No scripts"]


def test_what_the_bot_says_of_its_own_accord_comes_to_an_open_page(
    ada: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chatting, "POLL_SECONDS", 0.5)  # what a page waits for when there is nothing new
    ada.join()
    ada.room.ask(ada.tenant, ada.person_id, "A question of the week")
    asyncio.run(ada.room.catch_up())
    assert [line["words"] for line in ada.new()] == ["A question of the week"]
    assert ada.new() == []


def test_the_page_says_when_all_of_it_is_invented(ada: Visitor) -> None:
    assert "invented example" in ada.start().page()


def test_a_browser_without_a_chat_is_told_so_in_plain_words(room: Room) -> None:
    for token in ("", "x" * 43, "not a token"):
        stranger = room.client()
        if token:
            stranger.cookies.set("whatmatters", token)
        page = stranger.get("/chat")
        assert page.status_code == 401
        assert "Your chat is not open on this device." in page.text
        assert stranger.get("/chat/messages").status_code == 401
        said = stranger.post(
            "/chat/say", json={"key": "12345678", "text": "Hello"}, headers={"Accept": "application/json"}
        )
        assert said.status_code == 401
    assert room.kept == []


def test_leaving_forgets_the_chat_on_this_device_only(ada: Visitor, log: LearningLog) -> None:
    ada.join().write("Kept after leaving")
    assert "no longer shows your chat" in ada.client.post("/chat/leave").text
    assert ada.client.get("/chat").status_code == 401
    assert reflections(log, ada) == ["Kept after leaving"]


@pytest.mark.parametrize("path", ["/chat/say", "/chat/leave"])
@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}])
def test_another_site_can_say_nothing_in_the_chat(ada: Visitor, path: str, headers: dict[str, str]) -> None:
    ada.join()
    kept = len(ada.room.kept)
    answer = ada.client.post(path, data={"key": str(uuid4()), "text": "Forged"}, headers=headers)
    assert answer.status_code == 403
    assert len(ada.room.kept) == kept
    assert ada.client.get("/chat").status_code == 200


def test_every_page_keeps_others_out_and_itself_out_of_stores(ada: Visitor, room: Room) -> None:
    ada.join()
    for path in ("/chat", "/chat/messages", "/join/unknown", "/"):
        headers = ada.client.get(path, follow_redirects=False).headers
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"


def test_the_page_needs_nothing_from_elsewhere(ada: Visitor) -> None:
    page = ada.join().page()
    assert "http://" not in page
    assert "https://" not in page
    assert "<script>" not in page
    assert "style=" not in page


def test_a_page_that_starts_before_its_first_answer_gets_it_later(room: Room, home: Home) -> None:
    room.is_slow = True
    client = room.client()
    page = client.post(f"/join/{room.invite(home.tenant, person_id=home.ada)}")
    assert 'data-state="starting"' in page.text
    assert "One moment." in page.text
    asyncio.run(room.catch_up())
    found = client.get("/chat/messages", params={"state": "starting"}).json()
    assert found["state"] == "open"
    assert found["lines"][0]["words"] == words("en").say("joining.hello")


def test_a_big_picture_is_shown_large_and_a_file_can_be_kept(ada: Visitor, room: Room, home: Home) -> None:
    ada.join()
    say(ada, Say("How was the bus?", picture="🚌", big=True, aloud="en"))
    shown = say(ada, Say("Here is what I keep.", file=File("fy ngeiriau.txt", "text/plain", b"Invented")))
    assert 'data-aloud="en"' in ada.page()
    assert "with-big" in ada.page()
    link = re.search(r'href="(/chat/file/[^"]+)"', shown["html"])
    assert link
    answer = ada.client.get(link[1])
    assert (answer.content, answer.headers["cache-control"]) == (b"Invented", "no-store")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''fy%20ngeiriau.txt"
    assert room.client().get(link[1]).status_code == 401
    other = Visitor(room, home.tenant, home.ada)
    other.client.post(f"/join/{room.invite(home.tenant, staff_id=home.ben)}")
    assert other.client.get(link[1]).status_code == 401


def say(visitor: Visitor, message: Say) -> dict[str, Any]:
    with visitor.room.log.write(visitor.tenant) as records:
        chat = conversations.of(records, visitor.person_id, None)
        assert chat
        conversations.say(records, chat, [message.as_json()], "prompt")
    asyncio.run(visitor.room.catch_up())
    return visitor.new()[-1]


def test_somebody_who_is_forgotten_reads_so_on_the_page_and_finds_no_chat_after(ada: Visitor) -> None:
    ada.join()
    ada.write("I like the allotment")
    ada.write("my data")
    ada.tap("Forget me")
    ada.client.post(
        "/chat/say",
        data={"key": str(uuid4()), "text": "Yes, forget me"},
        headers={"Accept": "application/json"},
    )
    page = ada.client.get("/chat")
    assert page.status_code == 401
    assert "forgotten" in page.text or "deleted" in page.text
    assert "allotment" not in page.text
