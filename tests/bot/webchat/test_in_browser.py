"""The page in a real browser: with a keyboard alone, with a screen reader's rules, with the network gone."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Route, expect
from sqlmodel import col, select

from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Media, Reflection
from tests.bot.conftest import Home
from tests.bot.webchat.browsing import Served
from tests.bot.webchat.room import Room
from tests.browser import browser

# The page is the same on both databases; what it shows from each is tested without a browser.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# The first words that are handled load what reads feelings: seconds, on a busy machine.
expect.set_options(timeout=20_000)

PHONE, NARROW, LAPTOP, PROJECTOR = (390, 844), (320, 568), (1280, 800), (1920, 1080)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture
def served(room: Room) -> Iterator[Served]:
    page = Served(room)
    page.go_on()
    yield page
    page.stop()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Any]:
    """Opens browsers of their own; fails on any error that a page reports."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(size: tuple[int, int] = PHONE, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def start(page: Page, served: Served, home: Home, *, scripts: bool = True) -> Page:
    page.goto(f"{served.address}/join/{served.room.invite(home.tenant, person_id=home.ada)}")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Yes, I want to")).to_be_visible()
    if scripts:  # until they are there the page works as without: a button that is pressed brings a new page
        expect(page.locator("html.with-scripts")).to_be_attached()
    return page


def join(page: Page, served: Served, home: Home, *, scripts: bool = True) -> Page:
    start(page, served, home, scripts=scripts)
    for label in ("Yes, I want to", "Yes, they may", "Yes, count mine", "Every day", "Morning, 10:00"):
        page.get_by_role("button", name=label).click()
    expect(page.get_by_text("What is going well?", exact=True)).to_be_visible()
    return page


def write(page: Page, text: str) -> None:
    page.get_by_label("Your answer", exact=True).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def words_of(log: LearningLog) -> list[str]:
    with log.read() as everyone:
        return [
            everyone.text(row, "words") for row in everyone.all(select(Reflection).order_by(col(Reflection.said_at)))
        ]


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, LAPTOP])
def test_no_page_has_a_serious_finding(
    served: Served, opened: Any, home: Home, scheme: str, size: tuple[int, int]
) -> None:
    page = opened(size, color_scheme=scheme)
    page.goto(served.address + "/chat")
    assert serious(page) == []
    page.goto(f"{served.address}/join/nobody-made-this")
    assert serious(page) == []
    page.goto(f"{served.address}/join/{served.room.invite(home.tenant, person_id=home.ada)}")
    assert serious(page) == []
    join(page, served, home)
    assert serious(page) == []
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("nothing to send")
    write(page, "The <b>garden</b>")
    expect(page.get_by_text("What is not going well?", exact=True)).to_be_visible()
    page.get_by_text("Shared device?").click()
    assert serious(page) == []


def test_all_of_it_can_be_done_with_a_keyboard_alone(served: Served, opened: Any, home: Home, log: LearningLog) -> None:
    page = opened(LAPTOP)
    page.goto(f"{served.address}/join/{served.room.invite(home.tenant, person_id=home.ada)}")

    def press_until(name: str, key: str = "Tab", most: int = 15) -> None:
        seen: list[str] = []
        for _ in range(most):
            page.keyboard.press(key)
            focused = page.evaluate(
                "document.activeElement.matches('button') ? document.activeElement.innerText"
                " : document.activeElement.id"
            )
            seen.append(focused)
            if name in focused:
                assert page.evaluate("document.activeElement.matches(':focus-visible')")
                return
        raise AssertionError(f"{name} cannot be reached: {seen}")

    press_until("Start")
    page.keyboard.press("Enter")
    for label, after in (
        ("Yes, I want to", "Yes, count mine"),
        ("Yes, count mine", "Every day"),
        ("Every day", "Morning, 10:00"),
        ("Morning, 10:00", "Skip"),
    ):
        expect(page.get_by_role("button", name=label)).to_be_visible()
        press_until(label)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=after)).to_be_visible()
    press_until("words")
    page.keyboard.type("Typed")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("only")
    press_until("Send")
    page.keyboard.press("Space")
    expect(page.get_by_text("What is not going well?", exact=True)).to_be_visible()
    assert words_of(log) == ["Typed\nonly"]
    for label in ("I am worried", "Say it again", "Stop"):
        press_until(label)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Start again")).to_be_visible()


def test_after_a_tap_the_keyboard_goes_on_where_it_was(served: Served, opened: Any, home: Home) -> None:
    page = start(opened(LAPTOP), served, home)
    page.get_by_role("button", name="Yes, I want to").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes, count mine")).to_be_visible()
    assert page.evaluate("document.activeElement.classList.contains('line')")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Yes, count mine")).to_be_focused()


def test_what_is_written_while_the_network_is_gone_is_sent_once_it_is_back(
    served: Served, opened: Any, home: Home, log: LearningLog
) -> None:
    page = join(opened(), served, home)
    served.stop()
    write(page, "Written in a tunnel")
    expect(page.locator(".line").last).to_contain_text("Not sent yet")
    expect(page.locator("#connection")).to_contain_text("There is no connection.")
    write(page, "And a second thing")
    served.go_on()
    expect(page.get_by_text("I have kept that")).to_have_count(2)
    expect(page.locator(".by-person .state", has_text="✓ Sent")).to_have_count(6)
    expect(page.locator("#connection")).to_be_empty()
    assert words_of(log) == ["Written in a tunnel", "And a second thing"]
    expect(page.get_by_text("Written in a tunnel")).to_have_count(1)


def test_an_answer_that_got_lost_on_its_way_back_is_not_sent_twice(
    served: Served, opened: Any, home: Home, log: LearningLog
) -> None:
    page = join(opened(), served, home)
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    page.route("**/chat/say", lose_the_first)
    write(page, "Said once")
    expect(page.locator(".line.by-person").last).to_contain_text("✓ Sent")
    expect(page.get_by_text("What is not going well?", exact=True)).to_be_visible()
    expect(page.locator("#connection")).to_be_empty()
    assert lost == [200]
    assert words_of(log) == ["Said once"]
    expect(page.get_by_text("Said once")).to_have_count(1)


def test_what_cannot_be_taken_stays_in_the_box(served: Served, opened: Any, home: Home, log: LearningLog) -> None:
    page = join(opened(), served, home)
    long = "b" * 4097
    write(page, long)
    expect(page.get_by_role("alert")).to_contain_text("That is too long for me.")
    expect(page.get_by_label("Your answer", exact=True)).to_have_value(long)
    assert words_of(log) == []


def test_a_question_of_the_bot_comes_to_the_open_page_by_itself(served: Served, opened: Any, home: Home) -> None:
    page = join(opened(), served, home)
    served.room.ask(home.tenant, home.ada, "A question of the week")
    served.do(served.room.catch_up())
    expect(page.get_by_text("A question of the week")).to_be_visible()
    expect(page.get_by_role("button", name="Skip")).to_have_count(0)


def test_a_photo_is_shown_before_it_is_sent_and_can_be_taken_away(
    served: Served, opened: Any, home: Home, log: LearningLog
) -> None:
    page = join(opened(), served, home)
    picture = io.BytesIO()
    Image.new("RGB", (80, 60), "green").save(picture, "PNG")
    chosen = FilePayload(name="invented.png", mimeType="image/png", buffer=picture.getvalue())
    page.locator("#file").set_input_files([chosen])
    page.get_by_role("button", name="Take the photo away").click()
    expect(page.locator("#photo-ready")).to_be_hidden()
    page.locator("#file").set_input_files([chosen])
    write(page, "My bus stop")
    expect(page.get_by_text("What is not going well?", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    assert words_of(log) == ["My bus stop"]
    page.reload()
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()


def test_a_voice_message_is_recorded_and_kept(served: Served, opened: Any, home: Home, log: LearningLog) -> None:
    page = join(opened(permissions=["microphone"]), served, home)
    page.get_by_role("button", name="Voice").click()
    expect(page.locator("#seconds")).to_have_text("0:01")
    page.get_by_role("button", name="Send my voice").click()
    expect(page.get_by_text("What is not going well?", exact=True)).to_be_visible()
    with log.read() as everyone:
        kept = everyone.first(select(Media))
        assert (kept.kind, kept.mime) == ("voice", "audio/webm")
        assert kept.size > 200


def test_it_all_works_without_scripts(served: Served, opened: Any, home: Home, log: LearningLog) -> None:
    page = join(opened(java_script_enabled=False), served, home, scripts=False)
    write(page, "No scripts here")
    expect(page.get_by_text("What is not going well?", exact=True)).to_be_visible()
    served.room.ask(home.tenant, home.ada, "A question of the week")
    served.do(served.room.catch_up())
    page.get_by_role("link", name="Show new messages").click()
    expect(page.get_by_text("A question of the week")).to_be_visible()
    page.get_by_role("button", name="I am worried").click()
    expect(page.locator(".by-bot", has_text="999").last).to_be_visible()
    assert words_of(log) == ["No scripts here"]


@pytest.mark.parametrize("size", [NARROW, PHONE, LAPTOP, PROJECTOR])
def test_it_fits_from_a_small_phone_to_a_projector(
    served: Served, opened: Any, home: Home, size: tuple[int, int]
) -> None:
    page = join(opened(size), served, home)
    write(page, "A long word: " + "pneumono" * 30)
    expect(page.get_by_text("What is not going well?", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
    for button in page.locator("button:visible, summary:visible, textarea:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 48, button.inner_text()
    for label in ("I am worried", "Say it again", "Stop"):
        expect(page.get_by_role("button", name=label)).to_be_in_viewport(ratio=1)


def test_it_moves_nothing_for_whoever_wants_no_movement(served: Served, opened: Any, home: Home) -> None:
    page = join(opened(reduced_motion="reduce", permissions=["microphone"]), served, home)
    page.get_by_role("button", name="Voice").click()
    expect(page.locator(".listening")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    page.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_role("button", name="Voice")).to_be_focused()


def test_a_chat_that_is_closed_elsewhere_says_so_and_keeps_what_is_being_written(
    served: Served, opened: Any, home: Home
) -> None:
    page = join(opened(), served, home)
    page.get_by_label("Your answer", exact=True).fill("Half a sent")
    page.context.clear_cookies()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Your chat is not open on this device now.")
    expect(page.locator(".line").last).to_contain_text("Half a sent")
    expect(page.locator(".line").last).to_contain_text("Not sent")


def test_a_screen_reader_hears_who_says_what(served: Served, opened: Any, home: Home) -> None:
    page = join(opened(), served, home)
    chat = page.get_by_role("log")
    expect(chat).to_have_attribute("aria-live", "polite")
    expect(chat).to_contain_text(re.compile(r"What Matters says:\s*Hello\."))
    expect(chat).to_contain_text(re.compile(r"You say:\s*Every day"))
    assert page.locator("html").get_attribute("lang") == "en"
    levels = [int(tag[1]) for tag in page.locator("h1, h2, h3").evaluate_all("all => all.map(one => one.tagName)")]
    assert levels == [1, 2, 2]
    for picture in page.locator(".picture").all():
        assert picture.get_attribute("aria-hidden") == "true"
