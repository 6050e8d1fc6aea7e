"""A month of one invented person's life in the product, lived by the real code, and written down as docs/a-month.md.

`script/a-month` makes the page and its screens. A test makes the words anew and holds them against the page.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from playwright.sync_api import Browser, Page, expect

from bot import outbox
from bot.channels.webchat.channel import NAME
from bot.prompting import compose
from learning_log.domain.rotation import subject_of
from learning_log.services import agreements, falling_due, meetings, organisation, outcomes, reading
from learning_log.services.access import Reader, Scope
from learning_log.services.sharing import Filters
from learning_log.settings import Settings
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import make_keys, read_keys
from learning_log.storage.records import LearningLog
from tests.acceptance.installation import PASSWORD, Installation
from tests.bot.webchat.browsing import PHONE, Served
from tests.bot.webchat.room import Room, Visitor
from tests.browser import browser

PAGE = Path(__file__).parents[2] / "docs" / "a-month.md"
SCREENS = PAGE.with_suffix("")
JOINED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday; London is on UTC
HEAD = """# A month with What Matters

Ada, Ben and Una are invented, and so is all that they say and do. What the bot says, its buttons and its screens came
out of the running code: `script/a-month` makes this page, and a test holds its words against the code. The pictures in
the chat are OpenMoji's (CC BY-SA 4.0).

Ada is supported at Elm House. Ben supports her. Una is the safeguarding lead. The month is March 2026.
"""
LADDER = ["Not now", "I look at the bus", "I ride with Ben", "I ride alone"]


class Clock:
    """A second passes with each look; days pass when told."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass(frozen=True)
class Home:
    tenant: UUID
    team: UUID
    ada: UUID
    ben: UUID
    una: UUID


@dataclass
class Month:
    """What happens, written down while it does. take: makes a screen of a phone; none where no screens are wanted."""

    room: Room
    clock: Clock
    home: Home
    take: Callable[[Visitor, str], None] | None = None
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.phone = Visitor(self.room, self.home.tenant, self.home.ada)
        scope = Scope(teams=frozenset({self.home.team}), staff_id=self.home.ben)
        self.reader = Reader(self.home.ben, self.home.tenant, "Ben Madeup", {"team": scope})

    def tell(self, words: str) -> None:
        self.lines += ["", words]

    def day(self, on: date, what: str, hour: int = 10) -> None:
        """The days before it pass one by one; who is due is asked at 10:00."""
        while self.clock.now.date() < on:
            self.phone.new()  # what came on a day that is not told here
            next_day = self.clock.now.date() + timedelta(days=1)
            self.clock.now = datetime(next_day.year, next_day.month, next_day.day, 10, tzinfo=UTC)
            falling_due.make_due(self.room.log)
            outbox.show(self.room.log, NAME, compose)
        self.lines += ["", f"## {on:%A} {on.day} {on:%B}: {what}"]
        self._said(self.phone.new())

    def taps(self, *labels: str) -> None:
        for label in labels:
            self.lines += ["", f"> **Ada** taps *{label}*"]
            self._said(self.phone.tap(label))

    def writes(self, words: str) -> None:
        self.lines += ["", f"> **Ada:** {words}"]
        self._said(self.phone.write(words))

    def screen(self, name: str, alt: str) -> None:
        if self.take:
            self.take(self.phone, name)
        self.lines += ["", f'<img src="a-month/{name}.png" alt="{alt}" width="260">']

    def starts(self) -> None:
        self.phone.start()
        self._said(self.phone.lines)

    def _said(self, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            if line["by"] == "bot":
                words = "<br>".join(line["words"].splitlines())
                self.lines += ["", f"**Bot:** {_picture(line['html'])}{words}"]
                if line["choices"]:
                    self.lines += ["", " ".join(f"`{choice['label']}`" for choice in line["choices"])]


def _picture(drawn: str) -> str:
    """The emoji behind a line's picture."""
    found = re.search(r'<span class="picture".*?/chat/picture/([0-9A-F-]+)\.svg', drawn, re.DOTALL)
    return "".join(chr(int(code, 16)) for code in found[1].split("-")) + " " if found else ""


def live(month: Month) -> None:
    """The month itself."""
    home, log, reader = month.home, month.room.log, month.reader
    ben = joins(month.room, home, home.ben)
    joins(month.room, home, home.una)
    with log.write(home.tenant) as records:
        agreements.name_worker(records, reader, home.ada, home.ben)

    month.lines += ["", "## Monday 2 March: joining"]
    month.tell("Ben gives Ada a link. She opens it on her phone. What she may say yes to is one question each.")
    month.starts()
    month.taps("Yes, I want to", "Yes, they may", "Yes, count mine")
    month.screen("joining", "Ada's phone: how often shall I ask you?")
    month.taps("Every day", "Morning, 10:00")
    month.writes("I cooked fish pie with my sister")
    month.writes("the bus is so loud")
    month.taps("Nobody, just me")
    month.tell("Her words are kept, sealed. Ben's team can read them, and she can see who did.")

    month.day(date(2026, 3, 3), "another subject, and only for herself")
    month.tell("Each day another subject, and always both sides of it.")
    month.writes("Ben knows how I like my tea")
    month.taps("Skip", "Staff", "Who may see this?", "Only me")

    month.tell("Ben reads what people said, on the app's page of that name.")
    with log.write(home.tenant) as records:
        reading.newest(records, reader, Filters())

    month.day(date(2026, 3, 4), "big pictures")
    month.writes("settings")
    month.taps("Pictures and sound", "Big pictures")
    month.tell(
        "Ada tells Ben what she wants. They draw a ladder with her own words, and Ben writes it down in the app."
    )
    with log.write(home.tenant) as records:
        outcomes.add_outcome(
            records, reader, home.ada, "Ride the bus to my sister", date(2026, 3, 4), scale="ladder", steps=LADDER
        )

    month.day(date(2026, 3, 5), "a goal of her own")
    month.taps("🙂", "I look at the bus")
    month.screen("goal", "Ada's phone: where she is on her own ladder")
    month.writes("I want Ben beside me")
    month.taps("Skip")
    month.tell("The team meets. It has read what Ada said, and writes down one thing to try with her.")
    with log.write(home.tenant) as records:
        tried = meetings.try_something(
            records,
            reader,
            home.team,
            "Take the quiet bus at 11 together",
            date(2026, 3, 5),
            date(2026, 3, 16),
            person_id=home.ada,
            heard="The bus is loud",
        )

    month.day(date(2026, 3, 6), "would she like that?")
    month.screen("trying", "Ada's phone: what the team would like to try with her")
    month.taps("Yes, try it")

    month.day(date(2026, 3, 9), "one week, seen by two")
    month.taps("Yes, I want that", "🙂 Good", "Skip")
    month.tell("Ben is asked the same in his own chat. He says yes to comparing, and: *mixed*.")
    ben.new()
    ben.tap("Yes, I want that")
    ben.tap("😐 Mixed")

    month.day(date(2026, 3, 10), "where they saw it alike, and where not")
    month.taps("Skip")
    month.writes("pause")
    month.taps("1 week")
    month.tell("For a week nothing comes. Ben and Ada take the quiet bus.")

    month.day(date(2026, 3, 17), "did it help?")
    month.screen("helped", "Ada's phone: did it help you?")
    month.taps("🙂 It helped")
    month.writes("I could hear my music")
    month.taps("Nobody, just me")
    month.tell("Her judgement and her words stand in the app beside what the team noticed. The team decides: keep it.")
    with log.write(home.tenant) as records:
        meetings.look_back(records, reader, tried, "Ada sang on the way", "Quiet matters more than quick", "keep")

    month.day(date(2026, 3, 18), "what became of it")
    month.taps("Skip")

    month.day(date(2026, 3, 20), "a worry")
    month.writes("I am worried")
    month.writes("there is noise in the hall at night")
    month.taps("That is all")
    month.tell("Una is told at once, without the words. She signs in, reads them, and writes down what she does.")

    month.day(date(2026, 4, 2), "the goal again")
    month.taps("I ride with Ben")
    month.screen("goal-again", "Ada's phone: where she was on her ladder, and where she is")
    month.taps("Skip")
    month.writes("my data")
    month.screen("my-data", "Ada's phone: what is kept of her, and what she can do with it")
    month.taps("Show me everything")
    month.writes("STOP")


def joins(room: Room, home: Home, staff_id: UUID) -> Visitor:
    """A member of staff, in a chat of their own, who has said yes to everything."""
    visitor = Visitor(room, home.tenant, staff_id)
    visitor.client.post(f"/join/{room.invite(home.tenant, staff_id=staff_id)}")
    visitor.new()
    for label in ("Yes, I want to", "Yes, they may", "Yes, count mine", "Every day", "Morning, 10:00", "Skip", "Skip"):
        visitor.tap(label)
    return visitor


def make_home(log: LearningLog) -> Home:
    with log.write() as records:
        tenant = organisation.new_tenant(records, "Invented Partnership").id
    with log.write(tenant) as records:
        provider = organisation.add_provider(records, "Invented Support")
        service = organisation.add_service(records, "Invented Supported Living", provider)
        team = organisation.add_team(records, "Elm House", service)
        ada = organisation.add_person(records, "Ada Invented", team)
        ben = organisation.add_staff(records, "Ben Madeup", team, username="ben", password=PASSWORD)
        una = organisation.add_staff(records, "Una Fictional", team, username="una", password=PASSWORD)
        organisation.give_role(records, ben, "team", team=team)
        organisation.give_role(records, una, "safeguarding_lead")
        return Home(tenant, team.id, ada.id, ben.id, una.id)


@contextmanager
def ready(folder: Path) -> Iterator[tuple[Room, Clock]]:
    """An empty log in this folder, and a chat on it. What is drawn by lot elsewhere is the same each time here."""
    settings = Settings(data_dir=folder)
    make_keys(settings.path_of_keys)
    database = Database(settings.url_of_database)
    database.upgrade()
    clock, numbers = Clock(JOINED), count(1)
    log = LearningLog(database, Vault(read_keys(settings.path_of_keys)), clock=clock)
    # Whether choices stand the other way round goes by the last digit: here by the day of the month.
    in_order = patch("bot.gathering.uuid4", lambda: UUID(int=2 * next(numbers) + clock.now.day % 2))
    whose = patch("learning_log.services.asking.subject_of", lambda asks, _, *rest: subject_of(asks, "Ada", *rest))
    at_once = patch("bot.channels.webchat.chatting.POLL_SECONDS", 0)  # a look at a quiet chat waits for nothing
    with in_order, whose, at_once:
        yield Room(log, settings), clock
    log.close()


def transcript(folder: Path, take: Callable[[Visitor, str], None] | None = None) -> str:
    """The page, without the screens of the app."""
    with ready(folder) as (room, clock):
        month = Month(room, clock, make_home(room.log), take)
        live(month)
    return HEAD + "\n".join(month.lines) + "\n"


def take_phone(chromium: Browser, phone: Visitor, name: str) -> None:
    """What is on the phone's page now, in a real browser."""
    served = Served(phone.room)
    served.go_on()
    try:
        context = chromium.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
        for key, value in phone.client.cookies.items():
            context.add_cookies([{"name": key, "value": value, "url": served.address}])
        page = context.new_page()
        page.goto(f"{served.address}/chat")
        page.locator("html.with-scripts").wait_for()
        page.locator("#newest").scroll_into_view_if_needed()
        page.screenshot(path=SCREENS / f"{name}.png")
        context.close()
    finally:
        served.stop()


def take_app(page: Page, installation: Installation) -> None:
    """What Ben's team sees of it."""
    page.goto(installation.app)
    page.get_by_label("Username").fill("ben")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as")).to_be_visible(timeout=60_000)
    for link, text, name in (
        ("Learning meetings", "Did it help?", "meetings"),
        ("Personal outcomes", "Ride the bus to my sister", "outcomes"),
    ):
        page.get_by_role("link", name=link).click()
        expect(page.get_by_text(text).first).to_be_visible(timeout=60_000)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=SCREENS / f"{name}.png")


APP = """
## What Ben's team sees

<img src="a-month/meetings.png" alt="Learning meetings: what was heard, tried, judged and learned" width="720">

<img src="a-month/outcomes.png" alt="Personal outcomes: Ada's goal on her own ladder" width="720">
"""


def main() -> None:
    SCREENS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        words = transcript(Path(folder), partial(take_phone, chromium))
        installation = Installation(Path(folder))
        with installation.sense_making():
            take_app(chromium.new_page(viewport={"width": 1280, "height": 900}), installation)
    PAGE.write_text(words + APP, encoding="utf-8")


if __name__ == "__main__":
    main()
