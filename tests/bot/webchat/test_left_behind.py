"""What the chat leaves in a real browser: files for when the network is gone, and on a shared device nothing at all."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.bot.conftest import Home
from tests.bot.webchat.browsing import Served, answer_to_the_first_question, join, write

# The page is the same on both databases; what it shows from each is tested without a browser.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SAID = "Only for my team: the heron"
NOTHING = {"local": 0, "session": 0, "databases": 0, "stores": 0, "workers": 0}
HELD = """async () => ({
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  stores: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
STORED = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const store = await caches.open(name);
    for (const { url } of await store.keys()) found[new URL(url).pathname] = await (await store.match(url)).text();
  }
  return found;
}"""


def join_on_a_shared_device(page: Page, served: Served, home: Home) -> Page:
    page.goto(f"{served.address}/join/{served.room.invite(home.tenant, person_id=home.ada)}")
    page.get_by_role("button", name="Other people use it too").click()
    expect(page.locator("html.with-scripts")).to_be_attached()
    return answer_to_the_first_question(page)


def say_something(page: Page) -> None:
    write(page, SAID)
    expect(page.get_by_text("What is not going well?", exact=True)).to_be_visible()


def leave(page: Page) -> None:
    page.locator("summary").click()
    page.get_by_role("button", name="Leave the chat here").click()
    expect(page.get_by_text("You have left the chat")).to_be_visible()


def wait_for_the_worker(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")


def test_nothing_is_left_behind_on_a_shared_device(served: Served, opened: Any, home: Home) -> None:
    page = join_on_a_shared_device(opened(), served, home)
    say_something(page)
    assert [cookie["expires"] for cookie in page.context.cookies()] == [-1]
    assert page.evaluate(HELD) == NOTHING
    leave(page)
    assert page.context.cookies() == []
    assert page.evaluate(HELD) == NOTHING
    page.go_back()
    expect(page.get_by_text("Your chat is not open on this device.")).to_be_visible()
    assert "heron" not in page.content()


@pytest.mark.parametrize("way", ["Other people use it too", "Leave the chat here"])
def test_what_was_kept_before_goes_once_others_use_the_device_or_the_chat_leaves(
    served: Served, opened: Any, home: Home, way: str
) -> None:
    page = join(opened(), served, home)
    wait_for_the_worker(page)
    assert page.evaluate(HELD) == NOTHING | {"stores": 1, "workers": 1}
    page.locator("summary").click()
    page.get_by_role("button", name=way).click()
    expect(page.locator("body[data-quiet]" if way.startswith("Other") else ".card")).to_be_visible()
    assert page.evaluate(HELD) == NOTHING
    assert [cookie["expires"] for cookie in page.context.cookies()] in ([-1], [])


def test_a_shared_device_closes_the_chat_when_nobody_is_there(served: Served, opened: Any, home: Home) -> None:
    page = opened()
    page.clock.install()
    join_on_a_shared_device(page, served, home)
    say_something(page)
    page.clock.fast_forward("09:10")
    expect(page.get_by_text("Are you still there?")).to_be_visible()
    page.get_by_role("button", name="I am still here").click()
    expect(page.get_by_text("Are you still there?")).to_be_hidden()
    page.clock.fast_forward("09:10")
    page.keyboard.type("I am th")
    expect(page.get_by_text("Are you still there?")).to_be_hidden()
    page.clock.fast_forward("10:05")
    expect(page.get_by_text("The chat has closed")).to_be_visible()
    assert page.context.cookies() == []
    page.go_back()
    expect(page.get_by_text("Your chat is not open on this device.")).to_be_visible()
    assert "heron" not in page.content()


def test_a_page_that_is_left_is_empty(served: Served, opened: Any, home: Home) -> None:
    page = join_on_a_shared_device(opened(), served, home)
    say_something(page)
    page.get_by_label("Your answer", exact=True).fill("Half a sent")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert "heron" not in page.locator("#lines").inner_text()
    expect(page.get_by_label("Your answer", exact=True)).to_have_value("")


def test_without_a_network_the_chat_says_so_and_holds_nothing_that_was_said(
    served: Served, opened: Any, home: Home
) -> None:
    page = join(opened(), served, home)
    say_something(page)
    wait_for_the_worker(page)
    page.reload()
    expect(page.get_by_text(SAID)).to_be_visible()
    stored = page.evaluate(STORED)
    assert {"/chat/offline/en", "/chat/static/chat.css", "/chat/static/chat.js"} <= stored.keys()
    assert [path for path in stored if not path.startswith(("/chat/static/", "/chat/offline/"))] == []
    assert "heron" not in "".join(stored.values())
    served.stop()
    page.goto(served.address + "/chat")
    expect(page.get_by_role("heading", name="There is no connection")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).display") == "grid"
    served.go_on()
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_text(SAID)).to_be_visible()


def test_a_shared_device_is_left_alone_without_scripts_too(served: Served, opened: Any, home: Home) -> None:
    page = opened(java_script_enabled=False)
    page.goto(f"{served.address}/join/{served.room.invite(home.tenant, person_id=home.ada)}")
    page.get_by_role("button", name="Other people use it too").click()
    answer_to_the_first_question(page)
    expect(page.locator("meta[http-equiv=refresh]")).to_have_attribute("content", "665; url=/chat")
    leave(page)
    assert page.context.cookies() == []
