"""A phone or computer that several people use: nothing stays behind on it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from bot.channels.webchat import chatting
from bot.channels.webchat.session import LATE, QUIET, TOKEN
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog
from tests.bot.conftest import Home
from tests.bot.webchat.room import Room, Visitor
from tests.bot.webchat.test_chatting import reflections

MOMENT = timedelta(seconds=1)


@pytest.fixture
def ada(log: LearningLog, settings: Settings, home: Home) -> Visitor:
    """Ada (invented), in a room where time is moved by hand: see `wait`."""
    later = [log.clock()]
    moved = LearningLog(log.database, log.vault, clock=lambda: later[0])
    visitor = Visitor(Room(moved, settings), home.tenant, home.ada)
    visitor.later = later  # type: ignore[attr-defined]
    return visitor


def wait(visitor: Visitor, time: timedelta) -> None:
    visitor.later[0] += time  # type: ignore[attr-defined]


def start_shared(visitor: Visitor) -> Visitor:
    code = visitor.room.invite(visitor.tenant, person_id=visitor.person_id)
    answer = visitor.client.post(f"/join/{code}?shared=yes")
    assert answer.status_code == 200, answer.text
    visitor.new()
    return visitor


def cookie_of(visitor: Visitor) -> str:
    return str(visitor.client.cookies["whatmatters"])


def holding(room: Room, cookie: str) -> TestClient:
    """Somebody else's browser, with a copy of the cookie."""
    client = room.client()
    client.cookies.set("whatmatters", cookie)
    return client


def test_the_joining_page_asks_who_uses_the_device(room: Room, home: Home) -> None:
    page = room.client().get(f"/join/{room.invite(home.tenant, person_id=home.ada)}").text
    assert "Do other people use this phone or computer?" in page
    assert "?shared=yes" in page


def test_the_cookie_of_a_shared_device_ends_with_the_browser_and_gives_no_address_away(room: Room, home: Home) -> None:
    code = room.invite(home.tenant, person_id=home.ada)
    answer = room.client().post(f"/join/{code}?shared=yes", follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert "Max-Age" not in cookie
    assert "expires" not in cookie.lower()
    assert "HttpOnly" in cookie
    assert not TOKEN.fullmatch(cookie.partition("=")[2].partition(";")[0])
    assert answer.headers["clear-site-data"] == '"cache", "storage"'


def test_nothing_that_a_shared_device_fetches_may_be_stored(ada: Visitor) -> None:
    start_shared(ada)
    for path in ("/chat", "/chat/static/chat.css", "/chat/picture/1F642.svg", "/chat/messages"):
        assert ada.client.get(path).headers["cache-control"] == "no-store"
    page = ada.page()
    assert "manifest" not in page
    assert 'data-quiet="600"' in page


def test_after_the_quiet_minutes_the_chat_is_closed_for_every_copy_of_its_cookie(ada: Visitor) -> None:
    start_shared(ada).write("Only for my team: the heron")
    copy = holding(ada.room, cookie_of(ada))
    wait(ada, QUIET + LATE)
    assert copy.get("/chat").status_code == 200
    copy = holding(ada.room, cookie_of(ada))
    wait(ada, QUIET + LATE + MOMENT)
    for path in ("/chat", "/chat/messages"):
        assert copy.get(path).status_code == 401
    answer = ada.client.get("/chat")
    assert answer.status_code == 401
    assert "The chat has closed" in answer.text
    assert "heron" not in answer.text
    assert ada.client.post("/chat/say", data={"key": str(uuid4()), "text": "Late"}).status_code == 401


def test_whoever_writes_or_types_is_there(ada: Visitor, log: LearningLog) -> None:
    start_shared(ada)
    for act in (lambda: ada.client.post("/chat/here"), lambda: ada.write("Yes"), ada.page) * 2:
        wait(ada, QUIET)
        act()
    assert ada.client.get("/chat").status_code == 200


def test_a_page_that_only_waits_for_messages_is_not_somebody_who_is_there(
    ada: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chatting, "POLL_SECONDS", 0)  # a look at a quiet chat waits for nothing
    start_shared(ada)
    for _ in range(4):
        wait(ada, QUIET / 2)
        ada.client.get("/chat/messages", params={"after": ada.cursor})
    assert ada.client.get("/chat").status_code == 401


@pytest.mark.parametrize("is_shared", [True, False])
def test_after_leaving_a_copy_of_the_cookie_opens_nothing(ada: Visitor, log: LearningLog, is_shared: bool) -> None:
    if is_shared:
        start_shared(ada)
        for label in ("Yes, I want to", "Yes, they may", "Yes, count mine", "Every day", "Morning, 10:00"):
            ada.tap(label)
    else:
        ada.join()
    ada.write("Kept after leaving")
    cookie = cookie_of(ada)
    left = ada.client.post("/chat/leave")
    assert left.headers["clear-site-data"] == '"cache", "storage"'
    assert "whatmatters" not in ada.client.cookies
    assert holding(ada.room, cookie).get("/chat").status_code == 401
    assert reflections(log, ada) == ["Kept after leaving"]
    assert "Kept after leaving" in Visitor(ada.room, ada.tenant, ada.person_id).start().page()


def test_what_was_written_last_is_not_lost_by_leaving(ada: Visitor, log: LearningLog) -> None:
    ada.join()
    ada.room.is_slow = True
    ada.post(text="Still to be handled")
    cookie = cookie_of(ada)
    ada.client.post("/chat/leave")
    ada.room.is_slow = False
    holding(ada.room, cookie).post("/chat/say", data={"key": str(uuid4()), "text": "From a copy"})
    assert "Still to be handled" in reflections(log, ada)


def test_a_chat_can_become_a_shared_devices_later_and_its_old_cookie_opens_nothing(ada: Visitor) -> None:
    ada.join().write("The garden")
    kept = cookie_of(ada)
    answer = ada.client.post("/chat/share")
    assert "The garden" in answer.text
    assert 'data-quiet="600"' in answer.text
    assert not TOKEN.fullmatch(cookie_of(ada))
    assert holding(ada.room, kept).get("/chat").status_code == 401
    ada.write("And the heron")
    wait(ada, QUIET + LATE + MOMENT)
    assert ada.client.get("/chat").status_code == 401


def test_the_next_person_on_a_shared_device_gets_a_chat_of_their_own(ada: Visitor, home: Home) -> None:
    start_shared(ada)
    cookie = cookie_of(ada)
    code = ada.room.invite(home.tenant, staff_id=home.ben)
    ada.client.post(f"/join/{code}")
    assert cookie_of(ada) != cookie
    assert holding(ada.room, cookie).get("/chat").status_code == 200


@pytest.mark.parametrize("change", [lambda cookie: cookie[:-4] + "AAAA", lambda cookie: "AAAA" + cookie, lambda _: "?"])
def test_a_cookie_that_somebody_changed_opens_nothing(ada: Visitor, change: object) -> None:
    start_shared(ada)
    assert callable(change)
    assert holding(ada.room, change(cookie_of(ada))).get("/chat").status_code == 401


@pytest.mark.parametrize("path", ["/chat/share", "/chat/here", "/chat/leave"])
def test_another_site_can_do_nothing_to_the_chat(ada: Visitor, path: str) -> None:
    ada.join()
    cookie = cookie_of(ada)
    assert ada.client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert cookie_of(ada) == cookie
    assert ada.client.get("/chat").status_code == 200
