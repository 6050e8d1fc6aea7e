"""A whole conversation in Welsh, over HTTP: in Telegram and in the web chat. The words are those of the catalogue."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from bot.dialogue.book import words
from learning_log import config
from tests.acceptance.installation import Installation
from tests.bot_api import BotApiServer

# In English it is tried on both databases: the language changes nothing there.
pytestmark = pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
CY = words("cy")
# What is tapped or written, and a part of what is said to it.
JOINING = (
    ("joining.agree_yes", "joining.team"),
    ("joining.team_yes", "joining.themes"),
    ("joining.themes_yes", "pace.days"),
    ("pace.weekly", "pace.time"),
)
AFTER = (
    ("after.by_myself", "reflecting.thanks"),
    ("after.sees", "after.who_may_see"),
    ("after.me", "after.seen_by_me"),
)
WELL, NOT_WELL = "Es i i'r dref gyda fy mrawd", "Roedd y bws yn hwyr"


def question(key: str) -> str:
    (found,) = (each for each in config.load("prompts/core")["prompt"] if each["key"] == key)
    return str(found["words"]["cy"]["text"])


@pytest.fixture
def nia(installation: Installation) -> dict[str, str]:
    """Nia is invented, and speaks Welsh. Her invitation."""
    installation.whatmatters("add", "person", "Nia Invented", "--team", "Elm House", "--language", "cy")
    return installation.invite("Nia Invented")


def test_a_whole_conversation_in_welsh_in_telegram(installation: Installation, nia: dict[str, str]) -> None:
    with BotApiServer() as telegram:
        installation.more |= {
            "WHATMATTERS_TELEGRAM_TOKEN": telegram.token,
            "WHATMATTERS_TELEGRAM_BASE_URL": telegram.base_url,
        }
        code = installation.invite("Nia Invented")["code"]
        user = telegram.user("Nia Invented")
        with installation.worker():
            user.start(code)
            user.wait_for_text(CY.say("joining.agree"), timeout=30)
            for tapped, said in JOINING:
                user.press(CY.say(tapped))
                user.wait_for_text(CY.say(said), timeout=30)
            user.press(CY.say("pace.morning"))
            user.wait_for_text(question("going_well"), timeout=30)
            user.send(WELL)
            user.wait_for_text(question("not_going_well"), timeout=30)
            user.send(NOT_WELL)
            user.wait_for_text(CY.say("after.helped"), timeout=30)
            for tapped, said in AFTER:
                user.press(CY.say(tapped))
                user.wait_for_text(CY.say(said), timeout=30)
            user.send("fy nata")
            user.wait_for_text(CY.say("mydata.read_by_nobody"), timeout=30)
            user.press(CY.say("mydata.all"))
            user.wait_for_text(CY.say("mydata.file_data"), timeout=30)
            user.send("dwi'n poeni")
            user.wait_for_text("999", timeout=30)  # in English: it is about safety
            user.send("stopiwch")
            user.wait_for_text(CY.say("stopping.stopped"), timeout=30)


def test_a_whole_conversation_in_welsh_in_the_web_chat(
    installation: Installation, nia: dict[str, str], page: Page
) -> None:
    with installation.worker():
        page.goto(nia["chat_link"])
        page.get_by_role("button", name=re.compile("Dechrau")).click()
        for tapped, said in JOINING:
            page.get_by_role("button", name=CY.say(tapped)).click()
            expect(page.get_by_text(CY.say(said)).last).to_be_visible()
        page.get_by_role("button", name=CY.say("pace.morning")).click()
        for asked, answer in ((question("going_well"), WELL), (question("not_going_well"), NOT_WELL)):
            expect(page.get_by_text(asked, exact=True).last).to_be_visible()
            page.get_by_role("textbox").fill(answer)
            page.get_by_role("textbox").press("Enter")
        for tapped, said in AFTER:
            page.get_by_role("button", name=CY.say(tapped)).last.click()
            expect(page.get_by_text(CY.say(said)).last).to_be_visible()
        for written, said in (("fy nata", NOT_WELL), ("stopiwch", "Rwyf wedi stopio.")):
            page.get_by_role("textbox").fill(written)
            page.get_by_role("textbox").press("Enter")
            expect(page.get_by_text(said).last).to_be_visible()
        expect(page.locator("html[lang=cy]")).to_be_attached()
