"""The page in a real browser: with a keyboard alone, with a screen reader's rules, with the network gone."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Route, expect
from sqlmodel import col, select

from bot.dialogue.book import words
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Media, Reflection
from tests.bot.conftest import Home
from tests.bot.webchat.browsing import (
    PHONE,
    SMALL_PHONE,
    Served,
    answer_to_the_first_question,
    join,
    serious,
    start,
    write,
)

# The page is the same on both databases; what it shows from each is tested without a browser.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NARROW, LAPTOP, PROJECTOR = (320, 568), (1280, 800), (1920, 1080)


def words_of(log: LearningLog) -> list[str]:
    with log.read() as everyone:
        return [
            everyone.text(row, "words") for row in everyone.all(select(Reflection).order_by(col(Reflection.said_at)))
        ]


@pytest.mark.parametrize("colours", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}])
@pytest.mark.parametrize("size", [SMALL_PHONE, LAPTOP])
def test_no_page_has_a_serious_finding(
    served: Served, opened: Any, home: Home, colours: dict[str, str], size: tuple[int, int]
) -> None:
    page = opened(size, **colours)
    for path in ("/chat", "/join/nobody-made-this", "/chat/offline/en"):
        page.goto(served.address + path)
        assert serious(page) == []
    page.goto(f"{served.address}/join/{served.room.invite(home.tenant, person_id=home.ada)}")
    assert serious(page) == []
    start(page, served, home)
    assert serious(page) == []
    answer_to_the_first_question(page)
    assert serious(page) == []
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="nothing to send")).to_be_visible()
    write(page, "The <b>garden</b>")
    expect(page.get_by_text("What is not going well?", exact=True)).to_be_visible()
    page.get_by_text("Shared device?").click()
    assert serious(page) == []
    page.get_by_role("button", name="Leave the chat here").click()
    expect(page.get_by_text("You have left the chat")).to_be_visible()
    assert serious(page) == []


def test_a_whole_conversation_is_possible_with_a_keyboard_alone(
    served: Served, opened: Any, home: Home, log: LearningLog
) -> None:
    """From the joining link to the thanks; afterwards the three buttons that are always there."""
    page = opened(LAPTOP)
    page.goto(f"{served.address}/join/{served.room.invite(home.tenant, person_id=home.ada)}")

    def press_until(name: str, most: int = 20) -> None:
        """name: words on a button, or the id of a field."""
        seen: list[str] = []
        for _ in range(most):
            page.keyboard.press("Tab")
            focused = page.evaluate_handle("document.activeElement")
            seen.append(focused.evaluate("it => it.matches('button') ? it.innerText : it.id"))
            if name in seen[-1]:
                assert page.evaluate("document.activeElement.matches(':focus-visible')")
                return
        raise AssertionError(f"{name} cannot be reached: {seen}")

    press_until("Start")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes, I want to")).to_be_visible()
    expect(page.locator("html.with-scripts")).to_be_attached()
    thanks = page.get_by_text(words("en").say("reflecting.thanks"), exact=True)
    typed: list[str] = []
    for _ in range(20):
        if thanks.count():
            break
        seen = page.locator("#newest").get_attribute("data-id")
        choices = page.locator("#newest .choice .label").all_inner_texts()
        if set(choices) <= {"Go back", "Skip"}:
            typed.append(f"Typed only\n{len(typed)}")
            press_until("words")
            page.keyboard.type("Typed only")
            page.keyboard.press("Shift+Enter")
            page.keyboard.type(str(len(typed) - 1))
            press_until("Send")
            page.keyboard.press("Space")
        else:
            press_until(choices[0])
            page.keyboard.press("Enter")
        expect(page.locator(f"#newest.by-bot:not([data-id='{seen}'])")).to_be_attached()
    expect(thanks).to_be_visible()
    assert words_of(log) == typed
    for label in ("I am worried", "Say it again", "Stop"):
        press_until(label)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Start again")).to_be_visible()


def test_after_a_tap_the_keyboard_goes_on_where_it_was(served: Served, opened: Any, home: Home) -> None:
    page = start(opened(LAPTOP), served, home)
    page.get_by_role("button", name="Yes, I want to").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes, they may")).to_be_visible()
    assert page.evaluate("document.activeElement.classList.contains('line')")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Yes, they may")).to_be_focused()


def test_what_is_written_while_the_network_is_gone_is_sent_once_it_is_back(
    served: Served, opened: Any, home: Home, log: LearningLog
) -> None:
    page = join(opened(), served, home)
    sent = page.locator(".by-person .state", has_text="✓ Sent")
    before = sent.count()
    served.stop()
    write(page, "Written in a tunnel")
    expect(page.locator(".line").last).to_contain_text("Not sent yet")
    expect(page.locator("#connection")).to_contain_text("There is no connection.")
    write(page, "And a second thing")
    served.go_on()
    expect(page.get_by_text("I have kept that")).to_have_count(2)
    expect(sent).to_have_count(before + 2)
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
    expect(page.locator("#trouble")).to_contain_text("That is too long for me.")
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


@pytest.mark.parametrize("size", [NARROW, SMALL_PHONE, PHONE, LAPTOP, PROJECTOR])
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


@pytest.mark.parametrize("size", [SMALL_PHONE, LAPTOP])
def test_the_menu_of_the_device_fits_and_closes_again(
    served: Served, opened: Any, home: Home, size: tuple[int, int]
) -> None:
    page = start(opened(size), served, home)
    menu = page.locator(".device-menu")
    page.get_by_text("Shared device?").click()
    for button in menu.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 48
        expect(button).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(page.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.get_by_label("Your answer", exact=True).click()
    expect(menu).to_be_hidden()


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
    expect(page.locator("#trouble")).to_contain_text("Your chat is not open on this device now.")
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
