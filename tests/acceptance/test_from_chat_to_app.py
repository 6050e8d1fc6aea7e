"""One answer, followed from the chat to the page where a team reads it: once for each channel."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.installation import PASSWORD, Installation, free_port
from tests.bot_api import BotApiServer, User

GOING_WELL = "I cooked fish pie with my sister"
NOT_GOING_WELL = "the lift has been broken for a week"


def joins_and_reflects(user: User, code: str) -> None:
    user.start(code)
    user.wait_for_text("Do you want to take part?", timeout=30)
    for answer, next_words in (
        ("Yes, I want to", "May your support team read your answers?"),
        ("Yes, they may", "It never sees your name"),
        ("Yes, count mine", "How often shall I ask you?"),
        ("Once a week", "What time is best"),
        ("Morning, 10:00", "What is going well?"),
    ):
        user.press(answer)
        user.wait_for_text(next_words, timeout=30)
    user.send(GOING_WELL)
    user.wait_for_text("What is not going well?", timeout=30)
    user.send(NOT_GOING_WELL)
    user.wait_for_text("Who helped you to answer?", timeout=30)
    user.press("Staff")
    user.wait_for_text("Your answers are with your team", timeout=30)


def signs_in(page: Page, installation: Installation, username: str) -> None:
    page.goto(installation.app)
    page.get_by_label("Name", exact=False).first.fill(username)
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as", exact=False)).to_be_visible()


def reads_the_answers(page: Page, installation: Installation) -> None:
    """Ben, of the home's team, finds both answers by a word of theirs."""
    with installation.sense_making():
        signs_in(page, installation, "ben")
        page.get_by_role("link", name="What people said").click()
        expect(page.get_by_text(GOING_WELL)).to_be_visible()
        page.get_by_role("textbox", name="Search").fill("lift")
        page.keyboard.press("Enter")
        expect(page.get_by_text(NOT_GOING_WELL)).to_be_visible()
        expect(page.get_by_text(GOING_WELL)).to_be_hidden()


def nothing_was_logged(installation: Installation, token: str = "") -> None:
    """Ids only: no word, no name, no token."""
    logged = installation.logged("worker") + installation.logged("app")
    for secret in (GOING_WELL, NOT_GOING_WELL, "Ada", "Ben", "Una", *([token] if token else [])):
        assert secret not in logged


def nothing_can_be_read(folder: Path) -> None:
    """The database's files, as bytes."""
    for path in folder.glob("whatmatters.db*"):
        content = path.read_bytes().lower()
        for secret in (GOING_WELL, NOT_GOING_WELL, "Ada Invented", "Elm House", "Ben Madeup", "fish pie"):
            assert secret.lower().encode() not in content


def test_an_answer_in_telegram_by_long_polling_is_read_in_the_app(installation: Installation, page: Page) -> None:
    with BotApiServer() as telegram:
        installation.more |= {
            "WHATMATTERS_TELEGRAM_TOKEN": telegram.token,
            "WHATMATTERS_TELEGRAM_BASE_URL": telegram.base_url,
        }
        code = installation.invite("Ada Invented")["code"]
        user = telegram.user("Ada Invented")
        with installation.worker():
            joins_and_reflects(user, code)
            installation.whatmatters("ask", "Ada Invented")
            user.wait_for_text("?", timeout=30)
            user.send("STOP")
            user.wait_for_text("I have stopped", timeout=30)
        reads_the_answers(page, installation)
        nothing_was_logged(installation, telegram.token)
    nothing_can_be_read(installation.folder)


# Where many use it, it is a webhook and PostgreSQL; the other two ways are tried on both databases.
@pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
def test_an_answer_in_telegram_by_webhook_is_read_in_the_app(installation: Installation, page: Page) -> None:
    with BotApiServer() as telegram:
        installation.chat_port = free_port()
        installation.more |= {
            "WHATMATTERS_TELEGRAM_TOKEN": telegram.token,
            "WHATMATTERS_TELEGRAM_BASE_URL": telegram.base_url,
            "WHATMATTERS_TELEGRAM_WEBHOOK_URL": f"{installation.chat}/telegram",
            "WHATMATTERS_TELEGRAM_WEBHOOK_SECRET": "an-invented-secret",
        }
        code = installation.invite("Ada Invented")["code"]
        with installation.worker():
            joins_and_reflects(telegram.user("Ada Invented"), code)
            assert telegram.calls("getUpdates") == 0
        reads_the_answers(page, installation)
        nothing_was_logged(installation, telegram.token)


def test_an_answer_in_the_web_chat_is_read_in_the_app(installation: Installation, page: Page) -> None:
    link = installation.invite("Ada Invented")["chat_link"]
    with installation.worker():
        page.goto(link)
        page.get_by_role("button", name=re.compile("start", re.IGNORECASE)).click()
        for answer in ("Yes, I want to", "Yes, they may", "Yes, count mine", "Once a week", "Morning, 10:00"):
            page.get_by_role("button", name=answer).click()
        for question, answer in (("What is going well?", GOING_WELL), ("What is not going well?", NOT_GOING_WELL)):
            expect(page.get_by_text(question, exact=True).last).to_be_visible()
            page.get_by_role("textbox").fill(answer)
            page.get_by_role("button", name="Send").click()
        page.get_by_role("button", name="Nobody, just me").click()
        expect(page.get_by_text("Your answers are with your team")).to_be_visible()
        page.reload()
        expect(page.get_by_text(GOING_WELL)).to_be_visible()
    reads_the_answers(page, installation)
    nothing_was_logged(installation)
    nothing_can_be_read(installation.folder)
